"""The command as a whole: its commands, its version, how it is called."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import toxic_tweets
from toxic_tweets import cli
from toxic_tweets.cli import app

COMMANDS = {"score", "demo", "models", "train", "push", "pull", "data", "evaluate"}
COMMANDS |= {"serve", "keys", "feedback", "web", "run", "bulk"}


def test_it_has_the_commands_that_are_promised(invoke: Any) -> None:
    shown = invoke("--help")
    assert shown.exit_code == 0
    command: Any = get_command(app)
    assert set(command.commands) == COMMANDS
    assert set(command.commands["data"].commands) == {"describe"}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(invoke: Any, command: str) -> None:
    shown = invoke(command, "--help")
    assert shown.exit_code == 0
    assert "Usage: " in shown.output


def test_version(invoke: Any) -> None:
    assert invoke("--version").output == f"toxic-tweets {toxic_tweets.__version__}\n"


@pytest.mark.parametrize("arguments", [["nope"], ["score", "--nope"], ["score", "--format", "xml"]])
def test_wrong_usage_ends_with_2(invoke: Any, arguments: list[str]) -> None:
    shown = invoke(*arguments)
    assert shown.exit_code == 2
    assert "Usage: " in shown.stderr


def test_ctrl_c_before_a_command_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", stop)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130


def test_the_script_and_the_module_are_the_same() -> None:
    script = Path(sys.executable).with_name("toxic-tweets")
    for command in ([str(script)], [sys.executable, "-m", "toxic_tweets"]):
        shown = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
        assert shown.stdout == f"toxic-tweets {toxic_tweets.__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from toxic_tweets.cli import app\n"
        "assert CliRunner().invoke(app, ['score', '--help']).exit_code == 0\n"
        "print(*{'numpy', 'onnxruntime', 'tokenizers', 'torch', 'huggingface_hub'} "
        "& set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []
