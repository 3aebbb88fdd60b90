"""The reference is what the code says, and leaves nothing out."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import toxic_tweets
from toxic_tweets.cli import app
from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.model.checkpoint import EMBEDDED, embedded_names
from toxic_tweets.policy import Policy, WordList
from toxic_tweets.train import config

pytest.importorskip("fastapi", reason="misses the extra serve: the reference was not compared")

from docs import draw_pictures, write_reference
from toxic_tweets.serve.app import create_app
from toxic_tweets.serve.metrics import Metrics
from toxic_tweets.serve.settings import PREFIX, Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
REFERENCE = DOCS / "reference"


def read(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", {})
    for name, child in children.items():
        yield from walk(child, (*words, name))
    if not children:
        yield " ".join(words), command


COMMANDS = dict(walk(get_command(app), ("toxic-tweets",)))


@pytest.mark.parametrize("name", write_reference.PAGES)
def test_pages_are_what_the_code_says(name: str) -> None:
    made = write_reference.PAGES[name]().rstrip("\n") + "\n"
    assert read(name) == made, f"docs/reference/{name} is old. Type: make reference"


@pytest.mark.parametrize("name", draw_pictures.PICTURES)
def test_pictures_are_what_the_code_says(name: str) -> None:
    drawn = (DOCS / "images" / name).read_text(encoding="utf-8")
    assert drawn == draw_pictures.PICTURES[name](), f"{name} is old. Type: make reference"


def test_every_layer_has_its_duty_in_the_picture() -> None:
    names = {name for layer in draw_pictures.read_layers() for name in layer}
    assert names <= set(draw_pictures.DUTIES), "Say in docs/draw_pictures.py what it is for."


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_there(name: str) -> None:
    page = read("command-line.md")
    assert f"\n## `{name}`\n" in page
    section = page.split(f"\n## `{name}`\n")[1].split("\n## ")[0]
    for parameter in COMMANDS[name].params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            shown = (
                option if option.startswith("-") else getattr(parameter, "metavar", "") or option
            )
            assert re.search(rf"(?<![\w-]){re.escape(shown)}(?![\w-])", section), option


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_of_the_server_is_there(name: str) -> None:
    assert f"\n| `{name}` | " in read("server.md")
    assert f"{PREFIX}{name.upper()}]" in read("command-line.md")


def test_every_metric_is_there() -> None:
    names = [facts.name for metric in Metrics().all() for facts in metric.describe()]
    assert names
    page = read("server.md")
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_every_route_is_there() -> None:
    page = read("http-api.md")
    values = {name: field.default for name, field in Settings.model_fields.items()}
    paths = create_app(Settings.model_construct(**values)).openapi()["paths"]
    routes = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    assert [route for route in routes if f"\n### `{route}`\n" not in page] == []


def test_every_error_is_there() -> None:
    for module in pkgutil.walk_packages(toxic_tweets.__path__, "toxic_tweets."):
        if not module.name.endswith(("__main__", "web.app")) and "migrations" not in module.name:
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError:  # an extra is missing here
                continue
    found = {ToxicTweetsError}
    while True:
        more = found | {child for one in found for child in one.__subclasses__()}
        if more == found:
            break
        found = more
    ours = [one.__name__ for one in found if one.__module__.startswith("toxic_tweets.")]
    page = read("errors.md")
    assert [name for name in ours if f"\n| `{name}` | " not in page] == []


@pytest.mark.parametrize(
    "kind", [config.Recipe, config.Training, config.Source, config.TokenHead, config.Window]
)
def test_every_key_of_a_recipe_is_there(kind: Any) -> None:
    page = read("recipes.md")
    assert [one.name for one in fields(kind) if f"\n| `{one.name}` | " not in page] == []


def test_every_key_of_a_policy_is_shown() -> None:
    page = (DOCS / "how-to" / "choose-a-policy.md").read_text(encoding="utf-8")
    keys = [one.name for kind in (Policy, WordList) for one in fields(kind)]
    shown = {key for key in keys if re.search(rf"^(\[+{key}\]+|{key} =)", page, re.MULTILINE)}
    assert set(keys) == shown


@pytest.mark.skipif(not embedded_names(), reason="misses checkpoints: their keys were not compared")
def test_every_key_of_a_checkpoint_is_there() -> None:
    page = read("checkpoint-format.md")
    for name in embedded_names():
        facts = json.loads((EMBEDDED / name / "checkpoint.json").read_text(encoding="utf-8"))
        missing = [key for key in (*facts, *facts["parts"]) if f"`{key}`" not in page]
        assert not missing, f"{name} has {missing}, which the page does not describe."


@pytest.mark.parametrize("name", toxic_tweets.__all__)
def test_every_name_of_the_door_is_there(name: str) -> None:
    assert re.search(rf"toxic_tweets\.{name}\b", read("python.md"))
