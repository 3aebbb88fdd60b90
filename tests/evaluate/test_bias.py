from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.evaluate.conftest import GROUPS, make_templates, score

from toxic_tweets.evaluate.bias import (
    JIGSAW_IDENTITIES,
    KINDS,
    find_main_label,
    measure_bias,
    measure_swaps,
)
from toxic_tweets.evaluate.figures import Figure, measure_all
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System

MakeScored = Callable[..., Scored]


@pytest.fixture
def scored(make_scored: MakeScored) -> Scored:
    templates = make_templates()
    scores = score(templates.dataset.texts)
    noise = np.random.default_rng(1).random(scores.shape) * 0.9
    targets = np.column_stack([templates.dataset.targets, np.full(len(scores), np.nan)])
    return make_scored(np.clip(scores + noise, 0, 1) / 2, targets, identities=templates.identities)


def measure(scored: Scored, resamples: int = 0) -> dict[str, Figure]:
    return {
        one.path.removeprefix("bias/forum/"): one
        for one in measure_all(measure_bias(scored), len(scored), resamples, 1)
    }


def test_the_three_aucs_are_what_their_names_say(scored: Scored) -> None:
    found = measure(scored)
    truth, scores = scored.truth("toxic"), scored.scores[:, 0]
    for group in GROUPS:
        named = scored.identities[group] == 1
        chosen = {
            "subgroup_auc": named,
            "bpsn_auc": (named & ~truth) | (~named & truth),
            "bnsp_auc": (named & truth) | (~named & ~truth),
        }
        for kind, rows in chosen.items():
            expected = roc_auc_score(truth[rows], scores[rows])
            assert found[f"{group}/toxic/{kind}"].value == pytest.approx(expected), kind
            assert found[f"{group}/toxic/{kind}"].n == 28


def test_a_word_that_misleads_is_the_worst(scored: Scored) -> None:
    found = measure(scored)
    bpsn = {group: found[f"{group}/toxic/bpsn_auc"].value or 0 for group in GROUPS}
    assert min(bpsn, key=lambda group: bpsn[group]) == "old"
    assert found["toxic/worst_bpsn_auc"].value == pytest.approx(bpsn["old"])
    assert found["toxic/mean_bpsn_auc"].value == pytest.approx(np.mean(list(bpsn.values())))


def test_the_metric_of_the_challenge(scored: Scored) -> None:
    found = measure(scored, resamples=40)
    total = roc_auc_score(scored.truth("toxic"), scored.scores[:, 0])
    for kind in KINDS:
        aucs = np.array([found[f"{group}/toxic/{kind}"].value for group in GROUPS], dtype=float)
        total += np.mean(aucs**-5.0) ** (-1 / 5)
    metric = found["toxic/jigsaw_bias_metric"]
    assert metric.value == pytest.approx(total / 4)
    assert metric.low is not None
    assert metric.high is not None
    assert metric.low < total / 4 < metric.high
    assert metric.note == "over 4 identities with enough texts"


def test_nobody_asked_is_neither_subgroup_nor_background(scored: Scored) -> None:
    marks = dict(scored.identities)
    marks["rare"] = np.full(len(scored), np.nan, dtype=np.float32)
    marks["rare"][:6] = 1
    for name, values in marks.items():
        assert values.shape == (len(scored),), name
    other = Scored(
        **{
            **{key: getattr(scored, key) for key in ("name", "sha256", "labels", "keys")},
            **{key: getattr(scored, key) for key in ("scores", "targets", "natural")},
            "identities": marks,
        }
    )
    found = measure(other)
    assert found["rare/toxic/bpsn_auc"].value is None
    assert "at least 10 are needed" in found["rare/toxic/bpsn_auc"].note
    assert found["toxic/mean_bpsn_auc"].note == "over 4 identities with enough texts"


def test_sums_are_over_the_official_identities_where_all_are_there(
    scored: Scored, make_scored: MakeScored
) -> None:
    marks = dict.fromkeys((*JIGSAW_IDENTITIES, "other_gender"), scored.identities["old"])
    other = make_scored(scored.scores, scored.targets, identities=marks)
    note = measure(other)["toxic/jigsaw_bias_metric"].note
    assert note == "over 9 identities with enough texts"


def test_without_identities_there_is_nothing_to_measure(make_scored: MakeScored) -> None:
    assert measure_bias(make_scored([[0.1, 0.1]], [[0, 1]])) == []


def test_the_main_label_has_two_sides(make_scored: MakeScored) -> None:
    nan = float("nan")
    one_sided = make_scored([[0.1, 0.1]] * 2, [[1, 1], [1, 0]])
    assert find_main_label(one_sided) == "insult"
    assert find_main_label(make_scored([[0.1, 0.1]] * 2, [[1, 1], [0, 0]])) == "toxic"
    assert find_main_label(make_scored([[0.1, 0.1]], [[nan, 1]])) is None


def test_swapped_words(make_scored: MakeScored, system: System) -> None:
    swapped = np.full((30, 2), np.nan)
    swapped[:20] = 0.4
    words = np.array(["old"] * 12 + ["young"] * 8 + [""] * 10)
    scored = make_scored(
        [[0.7, 0.4]] * 10 + [[0.4, 0.4]] * 20,
        [[1, 0]] * 15 + [[0, 0]] * 15,
        views={"swapped": swapped},
        groups={"identity": words},
    )
    figures = measure_all(measure_swaps(scored, system), 30, 0, 1)
    found = {one.path.removeprefix("bias/forum/"): one for one in figures}
    assert found["toxic/mean_gap"].value == pytest.approx(0.15)
    assert found["toxic/mean_gap"].n == 20
    assert found["toxic/verdict_changes"].value == 0.5
    assert found["old/toxic/mean_rise"].value == pytest.approx(0.25)
    assert "young/toxic/mean_rise" not in found  # eight texts say nothing
    assert measure_swaps(make_scored([[0.1, 0.1]], [[0, 1]]), system) == []
