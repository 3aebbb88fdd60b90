from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from toxic_tweets.evaluate import statistics
from toxic_tweets.evaluate.figures import draw_weights
from toxic_tweets.model.calibration import expected_calibration_error

N = 300
Bools = NDArray[np.bool_]


@pytest.fixture(params=[1000, 7], ids=["distinct", "tied"])
def drawn(request: pytest.FixtureRequest) -> tuple[Bools, NDArray[np.float64]]:
    """Draw targets and scores, with few and with many ties."""
    random = np.random.default_rng(3)
    truth = random.random(N) < 0.3
    scores = np.round((random.normal(truth, 1.0) + 4) / 9 * request.param) / request.param
    return truth, np.clip(scores, 0, 1)


def repeat(weights: NDArray[Any], *arrays: NDArray[Any]) -> list[NDArray[Any]]:
    """Copy every row as often as its weight says: what weighting saves."""
    return [np.repeat(array, weights.astype(int)) for array in arrays]


@pytest.mark.parametrize(
    ("make", "reference"),
    [
        (statistics.roc_auc, roc_auc_score),
        (statistics.average_precision, average_precision_score),
    ],
)
def test_ranking_is_that_of_scikit_learn(
    drawn: tuple[Bools, NDArray[np.float64]],
    make: Callable[..., statistics.Statistic],
    reference: Callable[..., float],
) -> None:
    truth, scores = drawn
    statistic = make(truth, scores)
    assert statistic(np.ones((1, N)))[0] == pytest.approx(reference(truth, scores))
    weights = draw_weights(np.random.default_rng(1), 5, N)
    expected = [reference(*repeat(row, truth, scores)) for row in weights]
    np.testing.assert_allclose(statistic(weights), expected)


def test_rows_are_all_that_counts(drawn: tuple[Bools, NDArray[np.float64]]) -> None:
    truth, scores = drawn
    rows = np.arange(N) % 3 == 0
    ones = np.ones((1, N))
    for chosen in (rows, np.flatnonzero(rows)):
        found = statistics.roc_auc(truth, scores, chosen)(ones)[0]
        assert found == pytest.approx(roc_auc_score(truth[rows], scores[rows]))
        found = statistics.mean(scores, chosen)(ones)[0]
        assert found == pytest.approx(scores[rows].mean())


def test_f1_is_that_of_scikit_learn(drawn: tuple[Bools, NDArray[np.float64]]) -> None:
    truth, scores = drawn
    flags = scores >= 0.5
    weights = draw_weights(np.random.default_rng(1), 4, N)
    for make, average in ((statistics.f1, "binary"), (statistics.macro_f1, "macro")):
        expected = [f1_score(*repeat(row, truth, flags), average=average) for row in weights]
        np.testing.assert_allclose(make(truth, flags)(weights), expected)


def test_calibration_error_is_that_of_the_model(
    drawn: tuple[Bools, NDArray[np.float64]],
) -> None:
    truth, scores = drawn
    found = statistics.calibration_error(scores, truth.astype(float), 15)(np.ones((1, N)))[0]
    assert found == pytest.approx(expected_calibration_error(scores, truth.astype(float)))


def test_recall_at_precision() -> None:
    truth = np.array([True, True, False, True, True, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    ones = np.ones((1, 6))
    assert statistics.recall_at_precision(truth, scores, 0.9)(ones)[0] == 0.5
    assert statistics.threshold_at_precision(truth, scores, 0.9)(ones)[0] == 0.8
    assert statistics.recall_at_precision(truth, scores, 0.8)(ones)[0] == 1.0
    never = statistics.threshold_at_precision(~truth, scores, 0.9)(ones)
    assert np.isnan(never[0])
    assert statistics.recall_at_precision(~truth, scores, 0.9)(ones)[0] == 0.0


def test_what_has_no_value_is_nan() -> None:
    nobody, scores = np.zeros(4, dtype=np.bool_), np.linspace(0, 1, 4)
    ones = np.ones((1, 4))
    assert np.isnan(statistics.roc_auc(nobody, scores)(ones)[0])
    assert np.isnan(statistics.average_precision(nobody, scores)(ones)[0])
    assert np.isnan(statistics.mean(scores, nobody)(ones)[0])
    both = statistics.average([statistics.mean(scores), statistics.mean(scores, nobody)])
    assert both(ones)[0] == pytest.approx(0.5)
    assert statistics.count(~nobody)(ones)[0] == 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=4, max_size=40))
def test_auc_depends_on_order_alone(rows: list[tuple[bool, float]]) -> None:
    truth = np.array([True, False, *(one for one, _ in rows)])
    # Rounded, so that halving cannot make two small scores one.
    scores = np.round(np.array([0.5, 0.5, *(score for _, score in rows)]), 6)
    ones = np.ones((1, len(truth)))
    auc = statistics.roc_auc(truth, scores)(ones)[0]
    assert 0 <= auc <= 1
    assert statistics.roc_auc(truth, scores / 2 + 0.1)(ones)[0] == pytest.approx(auc)
    assert statistics.roc_auc(~truth, scores)(ones)[0] == pytest.approx(1 - auc)


def test_curves_begin_and_end_where_they_must(
    drawn: tuple[Bools, NDArray[np.float64]],
) -> None:
    truth, scores = drawn
    false_alarms, recall = statistics.roc_points(truth, scores)
    assert (false_alarms[0], recall[0]) == (0, 0)
    assert (false_alarms[-1], recall[-1]) == (1, 1)
    assert np.trapezoid(recall, false_alarms) == pytest.approx(roc_auc_score(truth, scores))
    recalls, precisions = statistics.precision_points(truth, scores)
    assert recalls[-1] == 1
    assert precisions[-1] == pytest.approx(truth.mean())
