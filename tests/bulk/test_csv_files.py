from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.bulk.conftest import Score, read_rejects

from toxic_tweets.bulk.places import find_inputs
from toxic_tweets.bulk.tables import read_head
from toxic_tweets.errors import DataError


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_cells_stay_the_very_strings_they_were(tmp_path: Path, score: Score) -> None:
    cells = [
        ["007", "you are kind", "1.10"],
        ["1e5", 'he said "nice", it is\n\na good day', "NaN"],
        ["", "a bad\r\nday\rit is", " true "],
        ["6", "a good\rday", ""],
        ["=1+1", "schön \U0001f33b", "2026-11-25"],
    ]
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text", "n"], *cells])
    score(tmp_path / "in.csv", tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [[row["id"], row["text"], row["n"]] for row in rows] == cells
    assert list(rows[0])[:4] == ["id", "text", "n", "toxic"]


def test_rows_that_cannot_be_scored_are_listed_by_place(tmp_path: Path, score: Score) -> None:
    (tmp_path / "in.csv").write_bytes(
        b"id,text\n"
        b"1,you are kind\n"
        b"2,\n"
        b"3,secretword \xff day\n"
        b"4,secretword,more\n"
        b"\n"
        b'5,"secretword"x\n'
        b"6\n"
        b'7,"two\nlines"\n'
        b'8,"never closed secretword\n'
        b"9,nice\n"
    )
    totals = score(tmp_path / "in.csv", tmp_path / "out.csv")
    assert totals is not None
    assert (totals.rows, totals.rejected) == (8, 6)
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["1", "7"]
    rejects = read_rejects(tmp_path / "out.csv")
    assert [(one["row"], one["line"]) for one in rejects] == [
        *((2, 3), (3, 4), (4, 5), (5, 7), (6, 8), (8, 11)),
    ]
    reasons = [one["reason"] for one in rejects]
    assert reasons[0] == "the text is missing"
    assert "0xff is not UTF-8" in reasons[1]
    assert "3 cells, but the header 2" in reasons[2]
    assert "no valid CSV" in reasons[3]
    assert "lines 11 to 12 are no valid CSV" in reasons[5]
    assert "secretword" not in str(rejects)


@pytest.mark.parametrize(
    ("name", "delimiter"), [("in.csv", ";"), ("in.tsv", "\t"), ("in.csv", "\t")]
)
def test_other_delimiters_are_understood(
    tmp_path: Path, score: Score, name: str, delimiter: str
) -> None:
    rows = [["id", "text"], ["1", "kind, is it"], ["2", "nice"]]
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)
    (tmp_path / name).write_text("\ufeff" + text, encoding="utf-8", newline="")
    score(tmp_path / name, tmp_path / "out.tsv")
    assert [row["text"] for row in read(tmp_path / "out.tsv", "\t")] == ["kind, is it", "nice"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n1,2\n", "empty"),
        (b"a,\xff\n", "not UTF-8"),
        (b"a,a\n", "'a' twice"),
        (b'"a"b,c\n', "header is no valid CSV"),
    ],
)
def test_a_header_that_names_no_columns_is_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_head(find_inputs(str(tmp_path / "in.csv"))[0])


def test_a_file_with_a_header_only_gives_a_header(tmp_path: Path, score: Score) -> None:
    (tmp_path / "in.csv").write_text("id,text\n", encoding="utf-8")
    totals = score(tmp_path / "in.csv", tmp_path / "out.csv")
    assert totals is not None
    assert totals.rows == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("id,text,toxic,")
    assert not (tmp_path / "out.csv.rejected.jsonl").exists()


def test_a_file_that_ends_early_is_named(tmp_path: Path, score: Score) -> None:
    import gzip

    packed = gzip.compress(b"text\n" + b"you are kind\n" * 500)
    (tmp_path / "in.csv.gz").write_bytes(packed[:-9])
    with pytest.raises(DataError, match=r"in\.csv\.gz: cannot be read"):
        score(tmp_path / "in.csv.gz", tmp_path / "out.csv")
