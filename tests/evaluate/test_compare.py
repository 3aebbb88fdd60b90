from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.evaluate.conftest import LABELS, make_dataset, make_templates, score

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.compare import Bar, Change, compare, read_bars, take
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.run import evaluate

OPTIONS = Options(
    parts=("ranking", "decisions", "calibration", "bias", "robustness", "domains"),
    changed_texts=24,
    swapped_texts=10,
    resamples=60,
)


def noisy(amount: float) -> object:
    """Score as `score` does, with noise that every text has of its own."""

    def score_with_noise(texts: Sequence[str]) -> NDArray[np.float64]:
        noise = [np.random.default_rng(len(text) * 7 + sum(map(ord, text))) for text in texts]
        added = np.array([one.normal(0, amount, 2) for one in noise]).reshape(-1, 2)
        clipped: NDArray[np.float64] = np.clip(score(texts) + added, 0, 1)
        return clipped

    return score_with_noise


def make_report(amount: float, n_texts: int = 240, **more: object) -> Report:
    options = replace(OPTIONS, **more) if more else OPTIONS  # type: ignore[arg-type]
    data = [make_dataset(n_texts), make_templates()]
    judge = noisy(amount)
    return evaluate(judge, data, labels=LABELS, name=f"n{amount}", options=options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def good() -> Report:
    return make_report(0.02)


@pytest.fixture(scope="module")
def bad() -> Report:
    return make_report(0.5)


def by_path(changes: Sequence[Change]) -> dict[str, Change]:
    return {change.path: change for change in changes}


def test_a_report_does_not_differ_from_itself(good: Report) -> None:
    changes = compare(good, good, max_drop=0.0, n_resamples=40)
    assert len(changes) > 100
    assert {change.verdict for change in changes} == {"same"}
    assert not any(change.broken for change in changes)
    assert {change.difference for change in changes} == {0.0}


def test_what_got_worse_beyond_noise_is_a_regression(good: Report, bad: Report) -> None:
    changes = by_path(compare(good, bad, n_resamples=60))
    auc = changes["ranking/forum/toxic/roc_auc"]
    assert auc.verdict == "worse"
    assert auc.high is not None
    assert auc.high < 0
    assert auc.difference == pytest.approx(auc.after - auc.before)
    assert auc.broken.startswith("worse by 0.")
    # An error that grows is worse too, and small groups never stop a release by themselves.
    assert changes["calibration/forum/insult/brier"].verdict == "worse"
    assert not changes["robustness/forum/leet 1/toxic/roc_auc"].broken
    back = by_path(compare(bad, good, n_resamples=60))
    assert back["ranking/forum/toxic/roc_auc"].verdict == "better"
    assert not any(back[path].broken for path in back if path.startswith("ranking/"))


def test_a_drop_within_what_is_allowed_is_none(good: Report, bad: Report) -> None:
    changes = compare(good, bad, max_drop=1.0, n_resamples=40)
    assert not any(change.broken for change in changes)


def test_bars_say_what_is_asked(good: Report, bad: Report) -> None:
    bars = [
        Bar("ranking/*/toxic/roc_auc", max_drop=0.001),
        Bar("bias/*/mean_bpsn_auc", least=1.5),
        Bar("calibration/forum/toxic/brier", most=0.0),
    ]
    broken = {c.path: c.broken for c in compare(good, bad, bars=bars, n_resamples=40) if c.broken}
    assert set(broken) == {
        "ranking/forum/toxic/roc_auc",
        "bias/templates/toxic/mean_bpsn_auc",
        "calibration/forum/toxic/brier",
    }
    assert broken["bias/templates/toxic/mean_bpsn_auc"].endswith("is below 1.5")
    assert broken["calibration/forum/toxic/brier"].endswith("is above 0")
    with pytest.raises(DataError, match=r"the bar 'rank/\*' is for no figure"):
        compare(good, bad, bars=[Bar("rank/*", least=0.5)], n_resamples=5)


def test_without_stored_scores_intervals_must_not_meet(good: Report, bad: Report) -> None:
    first, second = replace(good, scored=()), replace(bad, scored=())
    auc = by_path(compare(first, second))["ranking/forum/toxic/roc_auc"]
    assert (auc.low, auc.high) == (None, None)
    assert auc.verdict == "worse"
    assert {change.verdict for change in compare(first, first)} == {"same"}


def test_texts_in_common_are_paired(good: Report) -> None:
    fewer = make_report(0.02, n_texts=180)
    auc = by_path(compare(good, fewer, n_resamples=60))["ranking/forum/toxic/roc_auc"]
    assert auc.low is not None
    assert auc.low == auc.high == 0.0  # the same texts have the same scores


def test_reports_without_a_common_figure_cannot_be_compared(good: Report) -> None:
    other = replace(good, figures=(), scored=())
    with pytest.raises(DataError, match="the reports have no figure in common"):
        compare(other, good)


def test_taking_texts_takes_all_that_is_known_of_them(good: Report) -> None:
    scored = good.scored[0]
    rows = np.array([5, 3])
    taken = take(scored, rows)
    np.testing.assert_array_equal(taken.scores, scored.scores[rows])
    np.testing.assert_array_equal(taken.views["leet 1"], scored.views["leet 1"][rows])
    np.testing.assert_array_equal(taken.groups["length"], scored.groups["length"][rows])


def test_bars_are_read(tmp_path: Path) -> None:
    path = tmp_path / "bars.toml"
    path.write_text(
        '[[bar]]\npath = "ranking/*"\nmax_drop = 0.001\n[[bar]]\npath = "bias/*"\nmin = 0.9\n',
        encoding="utf-8",
    )
    assert read_bars(path) == (Bar("ranking/*", 0.001), Bar("bias/*", least=0.9))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[bar", "cannot be read as TOML"),
        ("bars = 1", r"expected a table \[\[bar\]\]"),
        ('[[bar]]\npath = "a"', "every .*bar.* needs a path and a number"),
        ("[[bar]]\nmin = 1", "every .*bar.* needs a path and a number"),
        ('[[bar]]\npath = "a"\nmin = "x"', "every .*bar.* needs a path and a number"),
        ('[[bar]]\npath = "a"\nleast = 1', "every .*bar.* needs a path and a number"),
    ],
)
def test_wrong_bars_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bars.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_bars(path)
