"""Write the pages of the reference that are made from the code.

    python docs/write_reference.py          writes them (make reference)

`tests/test_docs.py` compares the committed pages with what this makes of the code.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import typer
from typer.main import get_command

import toxic_tweets.errors
import toxic_tweets.serve.errors
from toxic_tweets.cli import app
from toxic_tweets.data.mapping_table import make_page as make_mapping_page
from toxic_tweets.data.registry import READERS
from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve import openai, perspective_errors
from toxic_tweets.serve.app import create_app
from toxic_tweets.serve.perspective_discovery import make_document
from toxic_tweets.serve.reference import make_page as make_server_page
from toxic_tweets.serve.settings import Settings
from toxic_tweets.train import config
from toxic_tweets.web.settings import PREFIX, PageSettings

REFERENCE = Path(__file__).resolve().parent / "reference"
_MADE = "This page is made from the code by `make reference`: correct it there.\n"
_COMMANDS = f"""\
# The command line

{_MADE}
Exit codes: 0 done, 1 an error (one line on stderr), 2 wrong usage, 130 ended by Ctrl-C. Every
command has `--help`; `toxic-tweets --version` shows the version.
"""
_ERRORS = f"""\
# Errors

{_MADE}
Everything that is raised on purpose is a `ToxicTweetsError`. A message names the value, what was
expected and the way out, and never holds a text that was scored. The command line shows it in one
line and ends with exit code 1; the server answers with a status from
[its table](server.md#errors). The first classes are those of `toxic_tweets.errors`, where a program
imports them from; those of the server are `ServeError`s, too.
"""
_RECIPES = f"""\
# Recipes

{_MADE}
A recipe is a TOML file that decides what a [training run](../how-to/train-a-checkpoint.md) makes. A
key without a default is required.
"""
_PAGE = f"""\
# The page: settings

{_MADE}
What whoever starts [the page](../how-to/use-the-page.md) can set in the environment. The options of
[`toxic-tweets web`](command-line.md#toxic-tweets-web) win.
"""
_HTTP = f"""\
# The HTTP APIs

{_MADE}
A running server says the same, with examples, at `/docs` and `/openapi.json`. [Settings, errors and
metrics](server.md) have a page of their own.
"""


def make_command_line() -> str:
    """Give the page of all commands with their arguments and options."""
    parts = [_COMMANDS]
    for name, command in sorted(walk_commands()):
        context = typer.Context(command, info_name=name, terminal_width=100)
        usage = command.get_usage(context).removeprefix("Usage: ")
        said = _quote_options(_unwrap(command.help or ""))
        parts += [f"## `{name}`\n", f"```text\n{usage}\n```\n", said]
        records = (parameter.get_help_record(context) for parameter in command.params)
        rows = [(f"`{left}`", _quote_options(right)) for left, right in filter(None, records)]
        if rows:
            parts.append(make_table(("argument or option", "meaning"), rows))
    return "\n".join(parts)


def _quote_options(text: str) -> str:
    """Mark options as code: two dashes would become one long one."""
    return re.sub(r"(?<![\w`-])--(?:[a-z][a-z-]*)?(?![\w`-])", r"`\g<0>`", text)


def walk_commands() -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its full name."""
    left = [("toxic-tweets", get_command(app))]
    while left:
        name, command = left.pop()
        children: Mapping[str, Any] = getattr(command, "commands", {})
        if not children:
            yield name, command
        left += [(f"{name} {word}", child) for word, child in children.items()]


def make_errors() -> str:
    """Give the page of all error classes."""
    parts = [_ERRORS]
    for heading, modules in (
        ("From Python and the command line", (toxic_tweets.errors,)),
        ("From the server", (toxic_tweets.serve.errors, perspective_errors, openai)),
    ):
        rows = [
            (f"`{one.__name__}`", _summary(one), _attributes(one))
            for module in modules
            for one in list_errors(module)
        ]
        parts += [f"## {heading}\n", make_table(("class", "to", "attributes"), rows)]
    return "\n".join(parts)


def list_errors(module: ModuleType) -> list[type[ToxicTweetsError]]:
    """List the error classes that a module defines, in the order of its source."""
    return [
        one
        for one in vars(module).values()
        if inspect.isclass(one)
        and issubclass(one, ToxicTweetsError)
        and one.__module__ == module.__name__
    ]


def make_recipe() -> str:
    """Give the page of all that a recipe can say."""
    parts = [_RECIPES]
    for kind, heading in (
        (config.Recipe, "At the top"),
        (config.Training, "`[training]`"),
        (config.Source, "`[[sources]]`"),
        (config.TokenHead, "`[token_head]`"),
        (config.Window, "`[window]`"),
    ):
        rows = [(f"`{one.name}`", _kind(one), _default(one)) for one in dataclasses.fields(kind)]
        said = inspect.getdoc(kind) or ""
        parts += [f"## {heading}\n", _unwrap(said), make_table(("key", "kind", "default"), rows)]
    readers = ", ".join(f"`{name}`" for name in sorted(READERS))
    return "\n".join([*parts, f"Readers: {readers} ([their labels](label-mapping.md)).\n"])


def _kind(field: dataclasses.Field[Any]) -> str:
    return _KINDS.get(str(field.type), "table")


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING:
        return "" if field.default_factory is dataclasses.MISSING else "none"
    return _show(field.default)


def _show(value: object) -> str:
    """Write a default as TOML and the environment have it."""
    plain = list(value) if isinstance(value, tuple) else value
    shown = str(plain).lower() if isinstance(plain, bool) else str(plain).replace("'", '"')
    return f"`{shown}`" if shown else "empty"


def make_page_settings() -> str:
    """Give the page of the settings of the web page."""
    words = dict(_split_attributes(PageSettings))
    rows = [
        (f"`{PREFIX}{one.name.upper()}`", _show(one.default), words[one.name])
        for one in dataclasses.fields(PageSettings)
    ]
    return "\n".join([_PAGE, make_table(("variable", "default", "meaning"), rows)])


def make_http_api() -> str:
    """Give the page of the routes, from the OpenAPI and the discovery documents."""
    schema = create_app(Settings.model_construct(**_defaults())).openapi()
    parts = [_HTTP]
    for tag in dict.fromkeys(facts["tags"][0] for _, _, facts in _list_routes(schema)):
        parts.append(f"## {_TAGS.get(tag, tag)}\n")
        for path, method, facts in _list_routes(schema):
            if facts["tags"][0] == tag:
                parts += _describe_route(path, method, facts, schema)
        if tag == "Perspective API":
            parts += _describe_messages()
    return "\n".join(parts)


_KINDS = {
    "bool": "true or false",
    "float": "number",
    "int": "whole number",
    "str": "text",
    "tuple[Source, ...]": "list of tables",
    "tuple[str, ...]": "list of texts",
}
_TAGS = {"native": "Our own API", "health": "Health and numbers"}


def _defaults() -> dict[str, Any]:
    return {name: field.default for name, field in Settings.model_fields.items()}


def _list_routes(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, facts in methods.items():
            yield path, method.upper(), facts


def _describe_route(
    path: str, method: str, facts: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[str]:
    yield f"### `{method} {path}`\n"
    yield f"{facts.get('description') or facts['summary']}\n"
    asked = [
        (f"`{one['name']}`", f"{_type(one['schema'], schema)}, in the {one['in']}", "")
        for one in facts.get("parameters", ())
    ]
    for content in facts.get("requestBody", {}).get("content", {}).values():
        needed = _resolve(content["schema"], schema).get("required", ())
        asked += [
            (name, f"{kind} (required)" if name.strip("`") in needed else kind, meaning)
            for name, kind, meaning in _list_fields(content["schema"], schema)
        ]
    if asked:
        yield make_table(("asked", "type", "meaning"), asked)
    answered = [
        row
        for content in facts["responses"].get("200", {}).get("content", {}).values()
        for row in _list_fields(content["schema"], schema)
    ]
    if answered:
        yield make_table(("answered", "type", "meaning"), answered)
    statuses = sorted(set(facts["responses"]) - {"422"})  # FastAPI's own, which nothing answers
    yield f"Statuses: {', '.join(statuses)}.\n"


def _list_fields(
    part: Mapping[str, Any], schema: Mapping[str, Any], before: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and meaning of each field, those of nested objects with a dotted name."""
    whole = _resolve(part, schema)
    for name, facts in whole.get("properties", {}).items():
        yield f"`{before}{name}`", _type(facts, schema), facts.get("description", "")
        inner = _resolve(facts.get("items", facts), schema)
        if "properties" in inner:
            dots = f"{before}{name}[]." if "items" in facts else f"{before}{name}."
            yield from _list_fields(inner, schema, dots)


def _resolve(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = part.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else part


def _type(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(one, schema) for one in part["anyOf"]))
    if "enum" in part:
        return ", ".join(f"`{one}`" for one in part["enum"])
    whole = _resolve(part, schema)
    if whole.get("type") == "array":
        return f"list of {_type(whole['items'], schema)}"
    return str(whole.get("type", "anything"))


def _describe_messages() -> Iterator[str]:
    """Yield what the discovery document says of the Perspective API's messages."""
    yield "### Messages of the Perspective API\n"
    yield "As the discovery document of the server describes them.\n"
    for name, message in make_document("http://localhost:8000/")["schemas"].items():
        rows = [
            (f"`{key}`", _message_type(facts), facts.get("description", ""))
            for key, facts in message["properties"].items()
        ]
        yield f"**{name}**\n"
        yield make_table(("field", "type", "meaning"), rows)


def _message_type(facts: Mapping[str, Any]) -> str:
    if "items" in facts:
        return f"list of {_message_type(facts['items'])}"
    if "additionalProperties" in facts:
        return f"map to {_message_type(facts['additionalProperties'])}"
    return str(facts.get("$ref") or facts["type"])


def _summary(kind: type) -> str:
    said = (inspect.getdoc(kind) or "").partition("\n")[0].rstrip(".")
    return said[:1].lower() + said[1:]


def _attributes(kind: type) -> str:
    return "; ".join(f"`{name}`: {words.rstrip('.')}" for name, words in _split_attributes(kind))


def _split_attributes(kind: type) -> Iterator[tuple[str, str]]:
    """Yield name and words of what a docstring lists under «Attributes»."""
    _, _, listed = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    for item in re.split(r"\n(?=    \w)", listed.rstrip()):
        name, _, words = item.strip().partition(":")
        if words:
            yield name, " ".join(words.split())


def make_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(_escape(cell) for cell in line)} |\n" for line in lines)


def _escape(cell: str) -> str:
    """Keep a cell in its place, and what looks like a tag visible."""
    plain = " ".join(cell.split()).replace("|", "&#124;" if "`" not in cell else "\\|")
    return plain if "`" in plain else plain.replace("<", "&lt;")


def _unwrap(text: str) -> str:
    """Return the paragraphs of a docstring, each in one line."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "command-line.md": make_command_line,
    "errors.md": make_errors,
    "http-api.md": make_http_api,
    "label-mapping.md": make_mapping_page,
    "page.md": make_page_settings,
    "recipes.md": make_recipe,
    "server.md": make_server_page,
}


def main() -> None:
    """Write every page, aside first, so that none is ever half there."""
    for name, make in PAGES.items():
        aside = REFERENCE / f".{name}.partial"
        aside.write_text(make().rstrip("\n") + "\n", encoding="utf-8")
        os.replace(aside, REFERENCE / name)


if __name__ == "__main__":
    main()
