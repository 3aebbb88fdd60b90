"""Explaining by the token head, on a tiny checkpoint that has one."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.errors import CheckpointError
from toxic_tweets.explain.token_head import TokenHead, find_token_head
from toxic_tweets.model.checkpoint import CHECKPOINT_FILE
from toxic_tweets.prediction import Span

NASTY = "damn it, you are an idiot"


def show(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def count_tokens(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that will hold the tokens of each run."""
    sizes: list[int] = []
    backend: Any = classifier._backend

    def counted(run: Any) -> Any:
        def count(input_ids: NDArray[np.int64]) -> Any:
            sizes.append(input_ids.size)
            return run(input_ids)

        return count

    for name in ("run", "run_tokens"):
        monkeypatch.setattr(backend, name, counted(getattr(backend, name)))
    return sizes


def test_it_is_the_default_where_there_is_one(token_classifier: Classifier) -> None:
    assert isinstance(token_classifier._explainer, TokenHead)


def test_words_of_the_text_are_marked(token_classifier: Classifier) -> None:
    assert show(NASTY, token_classifier.explain(NASTY)) == ["damn", "idiot"]
    assert token_classifier.explain("you are kind") == ()


def test_each_label_has_its_words(token_classifier: Classifier) -> None:
    assert show(NASTY, token_classifier.explain(NASTY, "obscene")) == ["damn"]
    assert show(NASTY, token_classifier.explain(NASTY, "insult")) == ["idiot"]
    spans = token_classifier.predict_one(NASTY, explain=True).spans
    assert spans is not None
    assert {label: show(NASTY, found) for label, found in spans.items()} == {
        "toxic": ["damn", "idiot"],
        "obscene": ["damn"],
        "insult": ["idiot"],
    }


def test_of_several_that_cause_a_label_all_are_kept(token_classifier: Classifier) -> None:
    text = "you idiot, it is stupid"
    assert show(text, token_classifier.explain(text, "insult")) == ["idiot", "stupid"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("you are an i d i o t, kind", "i d i o t"),
        ("you are an 1d10t", "1d10t"),
        ("😀 nice day 😀 this is it, you ıdıоt", "ıdıоt"),
        ("this is &amp; it, <b>idiot</b>", "idiot"),
    ],
)
def test_disguised_words_are_marked_whole(
    token_classifier: Classifier, text: str, marked: str
) -> None:
    assert show(text, token_classifier.explain(text))[-1] == marked


def test_words_are_found_in_every_window(token_classifier: Classifier) -> None:
    filler = "this is a nice day " * 20
    text = f"idiot {filler}you i d i o t {filler}damn"
    assert show(text, token_classifier.explain(text)) == ["idiot", "i d i o t", "damn"]
    assert show(text, token_classifier.explain(text, "obscene")) == ["damn"]


def test_marking_costs_one_run(
    token_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = count_tokens(token_classifier, monkeypatch)
    token_classifier.explain(NASTY)
    assert len(sizes) == 1
    token_classifier.explain("you are an idiot", "insult")  # one span needs no second opinion
    assert len(sizes) == 2


def test_asking_which_caused_a_label_costs_one_more(
    token_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(["this is a damn nice day, you idiot, it is so stupid"] * 3)[:140]
    sizes = count_tokens(token_classifier, monkeypatch)
    token_classifier.explain(text, "insult")
    assert len(sizes) <= 3  # the text has up to two windows
    assert sum(sizes) < 4 * len(text.split())


def test_scores_are_those_without_explanation(token_classifier: Classifier) -> None:
    texts = [NASTY, "you are kind", "idiot " * 100, ""]
    explained = token_classifier.predict(texts, explain=True)
    assert [dataclasses.replace(one, spans=None) for one in explained] == token_classifier.predict(
        texts
    )


def test_nothing_to_read_is_explained(token_classifier: Classifier) -> None:
    for text in ("", "   ", "\u200b", "...", "\ud800"):
        assert token_classifier.explain(text, "insult") == ()


@pytest.mark.parametrize("part", [None, {}, {"threshold": "high"}, {"threshold": 1.5}, 0.5])
def test_a_threshold_that_is_none_is_refused(
    token_checkpoint: Path, tmp_path: Path, part: object
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(token_checkpoint, folder)
    raw = json.loads((folder / CHECKPOINT_FILE).read_text(encoding="utf-8"))
    raw["parts"] = {"token_head": part}
    (folder / CHECKPOINT_FILE).write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"token_head"):
        load(folder)


def test_a_graph_without_the_head_has_none(tiny_classifier: Classifier) -> None:
    assert find_token_head(tiny_classifier.checkpoint, tiny_classifier._backend) is None
