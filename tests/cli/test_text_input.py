"""Texts from arguments, lines and files."""

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.cli.text_input import clean_arguments, read_csv_texts, read_line_blocks
from toxic_tweets.errors import DataError


class Drops:
    """Give bytes in the pieces in which they come."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def read1(self, size: int, /) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def read_all(pieces: list[bytes]) -> list[str]:
    return [text for block in read_line_blocks(Drops(pieces)) for text in block]


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_lines_do_not_depend_on_the_pieces(content: bytes, places: list[int]) -> None:
    cuts = sorted({0, len(content), *(min(place, len(content)) for place in places)})
    pieces = [content[start:end] for start, end in pairwise(cuts)]
    assert read_all(pieces) == read_all([content])


@given(st.lists(st.text().map(lambda text: text.replace("\n", " ").replace("\r", " "))))
def test_every_line_is_a_text(texts: list[str]) -> None:
    content = "".join(f"{text}\n" for text in texts).encode("utf-8")
    if not content.startswith(b"\xef\xbb\xbf"):  # where a file begins so, it is no sign
        assert read_all([content]) == texts


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\r\n\nb", ["a", "", "b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", ["a", "\ufeffb"]),
        (b"\xef\xbb\xbfa", ["a"]),
        (b"a\x00b\xff\n", ["a\x00b\ufffd"]),
        ("a\u2028b\x0cc\n".encode(), ["a\u2028b\x0cc"]),
    ],
)
def test_what_ends_a_line(content: bytes, texts: list[str]) -> None:
    assert read_all([content]) == texts


def test_lines_that_are_there_are_not_kept_waiting() -> None:
    blocks = read_line_blocks(Drops([b"one\ntwo\nthr", b"ee\n"]))
    assert next(blocks) == ["one", "two"]
    assert next(blocks) == ["three"]


def test_a_long_line_is_one_text() -> None:
    assert read_all([b"x" * 65536] * 30) == ["x" * 65536 * 30]


def test_real_streams_can_be_read() -> None:
    assert list(read_line_blocks(io.BytesIO(b"a\nb"))) == [["a"], ["b"]]


def test_arguments_lose_what_is_no_text() -> None:
    assert clean_arguments(["a\udcff", "ü"]) == ["a\ufffd", "ü"]


def test_a_column_of_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text('id,text\n1,"a ""b"",\nc"\n2,\n', encoding="utf-8")
    assert list(read_csv_texts(path, "text")) == ['a "b",\nc', ""]
    with pytest.raises(DataError, match="comment"):
        list(read_csv_texts(path, "comment"))
