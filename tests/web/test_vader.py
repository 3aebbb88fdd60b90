import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("vaderSentiment", reason="misses the extra web: VADER was not tried")

from toxic_tweets.labels import SENTIMENT_NAMES
from toxic_tweets.web.vader import Vader, spread


@pytest.fixture(scope="module")
def vader() -> Vader:
    return Vader()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("What a lovely, happy day!", "positive"),
        ("The train leaves at nine.", "neutral"),
        ("I hate this awful, sad film.", "negative"),
        ("", "neutral"),
    ],
)
def test_texts_get_the_sentiment_they_have(vader: Vader, text: str, label: str) -> None:
    (prediction,) = vader.predict_iter([text])
    assert tuple(prediction.scores) == SENTIMENT_NAMES
    assert prediction.top.label == label
    assert prediction.verdict == "allow"
    assert prediction.checkpoint.startswith("vader@")


def test_words_on_the_list_are_found_where_they_stand(vader: Vader) -> None:
    text = "A lovely day, but an «awful» film!"
    found = {text[span.start : span.end]: span.weight for span in vader.find_spans(text)}
    assert found.keys() >= {"lovely"}
    assert found["lovely"] > 0


@given(st.floats(-1, 1))
def test_the_highest_number_follows_the_rule(compound: float) -> None:
    numbers = spread(compound)
    assert sum(numbers.values()) == pytest.approx(1)
    assert all(0 <= number <= 1 for number in numbers.values())
    expected = "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"
    assert max(numbers, key=numbers.__getitem__) == expected


def test_exactly_at_the_cut_the_side_wins() -> None:
    assert spread(0.05)["positive"] > spread(0.05)["neutral"]
    assert spread(-0.05)["negative"] > spread(-0.05)["neutral"]
