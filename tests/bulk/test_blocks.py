from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.bulk.blocks import Reject, Row, Sizes, cut_rows


def make_rows(texts: list[str | None]) -> Iterator[Row[int]]:
    for number, text in enumerate(texts):
        yield Row(number, text, "" if text else "the text is missing", line=number + 2)


@given(
    st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=30)), max_size=60),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 60),
    st.integers(0, 25),
)
def test_every_row_is_in_one_block_that_ends_with_its_part(
    texts: list[str | None], part_rows: int, block_rows: int, characters: int, start: int
) -> None:
    sizes = Sizes(part_rows, block_rows, characters)
    cuts = list(cut_rows(make_rows(texts), "a.csv", 0, start, sizes))
    assert [place for cut in cuts for place in cut.payloads] == [
        place for place, text in enumerate(texts) if text is not None
    ]
    assert sum(cut.n_rows for cut in cuts) == len(texts)
    rejected = [one.row for cut in cuts for one in cut.rejects]
    assert rejected == [place for place, text in enumerate(texts, start=1) if text is None]
    for cut in cuts:
        assert cut.start == start
        assert 0 < cut.n_rows <= block_rows
        assert cut.start // part_rows == (cut.start + cut.n_rows - 1) // part_rows
        assert sum(map(len, cut.texts[:-1])) < characters
        assert len(cut.texts) + len(cut.rejects) == cut.n_rows
        start += cut.n_rows


def test_a_reject_says_where_and_why_in_one_line() -> None:
    line = Reject("a.csv", 3, 4, "the text is missing").to_json()
    assert json.loads(line) == {
        "file": "a.csv",
        "row": 3,
        "line": 4,
        "reason": "the text is missing",
    }
    assert line.endswith("}\n")
    assert "line" not in json.loads(Reject("a.parquet", 3, None, "…").to_json())
