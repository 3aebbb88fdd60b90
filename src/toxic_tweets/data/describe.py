"""What is in a dataset: counts per label and combination, lengths, duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from toxic_tweets.data.dataset import Dataset, ReadReport
from toxic_tweets.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Ten to a factor of ten: lengths spread over four orders of magnitude.
_LENGTH_EDGES = tuple(round(10 ** (step / 10)) for step in range(41))
_QUANTILES = (("shortest", 0.0), ("median", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("longest", 1.0))
_SHOWN_COMBINATIONS = 20  # what fits a screen; six labels alone can make 64, with unknowns 729
_BLUE, _GREY = "#2f6fa7", "#555555"


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How often people said what of one label.

    Attributes:
        label: its name.
        n_known: texts for which anybody said anything.
        n_carried: texts with a target of 0.5 or above.
        n_fractions: texts with a target between 0 and 1.
    """

    label: str
    n_known: int
    n_carried: int
    n_fractions: int


@dataclass(frozen=True, slots=True)
class CombinationCount:
    """How many texts carry exactly these labels, while nothing is known of `unknown`."""

    carried: tuple[str, ...]
    unknown: tuple[str, ...]
    n_texts: int


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a header and rows of cells, for whoever prints it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What `toxic-tweets data describe` prints.

    Attributes:
        name: of the dataset.
        n_texts: texts that are left after reading.
        n_natural: of these, part of a natural random sample.
        labels: in the dataset's order.
        combinations: the most frequent first.
        lengths: name of a quantile → length in code points.
        length_counts: texts per bin of `length_edges`, the last bin taking all longer ones.
        length_edges: lower ends of the bins, in code points.
        report: what reading left out or merged.
        sha256: hash of texts and targets.
    """

    name: str
    n_texts: int
    n_natural: int
    labels: tuple[LabelCount, ...]
    combinations: tuple[CombinationCount, ...]
    lengths: dict[str, int]
    length_counts: tuple[int, ...]
    length_edges: tuple[int, ...]
    report: ReadReport
    sha256: str

    def tables(self) -> tuple[Table, ...]:
        """Give everything as tables of strings."""
        return (
            self._source_table(),
            self._label_table(),
            self._combination_table(),
            Table(
                "Lengths in characters",
                tuple(self.lengths),
                (tuple(f"{length:,}" for length in self.lengths.values()),),
            ),
        )

    def _source_table(self) -> Table:
        report = self.report
        rows = [
            ("read", f"{report.n_read:,}"),
            *((f"left out: {reason}", f"{n:,}") for reason, n in report.n_dropped.items()),
            ("merged: duplicates that agree", f"{report.n_duplicates:,}"),
            ("merged: duplicates that contradict each other", f"{report.n_contradictory:,}"),
            ("kept", f"{self.n_texts:,}"),
            ("of these in a natural sample", f"{self.n_natural:,}"),
        ]
        return Table(self.name, ("texts", "number"), tuple(rows))

    def _label_table(self) -> Table:
        rows = tuple(
            (
                count.label,
                f"{count.n_known:,}",
                f"{count.n_carried:,}",
                _percent(count.n_carried, count.n_known),
                f"{count.n_fractions:,}",
            )
            for count in self.labels
        )
        return Table("Labels", ("label", "known", "carried", "of known", "fractions"), rows)

    def _combination_table(self) -> Table:
        shown = self.combinations[:_SHOWN_COMBINATIONS]
        rows = [
            (
                _combination_name(count.carried),
                ", ".join(count.unknown) or "-",
                f"{count.n_texts:,}",
                _percent(count.n_texts, self.n_texts),
            )
            for count in shown
        ]
        rest = self.combinations[_SHOWN_COMBINATIONS:]
        if rest:
            n_rest = sum(count.n_texts for count in rest)
            name = f"({len(rest)} other combinations)"
            rows.append((name, "", f"{n_rest:,}", _percent(n_rest, self.n_texts)))
        header = ("carried together", "unknown", "texts", "of all")
        return Table("Combinations", header, tuple(rows))


def describe(dataset: Dataset) -> Description:
    """Count what is in a dataset."""
    lengths = np.array([len(text) for text in dataset.texts], dtype=np.int64)
    bins = np.searchsorted(_LENGTH_EDGES, lengths, side="right") - 1
    quantiles = {
        name: int(np.quantile(lengths, at, method="lower")) if len(lengths) else 0
        for name, at in _QUANTILES
    }
    return Description(
        name=dataset.name,
        n_texts=len(dataset),
        n_natural=int(dataset.natural.sum()),
        labels=tuple(_count_label(dataset, label) for label in dataset.labels),
        combinations=_count_combinations(dataset),
        lengths=quantiles,
        length_counts=tuple(
            np.bincount(np.maximum(bins, 0), minlength=len(_LENGTH_EDGES)).tolist()
        ),
        length_edges=_LENGTH_EDGES,
        report=dataset.report,
        sha256=dataset.sha256,
    )


def draw(description: Description, path: Path) -> None:
    """Draw counts per label, per combination and lengths into a picture.

    Args:
        description: what to draw.
        path: where to; the ending chooses the format (png, svg, pdf).

    Raises:
        DataError: the format is unknown or the file cannot be written.
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "matplotlib") from error
    figure = Figure(figsize=(10, 9), layout="constrained")
    FigureCanvasAgg(figure)
    shown = description.combinations[:12]
    heights = (len(description.labels) + 1, len(shown) + 1, 6)
    labels, combinations, lengths = figure.subplots(3, 1, height_ratios=heights)
    figure.suptitle(f"{description.name}: {description.n_texts:,} texts")
    _draw_bars(
        labels,
        "Texts that carry the label",
        [
            count.label if count.n_known else f"{count.label} (nobody annotated)"
            for count in description.labels
        ],
        [count.n_carried for count in description.labels],
    )
    _draw_bars(
        combinations,
        "Texts that carry exactly these labels (most frequent)",
        [_combination_name(count.carried, count.unknown) for count in shown],
        [count.n_texts for count in shown],
    )
    _draw_lengths(lengths, description)
    aside = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        figure.savefig(aside, dpi=110)
        aside.replace(path)
    except (OSError, ValueError) as error:
        raise DataError(
            "the picture cannot be written. Check the folder, and end the name in .png or .svg.",
            file=path,
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def _count_label(dataset: Dataset, label: str) -> LabelCount:
    targets = dataset.column(label)
    return LabelCount(
        label=label,
        n_known=int((~np.isnan(targets)).sum()),
        n_carried=int((targets >= 0.5).sum()),
        n_fractions=int(((targets > 0) & (targets < 1)).sum()),
    )


def _count_combinations(dataset: Dataset) -> tuple[CombinationCount, ...]:
    states = np.where(np.isnan(dataset.targets), -1, dataset.targets >= 0.5).astype(np.int8)
    found, counts = np.unique(states, axis=0, return_counts=True)
    combinations = [
        CombinationCount(
            carried=_names(dataset.labels, (row == 1).tolist()),
            unknown=_names(dataset.labels, (row == -1).tolist()),
            n_texts=int(count),
        )
        for row, count in zip(found, counts, strict=True)
    ]
    return tuple(sorted(combinations, key=lambda item: (-item.n_texts, item.carried)))


def _names(labels: tuple[str, ...], marks: Sequence[bool]) -> tuple[str, ...]:
    return tuple(label for label, mark in zip(labels, marks, strict=True) if mark)


def _combination_name(carried: tuple[str, ...], unknown: tuple[str, ...] = ()) -> str:
    name = " + ".join(carried) or "none"
    return f"{name} ({len(unknown)} unknown)" if unknown else name


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def _draw_bars(axes: Axes, title: str, names: list[str], counts: list[int]) -> None:
    places = list(range(len(names)))
    bars = axes.barh(places, counts, color=_BLUE)
    axes.bar_label(bars, labels=[f"{count:,}" for count in counts], padding=3, color=_GREY)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    _make_plain(axes, title)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _draw_lengths(axes: Axes, description: Description) -> None:
    edges = list(description.length_edges)
    # Rounding makes the first bins of equal lower end; they hold nothing.
    widths = [high - low for low, high in zip(edges, [*edges[1:], edges[-1] * 1.26], strict=True)]
    axes.bar(edges, list(description.length_counts), width=widths, align="edge", color=_BLUE)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("characters in a text")
    axes.set_ylabel("texts")
    axes.axvline(max(description.lengths["median"], 1), color=_GREY, linestyle="--", linewidth=1)
    _make_plain(axes, f"Lengths (median {description.lengths['median']:,}, dashed)")


def _make_plain(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
