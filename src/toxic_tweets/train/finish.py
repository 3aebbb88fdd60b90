"""After training: export, int8, proof of parity, calibration, thresholds, one folder to ship."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.errors import TrainingError
from toxic_tweets.model.calibration import Calibration, fit_calibration
from toxic_tweets.model.checkpoint import MODEL_FILE, TOKENIZER_FILE, Checkpoint, write_checkpoint
from toxic_tweets.model.export import (
    QUANTISED_OPERATORS,
    SHALLOW_OPERATORS,
    export_onnx,
    quantise,
    torch_logits,
    torch_token_logits,
)
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.model.thresholds import fit_thresholds
from toxic_tweets.model.tokenizer import open_tokenizer
from toxic_tweets.policy import Thresholds
from toxic_tweets.reading import Reader
from toxic_tweets.train.card import write_card
from toxic_tweets.train.config import Recipe
from toxic_tweets.train.measure import mean_auc, measure
from toxic_tweets.train.mixture import Mixture
from toxic_tweets.train.scales import fit_mixture
from toxic_tweets.train.token_head import TokenHead, open_token_head
from toxic_tweets.train.word_threshold import character_f1, fit_word_threshold, score_texts

# Most that int8 may cost in mean AUC, and that ONNX may differ from PyTorch in a logit.
MAX_AUC_LOSS = 0.001
MAX_LOGIT_GAP = 1e-3
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Scored:
    """Logits of the held-out texts, joined over windows (texts, outputs), of both graphs."""

    int8: NDArray[np.float32]
    fp32: NDArray[np.float32]
    fp32_rows: NDArray[np.int64]


def finish(
    recipe: Recipe,
    mixture: Mixture,
    folder: Path,
    facts: Mapping[str, Any],
    say: Callable[[str], None],
) -> Checkpoint:
    """Turn `folder/model` into `folder/checkpoint`.

    Args:
        recipe: what the model was trained by.
        mixture: its rows; the held-out ones are scored by the very graph that ships.
        folder: the folder of the run.
        facts: what `run.json` holds, for the card.
        say: who is told about progress.

    Raises:
        TrainingError: the graphs disagree beyond what is allowed.
    """
    aside, target = folder / "checkpoint.partial", folder / "checkpoint"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    shutil.copyfile(folder / "model" / TOKENIZER_FILE, aside / TOKENIZER_FILE)
    fp32 = folder / "model.fp32.onnx"
    say("Exporting to ONNX and int8 ...")
    model = AutoModelForSequenceClassification.from_pretrained(folder / "model")
    token_head = open_token_head(folder / "model")
    export_onnx(model, fp32, token_head)
    is_shallow = bool(recipe.shallow.filters)
    quantise(fp32, aside / MODEL_FILE, SHALLOW_OPERATORS if is_shallow else QUANTISED_OPERATORS)
    n_labels = len(recipe.labels)
    untuned = Thresholds.make_untuned(recipe.labels)
    identity = Calibration.identity(n_labels, recipe.kind)
    parts: dict[str, Any] = {}
    if recipe.normalizer:
        parts["normalizer"] = {"version": recipe.normalizer}
    if token_head is not None:
        parts["token_head"] = {"threshold": 0.5}  # until it is fitted
    classifier = load(_write(aside, recipe, mixture, identity, untuned, {}, parts).folder)
    every = max(1, len(mixture.validation) // 40)
    texts = mixture.validation.texts[::every]
    check_parity(model, classifier.checkpoint, fp32, texts, token_head)
    scored = _score(classifier, fp32, recipe, mixture, say)
    loss = check_quantisation(recipe, mixture, scored)
    calibration = fit_calibration(
        scored.int8[_calibration_rows(mixture)][:, :n_labels],
        mixture.validation.targets[_calibration_rows(mixture)][:, :n_labels],
        recipe.kind,
    )
    scores = calibration.apply(scored.int8[:, :n_labels])
    thresholds = untuned
    if recipe.activation == "sigmoid":
        thresholds = fit_cuts(recipe, mixture, scores)
    metrics = measure(recipe, mixture, scored.int8, scores, thresholds, _calibration_rows(mixture))
    metrics["parity.int8_mean_auc_loss"] = loss
    if token_head is not None:
        say("Fitting the threshold of words ...")
        parts["token_head"], found = fit_words(recipe, mixture, classifier.checkpoint)
        metrics |= found
    scales = fit_mixture(recipe.outputs, scored.int8, mixture)
    parts |= scales.parts
    metrics |= scales.metrics
    checkpoint = _write(aside, recipe, mixture, calibration, thresholds, metrics, parts)
    write_card(aside / "README.md", recipe, checkpoint, facts)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(aside, target)
    return load(target).checkpoint


def check_parity(
    model: Any,
    checkpoint: Checkpoint,
    fp32: Path,
    texts: Sequence[str],
    token_head: TokenHead | None = None,
) -> None:
    """Compare the exported graph with the PyTorch model on some held-out texts.

    Raises:
        TrainingError: a logit differs by more than `MAX_LOGIT_GAP`.
    """
    backend = OnnxBackend(fp32)
    reader = Reader(checkpoint, open_tokenizer(checkpoint.folder / TOKENIZER_FILE))
    windows = [window for text in texts for window in reader.make_windows(reader.read(text))]
    exported = np.concatenate(backend.run_each(windows))
    gap = float(np.abs(torch_logits(model, windows) - exported).max())
    if token_head is not None:
        for ids, expected in zip(
            windows, torch_token_logits(model, token_head, windows), strict=True
        ):
            _, found = backend.run_tokens(np.array([ids], dtype=np.int64))
            gap = max(gap, float(np.abs(found[0] - expected).max()))
    if gap > MAX_LOGIT_GAP:
        raise TrainingError(
            f"A logit of the exported graph is {gap:.2g} from the model's, expected at most "
            f"{MAX_LOGIT_GAP}. Check the versions of torch, onnx and onnxruntime."
        )


def fit_words(
    recipe: Recipe, mixture: Mixture, checkpoint: Checkpoint
) -> tuple[dict[str, float], dict[str, float]]:
    """Fit the threshold of words on the held-out texts whose toxic places people marked.

    Returns:
        The settings of the checkpoint's token head, and the metrics by source.
    """
    spans = mixture.validation.spans or ()
    rows = np.array([row for row, places in enumerate(spans) if places is not None], dtype=np.int64)
    if not len(rows):
        return {"threshold": 0.5}, {}
    backend = OnnxBackend(checkpoint.folder / MODEL_FILE)
    scored = score_texts(backend, checkpoint, [mixture.validation.texts[row] for row in rows])
    marked = [spans[row] or () for row in rows]
    cut = fit_word_threshold(scored, marked)
    found = {}
    for index in np.unique(mixture.held_out_source[rows]):
        values = [
            character_f1(one.find_places(cut.threshold), places)
            for row, one, places in zip(rows, scored, marked, strict=True)
            if mixture.held_out_source[row] == index
        ]
        found[f"{recipe.sources[index].name}.char_f1"] = float(np.mean(values))
    return {"threshold": cut.threshold, "char_f1": cut.char_f1}, found


def check_quantisation(recipe: Recipe, mixture: Mixture, scored: Scored) -> float:
    """Give what int8 costs in mean AUC on the same held-out texts.

    Raises:
        TrainingError: it costs more than `MAX_AUC_LOSS` on enough texts to tell (1,000).
    """
    rows = scored.fp32_rows
    targets = mixture.validation.targets[rows]
    n_labels = len(recipe.labels)
    # Scores, not logits: under softmax a logit means something only beside the others.
    plain = Calibration.identity(n_labels, recipe.kind)
    before = mean_auc(plain.apply(scored.fp32[:, :n_labels]), targets[:, :n_labels])
    after = mean_auc(plain.apply(scored.int8[rows][:, :n_labels]), targets[:, :n_labels])
    loss = before - after
    if loss > MAX_AUC_LOSS and len(rows) >= 1000:
        raise TrainingError(
            f"int8 costs {loss:.4f} of the mean AUC {before:.4f}, expected at most {MAX_AUC_LOSS}. "
            "The PyTorch model is kept; train longer or with another seed."
        )
    return loss


def fit_cuts(recipe: Recipe, mixture: Mixture, scores: NDArray[np.float64]) -> Thresholds:
    """Fit the thresholds on the recipe's stated mix of held-out rows.

    A source counts for a label only where it knows both sides: one that names positives alone
    would make every cut look precise. `precision_90`, which blocks, has to hold on each source of
    the mix by itself.

    Args:
        recipe: names the mix.
        mixture: the held-out texts.
        scores: calibrated scores of the held-out texts (texts, labels).
    """
    targets, weights = mixture.validation.targets, mix_weights(recipe, mixture)
    sources = [
        np.flatnonzero((mixture.held_out_source == index) & (weights > 0))
        for index in np.unique(mixture.held_out_source[weights > 0])
    ]
    best, precise, complete = {}, {}, {}
    for column, label in enumerate(recipe.labels):

        def fit(rows: NDArray[np.int64], column: int = column, label: str = label) -> Thresholds:
            one = (rows[:, None], [column])
            return fit_thresholds(scores[one], targets[one], weights[rows], [label])

        telling = [rows for rows in sources if _has_both_sides(targets[rows, column])]
        whole = fit(np.concatenate(telling) if telling else np.empty(0, dtype=np.int64))
        best[label], complete[label] = whole.best_f1[label], whole.recall_90[label]
        precise[label] = max((fit(rows).precision_90[label] for rows in telling), default=1.0)
    return Thresholds(best, precise, complete)


def _has_both_sides(targets: NDArray[np.float32]) -> bool:
    return bool((targets >= 0.5).any() and (targets < 0.5).any())


def mix_weights(recipe: Recipe, mixture: Mixture) -> NDArray[np.float64]:
    """Weigh held-out texts so that the sources stand in the recipe's stated mix (texts,).

    Of a source that knows its natural random sample only those rows count. Without a stated mix
    every row counts the same.
    """
    weights = np.zeros(len(mixture.validation), dtype=np.float64)
    for index, source in enumerate(recipe.sources):
        rows = mixture.held_out_source == index
        if (rows & mixture.held_out_natural).any():
            rows &= mixture.held_out_natural
        share = recipe.threshold_mix.get(source.name, 0.0 if recipe.threshold_mix else 1.0)
        if share and rows.any():
            weights[rows] = share / rows.sum() if recipe.threshold_mix else 1.0
    return weights


def _calibration_rows(mixture: Mixture) -> NDArray[np.bool_]:
    natural = mixture.held_out_natural
    return natural if natural.any() else np.ones_like(natural)


def _score(
    classifier: Classifier,
    fp32: Path,
    recipe: Recipe,
    mixture: Mixture,
    say: Callable[[str], None],
) -> Scored:
    """Score the held-out texts with int8, and those of the stated mix with fp32 too."""
    full = Classifier(
        classifier.checkpoint,
        OnnxBackend(fp32),
        open_tokenizer(classifier.checkpoint.folder / TOKENIZER_FILE),
    )
    texts = mixture.validation.texts
    rows = np.flatnonzero(mix_weights(recipe, mixture) > 0)
    chosen = tuple(texts[row] for row in rows)
    return Scored(
        int8=_logits(classifier, texts, "int8", say),
        fp32=_logits(full, chosen, "fp32", say),
        fp32_rows=rows,
    )


def _logits(
    classifier: Classifier, texts: tuple[str, ...], name: str, say: Callable[[str], None]
) -> NDArray[np.float32]:
    blocks = []
    for start in range(0, len(texts), _BLOCK):
        blocks.append(classifier.logits(texts[start : start + _BLOCK]))
        if start // _BLOCK % 4 == 3:
            n_done = min(start + _BLOCK, len(texts))
            say(f"{name}: scored {n_done:,} of {len(texts):,} held-out texts")
    return np.concatenate(blocks)


def _write(
    folder: Path,
    recipe: Recipe,
    mixture: Mixture,
    calibration: Calibration,
    thresholds: Thresholds,
    metrics: Mapping[str, float],
    parts: Mapping[str, Any],
) -> Checkpoint:
    return write_checkpoint(
        folder,
        name=recipe.name,
        version=recipe.version,
        task=recipe.task,
        labels=recipe.labels,
        outputs=recipe.outputs,
        max_tokens=recipe.window.max_tokens,
        overlap_tokens=recipe.window.overlap_tokens,
        calibration=calibration,
        thresholds=thresholds,
        languages=recipe.languages,
        licence=recipe.licence,
        base=recipe.base,
        metrics=metrics,
        recipe_sha256=recipe.sha256,
        data_sha256=mixture.train.sha256,
        parts=parts,
    )
