"""Logs as one JSON object a line, which never hold a text, a key or an address."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

# What every record has; all else was given by whoever logged it, as `extra`.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_IGNORED = {"color_message"}  # uvicorn's
_EVENT_LENGTH = 200


class JsonFormatter(logging.Formatter):
    """Turn a record into one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an error its place, not its message, which may quote a text."""
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage().partition("\n")[0][:_EVENT_LENGTH],
        }
        extra = {key: value for key, value in vars(record).items() if key not in _USUAL}
        values.update({key: value for key, value in extra.items() if key not in _IGNORED})
        if record.exc_info and record.exc_info[1] is not None:
            kind, _, trace = record.exc_info
            values["error"] = kind.__name__ if kind else ""
            values["trace"] = find_places(trace)
        return json.dumps(values, default=str)


def find_places(trace: TracebackType | None) -> list[str]:
    """Return where an error passed: file, line and function, without values."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]


def set_up_logs(level: str) -> None:
    """Send our logs and the server's to stderr, as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    for name in ("toxic_tweets", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(level.upper())
    if level == "info":  # uvicorn tells more about its own start and end than ours says already
        logging.getLogger("uvicorn").setLevel("WARNING")
    # It would show whole URLs, and a key may stand in one; `observe` logs the requests.
    access = logging.getLogger("uvicorn.access")
    access.handlers = []
    access.propagate = False
