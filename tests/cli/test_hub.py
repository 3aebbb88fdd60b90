"""`toxic-tweets push` and `pull`, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeHub

TIMEOUT_S = 60


@pytest.fixture
def environment(fake_hub: FakeHub, tmp_path: Path) -> dict[str, str]:
    """Point huggingface_hub, which reads this when it is imported, to the fake."""
    return {
        "HF_ENDPOINT": fake_hub.endpoint,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_TOKEN": fake_hub.token,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "NO_PROXY": "127.0.0.1",
    }


def run(start: Any, *arguments: object, **environment: str) -> tuple[int, str, str]:
    process = start(*arguments, **environment)
    shown, errors = process.communicate(b"", TIMEOUT_S)
    return process.returncode, shown.decode(), errors.decode()


def test_there_and_back(
    start: Any, fake_hub: FakeHub, environment: dict[str, str], tiny_checkpoint: Path
) -> None:
    code, shown, errors = run(start, "push", tiny_checkpoint, "me/tiny", "--private", **environment)
    assert (code, errors) == (0, "")
    repository = fake_hub.repositories["me/tiny"]
    assert repository.private
    assert repository.main in shown

    code, shown, errors = run(
        start, "pull", "me/tiny", "--revision", repository.main, **environment
    )
    assert code == 0
    folder = Path(shown.strip())
    assert folder.name == repository.main
    for name in ("checkpoint.json", "model.onnx", "tokenizer.json"):
        assert (folder / name).read_bytes() == (tiny_checkpoint / name).read_bytes()

    offline = {**environment, "HF_HUB_OFFLINE": "1"}
    code, shown, _ = run(start, "models", **offline)
    assert code == 0
    assert "me/tiny" in shown
    assert "cached" in shown
    model = ("--model", "me/tiny", "--revision", repository.main)
    code, shown, _ = run(start, "score", *model, "you idiot", **offline)
    assert code == 0
    assert "insult" in shown


def test_what_is_not_there_is_one_line(
    start: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    code, shown, errors = run(start, "pull", "me/nothing", **environment)
    assert (code, shown) == (1, "")
    assert errors.startswith("error: There is no me/nothing")
    assert errors.count("\n") == 1
    code, shown, errors = run(start, "push", tmp_path, "me/tiny", **environment)
    assert (code, shown) == (1, "")
    assert errors.startswith("error: ")
