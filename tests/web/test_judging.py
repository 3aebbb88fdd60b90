from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import PRESETS, Policy, Thresholds, WordList
from toxic_tweets.prediction import Match, Prediction
from toxic_tweets.web.judging import (
    VERDICTS,
    Scored,
    choose_only,
    fit_policy,
    judge_all,
)

RANDOM = np.random.default_rng(13)
CUTS = Thresholds(
    best_f1=dict.fromkeys(TOXICITY_NAMES, 0.4),
    precision_90=dict(zip(TOXICITY_NAMES, (0.7, 0.9, 1.0, 0.3, 0.8, 0.6), strict=True)),
    recall_90=dict.fromkeys(TOXICITY_NAMES, 0.1),
)
MATCHES = (
    (),
    (Match("words", "spoiler", 0, 7, "block"),),
    (Match("fine", "damn", 0, 4, "allow"),),
    (Match("soft", "hm", 0, 2, "block"),),
)
POLICIES = [
    *PRESETS.values(),
    Policy("own", labels=("insult", "threat"), thresholds={"insult": 0.9}, block={"threat": 0.2}),
    Policy(
        "lists",
        lists=(
            WordList("words", ("spoiler",)),
            WordList("fine", ("damn",), kind="allow"),
            WordList("soft", ("hm",), verdict="review"),
        ),
        unsupported_language="review",
    ),
]


def make_predictions(n_texts: int) -> list[Prediction]:
    # Coarse scores, so that some stand exactly on a threshold.
    rows = RANDOM.integers(0, 11, (n_texts, len(TOXICITY_NAMES))) / 10
    return [
        Prediction(
            scores=dict(zip(TOXICITY_NAMES, row.tolist(), strict=True)),
            flagged=(),
            verdict="allow",
            windows=1,
            checkpoint="c",
            language=("en", "de", None)[place % 3],
            language_supported=(True, False, None)[place % 3],
            matches=MATCHES[place % len(MATCHES)],
        )
        for place, row in enumerate(rows)
    ]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_all_at_once_is_one_by_one(policy: Policy) -> None:
    predictions = make_predictions(300)
    judged = judge_all(Scored.from_predictions(predictions, TOXICITY_NAMES), policy, CUTS)
    counted = policy.labels or TOXICITY_NAMES
    for place, one in enumerate(predictions):
        flagged, verdict = policy.judge(one.scores, CUTS, one.matches, one.language_supported)
        assert VERDICTS[judged.verdicts[place]] == verdict
        on = [TOXICITY_NAMES[label] for label in np.flatnonzero(judged.flagged[place])]
        assert tuple(on) == flagged
        highest = one.highest(without=set(TOXICITY_NAMES) - set(counted))
        assert highest is not None
        assert TOXICITY_NAMES[judged.highest[place]] == highest.label
        kind = one.highest(without={"toxic", *(set(TOXICITY_NAMES) - set(counted))})
        assert kind is not None
        assert TOXICITY_NAMES[judged.highest_type[place]] == kind.label


def test_toxic_is_the_type_where_nothing_else_counts() -> None:
    scored = Scored.from_predictions(make_predictions(5), TOXICITY_NAMES)
    judged = judge_all(scored, Policy("only", labels=("toxic",)), CUTS)
    assert set(judged.highest_type.tolist()) == {0}


def test_no_texts_are_no_trouble() -> None:
    scored = Scored.from_predictions([], TOXICITY_NAMES)
    assert judge_all(scored, PRESETS["balanced"], CUTS).verdicts.shape == (0,)


def test_where_one_label_fits_nothing_is_flagged() -> None:
    predictions = [replace(one, matches=()) for one in make_predictions(20)]
    judged = choose_only(Scored.from_predictions(predictions, TOXICITY_NAMES))
    assert not judged.flagged.any()
    assert not judged.verdicts.any()
    tops = [TOXICITY_NAMES[place] for place in judged.highest]
    assert tops == [one.top.label for one in predictions]


def test_a_policy_is_cut_to_the_labels_of_a_model() -> None:
    policy = Policy("own", labels=("insult", "toxic"), thresholds={"insult": 0.9, "toxic": 0.2})
    fitted = fit_policy(policy, ["toxic"])
    fitted.check_labels(["toxic"])
    assert fitted.labels == ("toxic",)
    assert fitted.thresholds == {"toxic": 0.2}
    assert fit_policy(policy, ["other"]).labels is None
    assert fit_policy(policy, TOXICITY_NAMES) == policy
