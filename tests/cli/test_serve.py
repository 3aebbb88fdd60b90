"""`toxic-tweets serve`: its options are the settings."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Invoke

from toxic_tweets.serve.settings import Settings


def test_help_lists_every_setting_from_the_code(invoke: Invoke) -> None:
    shown = " ".join(invoke("serve", "--help").output.split())
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in shown
        assert field.description is not None
        assert " ".join(field.description.split()[:3]) in shown
        assert f"TOXIC_TWEETS_{name.upper()}" in shown.replace(" ", "") or name in shown


def test_options_win_over_the_environment(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from toxic_tweets.serve import server

    started: list[Settings] = []
    monkeypatch.setattr(server, "run_server", started.append)
    monkeypatch.setenv("TOXIC_TWEETS_PORT", "1")
    monkeypatch.setenv("TOXIC_TWEETS_LENIENT", "true")
    shown = invoke("serve", "--port", "2", "--models", "a,b", "--no-feedback")
    assert shown.exit_code == 0, shown.output
    (settings,) = started
    assert (settings.port, settings.models, settings.feedback) == (2, ("a", "b"), False)
    assert settings.lenient


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "99999"], "TOXIC_TWEETS_PORT"),
        (["--api-keys", "maybe"], "'off', 'optional' or 'required'"),
        (["--database-url", "mysql://a/b"], "Give sqlite:///FILE"),
    ],
)
def test_what_cannot_be_is_one_line(invoke: Invoke, arguments: list[str], message: str) -> None:
    shown = invoke("serve", *arguments)
    assert shown.exit_code == 1
    assert message in shown.output
    assert "Traceback" not in shown.output


def test_a_number_is_a_number(invoke: Invoke) -> None:
    assert invoke("serve", "--port", "many").exit_code == 2


@pytest.mark.parametrize(
    "arguments", [("serve",), ("keys", "list"), ("feedback", "export", "x.csv")]
)
def test_without_the_extra_the_command_to_type_is_shown(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith(("toxic_tweets.serve", "toxic_tweets.store")):
            raise ModuleNotFoundError(f"No module named {name!r}", name="fastapi")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    shown = invoke(*arguments)
    assert shown.exit_code == 1
    assert 'pip install "toxic-tweets[serve]"' in shown.output
    assert invoke("serve", "--help").exit_code == 0
