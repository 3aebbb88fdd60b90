from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.serve.wire import make_checkpoint

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.model.scales import PART, WORDS_PART
from toxic_tweets.serve.perspective_attributes import (
    Attributes,
    detect_languages,
    find_label,
    is_known,
    measured_labels,
    plain_name,
)


def test_names() -> None:
    assert plain_name("TOXICITY@6") == "TOXICITY"
    assert plain_name("TOXICITY_EXPERIMENTAL@1") == "TOXICITY"
    assert plain_name("NUANCE_EXPERIMENTAL") == "NUANCE_EXPERIMENTAL"
    assert is_known("SPAM@2")
    assert not is_known("spam")
    assert find_label("OBSCENE") == find_label("PROFANITY") == "obscene"
    assert find_label("SPAM") is None


def test_of_two_attributes_of_a_label_the_main_one_counts() -> None:
    assert measured_labels({"OBSCENE": 0.1, "PROFANITY": 0.9, "SPAM": 1.0}) == {"obscene": 0.9}
    assert measured_labels({"OBSCENE": 0.1}) == {"obscene": 0.1}


def test_words_join_the_sum(tiny_checkpoint: Path, tmp_path: Path) -> None:
    line = [[-6.0, -3.0], [6.0, 3.0]]
    parts = {
        PART: {"TOXICITY": {"outputs": {"toxic": 1.0, "words": 2.0}, "knots": line}},
        WORDS_PART: {"nice": -1.0, "!": 1.0, "idiot": 3.0},
    }
    attributes = Attributes(load(make_checkpoint(tiny_checkpoint, tmp_path / "tiny", parts)))

    def score(text: str) -> float:
        return attributes.score(["TOXICITY"], text).scores["TOXICITY"]

    assert score("a nice day") < score("a nice day!")
    # Words are read without their disguise.
    assert attributes.score([], "an 1d10t!").measured[0, -1] == pytest.approx(4.0 / math.sqrt(2))


def test_a_checkpoint_without_the_labels_measures_nothing(
    tiny_sentiment_checkpoint: Path,
) -> None:
    assert Attributes(load(tiny_sentiment_checkpoint)).names == ()


def test_without_scales_scores_are_calibrated(tiny_classifier: Classifier) -> None:
    attributes = Attributes(tiny_classifier)
    assert set(attributes.names) == {
        "TOXICITY",
        "SEVERE_TOXICITY",
        "PROFANITY",
        "OBSCENE",
        "THREAT",
        "INSULT",
        "IDENTITY_ATTACK",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you are kind", ["en"]),
        ("bonjour", ["en"]),
        ("", ["en"]),
        ("😀 123 !!!", ["en"]),
        ("Das ist eine wirklich sehr dumme Idee, und ich verstehe nicht, warum.", ["de"]),
        ("Это действительно очень плохая идея, и я не понимаю почему.", ["ru"]),
    ],
)
def test_languages(text: str, expected: list[str]) -> None:
    assert detect_languages(text, ("en",)) == expected
