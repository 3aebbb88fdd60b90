import copy
import dataclasses
import json
import pickle
from typing import Any

import pytest

from toxic_tweets.prediction import ByLabel, LabelScore, Match, Prediction, Span, SpansByLabel


def make_prediction() -> Prediction:
    scores = {"toxic": 0.9, "insult": 0.7, "threat": 0.1}
    return Prediction(scores, ("toxic", "insult"), "review", 2, "tiny@0123456789ab")


def make_full_prediction() -> Prediction:
    return dataclasses.replace(
        make_prediction(),
        language="de",
        language_supported=False,
        matches=(Match("mine", "blorp", 0, 5, "block"),),
        spans={"insult": (Span(4, 9, 0.5),)},
    )


def test_top_and_highest() -> None:
    prediction = make_prediction()
    assert prediction.top == LabelScore("toxic", 0.9)
    assert prediction.highest() == LabelScore("insult", 0.7)
    assert prediction.highest(without=("toxic", "insult")) == LabelScore("threat", 0.1)
    assert prediction.highest(without=tuple(prediction.scores)) is None


def test_to_dict_is_json_and_loses_nothing() -> None:
    prediction = make_prediction()
    values = json.loads(json.dumps(prediction.to_dict()))
    assert values["scores"] == prediction.scores
    tuples = {key: tuple(values[key]) for key in ("flagged", "matches")}
    assert Prediction(**{**values, **tuples}) == prediction


def test_to_dict_says_what_else_was_found() -> None:
    prediction = make_full_prediction()
    values = json.loads(json.dumps(prediction.to_dict()))
    assert set(values) == {field.name for field in dataclasses.fields(Prediction)}
    assert (values["language"], values["language_supported"]) == ("de", False)
    (match,) = values["matches"]
    assert Match(**match) == prediction.matches[0]
    assert [Span(**span) for span in values["spans"]["insult"]] == [Span(4, 9, 0.5)]


def test_is_frozen_with_its_scores() -> None:
    given = {"toxic": 0.9}
    prediction = Prediction(given, (), "allow", 1, "tiny")
    given["toxic"] = 0.0
    assert prediction.scores["toxic"] == 0.9
    with pytest.raises(dataclasses.FrozenInstanceError):
        prediction.windows = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [
        lambda scores: scores.__setitem__("toxic", 0.0),
        lambda scores: scores.__delitem__("toxic"),
        lambda scores: scores.update(toxic=0.0),
        lambda scores: scores.pop("toxic"),
        lambda scores: scores.popitem(),
        lambda scores: scores.setdefault("new", 0.0),
        lambda scores: scores.clear(),
        lambda scores: scores.__ior__({"toxic": 0.0}),
    ],
)
def test_no_way_to_change_scores(change: Any) -> None:
    scores = make_prediction().scores
    with pytest.raises(TypeError, match="cannot be changed"):
        change(scores)
    assert scores == make_prediction().scores


def test_no_way_to_change_spans() -> None:
    prediction = make_full_prediction()
    assert prediction.spans is not None
    with pytest.raises(TypeError, match="cannot be changed"):
        prediction.spans["insult"] = ()  # type: ignore[index]


def test_travels_between_processes_and_into_sets() -> None:
    prediction = make_full_prediction()
    for other in (
        pickle.loads(pickle.dumps(prediction)),  # noqa: S301
        copy.deepcopy(prediction),
    ):
        assert other == prediction
        assert type(other.scores) is ByLabel
        assert type(other.spans) is SpansByLabel
    assert {prediction, make_full_prediction()} == {prediction}
    assert {Span(0, 3, 0.5), Span(0, 3, 0.5)} == {Span(0, 3, 0.5)}


def test_scores_are_json_as_they_are() -> None:
    assert json.dumps(ByLabel(toxic=0.5)) == '{"toxic": 0.5}'
