import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.calibration import (
    Activation,
    Calibration,
    expected_calibration_error,
    fit_calibration,
)

LABELS = ("a", "b", "c")
SIGMOID = Calibration((0.5, 1.0, 2.0), (-1.0, 0.0, 3.0), "sigmoid")
SOFTMAX = Calibration((0.8,) * 3, (0.0,) * 3, "softmax")
LOGITS = arrays(np.float32, (7, 3), elements=st.floats(-12, 12, width=32))


@given(LOGITS)
def test_sigmoid_keeps_order(logits: np.ndarray) -> None:
    scores = SIGMOID.apply(logits)
    assert scores.dtype == np.float64
    assert ((scores > 0) & (scores < 1)).all()
    for column in range(3):
        order = np.argsort(logits[:, column])
        assert (np.diff(scores[order, column]) >= 0).all()


def test_scores_do_not_plateau() -> None:
    column = np.arange(-12, 12, 2**-12, dtype=np.float32)
    scores = SIGMOID.apply(np.stack([column] * 3, axis=1))
    assert (np.diff(scores, axis=0) > 0).all()


@given(LOGITS)
def test_softmax_sums_to_one_and_keeps_the_winner(logits: np.ndarray) -> None:
    scores = SOFTMAX.apply(logits)
    assert np.allclose(scores.sum(axis=1), 1)
    winners = scores[np.arange(7), logits.argmax(axis=1)]
    assert (winners == scores.max(axis=1)).all()


def test_numbers() -> None:
    logits = np.array([[2.0, 0.0, -1.5]], dtype=np.float32)
    assert SIGMOID.apply(logits).tolist() == [[0.5, 0.5, 0.5]]
    plain = Calibration.identity(3, "sigmoid").apply(logits)
    assert np.allclose(plain, 1 / (1 + np.exp(-logits.astype(np.float64))))
    powers = np.exp(0.8 * logits.astype(np.float64))
    assert np.allclose(SOFTMAX.apply(logits), powers / powers.sum())


@given(LOGITS)
@pytest.mark.parametrize("calibration", [SIGMOID, SOFTMAX])
def test_one_text_scores_what_it_does_among_others(
    calibration: Calibration, logits: np.ndarray
) -> None:
    scores = [calibration.apply_one([*row, 99.0]) for row in logits.tolist()]
    np.testing.assert_allclose(scores, calibration.apply(logits), rtol=1e-14)


def test_extreme_logits_do_not_overflow() -> None:
    extreme = np.array([[1e4, -1e4, 0.0]], dtype=np.float32)
    assert Calibration.identity(3, "sigmoid").apply(extreme).tolist() == [[1.0, 0.0, 0.5]]
    assert SOFTMAX.apply(extreme).tolist() == [[1.0, 0.0, 0.0]]
    assert Calibration.identity(3, "sigmoid").apply_one(extreme[0].tolist()) == [1.0, 0.0, 0.5]
    assert SOFTMAX.apply_one(extreme[0].tolist()) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("calibration", [SIGMOID, SOFTMAX, Calibration.identity(3, "softmax")])
def test_round_trip(calibration: Calibration) -> None:
    values = json.loads(json.dumps(calibration.to_dict(LABELS)))
    back = Calibration.from_dict(values, LABELS, calibration.activation)
    assert back.activation == calibration.activation
    assert back.slopes == pytest.approx(calibration.slopes, rel=1e-15)
    assert back.intercepts == calibration.intercepts


@pytest.mark.parametrize(
    ("values", "activation"),
    [
        ({}, "sigmoid"),
        ({}, "softmax"),
        ({"temperature": 0}, "softmax"),
        ({"temperature": -1}, "softmax"),
        ({label: {"slope": 1} for label in LABELS}, "sigmoid"),
        ({label: {"slope": 0, "intercept": 0} for label in LABELS}, "sigmoid"),
        ({label: {"slope": float("nan"), "intercept": 0} for label in LABELS}, "sigmoid"),
        ({label: {"slope": "steep", "intercept": 0} for label in LABELS}, "sigmoid"),
    ],
)
def test_impossible_values_are_refused(values: dict[str, object], activation: Activation) -> None:
    with pytest.raises(CheckpointError, match="Calibrate the checkpoint again"):
        Calibration.from_dict(values, LABELS, activation)


def test_impossible_parts_are_refused() -> None:
    with pytest.raises(CheckpointError, match="2 slopes but 1"):
        Calibration((1.0, 1.0), (0.0,), "sigmoid")
    with pytest.raises(CheckpointError, match="'relu'"):
        Calibration((1.0,), (0.0,), "relu")  # type: ignore[arg-type]


def test_fitting_finds_the_line_that_made_the_targets() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(-2, 3, (20_000, 2))
    chances = 1 / (1 + np.exp(-(logits * [1.7, 0.4] + [0.6, -1.0])))
    targets = (random.random(logits.shape) < chances).astype(np.float32)
    targets[::3, 1] = np.nan
    fitted = fit_calibration(logits, targets, "sigmoid")
    np.testing.assert_allclose(fitted.slopes, [1.7, 0.4], rtol=0.05)
    np.testing.assert_allclose(fitted.intercepts, [0.6, -1.0], atol=0.1)
    before = expected_calibration_error(1 / (1 + np.exp(-logits[:, 0])), targets[:, 0])
    after = expected_calibration_error(fitted.apply(logits)[:, 0], targets[:, 0])
    assert after < 0.01 < before


def test_fitting_keeps_the_order_even_where_targets_run_against_it() -> None:
    logits = np.linspace(-3, 3, 50)[:, None]
    fitted = fit_calibration(logits, (logits < 0).astype(np.float32), "sigmoid")
    assert fitted.slopes[0] > 0
    assert (np.diff(fitted.apply(logits)[:, 0]) > 0).all()


def test_fitting_without_both_sides_keeps_the_plain_sigmoid() -> None:
    fitted = fit_calibration(np.ones((3, 1)), np.zeros((3, 1)), "sigmoid")
    assert fitted == Calibration.identity(1, "sigmoid")
    nothing = fit_calibration(np.ones((3, 2)), np.full((3, 2), np.nan), "softmax")
    assert nothing == Calibration.identity(2, "softmax")


def test_fitting_finds_the_temperature() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (5_000, 3))
    chances = np.exp(logits * 0.5)
    chances /= chances.sum(axis=1, keepdims=True)
    choices = (random.random((5_000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    fitted = fit_calibration(logits, np.eye(3)[choices], "softmax")
    assert fitted.slopes[0] == pytest.approx(0.5, rel=0.05)


def test_cuts_on_scores_become_cuts_on_logits() -> None:
    calibration = Calibration((0.5, 2.0), (0.3, -1.0), "sigmoid")
    scores = (0.2, 0.95)
    logits = calibration.to_logits(scores)
    np.testing.assert_allclose(calibration.apply(logits[None])[0], scores, rtol=1e-12)
