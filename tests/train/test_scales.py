from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from toxic_tweets.data.dataset import Dataset
from toxic_tweets.model.scales import PART, WORDS, WORDS_PART, Scale
from toxic_tweets.train.scales import PREFIX, fit_line, fit_scales, fit_word_weights

LABELS = (f"{PREFIX}TOXICITY", f"{PREFIX}SPAM", f"{PREFIX}THREAT")
MOODS = ("kind", "nice", "dull", "sad", "bad", "awful")


def make_dataset(texts: tuple[str, ...], targets: np.ndarray, labels: tuple[str, ...]) -> Dataset:
    return Dataset(
        name="made",
        texts=texts,
        targets=targets,
        labels=labels,
        ids=tuple(str(number) for number in range(len(texts))),
        natural=np.ones(len(texts), dtype=bool),
    )


def make_rows(n_texts: int, seed: int) -> tuple[Dataset, np.ndarray]:
    """Return texts whose score hangs on a word and on a logit, and their logits."""
    random = np.random.default_rng(seed)
    moods = random.integers(len(MOODS), size=n_texts)
    hidden = random.normal(size=n_texts)
    scores = 1 / (1 + np.exp(-(0.8 * (moods - 4) + hidden)))
    targets = np.full((n_texts, 3), np.nan, dtype=np.float32)
    targets[:, 0] = np.round(scores, 2)
    targets[:5, 2] = 0.5
    texts = tuple(f"a {MOODS[mood]} day {number}" for number, mood in enumerate(moods))
    dataset = make_dataset(texts, targets, LABELS)
    noise = random.normal(size=n_texts)
    return dataset, np.stack([2 * hidden, noise], axis=1)


def test_a_line_is_found_again() -> None:
    sums = np.linspace(-4, 4, 200)
    line = np.where(sums < 2, 0.5 * sums, 1.5 * sums - 2.0) - 1.0  # a quarter lies beyond 2
    knots = fit_line(sums, 1 / (1 + np.exp(-line)))
    scale = Scale(("a",), (1.0,), knots)
    found = np.array(scale.apply(sums[:, None], ("a",)))
    assert np.abs(found - 1 / (1 + np.exp(-line))).max() < 0.08


@pytest.mark.parametrize(
    "scores", [np.linspace(1, 0, 60), np.full(60, 0.3), np.repeat([0.0, 1.0], 30)]
)
def test_a_line_rises_whatever_the_scores_say(scores: np.ndarray) -> None:
    for sums in (np.arange(60.0), np.zeros(60), np.repeat([0.0, 1.0], 30)):
        Scale(("a",), (1.0,), fit_line(sums, scores))  # refuses what does not rise


def test_words_and_outputs_are_put_together_where_that_agrees_better() -> None:
    learned, _ = make_rows(1500, seed=1)
    held_out, logits = make_rows(400, seed=2)
    words = fit_word_weights(learned)
    assert words is not None
    weights = [words.weights[mood] for mood in MOODS]
    assert weights == sorted(weights)
    outputs = (f"{PREFIX}TOXICITY", "threat")
    plain = fit_scales(outputs, logits, held_out)
    fit = fit_scales(outputs, logits, held_out, words)
    assert set(plain.parts) == {PART}
    assert set(fit.parts) == {PART, WORDS_PART}
    assert set(fit.parts[PART]) == {"TOXICITY"}  # nobody scored SPAM, and few THREAT
    better, worse = (one.metrics["perspective.TOXICITY.spearman"] for one in (fit, plain))
    assert better > worse + 0.05
    assert fit.metrics["perspective.TOXICITY.f1_at_0.7"] > 0.7
    assert fit.metrics["perspective.TOXICITY.texts"] == 400
    stored = fit.parts[PART]["TOXICITY"]
    assert isinstance(stored, dict)
    scale = Scale.from_dict(stored)
    assert WORDS in scale.outputs
    table = np.column_stack([logits, [words.weigh(text) for text in held_out.texts]])
    scores = scale.apply(table, (*outputs, WORDS))
    assert spearmanr(scores, held_out.targets[:, 0]).statistic == pytest.approx(better)
    assert np.abs(np.array(scores) - held_out.targets[:, 0]).mean() < 0.1


def test_few_texts_tell_nothing() -> None:
    few, logits = make_rows(30, seed=3)
    assert fit_word_weights(few) is None
    fit = fit_scales((f"{PREFIX}TOXICITY", "threat"), logits, few)
    assert (fit.parts, fit.metrics) == ({}, {})


def test_a_checkpoint_without_such_outputs_gets_no_scale() -> None:
    rows, logits = make_rows(100, seed=4)
    assert fit_scales(("negative", "positive"), logits, rows).parts == {}


def test_a_dataset_without_scores_gives_no_words() -> None:
    rows, _ = make_rows(10, seed=5)
    assert fit_word_weights(make_dataset(rows.texts, rows.targets[:, :1], ("toxic",))) is None
