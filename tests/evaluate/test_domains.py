from __future__ import annotations

from collections.abc import Callable

import pytest
from sklearn.metrics import f1_score

from toxic_tweets.evaluate.domains import measure_domain
from toxic_tweets.evaluate.figures import measure_all
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System

MakeScored = Callable[..., Scored]
NAN = float("nan")


def test_per_label_and_any_flag(make_scored: MakeScored, system: System) -> None:
    scores = [[0.9, 0.2]] * 15 + [[0.1, 0.8]] * 15 + [[0.2, 0.1]] * 20
    targets = [[1, NAN]] * 20 + [[0, NAN]] * 30
    scored = make_scored(scores, targets)
    found = {(o.label, o.name): o for o in measure_all(measure_domain(scored, system), 50, 0, 1)}
    truth = [1] * 20 + [0] * 30
    expected = f1_score(truth, [1] * 15 + [0] * 35, average="macro")
    assert found["toxic", "macro_f1"].value == pytest.approx(expected)
    expected = f1_score(truth, [1] * 30 + [0] * 20, average="macro")
    assert found["anything", "macro_f1"].value == pytest.approx(expected)
    assert found["anything", "macro_f1"].note == "against toxic"
    assert ("insult", "macro_f1") not in found


def test_one_side_has_no_macro_f1(make_scored: MakeScored, system: System) -> None:
    scored = make_scored([[0.9, 0.9]] * 20, [[1, NAN]] * 20)
    (f1, auc) = measure_all(measure_domain(scored, system), 20, 0, 1)
    assert f1.value is None
    assert auc.value is None
    assert f1.note == "0 negatives, at least 10 are needed"
