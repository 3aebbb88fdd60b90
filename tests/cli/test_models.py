"""`toxic-tweets models`."""

from pathlib import Path
from typing import Any

import pytest
from tests import tiny

from toxic_tweets.cli.models import describe_quality
from toxic_tweets.model.hub import CachedCheckpoint


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toxic_tweets.model.hub.cached_checkpoints", lambda: ())


@pytest.mark.usefixtures("no_cache")
def test_embedded_ones_are_listed(
    invoke: Any, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toxic_tweets.model.checkpoint.EMBEDDED", tiny_checkpoint.parent)
    shown = invoke("models")
    assert shown.exit_code == 0
    for fact in (tiny_checkpoint.name, "embedded", "MB", "identity_hate", "Apache-2.0"):
        assert fact in shown.output
    assert "owner/name" in shown.output


@pytest.mark.usefixtures("no_cache")
def test_a_cascade_is_listed_with_what_it_needs(
    invoke: Any, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = [tiny.copy_stage(tiny_checkpoint, tmp_path / name).id for name in ("quick", "better")]
    tiny.save_cascade(tmp_path / "cascade", stages)
    monkeypatch.setattr("toxic_tweets.model.checkpoint.EMBEDDED", tmp_path)
    assert "0.0 MB beside quick and better" in " ".join(invoke("models").output.split())


@pytest.mark.usefixtures("no_cache")
def test_none_is_no_error(invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toxic_tweets.model.checkpoint.EMBEDDED", tmp_path)
    shown = invoke("models")
    assert shown.exit_code == 0
    assert "No checkpoint" in shown.output


def test_cached_ones_are_listed_if_they_are_ours(
    invoke: Any, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "checkpoint.json").write_text("{}", encoding="utf-8")
    cached = (
        CachedCheckpoint("me/mine", "0123456789abcdef", tiny_checkpoint, 1),
        CachedCheckpoint("you/other", "f" * 40, tmp_path, 1),
        CachedCheckpoint("me/broken", "e" * 40, broken, 1),
    )
    monkeypatch.setattr("toxic_tweets.model.hub.cached_checkpoints", lambda: cached)
    shown = invoke("models")
    assert shown.exit_code == 0
    assert "me/mine" in shown.output
    assert "0123456789ab" in shown.output
    assert "you/other" not in shown.output
    assert "me/broken" in shown.output
    assert "Re-export" in shown.output


def test_quality_is_summed_up() -> None:
    metrics = {
        "validation.jigsaw.mean_auc": 0.98754,
        "validation.jigsaw.toxic.auc": 0.97,
        "validation.macro_recall": 0.7,
        "seconds": 12.0,
    }
    assert describe_quality(metrics) == "jigsaw mean AUC 0.9875\nmacro-recall 0.7000"
    assert describe_quality({}) == "not measured"
