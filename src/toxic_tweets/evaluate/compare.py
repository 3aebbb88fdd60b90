"""Two reports side by side: what got better or worse beyond noise, and whether that is allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.figures import Better, Figure, Measure, interval, resample
from toxic_tweets.evaluate.measure import list_measures
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System

Verdict = Literal["better", "worse", "same", "changed"]
# Groups that count without a bars file: of the many small ones some always move.
_MAIN_GROUPS = ("", "all", "hateful", "non-hateful")


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure of the second report must keep to.

    Attributes:
        path: path of the figure; `*` stands for anything.
        max_drop: how much worse it may get than in the first report.
        least: the lowest value allowed.
        most: the highest value allowed.
    """

    path: str
    max_drop: float | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in both reports.

    Attributes:
        path: the figure.
        before: its value in the first report.
        after: its value in the second.
        low: lower end of the 95 % interval of the difference; None where it cannot be paired.
        high: upper end.
        verdict: better or worse beyond noise; changed where no direction is good; else same.
        broken: what the figure breaks, in words; empty where it keeps to all bars.
    """

    path: str
    before: float
    after: float
    low: float | None
    high: float | None
    verdict: Verdict
    broken: str = ""

    @property
    def difference(self) -> float:
        """Return second less first."""
        return self.after - self.before


def read_bars(path: Path) -> tuple[Bar, ...]:
    """Read a TOML file with a table `[[bar]]` per bar: `path`, and `max_drop`, `min` or `max`.

    Raises:
        DataError: the file cannot be read or says what cannot be.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read as TOML: {error}.", file=path) from error
    tables = content.get("bar")
    if not isinstance(tables, list) or set(content) != {"bar"}:
        raise DataError("expected a table [[bar]] for each bar and no other.", file=path)
    bars = []
    for table in tables:
        numbers = {key: table.get(key) for key in ("max_drop", "min", "max")}
        known = all(isinstance(x, int | float | None) for x in numbers.values())
        is_bar = set(table) <= {"path", *numbers} and isinstance(table.get("path"), str)
        if not (known and is_bar and any(x is not None for x in numbers.values())):
            raise DataError(
                "every [[bar]] needs a path and a number for max_drop, min or max. Correct it.",
                file=path,
            )
        bars.append(Bar(table["path"], numbers["max_drop"], numbers["min"], numbers["max"]))
    return tuple(bars)


def compare(
    before: Report,
    after: Report,
    max_drop: float = 0.01,
    bars: Sequence[Bar] = (),
    n_resamples: int = 1000,
    seed: int = 13,
) -> list[Change]:
    """Compare two reports figure by figure.

    Where both keep scores of the same texts, the texts are drawn alike for both and the difference
    has an interval of its own: what moves both is no noise. Figures without such pairs differ when
    their intervals do not meet.

    Args:
        before: the first report.
        after: the second, which is judged.
        max_drop: without bars, how much worse a main figure may get.
        bars: what is asked of figures instead.
        n_resamples: draws of the bootstrap.
        seed: draws the texts.

    Returns:
        A change for every figure with a value in both, in the order of the second report.

    Raises:
        DataError: the reports have no figure in common, or a bar is for no figure.
    """
    intervals = _pair(before, after, n_resamples, seed)
    old = {figure.path: figure for figure in before.figures}
    changes = []
    for figure in after.figures:
        first = old.get(figure.path)
        if first is not None and first.value is not None and figure.value is not None:
            changes.append(_judge(first, figure, intervals.get(figure.path)))
    if not changes:
        raise DataError("the reports have no figure in common. Evaluate both on the same data.")
    main = {one.path for one in after.figures if one.group in _MAIN_GROUPS and one.part != "cost"}
    if bars:
        return _apply(changes, after, bars)
    return [
        _check(change, Bar(change.path, max_drop=max_drop), old[change.path].better)
        if change.path in main and not _is_count(change.path)
        else change
        for change in changes
    ]


def _is_count(path: str) -> bool:
    return path.endswith(("positives", "negatives"))


def _apply(changes: list[Change], after: Report, bars: Sequence[Bar]) -> list[Change]:
    directions = {figure.path: figure.better for figure in after.figures}
    for bar in bars:
        if not any(fnmatchcase(change.path, bar.path) for change in changes):
            raise DataError(
                f"the bar {bar.path!r} is for no figure that both reports have. Correct its path; "
                "paths stand in metrics.json."
            )
        changes = [
            _check(change, bar, directions[change.path])
            if fnmatchcase(change.path, bar.path)
            else change
            for change in changes
        ]
    return changes


def _check(change: Change, bar: Bar, better: Better) -> Change:
    loss = change.difference if better == "lower" else -change.difference
    broken = []
    if bar.max_drop is not None and change.verdict == "worse" and loss > bar.max_drop:
        broken.append(f"worse by {loss:.4f}, at most {bar.max_drop:g} is allowed")
    if bar.least is not None and change.after < bar.least:
        broken.append(f"{change.after:.4f} is below {bar.least:g}")
    if bar.most is not None and change.after > bar.most:
        broken.append(f"{change.after:.4f} is above {bar.most:g}")
    found = "; ".join(part for part in (change.broken, *broken) if part)
    return replace(change, broken=found)


def _judge(before: Figure, after: Figure, pair: tuple[float, float] | None) -> Change:
    first, second = before.value or 0.0, after.value or 0.0
    if pair is not None:
        is_beyond_noise = pair[0] > 0 or pair[1] < 0
    elif None in (before.low, before.high, after.low, after.high):
        is_beyond_noise = False
    else:
        gap = (before.high or 0.0) < (after.low or 0.0), (after.high or 0.0) < (before.low or 0.0)
        is_beyond_noise = any(gap)
    verdict: Verdict = "same"
    if is_beyond_noise and first != second:
        if after.better == "neither":
            verdict = "changed"
        else:
            verdict = "better" if (second > first) == (after.better == "higher") else "worse"
    low, high = pair if pair is not None else (None, None)
    return Change(after.path, first, second, low, high, verdict)


def _pair(
    before: Report, after: Report, n_resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    """Give the interval of the difference of every figure that can be paired."""
    found: dict[str, tuple[float, float]] = {}
    old = {one.name: one for one in before.scored}
    for second in after.scored:
        first = old.get(second.name)
        if first is None:
            continue
        places = _match(first.keys, second.keys)
        if not len(places[0]):
            continue
        measures = [
            _measures(report, take(scored, rows))
            for report, scored, rows in zip((before, after), (first, second), places, strict=True)
        ]
        paths = [path for path in measures[1] if path in measures[0]]
        drawn = [
            resample([table[path] for path in paths], len(places[0]), n_resamples, seed)
            for table in measures
        ]
        for place, path in enumerate(paths):
            low, high = interval(drawn[1][place] - drawn[0][place])
            if not np.isnan(low):
                found[path] = (low, high)
    return found


def _match(
    first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the rows of the texts that both have; of a text that repeats, each as often as both."""
    if first.shape == second.shape and (first == second).all():
        rows = np.arange(len(first))
        return rows, rows
    waiting: dict[bytes, list[int]] = {}
    for row, key in enumerate(first):
        waiting.setdefault(key.tobytes(), []).append(row)
    pairs = [
        (places.pop(0), row)
        for row, key in enumerate(second)
        if (places := waiting.get(key.tobytes()))
    ]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def take(scored: Scored, rows: NDArray[np.int64]) -> Scored:
    """Return some of the texts, in this order."""
    return replace(
        scored,
        keys=scored.keys[rows],
        scores=scored.scores[rows],
        targets=scored.targets[rows],
        natural=scored.natural[rows],
        identities={name: values[rows] for name, values in scored.identities.items()},
        groups={name: values[rows] for name, values in scored.groups.items()},
        views={name: values[rows] for name, values in scored.views.items()},
    )


def _measures(report: Report, scored: Scored) -> dict[str, Measure]:
    facts = report.system
    system = System(
        id=facts["id"],
        labels=tuple(facts["labels"]),
        score=_refuse,
        thresholds=facts["thresholds"],
        activation=facts["activation"],
    )
    options = Options(parts=tuple(report.settings["parts"]))
    listed = list_measures(scored, system, options, report.settings["base_rates"])
    return {one.path: one for one in listed if one.compute is not None}


def _refuse(texts: Sequence[str]) -> NDArray[np.float64]:
    raise DataError(f"a report scores no text, but {len(texts)} were given. Load its checkpoint.")
