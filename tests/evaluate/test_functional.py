from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from toxic_tweets.evaluate.figures import Measure, make_figure, measure_all
from toxic_tweets.evaluate.functional import PUBLISHED, measure_functional
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System
from toxic_tweets.evaluate.tables import make_tables

MakeScored = Callable[..., Scored]
NAN = float("nan")
LABELS = ("toxic", "identity_hate")


def make_cases(make_scored: MakeScored) -> Scored:
    """Make 20 hateful cases that are found, and 20 swearing ones that are called toxic only."""
    return make_scored(
        [[0.9, 0.9]] * 20 + [[0.9, 0.1]] * 20,
        [[1, 1]] * 20 + [[NAN, 0]] * 20,
        LABELS,
        groups={
            "functionality": np.array(["derog_h"] * 20 + ["profanity_nh"] * 20),
            "target": np.array(["women"] * 20 + [""] * 20),
            "gold": np.array(["hateful"] * 20 + ["non-hateful"] * 20),
        },
        is_made_up=True,
    )


def test_both_rules_by_functionality_and_target(make_scored: MakeScored) -> None:
    system = System("s", LABELS, lambda texts: texts, dict.fromkeys(LABELS, 0.5))
    figures = measure_all(measure_functional(make_cases(make_scored), system), 40, 0, 1)
    found = {(one.label, one.group): one.value for one in figures}
    assert found["identity_hate", "all"] == 1.0
    assert found["anything", "all"] == 0.5
    assert found["anything", "hateful"] == 1.0
    assert found["anything", "non-hateful"] == 0.0
    assert found["identity_hate", "functionality profanity_nh"] == 1.0
    assert found["anything", "functionality profanity_nh"] == 0.0
    assert found["anything", "target women"] == 1.0
    assert ("anything", "target ") not in found


def test_a_system_with_one_label_has_one_rule(make_scored: MakeScored) -> None:
    cases = make_cases(make_scored)
    one = make_scored(cases.scores[:, :1], cases.targets[:, :1], ("toxic",), groups=cases.groups)
    system = System("s", ("toxic",), lambda texts: texts, {"toxic": 0.5})
    found = {(m.label, m.group) for m in measure_functional(one, system)}
    assert {label for label, _ in found} == {"anything"}
    assert ("anything", "non-hateful") in found


def test_other_data_has_no_cases(make_scored: MakeScored, system: System) -> None:
    assert measure_functional(make_scored([[0.1, 0.1]], [[0, 1]]), system) == []


def test_published_totals_are_the_mean_of_both_sides() -> None:
    n_hateful, n_other = 2563, 1165  # of the suite's 3,728 cases
    for one in PUBLISHED:
        both = n_hateful * one.accuracy["hateful"] + n_other * one.accuracy["non-hateful"]
        assert abs(both / (n_hateful + n_other) - one.accuracy["all"]) < 0.001, one.system


def test_published_figures_cover_every_functionality_and_target() -> None:
    for one in PUBLISHED:
        functionalities = [name for name in one.accuracy if name.endswith(("_h", "_nh"))]
        assert len(functionalities) == 29, one.system
        assert len(one.accuracy) == 29 + 3 + 7
        assert all(0 <= value <= 1 for value in one.accuracy.values())
        assert "Röttger et al. (2021)" in one.source


@pytest.mark.parametrize(("n_cases", "n_columns"), [(3728, 2 + len(PUBLISHED)), (3727, 2)])
def test_published_figures_stand_beside_those_of_the_english_suite(
    n_cases: int, n_columns: int
) -> None:
    sizes = {"all": n_cases, "hateful": 2563, "functionality slur_h": 144, "target women": 509}
    measures = [
        Measure("functional", "hatecheck", "accuracy", None, n, label="anything", group=group)
        for group, n in sizes.items()
    ]
    figures = tuple(make_figure(one, 0.5, 0.4, 0.6) for one in measures)
    report = Report({"id": "s", "labels": ["toxic"]}, figures, (), {})
    (table,) = make_tables(report, "functional")
    assert len(table.header) == n_columns
    if n_columns > 2:
        rows = {row[0]: row[2:] for row in table.rows}
        assert rows["all"] == ("0.766", "0.632", "0.602")
        assert rows["functionality slur_h"] == ("0.660", "0.604", "0.410")
        assert rows["target women"] == ("0.805", "0.349", "0.523")
        assert "Röttger et al. (2021)" in table.note
