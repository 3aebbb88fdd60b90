from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.bulk.conftest import Score, read_rejects

from toxic_tweets.bulk.columns import HEAD_ROWS
from toxic_tweets.errors import DataError


def write(path: Path, *lines: str | dict[str, Any]) -> Path:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def test_members_stay_letter_by_letter(tmp_path: Path, score: Score) -> None:
    lines = [
        '{"text": "kind \\u00fc \\ud800", "n": 1.10, "big": 12345678901234567890123, "n2": 1e400}',
        '{ "more" : [1,  2], "text":"nice" }  ',
    ]
    write(tmp_path / "in.jsonl", *lines)
    score(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    out = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [line.partition(', "toxic": ')[0] for line in out] == [
        lines[0].removesuffix("}"),
        '{ "more" : [1,  2], "text":"nice"',
    ]
    assert json.loads(out[1])["verdict"] == "allow"
    assert json.loads(out[1])["flagged"] == []


def test_rows_that_cannot_be_scored_are_listed_by_place(tmp_path: Path, score: Score) -> None:
    (tmp_path / "in.jsonl").write_bytes(
        b'{"text": "you are kind"}\n'
        b"\n"
        b'{"text": "secretword"\n'
        b'["secretword"]\n'
        b'{"id": "secretword"}\n'
        b'{"text": null}\n'
        b'{"text": 7}\n'
        b'{"text": " "}\n'
        b'{"text": "secretword \xff"}\n'
        b'{"text": "nice"}'
    )
    score(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["you are kind", "nice"]
    rejects = read_rejects(tmp_path / "out.jsonl")
    assert [(one["row"], one["line"]) for one in rejects] == [(n, n + 1) for n in range(2, 9)]
    said = ("not JSON", "no JSON object", "missing", "missing", "no string", "missing", "0xff")
    for one, reason in zip(rejects, said, strict=True):
        assert reason in one["reason"]
    assert "secretword" not in str(rejects)


def test_the_first_rows_say_the_columns_of_a_table(tmp_path: Path, score: Score) -> None:
    first = {"text": "nice", "n": 1, "x": 0.5, "ok": True, "mixed": "a", "gone": None}
    second = {"text": "kind", "x": 2, "list": [1, {"a": None}], "mixed": 7}
    write(tmp_path / "in.jsonl", first, second)
    score(tmp_path / "in.jsonl", tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    kinds = {field.name: field.type for field in table.schema}
    assert kinds["n"] == pa.int64()
    assert kinds["x"] == kinds["toxic"] == pa.float64()
    assert kinds["ok"] == kinds["language_supported"] == pa.bool_()
    assert kinds["flagged"] == pa.list_(pa.string())
    assert table["mixed"].to_pylist() == ["a", "7"]
    assert table["list"].to_pylist() == [None, '[1, {"a": null}]']
    score(tmp_path / "in.jsonl", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["ok"] for row in rows] == ["true", ""]
    assert [row["x"] for row in rows] == ["0.5", "2"]


def test_later_rows_that_do_not_fit_a_table_are_rejected(tmp_path: Path, score: Score) -> None:
    rows: list[str | dict[str, Any]] = [{"text": "nice", "n": 1}] * HEAD_ROWS
    rows += [
        {"text": "kind", "n": "secretword"},
        {"text": "kind", "n": 2**70},
        {"text": "kind", "secretword": 1},
        '{"text": "kind \\ud800"}',
        {"text": "kind"},
    ]
    write(tmp_path / "in.jsonl", *rows)
    totals = score(tmp_path / "in.jsonl", tmp_path / "out.parquet")
    assert totals is not None
    assert (totals.rows, totals.rejected) == (HEAD_ROWS + 5, 4)
    rejects = read_rejects(tmp_path / "out.parquet")
    assert [one["row"] for one in rejects] == [HEAD_ROWS + n for n in (1, 2, 3, 4)]
    said = ("'n' is no int64", "'n' is no int64", "a key that none", "surrogate")
    for one, reason in zip(rejects, said, strict=True):
        assert reason in one["reason"]
    assert "secretword" not in str(rejects)


def test_a_later_row_with_a_name_that_scoring_adds_is_rejected(
    tmp_path: Path, score: Score
) -> None:
    rows = [{"text": "nice"}] * HEAD_ROWS
    write(tmp_path / "in.jsonl", *rows, {"text": "kind", "toxic": 0.5}, {"text": "kind"})
    score(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    (reject,) = read_rejects(tmp_path / "out.jsonl")
    assert reject["row"] == HEAD_ROWS + 1
    assert "already has 'toxic'" in reject["reason"]
    score(tmp_path / "in.jsonl", tmp_path / "out.jsonl", overwrite=True, prefix="p_")
    assert not (tmp_path / "out.jsonl.rejected.jsonl").exists()


def test_a_file_without_objects_is_refused(tmp_path: Path, score: Score) -> None:
    write(tmp_path / "in.jsonl", "[1]", "no")
    with pytest.raises(DataError, match="no line is a JSON object"):
        score(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
