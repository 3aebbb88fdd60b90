"""Explaining by taking words out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.explain.occlusion import Occlusion
from toxic_tweets.prediction import Span


def show(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def test_it_needs_nothing_of_the_checkpoint(tiny_classifier: Classifier) -> None:
    assert isinstance(tiny_classifier._explainer, Occlusion)


def test_each_label_has_its_words(tiny_classifier: Classifier) -> None:
    text = "damn it, you are an idiot"
    assert show(text, tiny_classifier.explain(text, "obscene")) == ["damn"]
    assert show(text, tiny_classifier.explain(text, "insult")) == ["idiot"]
    assert show(text, tiny_classifier.explain(text, "toxic")) == ["damn", "idiot"]
    assert tiny_classifier.explain(text, "threat") == ()


def test_a_word_that_stands_twice_is_marked_twice(tiny_classifier: Classifier) -> None:
    text = "idiot you are an idiot"
    assert [span.start for span in tiny_classifier.explain(text)] == [0, 17]


def test_words_are_found_in_every_window(tiny_classifier: Classifier) -> None:
    filler = "this is a nice day " * 20
    text = f"{filler}you idiot {filler}damn"
    assert show(text, tiny_classifier.explain(text)) == ["idiot", "damn"]
    places = [(span.start, span.end) for span in tiny_classifier.explain(text)]
    assert all(before[1] <= after[0] for before, after in pairwise(places))


def test_disguised_words_are_marked_whole(normalising_classifier: Classifier) -> None:
    text = "you are an i d i o t, damn"
    assert show(text, normalising_classifier.explain(text)) == ["i d i o t", "damn"]


def test_a_flagged_text_without_a_telling_word_is_taken_apart(
    tiny_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_rows: list[int] = []
    run = tiny_classifier._backend.run

    def count_rows(input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        n_rows.append(len(input_ids))
        bad = 20 if input_ids.shape[1] > 5 else 0  # long texts are bad here
        return np.asarray(run(input_ids) + bad, dtype=np.float32)

    monkeypatch.setattr(tiny_classifier._backend, "run", count_rows)
    assert tiny_classifier.explain("this is a nice day") == ()
    assert sum(n_rows) == 1 + 5 + 5  # the text, each word alone, the text without each


def test_few_runs_are_needed(tiny_classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[int, ...]] = []
    run = tiny_classifier._backend.run

    def note_shapes(input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        shapes.append(input_ids.shape)
        return run(input_ids)

    monkeypatch.setattr(tiny_classifier._backend, "run", note_shapes)
    tiny_classifier.explain("this is a nice day you are an idiot it is the day")
    assert shapes[:2] == [(1, 15), (11, 3)]
    assert sum(rows for rows, _ in shapes[2:]) <= 2


def test_runs_are_bounded(normalising_classifier: Classifier) -> None:
    rows = [[1, 2, 3]] * 5_000
    assert normalising_classifier._explainer._rate_rows(rows).shape == (5_000, 6)  # type: ignore[attr-defined]
    assert normalising_classifier._explainer._rate_rows([]).shape == (0, 6)  # type: ignore[attr-defined]


def test_torch_folders_are_explained_too(tiny_hf_folder: Path) -> None:
    text = "you are an idiot"
    assert show(text, load(tiny_hf_folder).explain(text, "insult")) == ["idiot"]
