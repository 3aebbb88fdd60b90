from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from toxic_tweets.evaluate.decisions import make_flags, measure_decisions
from toxic_tweets.evaluate.figures import measure_all
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System

MakeScored = Callable[..., Scored]
NAN = float("nan")


def test_counts_rates_and_errors_in_common(make_scored: MakeScored, system: System) -> None:
    # 20 right on both labels, 10 wrong on both, 10 wrong on toxic alone, 10 of unknown insult.
    scores = [[0.9, 0.9]] * 20 + [[0.1, 0.1]] * 10 + [[0.8, 0.2]] * 10 + [[0.1, 0.9]] * 10
    targets = [[1, 1]] * 20 + [[1, 1]] * 10 + [[0, 0]] * 10 + [[0, NAN]] * 10
    scored = make_scored(scores, targets)
    found = {one.path: one for one in measure_all(measure_decisions(scored, system), 50, 20, 1)}
    place = "decisions/forum/toxic/"
    counts = [
        found[place + name].value
        for name in ("true_positives", "false_positives", "false_negatives", "true_negatives")
    ]
    assert counts == [20, 10, 10, 10]
    assert found[place + "precision"].value == pytest.approx(2 / 3)
    assert found[place + "precision"].n == 30
    assert found[place + "recall"].value == pytest.approx(2 / 3)
    assert found[place + "f1"].value == pytest.approx(2 / 3)
    exact = found["decisions/forum/exact_match"]
    assert (exact.value, exact.n) == (0.5, 40)
    assert exact.note == "all of toxic, insult"
    both = found["decisions/forum/insult/toxic/also_wrong"]
    assert (both.label, both.group, both.value, both.n) == ("toxic", "insult", 0.5, 20)
    assert found["decisions/forum/toxic/insult/also_wrong"].value == 1.0
    assert found["decisions/forum/toxic/false_positives"].better == "lower"


def test_exactly_one_fits_where_labels_exclude_each_other(make_scored: MakeScored) -> None:
    names = ("negative", "neutral", "positive")
    system = System("s", names, lambda texts: texts, {}, activation="softmax")
    scored = make_scored(
        [[0.3, 0.3, 0.4], [0.6, 0.2, 0.2]] * 10, [[0, 0, 1], [0, 1, 0]] * 10, names
    )
    flags = make_flags(scored, system)
    assert flags[:2].tolist() == [[False, False, True], [True, False, False]]
    found = {
        one.path: one.value for one in measure_all(measure_decisions(scored, system), 20, 0, 1)
    }
    assert found["decisions/forum/exact_match"] == 0.5


def test_a_view_that_a_text_lacks_flags_nothing(make_scored: MakeScored, system: System) -> None:
    view = {"leet 1": np.array([[0.9, 0.9], [NAN, NAN]])}
    scored = make_scored([[0.9, 0.9]] * 2, [[1, 1]] * 2, views=view)
    assert make_flags(scored, system, "leet 1").tolist() == [[True, True], [False, False]]
