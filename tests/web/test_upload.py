from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toxic_tweets.errors import DataError
from toxic_tweets.web.upload import read_upload, split_lines


def make_parquet(columns: dict[str, list[object]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b'id,text\n1,"you, too"\n2,fine\n'),
        ("a.csv", b'\xef\xbb\xbfid;text\r\n1;"you, too"\r\n2;fine\r\n'),
        ("a.TSV", b"id\ttext\n1\tyou, too\n2\tfine"),
        ("a.jsonl", b'{"id": 1, "text": "you, too"}\n\n{"id": 2, "text": "fine"}\n'),
        ("a.ndjson", b'"you, too"\n"fine"\n'),
        ("a.txt", b"you, too\n\nfine\r\n"),
        ("a.parquet", make_parquet({"id": [1, 2], "text": ["you, too", "fine"]})),
    ],
)
def test_every_kind_of_file_gives_its_texts(name: str, content: bytes) -> None:
    upload = read_upload(name, content, max_rows=10)
    assert upload.columns[upload.likely] == ("you, too", "fine")


def test_the_likely_column_has_a_usual_name_or_the_longest_cells() -> None:
    assert read_upload("a.csv", b"id,Comment,long text\n1,x,yyyyyy\n", 9).likely == "Comment"
    assert read_upload("a.csv", b"id,what\n1,a longer one\n", 9).likely == "what"


def test_empty_cells_stay_in_their_row() -> None:
    parquet = make_parquet({"text": ["a", None, "c"]})
    assert read_upload("a.parquet", parquet, 9).columns["text"] == ("a", "", "c")
    lines = b'{"text": "a"}\n{"other": "b"}\n'
    assert read_upload("a.jsonl", lines, 9).columns["text"] == ("a", "")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK", "must end in one of"),
        ("a.csv", b"", "holds no texts"),
        ("a.csv", b"text\n", "holds no texts"),
        ("a.csv", b"id,text\n1,a\n2,b,c\n", "row 2: there are 3 cells"),
        ("a.csv", b'text\n"never closed\n', "row 1: this is not CSV"),
        ("a.csv", b"text,text\na,b\n", "same name"),
        ("a.csv", b"text\nfine\n\xff\xfe\n", "row 2: this is not UTF-8"),
        ("a.jsonl", b'{"text": "a"}\n{broken\n', "row 2: this line is not JSON"),
        ("a.jsonl", b"[1]\n", "no JSON object"),
        ("a.jsonl", b'{"n": 1}\n', "holds no texts"),
        ("a.parquet", b"not at all", "not a Parquet file"),
        ("a.parquet", make_parquet({"n": [1]}), "holds no texts"),
        ("a.csv", b"text\n" + b"a\n" * 11, "11 rows, but the page takes 10"),
        ("a.txt", b"a\n" * 11, "11 rows, but the page takes 10"),
        ("a.parquet", make_parquet({"text": ["a"] * 11}), "11 rows, but the page takes 10"),
    ],
)
def test_a_broken_file_is_a_sentence(name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        read_upload(name, content, max_rows=10)
    assert str(error.value).startswith(name)
    assert str(error.value).endswith((".", ")."))
    assert "never closed" not in str(error.value)


def test_a_path_in_a_name_is_not_repeated() -> None:
    with pytest.raises(DataError) as error:
        read_upload("some/where/a.csv", b"", 10)
    assert "some" not in str(error.value)


def test_lines_are_texts() -> None:
    assert split_lines("a \r\n\n  \n b\n") == ["a ", " b"]
