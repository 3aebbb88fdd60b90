"""The numbers that a checkpoint carries: measured on held-out rows, by the graph that ships."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.model.calibration import expected_calibration_error, fit_calibration
from toxic_tweets.policy import Thresholds
from toxic_tweets.train.config import Recipe
from toxic_tweets.train.mixture import Mixture


def measure(
    recipe: Recipe,
    mixture: Mixture,
    logits: NDArray[np.float32],
    scores: NDArray[np.float64],
    thresholds: Thresholds,
    natural: NDArray[np.bool_],
) -> dict[str, float]:
    """Measure ranking, decisions and calibration on the held-out texts.

    Args:
        recipe: its sources name the metrics.
        mixture: the held-out texts and their targets.
        logits: raw outputs (texts, outputs).
        scores: calibrated scores (texts, labels).
        thresholds: the cuts that decide.
        natural: rows that the calibration was fitted on (texts,).

    Returns:
        Numbers by flat name, such as `validation.jigsaw.toxic.auc`. The thresholds were chosen on
        some of these rows; calibration errors are cross-fitted over two halves.
    """
    targets = mixture.validation.targets
    if recipe.activation == "softmax":
        return _single_choice(scores, targets)
    n_labels = len(recipe.labels)
    cuts = np.array([thresholds.best_f1[label] for label in recipe.labels])
    flags = scores >= cuts
    metrics: dict[str, float] = {}
    for index, source in enumerate(recipe.sources):
        rows = mixture.held_out_source == index
        if not rows.any():
            continue
        prefix = f"validation.{source.name}"
        metrics[f"{prefix}.texts"] = float(rows.sum())
        aucs = []
        for column, label in enumerate(recipe.labels):
            found = _label(scores, flags, targets, rows, column)
            metrics |= {f"{prefix}.{label}.{name}": value for name, value in found.items()}
            aucs += [found["auc"]] if "auc" in found else []
        if aucs:
            metrics[f"{prefix}.mean_auc"] = float(np.mean(aucs))
        metrics |= _any_flag(flags, targets, rows, prefix, recipe)
    metrics |= _auxiliary(recipe, mixture, logits)
    for column, label in enumerate(recipe.labels):
        metrics |= _calibration(recipe, logits[:, :n_labels], targets, natural, column, label)
    return metrics


def mean_auc(scores: NDArray[np.float64], targets: NDArray[np.float32]) -> float:
    """Give the mean over labels of the ROC AUC on the texts whose target is known.

    Args:
        scores: scores (texts, labels).
        targets: 0, 1, a fraction or NaN (texts, labels).

    Returns:
        The mean over labels that have both sides, 0.5 if there is none.
    """
    from sklearn.metrics import roc_auc_score

    aucs = []
    for column in range(scores.shape[1]):
        known = ~np.isnan(targets[:, column])
        truth = targets[known, column] >= 0.5
        if truth.any() and not truth.all():
            aucs.append(float(roc_auc_score(truth, scores[known, column])))
    return float(np.mean(aucs)) if aucs else 0.5


def _label(
    scores: NDArray[np.float64],
    flags: NDArray[np.bool_],
    targets: NDArray[np.float32],
    rows: NDArray[np.bool_],
    column: int,
) -> dict[str, float]:
    from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

    known = rows & ~np.isnan(targets[:, column])
    truth = targets[known, column] >= 0.5
    if not truth.any() or truth.all():
        return {}
    score, flag = scores[known, column], flags[known, column]
    return {
        "positives": float(truth.sum()),
        "auc": float(roc_auc_score(truth, score)),
        "average_precision": float(average_precision_score(truth, score)),
        "f1": float(f1_score(truth, flag)),
        "macro_f1": float(f1_score(truth, flag, average="macro")),
    }


def _any_flag(
    flags: NDArray[np.bool_],
    targets: NDArray[np.float32],
    rows: NDArray[np.bool_],
    prefix: str,
    recipe: Recipe,
) -> dict[str, float]:
    """Judge «anything is flagged» against the label `toxic`."""
    from sklearn.metrics import f1_score

    if "toxic" not in recipe.labels:
        return {}
    column = recipe.labels.index("toxic")
    known = rows & ~np.isnan(targets[:, column])
    truth = targets[known, column] >= 0.5
    if not truth.any() or truth.all():
        return {}
    guess = flags[known].any(axis=1)
    return {f"{prefix}.any_flag.macro_f1": float(f1_score(truth, guess, average="macro"))}


def _auxiliary(recipe: Recipe, mixture: Mixture, logits: NDArray[np.float32]) -> dict[str, float]:
    """Rank correlation of each auxiliary output with the fractions it was trained on."""
    from scipy.stats import spearmanr

    metrics: dict[str, float] = {}
    for column in range(len(recipe.labels), len(recipe.outputs)):
        target = mixture.validation.targets[:, column]
        known = ~np.isnan(target)
        if known.sum() >= 3:
            rank = spearmanr(logits[known, column], target[known]).statistic
            metrics[f"validation.auxiliary.{recipe.outputs[column]}.spearman"] = float(rank)
    return metrics


def _calibration(
    recipe: Recipe,
    logits: NDArray[np.float32],
    targets: NDArray[np.float32],
    natural: NDArray[np.bool_],
    column: int,
    label: str,
) -> dict[str, float]:
    known = np.flatnonzero(natural & ~np.isnan(targets[:, column]))
    if len(known) < 4:
        return {}
    z, t = logits[known, column], targets[known, column]
    plain = 1.0 / (1.0 + np.exp(-z.astype(np.float64)))
    after = np.empty(len(known))
    for half in (0, 1):
        other = slice(1 - half, None, 2)
        fitted = fit_calibration(z[other, None], t[other, None], "sigmoid")
        after[half::2] = fitted.apply(z[half::2, None])[:, 0]
    return {
        f"calibration.{label}.ece_before": expected_calibration_error(plain, t),
        f"calibration.{label}.ece_after": expected_calibration_error(after, t),
    }


def _single_choice(scores: NDArray[np.float64], targets: NDArray[np.float32]) -> dict[str, float]:
    from sklearn.metrics import accuracy_score, f1_score, recall_score

    known = ~np.isnan(targets).any(axis=1)
    truth, guess = targets[known].argmax(axis=1), scores[known].argmax(axis=1)
    confidence = scores[known].max(axis=1)
    return {
        "validation.texts": float(known.sum()),
        "validation.macro_recall": float(recall_score(truth, guess, average="macro")),
        "validation.macro_f1": float(f1_score(truth, guess, average="macro")),
        "validation.accuracy": float(accuracy_score(truth, guess)),
        "calibration.ece_after": expected_calibration_error(
            confidence, (truth == guess).astype(np.float64)
        ),
    }
