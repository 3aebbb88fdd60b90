from __future__ import annotations

import csv
import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.bulk.conftest import Score, make_texts, read_rejects

from toxic_tweets.bulk import parquet
from toxic_tweets.errors import DataError


def make_table(n_rows: int) -> Any:
    return pa.table(
        {
            "id": pa.array(range(n_rows), pa.int32()),
            "when": pa.array([10**9 + n for n in range(n_rows)], pa.timestamp("ns", "UTC")),
            "text": pa.array(make_texts(n_rows)).dictionary_encode(),
            "list": [[n, None] for n in range(n_rows)],
            "price": pa.array([Decimal("1.10")] * n_rows, pa.decimal128(9, 2)),
        }
    ).replace_schema_metadata({"made": "here"})


def test_columns_pass_through_as_they_are(tmp_path: Path, score: Score) -> None:
    table = make_table(65)
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=11)
    score(tmp_path / "in.parquet", tmp_path / "out.parquet")
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(table.schema.names).equals(pq.read_table(tmp_path / "in.parquet"))
    assert out.schema.metadata[b"made"] == b"here"
    assert out.schema.names[-4:] == ["flagged", "verdict", "language", "language_supported"]


def test_row_groups_are_bounded(
    tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 10)
    pq.write_table(make_table(50), tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "out.parquet")
    file = pq.ParquetFile(tmp_path / "out.parquet")
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sum(sizes) == 50
    assert max(sizes) < 20


def test_other_formats_get_what_they_can_hold(tmp_path: Path, score: Score) -> None:
    pq.write_table(make_table(3), tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[1]
    assert (row["id"], row["list"], row["price"]) == ("1", "[1, null]", "1.10")
    assert datetime.datetime.fromisoformat(row["when"][:26]).year == 1970
    score(tmp_path / "in.parquet", tmp_path / "out.jsonl")
    line = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert (line["id"], line["list"], line["price"]) == (1, [1, None], "1.10")


def test_rows_that_cannot_be_scored_are_listed_by_place(tmp_path: Path, score: Score) -> None:
    raw = pa.array([b"nice", None, b"secretword \xff", b" ", b"kind"], pa.binary())
    other = pa.array([b"a", b"b", b"c", b"d", b"\xfe"], pa.binary())
    names = {"text": raw, "other": other}
    table = pa.table({name: column.cast(pa.string(), safe=False) for name, column in names.items()})
    pq.write_table(table, tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "out.jsonl")
    rejects = read_rejects(tmp_path / "out.jsonl")
    assert [one["row"] for one in rejects] == [2, 3, 4, 5]
    said = ("missing", "'text' is not UTF-8", "missing", "'other' is not UTF-8")
    for one, reason in zip(rejects, said, strict=True):
        assert reason in one["reason"]
        assert "line" not in one


def test_files_that_are_not_alike_are_refused(tmp_path: Path, score: Score) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"text": ["a"], "n": [1]}), tmp_path / "in" / "a.parquet")
    pq.write_table(pa.table({"text": ["a"], "n": ["1"]}), tmp_path / "in" / "b.parquet")
    with pytest.raises(DataError, match="other types"):
        score(tmp_path / "in", tmp_path / "out.parquet")
    (tmp_path / "in" / "b.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"b\.parquet: cannot be read"):
        score(tmp_path / "in", tmp_path / "out.parquet", overwrite=True)


def test_two_columns_of_one_name_are_refused(tmp_path: Path, score: Score) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"])
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(DataError, match="two columns have one name"):
        score(tmp_path / "in.parquet", tmp_path / "out.parquet")
