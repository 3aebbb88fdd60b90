from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from toxic_tweets.data.csv_file import Row, find_file, parse_split, read_header, read_rows
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]


def read(path: Path, *columns: str) -> list[Row]:
    return list(read_rows(path, columns or ("id", "text")))


def fail(path: Path, *columns: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path, *columns)
    assert caught.value.file == str(path)
    assert str(path) in str(caught.value)
    return caught.value


def test_rows_know_their_place_although_texts_have_line_breaks(write_csv: WriteCsv) -> None:
    path = write_csv("a.csv", [("id", "text"), ("1", "one\ntwo"), ("2", 'say ""hi"", you')])
    first, second = read(path)
    assert (first.row, first.line, first.text("text")) == (1, 2, "one\ntwo")
    assert (second.row, second.line) == (2, 4)


def test_what_editors_leave_behind_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffid,text\r\n1,kind\0ly\r\n\r\n2,é\r\n".encode())
    assert [row.values["text"] for row in read(path)] == ["kind\0ly", "é"]


def test_a_field_of_a_megabyte_is_read_whatever_the_limit_was(write_csv: WriteCsv) -> None:
    csv.field_size_limit(131_072)
    path = write_csv("a.csv", [("id", "text"), ("1", "x" * 1_000_000)])
    assert len(read(path)[0].text("text")) == 1_000_000


@pytest.mark.parametrize(
    ("content", "row", "column", "message"),
    [
        (b"id,text\n1,a\n2\n", 2, "text", "line 3: the row has 1 cells, expected 2"),
        (b"id,text\n1,a,b\n", 1, "text", "3 cells, expected 2"),
        (b"id,text\n1,a\n2,b\xff\n", 2, "text", "0xff is not UTF-8"),
        (b"id,words\n1,a\n", None, "text", "the column is missing"),
        (b"id,text,text\n1,a,b\n", None, "text", "there twice"),
        (b"", None, None, "empty"),
        (b"\xff\xfei\0d\0", None, None, "not UTF-8"),
        (b'id,text\n1,a\n2,"b\n3,c\n', 2, None, "line 3: no valid CSV"),
        (b'"id,text\n', None, None, "the header"),
    ],
)
def test_malformed_files_are_named_by_file_row_and_column(
    tmp_path: Path, content: bytes, row: int | None, column: str | None, message: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    error = fail(path)
    assert (error.row, error.column) == (row, column)
    assert message in str(error)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in str(fail(tmp_path / "none.csv"))
    with pytest.raises(DataError, match=r"b\.csv: there is no such file"):
        find_file(tmp_path, "b.csv")


def test_find_file_takes_a_file_or_its_folder(write_csv: WriteCsv) -> None:
    path = write_csv("a.csv", [("id",)])
    assert find_file(path, "other.csv") == find_file(path.parent, "a.csv") == path


def test_cells_are_checked(write_csv: WriteCsv) -> None:
    header = ("text", "label", "score")
    path = write_csv("a.csv", [header, (" ", "2", "1.5"), ("", "hateful words here", "nan")])
    blank, empty = read(path, *header)
    assert blank.is_blank("text")
    assert not empty.is_blank("text")
    for row in (blank, empty):
        with pytest.raises(DataError, match=r"column 'text'.*the text is missing"):
            row.text("text")
    with pytest.raises(DataError, match="2 found, expected 0, 1 or -1"):
        blank.binary("label")
    with pytest.raises(DataError, match=r"1\.5 found, expected a number from 0 to 1"):
        blank.number("score", 0, 1)
    assert blank.number("score") == 1.5
    with pytest.raises(DataError, match="expected a number"):
        empty.number("score")
    with pytest.raises(DataError, match="18 characters found, expected one of hate, noHate") as no:
        empty.choice("label", ("hate", "noHate"))
    assert "words" not in str(no.value)


@pytest.mark.parametrize(("cell", "target"), [("0", 0.0), ("1", 1.0), (" 1.0", 1.0)])
def test_binary(cell: str, target: float) -> None:
    assert Row("f", 1, 2, {"label": cell}).binary("label") == target


def test_minus_one_is_unknown() -> None:
    unknown = Row("f", 1, 2, {"label": "-1"}).binary("label")
    assert unknown != unknown


def test_parse_split() -> None:
    assert parse_split("train + dev", ("train", "dev")) == ("train", "dev")
    with pytest.raises(DataError, match="'val' is no split here, expected one of train, dev"):
        parse_split("train+val", ("train", "dev"))


def test_read_header(write_csv: WriteCsv, tmp_path: Path) -> None:
    assert read_header(write_csv("a.csv", [("id", "a\nb"), ("1", "2")])) == ("id", "a\nb")
    assert read_header(tmp_path / "none.csv") == ()
