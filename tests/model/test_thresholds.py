"""Thresholds against a search through all cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.model.thresholds import F1_TOLERANCE, fit_thresholds
from toxic_tweets.policy import Thresholds

ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.booleans(), st.sampled_from([0.5, 1.0, 3.0])),
    min_size=1,
    max_size=30,
)


def _fit(rows: list[tuple[int, bool, float]]) -> Thresholds:
    scores = np.array([[row[0] / 20] for row in rows])
    targets = np.array([[float(row[1])] for row in rows], dtype=np.float32)
    return fit_thresholds(scores, targets, np.array([row[2] for row in rows]), ["toxic"])


def _measure(rows: list[tuple[int, bool, float]], cut: float) -> tuple[float, float, float]:
    found = sum(w for s, t, w in rows if t and s / 20 >= cut)
    flagged = sum(w for s, _, w in rows if s / 20 >= cut)
    total = sum(w for _, t, w in rows if t)
    return 2 * found / (flagged + total), found / flagged if flagged else 1.0, found / total


@given(ROWS)
def test_no_other_cut_is_better(rows: list[tuple[int, bool, float]]) -> None:
    fitted = _fit(rows)
    if not any(target for _, target, _ in rows):
        assert (fitted.best_f1["toxic"], fitted.precision_90["toxic"]) == (0.5, 1.0)
        return
    cuts = [score / 20 for score in range(21)]
    f1, _, _ = _measure(rows, fitted.best_f1["toxic"])
    best = max(_measure(rows, cut)[0] for cut in cuts)
    assert f1 >= best - F1_TOLERANCE - 1e-9
    flagged = {score for score, _, _ in rows if score / 20 >= fitted.best_f1["toxic"]}
    stricter = [cut for cut in cuts if any(score / 20 < cut for score in flagged)]
    assert all(_measure(rows, cut)[0] < best - F1_TOLERANCE + 1e-9 for cut in stricter)
    _, _, recall = _measure(rows, fitted.recall_90["toxic"])
    assert recall >= 0.9 - 1e-9
    precise = [cut for cut in cuts if _measure(rows, cut)[1] >= 0.9 and _measure(rows, cut)[2] > 0]
    if precise:
        _, precision, reached = _measure(rows, fitted.precision_90["toxic"])
        assert precision >= 0.9 - 1e-9
        assert reached == pytest.approx(max(_measure(rows, cut)[2] for cut in precise))
    else:
        assert fitted.precision_90["toxic"] == 1.0


def test_unknown_targets_and_fractions() -> None:
    scores = np.array([[0.9], [0.8], [0.2], [0.1]])
    targets = np.array([[0.7], [np.nan], [0.3], [0.0]], dtype=np.float32)
    fitted = fit_thresholds(scores, targets, np.ones(4), ["toxic"])
    assert fitted.best_f1["toxic"] == pytest.approx((0.9 + 0.2) / 2)
