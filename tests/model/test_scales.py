from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.checkpoint import Checkpoint, read_checkpoint
from toxic_tweets.model.scales import (
    PART,
    WORDS,
    WORDS_PART,
    Scale,
    Words,
    find_words,
    read_scales,
    read_words,
)

KNOTS = ((-2.0, -3.0), (0.0, -1.0), (1.0, 2.0))
SCALE = Scale(("a", "b"), (1.0, 0.5), KNOTS)
OUTPUTS = ("b", "c", "a")


def test_a_sum_is_bent_and_squashed() -> None:
    logits = np.array([[2.0, 9.0, -1.0], [0.0, 9.0, 0.5], [0.0, 9.0, 3.0], [0.0, 9.0, -4.0]])
    assert SCALE.add_up(logits, OUTPUTS) == [0.0, 0.5, 3.0, -4.0]
    expected = [1 / (1 + math.exp(-z)) for z in (-1.0, 0.5, 8.0, -5.0)]
    assert SCALE.apply(logits, OUTPUTS) == pytest.approx(expected)


@given(st.lists(st.integers(-400, 400), min_size=2, max_size=20))
def test_the_order_is_kept(cents: list[int]) -> None:
    sums = np.array(cents) / 100
    scores = Scale(("a",), (2.0,), KNOTS).apply(sums[:, None], ("a",))
    assert np.argsort(sums, kind="stable").tolist() == np.argsort(scores, kind="stable").tolist()
    assert all(0 < score < 1 for score in scores)


def test_extreme_logits_do_not_overflow() -> None:
    assert SCALE.apply(np.array([[0, 0, 1e6], [0, 0, -1e6]]), OUTPUTS) == [1.0, 0.0]


def test_save_and_load_is_identity() -> None:
    assert Scale.from_dict(json.loads(json.dumps(SCALE.to_dict()))) == SCALE


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "needs outputs with weights"),
        ({"outputs": {"a": "x"}, "knots": KNOTS}, "needs outputs with weights"),
        ({"outputs": ["a"], "knots": KNOTS}, "needs outputs with weights"),
        ({"outputs": {"a": 1}, "knots": [[1, 2, 3]]}, "needs outputs with weights"),
        ({"outputs": {}, "knots": KNOTS}, "one weight above 0"),
        ({"outputs": {"a": 0}, "knots": KNOTS}, "one weight above 0"),
        ({"outputs": {"a": 1}, "knots": KNOTS[:1]}, "at least two"),
        ({"outputs": {"a": 1}, "knots": [[0, 0], [0, 1]]}, "both numbers rising"),
        ({"outputs": {"a": 1}, "knots": [[0, 1], [1, 0]]}, "both numbers rising"),
        ({"outputs": {"a": math.nan}, "knots": KNOTS}, "not finite"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        Scale.from_dict(values)


def test_a_missing_output_is_named() -> None:
    with pytest.raises(CheckpointError, match="reads the output 'a', but there are only b, c"):
        SCALE.add_up(np.zeros((1, 2)), ("b", "c"))


def test_words_are_weighed_once_each() -> None:
    words = Words({"kind": -2.0, "!": 0.5})
    assert words.weigh("Kind, KIND! And kind") == pytest.approx(-1.5 / math.sqrt(2))
    assert words.weigh("nothing known") == 0.0
    assert words.weigh("") == 0.0
    assert find_words("You're 2 kind!!") == ["you", "'", "re", "2", "kind", "!", "!"]


def with_parts(checkpoint: Checkpoint, parts: object) -> Checkpoint:
    import dataclasses

    return dataclasses.replace(checkpoint, raw={**checkpoint.raw, "parts": parts})


def test_scales_are_read_from_a_checkpoint(tiny_checkpoint: Path) -> None:
    facts = read_checkpoint(tiny_checkpoint)
    assert read_scales(facts) == {}
    assert read_words(facts) is None
    scale = Scale(("toxic", WORDS), (1.0, 0.5), KNOTS)
    parts = {PART: {"TOXICITY": scale.to_dict()}, WORDS_PART: {"kind": -1}}
    assert read_scales(with_parts(facts, parts)) == {"TOXICITY": scale}
    assert read_words(with_parts(facts, parts)) == Words({"kind": -1})


@pytest.mark.parametrize(
    "parts",
    [
        {PART: []},
        {PART: {"TOXICITY": {"outputs": {"rudeness": 1}, "knots": KNOTS}}},
        {PART: {"TOXICITY": {"outputs": {WORDS: 1}, "knots": KNOTS}}},  # without their weights
        {PART: {}, WORDS_PART: []},
        {PART: {}, WORDS_PART: {"kind": "nice"}},
    ],
)
def test_a_malformed_part_is_refused(tiny_checkpoint: Path, parts: object) -> None:
    with pytest.raises(CheckpointError):
        read_scales(with_parts(read_checkpoint(tiny_checkpoint), parts))
