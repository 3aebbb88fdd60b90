from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.evaluate.conftest import make_dataset, score

from toxic_tweets.classifier import Classifier
from toxic_tweets.errors import DataError, LabelError, TextError
from toxic_tweets.evaluate.system import System, make_system, read_score_file


def test_a_classifier_brings_its_labels_and_thresholds(tiny_classifier: Classifier) -> None:
    system = make_system(tiny_classifier, thresholds={"toxic": 0.2})
    assert system.id == tiny_classifier.checkpoint.id
    assert system.labels == tiny_classifier.labels
    assert system.thresholds["toxic"] == 0.2
    assert system.thresholds["insult"] == tiny_classifier.thresholds.best_f1["insult"]
    assert system.is_cached
    texts = ["you are kind", "you idiot"]
    np.testing.assert_array_equal(system.scores(texts), tiny_classifier.score_array(texts))


def test_a_function_needs_names_for_its_scores() -> None:
    with pytest.raises(LabelError, match="A function needs names for its scores"):
        make_system(score)
    with pytest.raises(LabelError, match="thresholds for threat, but the labels are toxic, insult"):
        make_system(score, ("toxic", "insult"), {"threat": 0.5})
    system = make_system(score, ("toxic", "insult"), name="words")
    assert (system.id, system.thresholds["toxic"], system.is_cached) == ("words", 0.5, False)
    assert make_system(system) is system
    assert make_system(score, ("toxic", "insult")).id == "score"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[0.5, 0.5]], r"scores of shape \(1, 2\) for 2 texts and 1 labels"),
        ([[0.5], [1.5]], "scores from 0.5 to 1.5, but a score is in"),
        ([[-3.0], [0.2]], "scores from -3 to 0.2"),
    ],
)
def test_what_is_no_score_is_refused(given: list[list[float]], message: str) -> None:
    with pytest.raises(TextError, match=message):
        make_system(lambda texts: given, ("toxic",), name="f").scores(["a", "b"])


def test_one_label_may_be_a_plain_list() -> None:
    def flat(texts: Sequence[str]) -> list[float]:
        return [0.5] * len(texts)

    assert make_system(flat, ("toxic",)).scores(["a", "b"]).shape == (2, 1)


@pytest.fixture
def other() -> System:
    return System("s", ("toxic",), lambda texts: texts, {})


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_scores_of_another_system_come_by_id(tmp_path: Path) -> None:
    dataset = make_dataset(6)
    path = write(tmp_path / "perspective.csv", "id,toxic", "id1,0.9", "id4,0.25", "unknown,0.1")
    system = read_score_file(path, [dataset], {"toxic": 0.7})
    assert (system.id, system.labels, system.thresholds) == (
        "perspective",
        ("toxic",),
        {"toxic": 0.7},
    )
    assert not system.scores_any_text
    scores = system.scores(dataset.texts)[:, 0]
    np.testing.assert_array_equal(scores, [np.nan, 0.9, np.nan, np.nan, 0.25, np.nan])


def test_ids_can_be_those_of_one_dataset(tmp_path: Path) -> None:
    dataset = make_dataset(2)
    path = write(tmp_path / "s.csv", "dataset,id,toxic", "forum,id0,0.9", "news,id1,0.8")
    scores = read_score_file(path, [dataset]).scores(dataset.texts)[:, 0]
    np.testing.assert_array_equal(scores, [0.9, np.nan])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("id,toxic", "zzz,0.5"), "no id of the file is the id of a text in forum"),
        (("id,toxic", "id0,1.5"), "row 1, column 'toxic'"),
        (("id",), "no column with scores"),
        (("name,toxic", "id0,0.5"), "column 'id': the column is missing"),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_score_file(write(tmp_path / "s.csv", *lines), [make_dataset(3)])
