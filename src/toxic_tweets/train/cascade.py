"""Join two finished checkpoints: fit the cuts below which the quick one is trusted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.classifier import load
from toxic_tweets.errors import TrainingError
from toxic_tweets.model.cascade import Gate, check_stages
from toxic_tweets.model.checkpoint import (
    CASCADE_PART,
    EMBEDDED,
    TOKENIZER_FILE,
    Checkpoint,
    write_checkpoint,
)
from toxic_tweets.model.tokenizer import open_tokenizer
from toxic_tweets.reading import Reader
from toxic_tweets.train.card import write_card
from toxic_tweets.train.config import Recipe
from toxic_tweets.train.measure import measure
from toxic_tweets.train.mixture import Mixture
from toxic_tweets.train.teacher import Teacher

# How finely cuts are searched, in logits; and how far below a label's threshold they may go.
_STEP = 0.1
_MAX_STEPS = 120
# From how many cuts of the first label the search starts, and how far apart these are.
_STARTS = 12
_BETWEEN_STARTS = 0.3
_LEAST_SLOPE = 0.05

Exceed = Callable[[NDArray[np.float64]], NDArray[np.bool_]]  # which labels lose too much with cuts


@dataclass(frozen=True, slots=True)
class Windows:
    """Held-out texts as both stages read them, window by window.

    Attributes:
        quick: the quick stage's logits (windows, outputs), on the better one's scale.
        better: the better stage's logits (windows, outputs).
        starts: the first window of each text (texts,).
        targets: 0, 1, a fraction or NaN (texts, labels).
        groups: the source of each text (texts,); losses are bounded in each.
        thresholds: logits of the default thresholds (labels,).
    """

    quick: NDArray[np.float32]
    better: NDArray[np.float32]
    starts: NDArray[np.int64]
    targets: NDArray[np.float32]
    groups: NDArray[np.int64]
    thresholds: NDArray[np.float64]

    def join(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits of texts (texts, outputs), the highest of their windows."""
        return np.asarray(np.maximum.reduceat(logits, self.starts, axis=0))

    def settle(self, cuts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which windows the quick stage settles (windows,)."""
        return np.asarray((self.quick[:, : len(cuts)] < cuts.astype(np.float32)).all(axis=1))

    def cascade(self, cuts: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return what the cascade gives for texts (texts, outputs)."""
        return self.join(np.where(self.settle(cuts)[:, None], self.quick, self.better))

    def select(self, texts: NDArray[np.int64]) -> Windows:
        """Take some texts, with their windows."""
        ends = np.append(self.starts[1:], len(self.quick))
        windows = [np.arange(self.starts[text], ends[text]) for text in texts]
        sizes = np.array([len(one) for one in windows])
        rows = np.concatenate(windows)
        return replace(
            self,
            quick=self.quick[rows],
            better=self.better[rows],
            starts=np.cumsum(sizes) - sizes,
            targets=self.targets[texts],
            groups=self.groups[texts],
        )


@dataclass(frozen=True, slots=True)
class Losses:
    """What a cascade loses against its better stage, the worst of all sources: (labels,) each."""

    auc: NDArray[np.float64]
    recall: NDArray[np.float64]

    def exceed(self, recipe: Recipe) -> NDArray[np.bool_]:
        """Tell which labels lose more than a recipe allows."""
        limits = recipe.cascade
        return np.asarray((self.auc > limits.max_auc_loss) | (self.recall > limits.max_recall_loss))


@dataclass(frozen=True, slots=True)
class Part:
    """The texts of one source in which one label is known, as the better stage judges them.

    Attributes:
        column: the label's.
        texts: their numbers (texts,).
        truth: which carry the label (texts,).
        auc: the better stage's ROC AUC.
        recall: its recall at the label's threshold.
    """

    column: int
    texts: NDArray[np.int64]
    truth: NDArray[np.bool_]
    auc: float
    recall: float


def make_cascade(
    recipe: Recipe,
    mixture: Mixture,
    folder: Path,
    facts: Mapping[str, Any],
    say: Callable[[str], None],
) -> Checkpoint:
    """Write `folder/checkpoint`, which joins the two checkpoints that a recipe names.

    Everything but the cuts is the better stage's: calibration, thresholds, scales, windows.

    Args:
        recipe: names the stages and says what may be lost.
        mixture: its held-out rows decide; neither stage may have learned from them.
        folder: the folder of the run.
        facts: what `run.json` holds, for the card.
        say: who is told about progress.

    Raises:
        CheckpointError: there is no such stage, or the two read texts differently.
        RecipeError: the recipe has other outputs or another normaliser.
        TrainingError: no cut keeps within what may be lost.
    """
    first = Teacher(recipe.cascade.first, folder / "teacher")
    last = Teacher(recipe.cascade.last, folder / "teacher")
    check_stages(first.checkpoint, last.checkpoint)
    last.check_student(recipe, open_tokenizer(last.checkpoint.folder / TOKENIZER_FILE))
    say("Scoring the held-out texts with both stages ...")
    mixture = _judged(recipe, mixture)
    windows, slopes, intercepts = _score(recipe, mixture, first, last, say)
    say("Fitting the cuts ...")
    cuts = fit_cuts(windows, recipe)
    gate = Gate(slopes, intercepts, tuple(cuts.tolist()))
    logits = windows.cascade(cuts)
    natural = mixture.held_out_natural
    calibration = last.checkpoint.calibration
    scores = calibration.apply(logits[:, : len(recipe.labels)])
    metrics = measure(recipe, mixture, logits, scores, last.checkpoint.thresholds, natural)
    metrics |= _report(recipe, mixture, windows, cuts)
    aside, target = folder / "checkpoint.partial", folder / "checkpoint"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for stage in (first.checkpoint, last.checkpoint):
        if stage.folder.parent != EMBEDDED:  # where nobody would look: its place is beside
            shutil.copytree(stage.folder, folder / stage.name, dirs_exist_ok=True)
    stages = [first.checkpoint.id, last.checkpoint.id]
    cascade = {"stages": stages, **gate.to_dict(recipe.outputs)}
    checkpoint = write_checkpoint(
        aside,
        name=recipe.name,
        version=recipe.version,
        task=last.checkpoint.task,
        labels=last.checkpoint.labels,
        outputs=last.checkpoint.outputs,
        max_tokens=last.checkpoint.max_tokens,
        overlap_tokens=last.checkpoint.overlap_tokens,
        calibration=calibration,
        thresholds=last.checkpoint.thresholds,
        languages=last.checkpoint.languages,
        licence=last.checkpoint.licence,
        base=recipe.base,
        metrics=metrics,
        recipe_sha256=recipe.sha256,
        data_sha256=mixture.validation.sha256,
        parts={**last.checkpoint.parts, CASCADE_PART: cascade},
    )
    write_card(aside / "README.md", recipe, checkpoint, facts)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(aside, target)
    return load(target).checkpoint


def fit_cuts(windows: Windows, recipe: Recipe) -> NDArray[np.float64]:
    """Find high cuts, in logits, with which no label loses more than is allowed.

    A cut is at most its label's threshold, so that nothing settled is flagged. How much a label
    loses hangs on all cuts, and not smoothly; so the search starts from several cuts of the first
    label, and what settles most is taken.

    Args:
        windows: held-out texts.
        recipe: says what may be lost.

    Raises:
        TrainingError: no cut keeps within what may be lost.
    """
    starts = [windows.thresholds.copy() for _ in range(_STARTS)]
    for number, cuts in enumerate(starts):
        cuts[0] -= number * _BETWEEN_STARTS
    parts = known_parts(windows)

    def exceed(cuts: NDArray[np.float64]) -> NDArray[np.bool_]:
        return measure_losses(windows, cuts, parts).exceed(recipe)

    found = [_raise(windows, exceed, _lower(windows, recipe, exceed, cuts)) for cuts in starts]
    return max(found, key=lambda cuts: int(windows.settle(cuts).sum()))


def _lower(
    windows: Windows, recipe: Recipe, exceed: Exceed, cuts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the cuts, each lowered as long as its label loses too much."""
    lowest = windows.thresholds - _STEP * _MAX_STEPS
    while (too_much := exceed(cuts)).any():
        if (cuts[too_much] <= lowest[too_much]).any():
            raise TrainingError(
                f"Cuts {np.round(cuts, 2).tolist()} still lose more than cascade.max_auc_loss "
                f"{recipe.cascade.max_auc_loss} or max_recall_loss {recipe.cascade.max_recall_loss}"
                ". Allow more, or train a better first stage."
            )
        cuts = np.where(too_much, cuts - _STEP, cuts)
    return cuts


def _raise(windows: Windows, exceed: Exceed, cuts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cuts, each raised as far as what may be lost allows."""
    for column in range(len(cuts)):
        while cuts[column] + _STEP <= windows.thresholds[column]:
            higher = cuts.copy()
            higher[column] += _STEP
            if exceed(higher).any():
                break
            cuts = higher
    return cuts


def measure_losses(
    windows: Windows, cuts: NDArray[np.float64], parts: Sequence[Part] = ()
) -> Losses:
    """Compare a cascade with its better stage, label by label, the worst of all sources.

    Args:
        windows: held-out texts.
        cuts: in logits (labels,).
        parts: `known_parts(windows)` of one who asks often; they are made where there are none.
    """
    cascade = windows.cascade(cuts)
    auc, recall = np.zeros(len(cuts)), np.zeros(len(cuts))
    for part in parts or known_parts(windows):
        column, logits = part.column, cascade[part.texts, part.column]
        lost = part.auc - _rank_auc(part.truth, logits)
        missed = part.recall - np.mean(logits[part.truth] >= windows.thresholds[column])
        auc[column] = max(auc[column], lost)
        recall[column] = max(recall[column], float(missed))
    return Losses(auc, recall)


def known_parts(windows: Windows) -> list[Part]:
    """Part texts by source and label, where a label is known and has both kinds."""
    whole, parts = windows.join(windows.better), []
    for group in np.unique(windows.groups):
        for column, threshold in enumerate(windows.thresholds):
            targets = windows.targets[:, column]
            texts = np.flatnonzero((windows.groups == group) & ~np.isnan(targets))
            truth, logits = targets[texts] >= 0.5, whole[texts, column]
            if truth.any() and not truth.all():
                recall = float(np.mean(logits[truth] >= threshold))
                parts.append(Part(column, texts, truth, _rank_auc(truth, logits), recall))
    return parts


def _rank_auc(truth: NDArray[np.bool_], logits: NDArray[np.float32]) -> float:
    """Return the ROC AUC by ranks: the search asks thousands of times, scikit-learn is slower."""
    positive, negative = logits[truth], np.sort(logits[~truth])
    # A tie counts half: below, and not above.
    twice = negative.searchsorted(positive, "left") + negative.searchsorted(positive, "right")
    return float(twice.sum() / 2 / (len(positive) * len(negative)))


def fit_scale(
    quick: NDArray[np.float32], better: NDArray[np.float32], thresholds: NDArray[np.float64]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Fit a line per output from the quick stage's logits to the better one's.

    Args:
        quick: logits of the quick stage (windows, outputs).
        better: logits of the better stage (windows, outputs).
        thresholds: logits (labels,); windows in which the better stage flags nothing count, since
            others are not settled.

    Returns:
        Slopes and intercepts, one per output.
    """
    innocent = (better[:, : len(thresholds)] < thresholds).all(axis=1)
    slopes, intercepts = [], []
    for x, y in zip(quick[innocent].T.astype(float), better[innocent].T.astype(float), strict=True):
        covariance = np.cov(x, y, bias=True)
        slope = max(float(covariance[0, 1] / max(covariance[0, 0], 1e-12)), _LEAST_SLOPE)
        slopes.append(slope)
        intercepts.append(float(y.mean() - slope * x.mean()))
    return tuple(slopes), tuple(intercepts)


def _score(
    recipe: Recipe, mixture: Mixture, first: Teacher, last: Teacher, say: Callable[[str], None]
) -> tuple[Windows, tuple[float, ...], tuple[float, ...]]:
    """Return the held-out texts as both stages read them, and the scale of the quick one."""
    checkpoint = last.checkpoint
    reader = Reader(checkpoint, open_tokenizer(checkpoint.folder / TOKENIZER_FILE))
    texts = [reader.make_windows(reader.read(text)) for text in mixture.validation.texts]
    ids = [window for windows in texts for window in windows]
    sizes = np.array([len(windows) for windows in texts])
    quick, better = first.score(ids, say), last.score(ids, say)
    thresholds = checkpoint.calibration.to_logits(
        [checkpoint.thresholds.best_f1[label] for label in checkpoint.labels]
    )
    slopes, intercepts = fit_scale(quick, better, thresholds)
    windows = Windows(
        quick=Gate(slopes, intercepts, ()).scale(quick),
        better=better,
        starts=np.cumsum(sizes) - sizes,
        targets=mixture.validation.targets[:, : len(recipe.labels)],
        groups=mixture.held_out_source,
        thresholds=thresholds,
    )
    return windows, slopes, intercepts


def _judged(recipe: Recipe, mixture: Mixture) -> Mixture:
    """Return the held-out texts of the sources whose mix the thresholds were fitted on."""
    names = [source.name for source in recipe.sources]
    chosen = [names.index(name) for name in recipe.threshold_mix] or list(range(len(names)))
    rows = np.flatnonzero(np.isin(mixture.held_out_source, chosen))
    return replace(
        mixture,
        validation=mixture.validation.select(rows),
        held_out_source=mixture.held_out_source[rows],
        held_out_natural=mixture.held_out_natural[rows],
    )


def _report(
    recipe: Recipe, mixture: Mixture, windows: Windows, cuts: NDArray[np.float64]
) -> dict[str, float]:
    """Measure losses on the texts that chose the cuts, and on halves that did not; and shares."""
    metrics: dict[str, float] = {}
    numbers = np.arange(len(windows.starts))
    crossed = []
    for half in (0, 1):
        chosen = fit_cuts(windows.select(numbers[numbers % 2 == half]), recipe)
        crossed.append(measure_losses(windows.select(numbers[numbers % 2 != half]), chosen))
    fitted = measure_losses(windows, cuts)
    for column, label in enumerate(recipe.labels):
        metrics[f"cascade.{label}.auc_loss"] = float(fitted.auc[column])
        metrics[f"cascade.{label}.recall_loss"] = float(fitted.recall[column])
        auc, recall = (
            [getattr(one, name)[column] for one in crossed] for name in ("auc", "recall")
        )
        metrics[f"cascade.{label}.auc_loss_crossed"] = float(np.mean(auc))
        metrics[f"cascade.{label}.recall_loss_crossed"] = float(np.mean(recall))
    settled = np.logical_and.reduceat(windows.settle(cuts), windows.starts)
    for index, source in enumerate(recipe.sources):
        rows = mixture.held_out_source == index
        if rows.any():
            metrics[f"cascade.settled.{source.name}"] = float(settled[rows].mean())
    if mixture.held_out_natural.any():
        metrics["cascade.settled.natural"] = float(settled[mixture.held_out_natural].mean())
    return metrics
