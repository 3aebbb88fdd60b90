import pytest

from toxic_tweets.errors import LabelError
from toxic_tweets.labels import (
    SENTIMENT,
    SENTIMENT_NAMES,
    TOXICITY,
    TOXICITY_NAMES,
    check_labels,
)


def test_order_is_jigsaws() -> None:
    assert TOXICITY_NAMES == (
        "toxic",
        "severe_toxic",
        "obscene",
        "threat",
        "insult",
        "identity_hate",
    )
    assert SENTIMENT_NAMES == ("negative", "neutral", "positive")


def test_every_label_says_what_it_means_and_whence() -> None:
    for label in (*TOXICITY, *SENTIMENT):
        assert label.meaning
        assert label.source


def test_foreign_names_are_not_given_twice() -> None:
    for foreign in ("perspective", "openai"):
        names = [name for label in TOXICITY for name in getattr(label, foreign)]
        assert len(set(names)) == len(names)


def test_unknown_label_lists_the_known() -> None:
    check_labels(["toxic", "threat"], TOXICITY_NAMES)
    with pytest.raises(LabelError, match=r"'rude'.*toxic, severe_toxic, obscene, threat"):
        check_labels(["toxic", "rude"], TOXICITY_NAMES)
