"""Fit the maps from our logits to the scale of the Perspective API, on held-out texts.

The API's users tuned their thresholds on its scores. Which outputs agree best with them is chosen
among a few sums by its ranks; a line with bends then maps the sum to their scale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset
from toxic_tweets.labels import TOXICITY
from toxic_tweets.model.scales import PART, WORDS, WORDS_PART, Scale, Words, find_words
from toxic_tweets.text.normalize import normalize
from toxic_tweets.train.mixture import Mixture

PREFIX = "perspective:"
"""How the names of outputs begin that were learned from the API's own scores."""

# A score of 0.00 or 1.00 was rounded: half of the last digit is the most that is known.
_LOWEST = 0.005
# Fewer texts than this tell nothing that the plain sigmoid does not.
_MIN_TEXTS = 40
_MIN_TEXTS_OF_WORDS = 1000
# A word counts from so many texts on: with 10 twice as many words tell no more.
_MIN_TEXTS_OF_WORD = 20
_RIDGE = (
    2.0  # of 1, 2, 3 and 10, on rows of context_toxicity for the comments of perspective_scores
)
# Weights that the label's own logit may have beside the learned output's 1.
_BESIDE = (0.25, 0.5, 1.0)
# The same for words.
_WORDS_BESIDE = (0.5, 1.0)
# Where the line may bend, as fractions of the texts; few, for the held-out texts are few.
_BENDS = (0.25, 0.75, 0.95)
# How strongly the pieces of the line are drawn to one slope, in texts: with 5 a piece of 200 texts
# is free, one of 5 is half as much as the whole line.
_PULL = 5.0
_SMALLEST_SLOPE = 0.05
_FOLDS, _REPEATS, _SEED = 5, 20, 13
_CUT = 0.7  # the threshold whose decisions are compared


@dataclass(frozen=True, slots=True)
class Fit:
    """Hold scales with what was measured on texts that each fit did not see.

    Attributes:
        parts: what `parts` of `checkpoint.json` holds about them; empty where nothing was fitted.
        metrics: numbers by flat name.
    """

    parts: dict[str, dict[str, Any]]
    metrics: dict[str, float]


def fit_scales(
    outputs: Sequence[str],
    logits: NDArray[np.floating[Any]],
    held_out: Dataset,
    words: Words | None = None,
) -> Fit:
    """Fit a scale for every attribute that held-out texts have scores of.

    Args:
        outputs: names of the logit columns.
        logits: raw outputs of the held-out texts (texts, outputs).
        held_out: the texts, with a target column `perspective:NAME` for each attribute.
        words: see `fit_word_weights`; must have been fitted on other texts.

    Returns:
        The scales, none for an attribute with fewer than 40 scored texts.
    """
    names, table = tuple(outputs), np.asarray(logits, dtype=np.float64)
    if words is not None:
        names = (*names, WORDS)
        table = np.column_stack([table, _weigh(words, held_out)])
    scales: dict[str, Any] = {}
    metrics: dict[str, float] = {}
    for name in held_out.labels:
        attribute = name.removeprefix(PREFIX)
        candidates = [one for one in _candidates(attribute) if set(one) <= set(names)]
        truth = held_out.column(name).astype(np.float64)
        known = np.flatnonzero(~np.isnan(truth))
        if attribute == name or len(known) < _MIN_TEXTS or not candidates:
            continue
        sums = [_add_up(one, table[known], names) for one in candidates]
        best = _find_best(sums, truth[known])
        weights = candidates[best]
        scale = Scale(tuple(weights), tuple(weights.values()), fit_line(sums[best], truth[known]))
        scales[attribute] = scale.to_dict()
        found = {**_cross_validate(sums[best], truth[known]), "texts": float(len(known))}
        metrics |= {f"perspective.{attribute}.{key}": value for key, value in found.items()}
    parts: dict[str, dict[str, Any]] = {PART: scales} if scales else {}
    if words is not None and any(WORDS in str(one["outputs"]) for one in scales.values()):
        parts[WORDS_PART] = dict(words.weights)
    return Fit(parts, metrics)


def fit_word_weights(learned: Dataset, attribute: str = "TOXICITY") -> Words | None:
    """Fit weights of words to the scores of texts, by ridge regression on their logits.

    Args:
        learned: texts with a target column for the attribute.
        attribute: the one with the most scored texts.

    Returns:
        The weights, None where fewer than 1,000 texts have a score.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import Ridge

    name = PREFIX + attribute
    if name not in learned.labels:
        return None
    scores = learned.column(name).astype(np.float64)
    rows = np.flatnonzero(~np.isnan(scores))
    if len(rows) < _MIN_TEXTS_OF_WORDS:
        return None
    found = [set(find_words(normalize(learned.texts[row]).text)) for row in rows]
    counts = Counter(word for words in found for word in words)
    vocabulary = sorted(word for word, count in counts.items() if count >= _MIN_TEXTS_OF_WORD)
    columns = {word: column for column, word in enumerate(vocabulary)}
    known = [sorted(columns[word] for word in words if word in columns) for words in found]
    lengths = [len(one) for one in known]
    values = np.repeat([1.0 / np.sqrt(length or 1) for length in lengths], lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    places = np.array([column for one in known for column in one], dtype=np.int64)
    table = csr_matrix((values, places, starts), shape=(len(rows), len(vocabulary)))
    model = Ridge(alpha=_RIDGE, solver="sparse_cg", max_iter=500).fit(table, _logit(scores[rows]))
    return Words(
        {word: round(float(w), 4) for word, w in zip(vocabulary, model.coef_, strict=True)}
    )


def fit_mixture(outputs: Sequence[str], logits: NDArray[np.floating[Any]], mixture: Mixture) -> Fit:
    """Fit all on the rows of a run: words on what was learned from, scales on what was held out.

    Args:
        outputs: names of the logit columns.
        logits: raw outputs of the held-out texts (texts, outputs).
        mixture: the rows.
    """
    return fit_scales(outputs, logits, mixture.validation, fit_word_weights(mixture.train))


def fit_line(
    sums: NDArray[np.float64], scores: NDArray[np.float64]
) -> tuple[tuple[float, float], ...]:
    """Fit the rising line with bends from sums to the logits of scores, by least squares.

    Args:
        sums: weighted sums of logits (texts,).
        scores: the other system's scores in [0, 1] (texts,).

    Returns:
        Its knots, at least two.
    """
    from scipy.optimize import lsq_linear

    wanted = _logit(scores)
    inner = np.quantile(sums, _BENDS)
    places = np.unique(np.concatenate([[sums.min()], inner, [sums.max()]]))
    if len(places) < 2 or places[-1] - places[0] < 1e-6:
        middle = float(sums.mean())
        level = float(wanted.mean())
        return ((middle - 1.0, level - 1.0), (middle + 1.0, level + 1.0))
    places = places[np.concatenate([[True], np.diff(places) > 1e-6])]
    # Column k is how far the sum has come within piece k: coefficients are slopes, and rise.
    steps = np.clip(sums[:, None] - places[:-1], 0.0, np.diff(places))
    n_pieces = steps.shape[1]
    slope = max(_line_slope(sums, wanted), _SMALLEST_SLOPE)
    spread = np.sqrt(_PULL) * max(float(sums.std()), 1e-6)
    rows = np.vstack(
        [np.hstack([np.ones((len(sums), 1)), steps]), np.zeros((n_pieces, n_pieces + 1))]
    )
    rows[len(sums) :, 1:] = np.eye(n_pieces) * spread
    right = np.concatenate([wanted, np.full(n_pieces, slope * spread)])
    lower = np.array([-np.inf, *[_SMALLEST_SLOPE] * n_pieces])
    found = lsq_linear(rows, right, bounds=(lower, np.inf)).x
    levels = found[0] + np.concatenate([[0.0], np.cumsum(found[1:] * np.diff(places))])
    return tuple((float(x), float(y)) for x, y in zip(places, levels, strict=True))


def _weigh(words: Words, held_out: Dataset) -> NDArray[np.float64]:
    """Return what the words of each text say (texts,), 0 for those without any score."""
    columns = [held_out.labels.index(name) for name in held_out.labels if name.startswith(PREFIX)]
    sums = np.zeros(len(held_out))
    for row in np.flatnonzero((~np.isnan(held_out.targets[:, columns])).any(axis=1)):
        sums[row] = words.weigh(normalize(held_out.texts[row]).text)
    return sums


def _candidates(attribute: str) -> list[dict[str, float]]:
    """Return the sums that may stand for an attribute, the simplest first."""
    learned = PREFIX + attribute
    own = [label.name for label in TOXICITY if attribute in label.perspective]
    found: list[dict[str, float]] = [{learned: 1.0}]
    found += [{learned: 1.0, label: weight} for label in own for weight in _BESIDE]
    found += [{label: 1.0} for label in own]
    return found + [{**one, WORDS: weight} for one in found for weight in _WORDS_BESIDE]


def _find_best(sums: Sequence[NDArray[np.float64]], scores: NDArray[np.float64]) -> int:
    """Return the place of the sum with the best ranks; of equally good ones the first."""
    from scipy.stats import spearmanr

    ranks = [round(float(spearmanr(one, scores).statistic), 3) for one in sums]
    return ranks.index(max(ranks))


def _add_up(
    weights: Mapping[str, float], table: NDArray[np.float64], outputs: Sequence[str]
) -> NDArray[np.float64]:
    columns = [list(outputs).index(name) for name in weights]
    return np.asarray(table[:, columns] @ np.array(list(weights.values())))


def _cross_validate(sums: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[str, float]:
    """Measure a sum: its ranks at once, decisions at 0.7 by lines that did not see the text."""
    from scipy.stats import spearmanr

    random = np.random.default_rng(_SEED)
    truth = scores >= _CUT
    values, gaps = [], []
    for _ in range(_REPEATS):
        fold = random.permutation(len(sums)) % _FOLDS
        guess = np.empty(len(sums))
        for number in range(_FOLDS):
            inside = fold == number
            scale = Scale(("sum",), (1.0,), fit_line(sums[~inside], scores[~inside]))
            guess[inside] = scale.apply(sums[inside][:, None], ["sum"])
        values.append(_f1(truth, guess >= _CUT))
        gaps.append(float(np.abs(guess - scores).mean()))
    return {
        "spearman": float(spearmanr(sums, scores).statistic),
        "f1_at_0.7": float(np.mean(values)),
        "mean_gap": float(np.mean(gaps)),
    }


def _f1(truth: NDArray[np.bool_], guess: NDArray[np.bool_]) -> float:
    total = int(truth.sum() + guess.sum())
    return 2.0 * float((truth & guess).sum()) / total if total else 1.0


def _logit(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(scores, _LOWEST, 1.0 - _LOWEST)
    return np.asarray(np.log(inside / (1.0 - inside)))


def _line_slope(sums: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    return float(np.polyfit(sums, wanted, 1)[0])
