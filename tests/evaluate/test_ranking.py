from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from toxic_tweets.evaluate.figures import measure_all
from toxic_tweets.evaluate.ranking import measure_ranking
from toxic_tweets.evaluate.scored import Scored

MakeScored = Callable[..., Scored]


def test_per_label_and_mean(make_scored: MakeScored) -> None:
    random = np.random.default_rng(2)
    targets = (random.random((200, 3)) < 0.3).astype(float)
    targets[150:, 1] = np.nan
    targets[:, 2] = np.nan
    scores = np.clip(targets * 0.3 + random.random((200, 3)) * 0.7, 0, 1)
    scores[np.isnan(scores)] = 0.5
    scored = make_scored(scores, targets, ("toxic", "insult", "threat"))
    found = {one.path: one for one in measure_all(measure_ranking(scored), 200, 50, 1)}
    aucs = []
    for column, label, rows in ((0, "toxic", slice(200)), (1, "insult", slice(150))):
        truth, score = targets[rows, column], scores[rows, column]
        auc = found[f"ranking/forum/{label}/roc_auc"]
        assert auc.value == pytest.approx(roc_auc_score(truth, score))
        assert auc.n == len(truth)
        assert auc.n_positive == truth.sum()
        assert auc.value is not None
        aucs.append(auc.value)
        precision = found[f"ranking/forum/{label}/average_precision"].value
        assert precision == pytest.approx(average_precision_score(truth, score))
    mean = found["ranking/forum/mean_roc_auc"]
    assert mean.value == pytest.approx(np.mean(aucs))
    assert mean.note == "mean over toxic, insult"
    assert not any("threat" in path for path in found)


def test_a_threshold_comes_with_its_recall(make_scored: MakeScored) -> None:
    truth = [1.0] * 20 + [0.0] * 20
    scores = [[0.9 - 0.01 * number] for number in range(40)]
    scored = make_scored(scores, [[one] for one in truth], ("toxic",))
    found = {one.name: one.value for one in measure_all(measure_ranking(scored), 40, 0, 1)}
    assert found["recall_at_precision_90"] == 1.0
    assert found["threshold_at_precision_90"] == pytest.approx(0.9 - 0.01 * 19)
    assert "mean_roc_auc" not in found
