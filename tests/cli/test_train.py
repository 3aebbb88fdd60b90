"""`toxic-tweets train`: what it makes of its arguments; training itself has tests of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from toxic_tweets.train.config import Recipe, recipe_names


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """Stand in for hours of work, and note what was asked for."""
    asked: list[dict[str, Any]] = []

    def train(recipe: Recipe, **arguments: Any) -> Path | None:
        asked.append({"recipe": recipe, **arguments})
        return None if arguments["output"].name == "other" else tmp_path / "checkpoint"

    module = ModuleType("toxic_tweets.train.run")
    vars(module)["train"] = train
    monkeypatch.setitem(sys.modules, "toxic_tweets.train.run", module)
    return asked


def test_it_lists_the_recipes(invoke: Any) -> None:
    assert invoke("train", "--list").stdout.split() == list(recipe_names())


def test_it_passes_on_what_it_was_given(
    invoke: Any, calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    output = tmp_path / "run"
    shown = invoke(
        *("train", "small", "--data", tmp_path, "--output", output, "--no-resume"),
        *("--base", "bert-base-uncased", "--set", "training.epochs=1", "--set", "version=7b"),
    )
    assert shown.exit_code == 0, shown.output
    assert str(tmp_path / "checkpoint") in shown.stdout
    (asked,) = calls
    assert asked["recipe"].base == "bert-base-uncased"
    assert asked["recipe"].training.epochs == 1
    assert asked["recipe"].version == "7b"
    assert {key: asked[key] for key in ("data_root", "output", "resume")} == {
        "data_root": tmp_path,
        "output": output,
        "resume": False,
    }


def test_another_process_of_torchrun_says_nothing(
    invoke: Any, calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    shown = invoke("train", "small", "--data", tmp_path, "--output", tmp_path / "other")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert calls[0]["resume"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["small"],
        ["small", "--data", "a"],
        ["small", "--data", "a", "--output", "b", "--set", "epochs"],
        ["small", "--data", "a", "--output", "b", "--set", "=1"],
    ],
)
def test_what_is_missing_is_said(
    invoke: Any, calls: list[dict[str, Any]], arguments: list[str]
) -> None:
    assert invoke("train", *arguments).exit_code == 2
    assert calls == []


@pytest.mark.parametrize("setting", ["training.epoch=1", "training.epochs=-1", "base=3"])
def test_a_wrong_setting_is_one_line(
    invoke: Any, calls: list[dict[str, Any]], setting: str
) -> None:
    shown = invoke("train", "small", "--data", "a", "--output", "b", "--set", setting)
    assert shown.exit_code == 1
    assert shown.stderr.startswith("error: ")
    assert shown.stderr.count("\n") == 1
    assert calls == []
