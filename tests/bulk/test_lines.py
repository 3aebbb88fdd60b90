from __future__ import annotations

import io

import pytest

from toxic_tweets.bulk import lines
from toxic_tweets.bulk.lines import Lines
from toxic_tweets.errors import DataError


def test_lines_keep_their_ends_and_lose_the_byte_order_mark() -> None:
    read = list(Lines(io.BytesIO("\ufeffa\r\nb\n\nç".encode()), "a.csv"))
    assert read == ["a\r\n", "b\n", "\n", "ç"]


def test_a_byte_that_is_not_utf8_is_remembered_until_it_is_forgotten() -> None:
    read = Lines(io.BytesIO(b"fine\nbr\xffken\nfine\n"), "a.csv")
    found = []
    for _ in read:
        found.append(read.bad_byte)
        read.bad_byte = None
    assert found == [None, "0xff", None]


def test_a_line_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_MAX_CHARACTERS", 10)
    with pytest.raises(DataError, match="one row a line"):
        list(Lines(io.BytesIO(b"a\n" + b"b" * 11), "a.csv"))
