from __future__ import annotations

import numpy as np
import pytest

from toxic_tweets.evaluate.figures import (
    MIN_TEXTS,
    Figure,
    Measure,
    draw_weights,
    interval,
    make_measure,
    measure_all,
    resample,
)
from toxic_tweets.evaluate.statistics import mean


def test_an_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(0).normal(0.5, 0.1, 400)
    (figure,) = measure_all([make_measure("part", "data", "mean", mean(values), 400)], 400, 800, 1)
    assert figure.value is not None
    assert figure.value == pytest.approx(values.mean())
    assert figure.low is not None
    assert figure.high is not None
    half_width = 1.96 * values.std() / 20
    assert figure.high - figure.low == pytest.approx(2 * half_width, rel=0.15)
    assert figure.low < figure.value < figure.high


def test_the_same_seed_draws_the_same_texts_in_blocks_or_not() -> None:
    measure = Measure("p", "d", "m", mean(np.arange(50.0)), 50)
    first = resample([measure], 50, 30, seed=4)
    assert (first == resample([measure, measure], 50, 30, seed=4)[1]).all()
    assert not (first == resample([measure], 50, 30, seed=5)).all()
    assert draw_weights(np.random.default_rng(0), 3, 50).sum(axis=1).tolist() == [50, 50, 50]


@pytest.mark.parametrize(
    ("n", "n_positive", "two_sides", "note"),
    [
        (9, None, True, "9 texts, at least 10 are needed"),
        (100, 3, True, "3 positives, at least 10 are needed"),
        (100, 95, True, "5 negatives, at least 10 are needed"),
        (12, 4, True, "4 positives and 8 negatives, at least 10 are needed"),
        (100, 95, False, ""),
        (MIN_TEXTS, None, True, ""),
    ],
)
def test_too_few_texts_give_a_reason_and_no_number(
    n: int, n_positive: int | None, two_sides: bool, note: str
) -> None:
    values = np.ones(n)
    measure = make_measure(
        "p", "d", "m", mean(values), n, n_positive, has_two_sides=two_sides, label="toxic"
    )
    (figure,) = measure_all([measure], n, 20, 1)
    assert figure.note == note
    assert (figure.value is None) == bool(note)
    assert (figure.low is None) == bool(note)


def test_a_figure_survives_json() -> None:
    measure = make_measure("p", "d", "m", mean(np.ones(20)), 20, label="toxic", group="old")
    (figure,) = measure_all([measure], 20, 0, 1)
    assert figure.path == "p/d/old/toxic/m"
    assert (figure.low, figure.high) == (None, None)
    signed = figure.signed("abc", "toxic-tweets evaluate")
    assert Figure.from_dict(signed.to_dict()) == signed
    assert signed.to_dict()["data_sha256"] == "abc"


def test_an_interval_needs_values() -> None:
    assert all(np.isnan(interval(np.full(100, np.nan))))
    assert all(np.isnan(interval(np.array([0.5] * 10))))
    assert interval(np.linspace(0, 1, 1001)) == pytest.approx((0.025, 0.975))
