"""The page of the documentation with every setting, error and metric of the server.

Write it anew with `python -m toxic_tweets.serve.reference docs/reference/server.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args, get_origin

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve.errors import TABLE
from toxic_tweets.serve.metrics import Metrics
from toxic_tweets.serve.settings import Settings

_INTRODUCTION = """\
# The server: settings, routes, errors, metrics

This page is made from the code by
`python -m toxic_tweets.serve.reference docs/reference/server.md`: correct it there.

## Settings

Each is an option of `toxic-tweets serve`, its name with dashes (`--max-texts`), and an environment
variable, its name in capitals after `TOXIC_TWEETS_` (`TOXIC_TWEETS_MAX_TEXTS`). Options win.
"""
_ROUTES = """\
## Routes

`/openapi.json` describes them in full, with examples, and `/docs` shows that to people.
"""
_ERRORS = """\
## Errors

Every error of our own API is `{"error": {"code", "message", "request_id", "details"}}`; the other
two APIs answer in their own form, made from the same table. No message ever holds a text. Codes 429
and 503 come with a header `Retry-After`. 499 is seen in logs and metrics only: the client was gone.
"""
_METRICS = """\
## Metrics

`/metrics` gives them in the text format of Prometheus, those of all processes together. Counters
have `_total` after their names there, histograms `_bucket`, `_sum` and `_count`.
"""


def make_page() -> str:
    """Give the page as Markdown."""
    parts = [
        _INTRODUCTION,
        _make_table(("setting", "default", "values", "meaning"), _list_settings()),
        _ROUTES,
        _make_table(("route", "methods", "what it does"), _list_routes()),
        _ERRORS,
        _make_table(("code", "status", "Perspective", "OpenAI", "when"), _list_errors()),
        _METRICS,
        _make_table(("metric", "kind", "labels", "meaning"), _list_metrics()),
    ]
    return "\n".join(parts)


def write_page(path: Path) -> None:
    """Write the page, aside first, so that it is never half there."""
    aside = path.with_name(f".{path.name}.partial")
    aside.write_text(make_page(), encoding="utf-8")
    aside.replace(path)


def _list_settings() -> Iterable[tuple[str, ...]]:
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, tuple):
            default = ",".join(default)
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        if get_origin(field.annotation) is not None and all(
            isinstance(one, str) for one in get_args(field.annotation)
        ):
            kind = ", ".join(f"`{one}`" for one in get_args(field.annotation))
        elif isinstance(default, bool):
            kind = "true, false"
        elif isinstance(field.default, tuple):
            kind = "names, comma-separated"
        else:
            kind = {int: "whole number", float: "number"}.get(type(default), "text")
        yield f"`{name}`", f"`{shown}`" if shown else "empty", kind, field.description or ""


def _list_routes() -> Iterable[tuple[str, ...]]:
    from toxic_tweets.serve.app import create_app

    schema = create_app(Settings.model_construct(**_defaults())).openapi()
    for path, methods in schema["paths"].items():
        for method, facts in methods.items():
            yield f"`{path}`", method.upper(), facts.get("summary", "")


def _defaults() -> dict[str, Any]:
    """Return the defaults, whatever the environment of whoever writes the page says."""
    return {name: field.default for name, field in Settings.model_fields.items()}


def _list_errors() -> Iterable[tuple[str, ...]]:
    for row in TABLE:
        if row.error is ToxicTweetsError:  # the same code as the first row
            continue
        said = (row.error.__doc__ or "").partition("\n")[0]
        when = said.removeprefix("Say ").removeprefix("that ").capitalize()
        yield f"`{row.code}`", str(row.status), row.google, f"`{row.openai}`", when


def _list_metrics() -> Iterable[tuple[str, ...]]:
    for metric in Metrics().all():
        (facts,) = metric.describe()
        labels = ", ".join(f"`{one}`" for one in metric._labelnames) or "-"
        yield f"`{facts.name}`", facts.type, labels, facts.documentation


def _make_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_join(header), _join(("---",) * len(header)), *map(_join, rows)]
    return "\n".join(lines) + "\n"


def _join(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    write_page(Path(sys.argv[1]))
