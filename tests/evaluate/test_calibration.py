from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from toxic_tweets.evaluate.calibration import (
    correct_base_rate,
    find_base_rates,
    make_bins,
    measure_calibration,
    natural_rows,
)
from toxic_tweets.evaluate.figures import measure_all
from toxic_tweets.evaluate.scored import Scored

MakeScored = Callable[..., Scored]


def draw_calibrated(n_texts: int, seed: int = 0) -> tuple[list[list[float]], list[list[float]]]:
    """Draw scores and targets that keep what the scores say."""
    random = np.random.default_rng(seed)
    scores = random.beta(0.4, 2.0, n_texts)
    targets = (random.random(n_texts) < scores).astype(float)
    return scores[:, None].tolist(), targets[:, None].tolist()


def test_calibrated_scores_have_a_small_error(make_scored: MakeScored) -> None:
    scores, targets = draw_calibrated(4000)
    scored = make_scored(scores, targets, ("toxic",))
    found = {one.name: one for one in measure_all(measure_calibration(scored, {}), 4000, 0, 1)}
    assert found["ece"].value is not None
    assert found["ece"].value < 0.02
    assert found["brier"].value == pytest.approx(np.mean((np.array(scores) - targets) ** 2))
    assert found["base_rate"].value == pytest.approx(np.mean(targets))
    assert found["base_rate"].n_positive is None
    assert "ece_corrected" not in found


def test_scores_are_moved_to_another_base_rate(make_scored: MakeScored) -> None:
    scores, targets = draw_calibrated(6000)
    truth = np.array(targets)[:, 0] == 1
    # Half of the innocent texts are gone: what is left is toxic more often than scores say.
    kept = np.flatnonzero(truth | (np.arange(6000) % 4 == 0))
    scored = make_scored(np.array(scores)[kept], np.array(targets)[kept], ("toxic",))
    rates = {"toxic": float(truth.mean())}
    measures = measure_calibration(scored, rates)
    found = {one.name: one for one in measure_all(measures, len(kept), 0, 1)}
    plain, corrected = found["ece"].value, found["ece_corrected"].value
    assert plain is not None
    assert corrected is not None
    assert corrected < plain / 3
    assert found["ece_corrected"].note.startswith("scores moved from a base rate of 1")


def test_correcting_keeps_order_and_ends() -> None:
    scores = np.linspace(0, 1, 11)
    moved = correct_base_rate(scores, 0.1, 0.5)
    assert (np.diff(moved) > 0).all()
    assert (moved[0], moved[-1]) == (0, 1)
    assert correct_base_rate(np.array([0.1]), 0.1, 0.5)[0] == pytest.approx(0.5)
    np.testing.assert_allclose(correct_base_rate(moved, 0.5, 0.1), scores, atol=1e-12)


def test_only_natural_texts_count_where_some_are_marked(make_scored: MakeScored) -> None:
    natural = np.array([True, True, False, False])
    scored = make_scored([[0.2]] * 4, [[0], [1], [1], [1]], ("toxic",), natural=natural)
    assert natural_rows(scored, "toxic").tolist() == [0, 1]
    assert find_base_rates([scored]) == {"toxic": 0.5}
    unmarked = make_scored([[0.2]] * 4, [[0], [1], [1], [1]], ("toxic",))
    assert len(natural_rows(unmarked, "toxic")) == 4
    assert find_base_rates([unmarked]) == {}


def test_bins_hold_equally_many_texts(make_scored: MakeScored) -> None:
    scores, targets = draw_calibrated(300)
    bins = make_bins(make_scored(scores, targets, ("toxic",)), "toxic")
    assert [one.n for one in bins] == [20] * 15
    means = [one.mean_score for one in bins]
    assert means == sorted(means)
