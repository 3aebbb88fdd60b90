"""One value of a row, as text for a cell and as JSON."""

from __future__ import annotations

import base64
import json
from typing import Any


def to_cell(value: Any) -> str:
    """Return what a CSV cell holds: nothing for null, strings as they are, JSON for the rest."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    plain = value if isinstance(value, bool | int | float | list | dict) else to_plain(value)
    return plain if isinstance(plain, str) else to_json(plain)


def to_json(value: Any) -> str:
    """Return JSON on one line; what JSON does not have becomes a string."""
    return json.dumps(value, ensure_ascii=False, default=to_plain)


def to_plain(value: Any) -> str:
    """Return a string for a value that JSON does not have: base64 for bytes, ISO for times."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
