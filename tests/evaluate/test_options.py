from __future__ import annotations

import pytest

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.options import PARTS, Options


def test_all_parts_are_the_default() -> None:
    assert Options().parts == PARTS
    assert len(set(PARTS)) == len(PARTS)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"parts": ("ranking", "rank")}, "rank is no part of a report, expected some of ranking"),
        ({"parts": ()}, "nothing is no part"),
        ({"resamples": -1}, "resamples is -1, but must be 0 or more"),
        ({"base_rates": {"toxic": 1.0}}, "the base rate of toxic is 1, but must lie in"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Options(**values)  # type: ignore[arg-type]
