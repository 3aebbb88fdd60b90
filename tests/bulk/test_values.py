from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest

from toxic_tweets.bulk.values import to_cell, to_json


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("007", "007"),
        (True, "true"),
        (7, "7"),
        (0.1, "0.1"),
        ([1, "ü"], '[1, "ü"]'),
        ({"a": None}, '{"a": null}'),
        (datetime.date(2026, 11, 25), "2026-11-25"),
        (Decimal("1.10"), "1.10"),
        (b"\x00\xff", "AP8="),
    ],
)
def test_a_cell_says_what_the_value_is(value: Any, cell: str) -> None:
    assert to_cell(value) == cell


def test_json_takes_what_it_does_not_have_as_a_string() -> None:
    values = {"day": datetime.date(2026, 11, 25), "raw": b"ab", "list": [Decimal("1.0")]}
    assert json.loads(to_json(values)) == {"day": "2026-11-25", "raw": "YWI=", "list": ["1.0"]}
