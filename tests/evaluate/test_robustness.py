from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from toxic_tweets.data.disguise import KINDS, SEVERITIES
from toxic_tweets.evaluate.figures import measure_all
from toxic_tweets.evaluate.robustness import VIEWS, change, measure_robustness, name_length
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System

MakeScored = Callable[..., Scored]
TEXT = "You are an idiot, my friend"


def test_every_view_is_made_of_a_text() -> None:
    views = dict(change(TEXT, 13))
    assert tuple(views) == VIEWS
    assert len(VIEWS) == len(KINDS) * len(SEVERITIES) + 10
    assert views["casing upper"] == "YOU ARE AN IDIOT, MY FRIEND"
    assert views["whitespace lines"].count("\n") == 5
    assert views["prefix short"].endswith(TEXT)
    assert views["suffix long"].startswith(TEXT)
    assert len(views["suffix long"]) > 2000
    assert views["leet 3"] != TEXT


def test_the_same_seed_changes_alike_and_another_does_not() -> None:
    assert dict(change(TEXT, 13)) == dict(change(TEXT, 13))
    assert dict(change(TEXT, 13)) != dict(change(TEXT, 14))


@pytest.mark.parametrize(
    ("length", "name"),
    [(0, "1-70"), (70, "1-70"), (71, "71-280"), (1000, "281-1000"), (1001, "1001+")],
)
def test_lengths(length: int, name: str) -> None:
    assert name_length("a" * length) == name


def test_recall_and_false_alarms_per_view(make_scored: MakeScored, system: System) -> None:
    random = np.random.default_rng(1)
    plain = np.concatenate([0.6 + random.random(20) * 0.3, 0.1 + random.random(20) * 0.3])
    hidden = np.concatenate([plain[:20] - 0.5, plain[20:]])
    loud = np.full(40, 0.7)
    views = {}
    for view in VIEWS:
        values = {"leet 1": hidden, "casing upper": loud}.get(view, plain)
        views[view] = np.column_stack([values, values])
        views[view] = np.vstack([views[view], np.full((10, 2), np.nan)])
    truth = [1.0] * 20 + [0.0] * 20 + [1.0] * 10
    scores = np.append(plain, np.full(10, 0.9))
    scored = make_scored(
        np.column_stack([scores, scores]),
        np.column_stack([truth, truth]),
        views=views,
        groups={"length": np.array(["1-70"] * 40 + ["1001+"] * 10)},
    )
    figures = measure_all(measure_robustness(scored, system), 50, 0, 1)
    found = {(one.group, one.name): one for one in figures}
    assert found["plain", "recall"].value == 1.0
    assert found["plain", "recall"].n == 20  # only the texts that were changed
    assert found["plain", "false_alarm_rate"].value == 0.0
    assert found["leet 1", "recall"].value == 0.0
    assert found["leet 2", "roc_auc"].value == 1.0
    assert found["casing upper", "false_alarm_rate"].value == 1.0
    assert found["casing upper", "roc_auc"].value == 0.5
    assert found["all disguises", "recall"].value == pytest.approx(1 - 1 / 36)
    assert found["all disguises", "recall"].n == 20
    assert found["all disguises", "false_alarm_rate"].value == 0.0  # casing is no disguise
    assert found["length 1-70", "recall"].value == 1.0
    assert found["length 1001+", "roc_auc"].value is None  # all of them are toxic


def test_without_two_sides_nothing_is_measured(make_scored: MakeScored, system: System) -> None:
    assert measure_robustness(make_scored([[0.1, 0.1]], [[1, 1]]), system) == []
