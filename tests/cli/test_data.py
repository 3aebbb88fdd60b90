"""`toxic-tweets data describe`."""

from pathlib import Path
from typing import Any

import pytest

HEADER = "id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate"


@pytest.fixture
def train_csv(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    rows = ["1,you are kind,0,0,0,0,0,0", "2,you idiot,1,0,0,0,1,0", "3,what a day,0,0,0,0,0,0"]
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


def test_it_counts(invoke: Any, train_csv: Path) -> None:
    shown = invoke("data", "describe", train_csv)
    assert shown.exit_code == 0, shown.output
    for fact in ("identity_hate", "toxic + insult", "Lengths", "duplicates", "sha256"):
        assert fact in shown.output
    assert "idiot" not in shown.output


def test_the_reader_can_be_named(invoke: Any, train_csv: Path) -> None:
    plain = invoke("data", "describe", train_csv).output
    assert invoke("data", "describe", train_csv, "--reader", "jigsaw").output == plain
    shown = invoke("data", "describe", train_csv, "--reader", "nope")
    assert shown.exit_code == 1
    assert "jigsaw" in shown.stderr


def test_it_draws(invoke: Any, train_csv: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    shown = invoke("data", "describe", train_csv, "--picture", picture)
    assert shown.exit_code == 0, shown.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_errors_name_the_place_and_no_text(invoke: Any, train_csv: Path) -> None:
    with train_csv.open("a", encoding="utf-8") as file:
        file.write("4,a secret,yes,0,0,0,0,0\n")
    shown = invoke("data", "describe", train_csv)
    assert shown.exit_code == 1
    assert shown.stderr.count("\n") == 1
    assert "row 4" in shown.stderr
    assert "toxic" in shown.stderr
    assert "secret" not in shown.stderr
    assert invoke("data", "describe", train_csv.parent / "none").exit_code == 1
