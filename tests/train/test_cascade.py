"""Cuts that lose no more than is allowed, and whole runs of a student and of a cascade."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from toxic_tweets.classifier import load
from toxic_tweets.errors import TrainingError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.cascade import find_stage
from toxic_tweets.model.checkpoint import read_checkpoint
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.cascade import Windows, fit_cuts, fit_scale, measure_losses
from toxic_tweets.train.config import Recipe, read_recipe
from toxic_tweets.train.run import train


def say_nothing(line: str) -> None:
    """Say nothing."""


def make_windows(n_texts: int = 2000, noise: float = 0.7) -> Windows:
    """Return made-up texts of one or two windows; the quick stage sees the better one's blurred."""
    random = np.random.default_rng(0)
    sizes = random.integers(1, 3, n_texts)
    better = random.normal(-4.0, 2.5, (int(sizes.sum()), 2)).astype(np.float32)
    starts = np.cumsum(sizes) - sizes
    joined = np.maximum.reduceat(better, starts, axis=0)
    targets = (joined + random.normal(0, 1.0, joined.shape) > 0).astype(np.float32)
    targets[::7, 1] = np.nan
    return Windows(
        quick=(better + random.normal(0, noise, better.shape)).astype(np.float32),
        better=better,
        starts=starts,
        targets=targets,
        groups=np.arange(n_texts) % 2,
        thresholds=np.array([0.0, 0.5]),
    )


@pytest.fixture
def recipe(recipe_file: Path) -> Recipe:
    return read_recipe(str(recipe_file))


def allow(recipe: Recipe, auc: float, recall: float) -> Recipe:
    limits = dataclasses.replace(recipe.cascade, max_auc_loss=auc, max_recall_loss=recall)
    return dataclasses.replace(recipe, cascade=limits)


def test_cuts_keep_within_what_may_be_lost_and_settle_more_the_more_may_be(recipe: Recipe) -> None:
    windows, shares = make_windows(), []
    for auc, recall in ((1e-4, 0.001), (1e-3, 0.005), (1e-2, 0.05)):
        cuts = fit_cuts(windows, allow(recipe, auc, recall))
        losses = measure_losses(windows, cuts)
        assert (losses.auc <= auc).all()
        assert (losses.recall <= recall).all()
        assert (cuts <= windows.thresholds).all()
        shares.append(windows.settle(cuts).mean())
    assert 0.2 < shares[0] < shares[1] < shares[2]


def test_a_quick_stage_as_good_as_the_better_one_settles_all_that_is_innocent(
    recipe: Recipe,
) -> None:
    windows = make_windows(noise=0.0)
    cuts = fit_cuts(windows, recipe)
    np.testing.assert_array_equal(cuts, windows.thresholds)
    np.testing.assert_array_equal(
        windows.settle(cuts), (windows.better < windows.thresholds).all(axis=1)
    )


def test_losses_are_those_of_the_source_that_loses_most() -> None:
    windows = make_windows(400)
    cuts = np.array([-1.0, -1.0])
    whole = measure_losses(windows, cuts)
    parts = [
        measure_losses(windows.select(np.flatnonzero(windows.groups == group)), cuts)
        for group in (0, 1)
    ]
    np.testing.assert_allclose(whole.auc, np.maximum(parts[0].auc, parts[1].auc))
    np.testing.assert_allclose(whole.recall, np.maximum(parts[0].recall, parts[1].recall))


def test_a_loss_is_the_difference_of_two_aucs_and_of_two_recalls() -> None:
    windows, cuts = make_windows(600), np.array([-0.5, -0.5])
    alone = dataclasses.replace(windows, groups=np.zeros(600, dtype=np.int64))
    losses = measure_losses(alone, cuts)
    before, after = windows.join(windows.better), windows.cascade(cuts)
    for column in (0, 1):
        known = ~np.isnan(windows.targets[:, column])
        truth = windows.targets[known, column] >= 0.5
        z, c = before[known, column], after[known, column]
        assert losses.auc[column] == pytest.approx(
            max(roc_auc_score(truth, z) - roc_auc_score(truth, c), 0.0)
        )
        threshold = windows.thresholds[column]
        missed = (z[truth] >= threshold).mean() - (c[truth] >= threshold).mean()
        assert losses.recall[column] == pytest.approx(max(missed, 0.0))


def test_a_selection_takes_all_windows_of_its_texts() -> None:
    windows = make_windows(50)
    some = windows.select(np.array([3, 10, 49]))
    cuts = np.array([-2.0, -2.0])
    np.testing.assert_array_equal(some.cascade(cuts), windows.cascade(cuts)[[3, 10, 49]])


def test_what_cannot_be_kept_is_refused(recipe: Recipe) -> None:
    with pytest.raises(TrainingError, match="Allow more, or train a better first stage"):
        fit_cuts(make_windows(), allow(recipe, -1.0, -1.0))


def test_the_scale_is_fitted_where_nothing_is_flagged() -> None:
    better = np.array([[-6.0, 1.0], [-4.0, 2.0], [-2.0, 3.0], [9.0, 9.0]], dtype=np.float32)
    quick = (better - np.float32(1.0)) / np.float32(2.0)
    quick[3] = 100.0
    slopes, intercepts = fit_scale(quick, better, np.array([0.0]))
    assert slopes == pytest.approx((2.0, 2.0))
    assert intercepts == pytest.approx((1.0, 1.0))


def test_a_student_learns_from_its_teacher_and_settles_texts_for_it(
    student_recipe_file: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "student"
    student = train(read_recipe(str(student_recipe_file)), data_root, output, say=say_nothing)
    assert student is not None
    checkpoint = read_checkpoint(student)
    teacher = read_checkpoint(Path(read_recipe(str(student_recipe_file)).teacher.checkpoint))
    card = (student / "README.md").read_text(encoding="utf-8")
    assert f"Teacher: `{teacher.id}`, asked about all" in card
    assert checkpoint.metrics["validation.made-up.mean_auc"] > 0.9
    assert (student / "model.onnx").stat().st_size < (teacher.folder / "model.onnx").stat().st_size

    text = student_recipe_file.read_text(encoding="utf-8").split("[shallow]")[0]
    file = tmp_path / "cascade.toml"
    stages = f'first = "{student.as_posix()}"\nlast = "{teacher.folder.as_posix()}"'
    text = text.replace('name = "student"', 'name = "cascade"')
    file.write_text(f"{text}\n[cascade]\n{stages}\n", encoding="utf-8")
    joined = train(read_recipe(str(file)), data_root, tmp_path / "out", say=say_nothing)
    assert joined is not None
    cascade = read_checkpoint(joined)
    assert cascade.stages == (checkpoint.id, teacher.id)
    assert find_stage(cascade, checkpoint.id).folder == tmp_path / "out" / "student"
    assert cascade.calibration == teacher.calibration
    for label in TOXICITY_NAMES:
        assert cascade.metrics[f"cascade.{label}.auc_loss"] <= 0.001
        assert cascade.metrics[f"cascade.{label}.recall_loss"] <= 0.005
    assert cascade.metrics["cascade.settled.natural"] > 0.2
    card = (joined / "README.md").read_text(encoding="utf-8")
    assert f"Every window is read by `{checkpoint.id}`" in card
    assert "| source | learned from" not in card
    assert json.loads((tmp_path / "out" / "run.json").read_text())["metrics"] == cascade.metrics
    (span,) = load(joined).explain("you are an idiot", "insult")
    assert (span.start, span.end) == (11, 16)

    # A second run has nothing left to ask.
    monkeypatch.setattr(OnnxBackend, "run", None)
    again = train(read_recipe(str(file)), data_root, tmp_path / "out", say=say_nothing)
    assert again is not None
    assert read_checkpoint(again).id == cascade.id
