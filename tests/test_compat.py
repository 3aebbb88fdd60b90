"""Detoxify's interface over our classifier: names, shapes, numbers and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from toxic_tweets.classifier import Classifier
from toxic_tweets.compat import Detoxify
from toxic_tweets.errors import CheckpointError, LabelError, TextError, ToxicTweetsError
from toxic_tweets.model.checkpoint import embedded_names

SIX = ["toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack"]
SEVEN = [*SIX[:3], "identity_attack", "insult", "threat", "sexual_explicit"]
TEXTS = ["you are kind", "you are a stupid idiot", ""]

needs_small = pytest.mark.skipif(
    "small" not in embedded_names(),
    reason="misses checkpoints/small: sexual_explicit was not measured",
)


def test_one_text_gives_numbers(tiny_checkpoint: Path) -> None:
    scores = Detoxify("original", checkpoint=tiny_checkpoint).predict(TEXTS[1])
    assert list(scores) == SIX
    assert all(type(score) is float for score in scores.values())
    assert scores["insult"] > 0.5 > scores["threat"]
    json.dumps(scores)


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], []])
def test_several_texts_give_lists(tiny_checkpoint: Path, texts: list[str]) -> None:
    scores = Detoxify(checkpoint=tiny_checkpoint, device="cpu").predict(texts)
    assert list(scores) == SIX
    assert all(len(column) == len(texts) for column in scores.values())


def test_the_scores_are_the_classifiers(tiny_checkpoint: Path, tiny_classifier: Classifier) -> None:
    scores = Detoxify(checkpoint=tiny_checkpoint).predict(TEXTS)
    for index, prediction in enumerate(tiny_classifier.predict(TEXTS)):
        assert scores["toxicity"][index] == prediction.scores["toxic"]
        assert scores["severe_toxicity"][index] == prediction.scores["severe_toxic"]
        assert scores["identity_attack"][index] == prediction.scores["identity_hate"]


@needs_small
@pytest.mark.parametrize("model_type", ["unbiased", "unbiased-small"])
def test_unbiased_measures_sexual_explicit_too(model_type: str) -> None:
    texts = ["The train leaves at nine.", "Show me your naked body, sexy."]
    model = Detoxify(model_type)
    scores = model.predict(texts)
    assert list(scores) == SEVEN == list(model.class_names)
    plain, explicit = scores["sexual_explicit"]
    assert 0 < plain < explicit < 1
    assert model.predict(texts[1])["sexual_explicit"] == explicit
    original = Detoxify("original").predict(texts)
    assert {name: scores[name] for name in SIX} == original


@needs_small
def test_sexual_explicit_is_what_the_server_says() -> None:
    pytest.importorskip("fastapi", reason="misses the extra serve: scales were not compared")
    from toxic_tweets.classifier import load
    from toxic_tweets.serve.perspective_attributes import Attributes

    text = "Kiss me, you sexy thing."
    served = Attributes(load("small")).score(["SEXUALLY_EXPLICIT"], text).scores
    ours = Detoxify("unbiased").predict(text)["sexual_explicit"]
    assert ours == pytest.approx(served["SEXUALLY_EXPLICIT"], abs=1e-6)


def test_what_is_not_measured_is_not_made_up(tiny_checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="does not measure sexual_explicit"):
        Detoxify("unbiased", checkpoint=tiny_checkpoint)


def test_another_language_is_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(ToxicTweetsError, match="these weights read English only"):
        Detoxify("multilingual", checkpoint=tiny_checkpoint)


def test_an_unknown_type_is_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(ToxicTweetsError, match="model_type is 'biased', which does not exist"):
        Detoxify("biased", checkpoint=tiny_checkpoint)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_another_device_is_refused(tiny_checkpoint: Path, device: str) -> None:
    with pytest.raises(ToxicTweetsError, match=f"device is '{device}', but"):
        Detoxify(checkpoint=tiny_checkpoint, device=device)


def test_a_device_of_torch_is_taken(tiny_checkpoint: Path) -> None:
    torch = pytest.importorskip("torch", reason="misses the extra train: no torch.device was given")
    model = Detoxify(checkpoint=tiny_checkpoint, device=torch.device("cpu"))
    assert model.device == "cpu"


def test_a_model_of_something_else_is_refused(tiny_sentiment_checkpoint: Path) -> None:
    with pytest.raises(LabelError, match="Unknown label 'toxic'"):
        Detoxify(checkpoint=tiny_sentiment_checkpoint)


def test_what_is_no_text_is_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(TextError, match="at index 1"):
        Detoxify(checkpoint=tiny_checkpoint).predict(["kind", None])  # type: ignore[list-item]
