"""The numbers of the card, on scores whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from toxic_tweets.data.dataset import Dataset
from toxic_tweets.policy import Thresholds
from toxic_tweets.train.config import Recipe, Source
from toxic_tweets.train.finish import mix_weights
from toxic_tweets.train.measure import mean_auc, measure
from toxic_tweets.train.mixture import Mixture

LABELS = ("toxic", "insult")


def _recipe(activation: str = "sigmoid") -> Recipe:
    sources = (Source("wiki", "jigsaw", "a"), Source("tweets", "jigsaw", "b"))
    return Recipe(
        name="x",
        task="toxicity",
        labels=LABELS,
        sources=sources,
        activation=activation,
        auxiliary=() if activation == "softmax" else ("perspective:TOXICITY",),
        threshold_mix={"wiki": 0.75, "tweets": 0.25},
    )


def _mixture(targets: np.ndarray[tuple[int, int], np.dtype[np.float32]], n_wiki: int) -> Mixture:
    n_texts = len(targets)
    natural = np.arange(n_texts) < n_wiki - 1
    texts = tuple(f"text {number}" for number in range(n_texts))
    labels = (*LABELS, "perspective:TOXICITY")[: targets.shape[1]]
    validation = Dataset("held out", texts, targets, labels, ("",) * n_texts, natural)
    source = (np.arange(n_texts) >= n_wiki).astype(np.int64)
    return Mixture(validation, np.ones(n_texts, np.float32), validation, source, natural, ())


def test_ranking_and_decisions_per_source() -> None:
    nan = np.nan
    targets = np.array(
        [[1, 1, 0.9], [0, 0, 0.1], [1, 0, 0.6], [0, 0, nan], [1, nan, nan], [0, nan, nan]],
        dtype=np.float32,
    )
    logits = np.array([[3, 2, 9], [-3, -2, 1], [1, 1, 5], [-1, -1, 0], [-2, 0, 0], [2, 0, 0]])
    scores = 1 / (1 + np.exp(-logits[:, :2]))
    cuts = Thresholds.make_untuned(LABELS)
    mixture = _mixture(targets, 4)
    found = measure(
        _recipe(), mixture, logits.astype(np.float32), scores, cuts, mixture.held_out_natural
    )
    assert found["validation.wiki.toxic.auc"] == 1.0
    assert found["validation.tweets.toxic.auc"] == 0.0
    assert found["validation.wiki.insult.f1"] == pytest.approx(2 / 3)
    assert found["validation.wiki.mean_auc"] == 1.0
    assert "validation.tweets.insult.auc" not in found
    # Two flagged of four, both toxic; of the two tweets the wrong one: but label insult flags both.
    assert found["validation.wiki.any_flag.macro_f1"] == 1.0
    assert found["validation.auxiliary.perspective:TOXICITY.spearman"] == pytest.approx(1.0)


def test_single_choice() -> None:
    targets = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]
    scores = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    mixture = _mixture(targets, 4)
    found = measure(
        _recipe("softmax"),
        mixture,
        np.log(scores).astype(np.float32),
        scores,
        Thresholds.make_untuned(LABELS),
        mixture.held_out_natural,
    )
    assert found["validation.macro_recall"] == 0.75
    assert found["validation.accuracy"] == 0.75


def test_the_mix_gives_each_source_its_share_and_only_natural_rows() -> None:
    mixture = _mixture(np.zeros((10, 3), np.float32), 6)
    weights = mix_weights(_recipe(), mixture)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[:5].sum() == pytest.approx(0.75)
    assert weights[5] == 0.0  # of the first source, but not of its natural sample


def test_mean_auc_leaves_out_labels_with_one_side() -> None:
    targets = np.array([[1, 0], [0, 0]], dtype=np.float32)
    scores = np.array([[0.9, 0.5], [0.1, 0.4]])
    assert mean_auc(scores, targets) == 1.0
    assert mean_auc(scores[:1], targets[:1]) == 0.5


def test_card_numbers_are_written_as_people_read_them() -> None:
    from toxic_tweets.train.card import _number

    assert [_number(x) for x in (12345.0, 0.98765, None, 1.0)] == ["12,345", "0.9877", "", "1.0000"]
