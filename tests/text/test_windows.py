from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.errors import CheckpointError
from toxic_tweets.text.windows import make_windows, split_pieces

SIZES = st.tuples(st.integers(1, 40), st.integers(0, 39)).filter(lambda pair: pair[1] < pair[0])


@given(st.integers(0, 300), SIZES)
def test_windows_cover_every_token_in_order(n_tokens: int, sizes: tuple[int, int]) -> None:
    room, overlap = sizes
    ids = list(range(n_tokens))
    windows = make_windows(ids, room + 2, overlap, [-1], [-2])
    assert all(window[0] == -1 and window[-1] == -2 for window in windows)
    inner = [window[1:-1] for window in windows]
    assert sorted({number for window in inner for number in window}) == ids
    for window in inner:  # one piece of the text, nothing skipped
        assert window == list(range(window[0], window[0] + len(window))) if window else not ids
    if n_tokens <= room:
        assert inner == [ids]
        return
    assert all(len(window) == room for window in inner)
    assert inner[-1][-1] == ids[-1]
    for left, right in pairwise(inner):
        assert left[0] < right[0]
        assert left[-1] - right[0] + 1 >= overlap
    for left, right in pairwise(inner[:-1]):  # all but the flush one
        assert left[-1] - right[0] + 1 == overlap


@given(st.integers(0, 300), SIZES)
def test_no_more_windows_than_needed(n_tokens: int, sizes: tuple[int, int]) -> None:
    room, overlap = sizes
    n_windows = len(make_windows(range(n_tokens), room, overlap))
    step = room - overlap
    assert n_windows == 1 + max(0, -(-(n_tokens - room) // step))


def test_special_tokens_count() -> None:
    assert make_windows([5, 6, 7], 5, 1, [1], [2]) == [[1, 5, 6, 7, 2]]
    assert make_windows([5, 6, 7, 8], 5, 1, [1], [2]) == [[1, 5, 6, 7, 2], [1, 6, 7, 8, 2]]
    assert make_windows([], 5, 1, [1], [2]) == [[1, 2]]


@pytest.mark.parametrize(("max_tokens", "overlap"), [(2, 0), (5, 3), (5, -1), (1, 0)])
def test_no_room_is_an_error(max_tokens: int, overlap: int) -> None:
    with pytest.raises(CheckpointError, match="overlap"):
        make_windows([1, 2, 3], max_tokens, overlap, [1], [2])


@given(st.text(alphabet="ab \n字", max_size=200), st.integers(1, 30))
def test_pieces_are_the_text(text: str, size: int) -> None:
    pieces = list(split_pieces(text, size))
    assert "".join(pieces) == text
    assert all(len(piece) <= size for piece in pieces)


def test_pieces_are_cut_before_a_space() -> None:
    assert list(split_pieces("one two three", 6)) == ["one", " two", " three"]
    assert list(split_pieces("short")) == ["short"]
    assert list(split_pieces("")) == [""]
