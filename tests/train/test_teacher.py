"""What a teacher knows is asked once, kept on disk, and never taken from a torn file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tests import tiny

from toxic_tweets.classifier import Classifier
from toxic_tweets.errors import RecipeError, TrainingError
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.config import Recipe, read_recipe
from toxic_tweets.train.rows import Rows
from toxic_tweets.train.teacher import Teacher, ask_teacher

TEXTS = ["you are a nice day", "you are an idiot", "damn", "you are a nice day"]
ROWS = [tiny.make_tokenizer().encode(text).ids for text in TEXTS]


def say_nothing(line: str) -> None:
    """Say nothing."""


def refuse(*arguments: object) -> None:
    """Stand in for a graph that must not be run."""
    raise AssertionError("the teacher was asked again")


@pytest.fixture
def recipe(student_recipe_file: Path) -> Recipe:
    return read_recipe(str(student_recipe_file))


def test_its_logits_are_the_classifiers_bit_for_bit(
    tiny_checkpoint: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    found = Teacher(str(tiny_checkpoint), tmp_path).score(ROWS, say_nothing)
    np.testing.assert_array_equal(found, tiny_classifier.logits(TEXTS))


def test_a_text_is_asked_about_once_in_all_runs(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Teacher(str(tiny_checkpoint), tmp_path).score(ROWS, say_nothing)
    monkeypatch.setattr(OnnxBackend, "run", refuse)
    again = Teacher(str(tiny_checkpoint), tmp_path).score(ROWS[::-1], say_nothing)
    np.testing.assert_array_equal(again, before[::-1])


@pytest.mark.parametrize("damage", ["torn", "zeros"])
def test_a_record_that_the_disk_never_got_whole_is_asked_for_again(
    damage: str, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    before = Teacher(str(tiny_checkpoint), tmp_path).score(ROWS, say_nothing)
    (file,) = tmp_path.glob("*.logits")
    content = file.read_bytes()
    size = len(content) // 3  # three different texts
    file.write_bytes(content[: -size // 2] if damage == "torn" else content[:-size] + bytes(size))
    again = Teacher(str(tiny_checkpoint), tmp_path).score(ROWS, say_nothing)
    np.testing.assert_array_equal(again, before)
    last = Teacher(str(tiny_checkpoint), tmp_path).score(ROWS, refuse)  # says nothing: all is known
    np.testing.assert_array_equal(last, before)


def test_only_so_many_texts_are_asked_about(recipe: Recipe, tmp_path: Path) -> None:
    targets = np.zeros((4, 6), dtype=np.float32)
    tokenizer = tiny.make_tokenizer()
    rows = Rows(TEXTS, targets, np.ones(4, dtype=np.float32), tokenizer, 16)
    few = dataclasses.replace(recipe, teacher=dataclasses.replace(recipe.teacher, max_texts=3))
    found = ask_teacher(few, rows, tokenizer, tmp_path, say_nothing)
    assert np.isnan(found).any(axis=1).sum() == 1
    whole = ask_teacher(recipe, rows, tokenizer, tmp_path, say_nothing)
    known = ~np.isnan(found)
    np.testing.assert_array_equal(found[known], whole[known])
    assert np.isfinite(whole).all()


def test_several_workers_are_refused(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    rows = Rows(
        [],
        np.zeros((0, 6), dtype=np.float32),
        np.ones(0, dtype=np.float32),
        tiny.make_tokenizer(),
        16,
    )
    with pytest.raises(TrainingError, match="without torchrun"):
        ask_teacher(recipe, rows, tiny.make_tokenizer(), tmp_path, say_nothing)


def test_a_student_must_read_texts_as_its_teacher_does(
    recipe: Recipe, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    teacher = Teacher(str(tiny_checkpoint), tmp_path)
    teacher.check_student(recipe, tiny.make_tokenizer())
    with pytest.raises(RecipeError, match=r"normaliser \(1\) of the recipe"):
        teacher.check_student(dataclasses.replace(recipe, normalizer=1), tiny.make_tokenizer())
    other = dataclasses.replace(recipe, auxiliary=("perspective:TOXICITY",))
    with pytest.raises(RecipeError, match="expected the outputs"):
        teacher.check_student(other, tiny.make_tokenizer())
    tokenizer = tiny.make_tokenizer()
    tokenizer.add_tokens(["new"])
    with pytest.raises(RecipeError, match="not that of the teacher"):
        teacher.check_student(recipe, tokenizer)
