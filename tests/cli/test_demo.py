"""`toxic-tweets demo`."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from toxic_tweets.cli import demo

ROOT = Path(__file__).resolve().parents[2]


def test_it_shows_every_text_and_ends(invoke: Any, tiny_checkpoint: Path) -> None:
    path = ROOT / "examples" / "tweets.csv"
    shown = invoke("demo", "--model", tiny_checkpoint, "--file", path)
    assert shown.exit_code == 0
    for heading in ("text", "highest type", "score", "flagged", "verdict"):
        assert heading in shown.output
    assert len(re.findall(r" (?:allow|review|block) ", shown.output)) >= 20
    assert "texts/s" in shown.output
    assert "Try next" in shown.output


def test_it_underlines_words_and_names_foreign_languages(
    invoke: Any, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    path, picture = tmp_path / "texts.csv", tmp_path / "demo.svg"
    path.write_text("text\nyou idiot\nDas ist schon das zweite Mal hier\n", encoding="utf-8")
    shown = invoke("demo", "--model", tiny_checkpoint, "--file", path, "--svg", picture)
    assert "1 text is in a language that it was not trained on (de)." in shown.output
    assert "Underlined" in shown.output
    assert "underline" in picture.read_text(encoding="utf-8")


def test_it_finds_the_sample_by_itself(
    invoke: Any, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("demo", "--model", tiny_checkpoint).exit_code == 0
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "tweets.csv").write_text("text\nmine\n", encoding="utf-8")
    assert " mine " in invoke("demo", "--model", tiny_checkpoint).output


def test_it_says_where_a_sample_is_missing(
    invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "SAMPLE", Path("examples") / "other.csv")
    shown = invoke("demo")
    assert shown.exit_code == 1
    assert "--file" in shown.stderr


def test_a_file_without_texts_is_an_error(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text("text\n", encoding="utf-8")
    shown = invoke("demo", "--file", path)
    assert shown.exit_code == 1
    assert "no texts" in shown.stderr


def test_it_draws_a_picture(invoke: Any, tiny_checkpoint: Path, tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    shown = invoke("demo", "--model", tiny_checkpoint, "--svg", picture)
    assert shown.exit_code == 0
    content = picture.read_text(encoding="utf-8")
    assert ET.fromstring(content).tag.endswith("svg")  # noqa: S314
    assert "cdnjs" not in content
    assert "texts/s" in content.replace("&#160;", " ")
    assert [path.name for path in tmp_path.iterdir()] == ["demo.svg"]


def test_a_picture_needs_a_folder(invoke: Any, tiny_checkpoint: Path, tmp_path: Path) -> None:
    shown = invoke("demo", "--model", tiny_checkpoint, "--svg", tmp_path / "no" / "demo.svg")
    assert shown.exit_code == 1
    assert "--svg" in shown.stderr


def test_next_steps_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("sys.argv", [".venv/bin/toxic-tweets"])
    assert demo._find_command() == ".venv/bin/toxic-tweets"
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/toxic-tweets"])
    assert demo._find_command() == "toxic-tweets"
