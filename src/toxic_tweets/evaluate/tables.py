"""Tables of a report: the figures of one kind side by side, for the page and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from toxic_tweets.evaluate.figures import Figure
from toxic_tweets.evaluate.functional import PUBLISHED
from toxic_tweets.evaluate.report import Report

Cell = Figure | str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures and words.

    Attributes:
        title: what it shows.
        header: one name per column.
        rows: cells; the first of a row names it.
        is_heat: whether cells are coloured by their values, which are in [0, 1], 1 being good.
        lowest: the value that is coloured as worst.
        note: one sentence below it.
        is_detail: whether the page shows it only when asked, and Markdown never.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_heat: bool = False
    lowest: float = 0.5
    note: str = ""
    is_detail: bool = False


def make_tables(report: Report, part: str) -> list[Table]:
    """Return the tables of one part; none where nothing of it was measured."""
    make = _MAKERS.get(part)
    return [table for table in make(report) if table.rows] if make is not None else []


def _wide(
    figures: Iterable[Figure], row: Callable[[Figure], str], names: Sequence[str]
) -> tuple[tuple[Cell, ...], ...]:
    """Put figures with the names that are wanted side by side, a row for each value of `row`."""
    rows: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        if figure.name in names:
            rows.setdefault(row(figure), {})[figure.name] = figure
    return tuple(
        (name, *(cells.get(column, "") for column in names)) for name, cells in rows.items()
    )


def _by_dataset(report: Report, part: str) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for figure in report.find(part=part):
        found.setdefault(figure.dataset, []).append(figure)
    return found


def _label_or_mean(figure: Figure) -> str:
    return figure.label or "mean of labels"


def _ranking(report: Report) -> list[Table]:
    names = (
        "roc_auc",
        "average_precision",
        "recall_at_precision_90",
        "threshold_at_precision_90",
    )
    header = ("label", "ROC AUC", "average precision", "recall at precision ≥ 0.9", "its threshold")
    tables = []
    for dataset, figures in _by_dataset(report, "ranking").items():
        rows = _wide(figures, _label_or_mean, names)
        means = {one.name: one for one in figures if one.name.startswith("mean_")}
        if means:
            pair = (means.get("mean_roc_auc", ""), means.get("mean_average_precision", ""))
            rows = (*rows, ("mean of labels", *pair, "", ""))
        tables.append(Table(f"Ranking on {dataset}", header, rows))
    return tables


def _decisions(report: Report) -> list[Table]:
    tables = []
    for dataset, figures in _by_dataset(report, "decisions").items():
        labelled = [one for one in figures if one.label and not one.group]
        tables.append(
            Table(
                f"At the thresholds, on {dataset}",
                ("label", "precision", "recall", "F1"),
                _wide(labelled, lambda one: one.label, ("precision", "recall", "f1")),
            )
        )
        counts = ("true_positives", "false_positives", "false_negatives", "true_negatives")
        rows = _wide(labelled, lambda one: one.label, counts)
        exact = [one for one in figures if one.name == "exact_match"]
        rows += tuple(("all labels right at once", one, "", "", "") for one in exact)
        header = ("label", "flagged rightly", "wrongly", "missed", "left alone rightly")
        tables.append(Table(f"Counts on {dataset}", header, rows, is_detail=True))
        tables += _errors(dataset, [one for one in figures if one.name == "also_wrong"])
    return tables


def _errors(dataset: str, figures: Sequence[Figure]) -> list[Table]:
    labels = list(dict.fromkeys(name for one in figures for name in (one.label, one.group)))
    cells = {(one.label, one.group): one for one in figures}
    rows = tuple((label, *(cells.get((label, other), "") for other in labels)) for label in labels)
    note = "Of the texts that are wrong on the label of a row, the share wrong on the column's too."
    header = ("wrong on", *labels)
    title = f"Errors in common on {dataset}"
    return [Table(title, header, rows, note=note, is_detail=True)] if figures else []


def _calibration(report: Report) -> list[Table]:
    names = ("ece", "ece_corrected", "brier", "mean_score", "base_rate")
    header = ("label", "ECE", "ECE at this base rate", "Brier", "mean score", "base rate")
    return [
        Table(f"Calibration on {dataset}", header, _wide(figures, lambda one: one.label, names))
        for dataset, figures in _by_dataset(report, "calibration").items()
    ]


def _bias(report: Report) -> list[Table]:
    kinds = ("bpsn_auc", "subgroup_auc", "bnsp_auc")
    tables = []
    for dataset, figures in _by_dataset(report, "bias").items():
        sums = [one for one in figures if not one.group and "_auc" in one.name]
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (_KINDS[kind], *(_pick(sums, f"{how}_{kind}") for how in ("mean", "worst")))
            for kind in kinds
        )
        extra = [one for one in figures if not one.group and one.name in _BIAS_NAMES]
        rows = rows if sums else ()
        rows += tuple((_BIAS_NAMES[one.name], one, "") for one in extra)
        tables.append(Table(f"Bias on {dataset}", ("measure", "mean", "worst"), rows))
        of_identity = [one for one in figures if one.group and one.name in kinds]
        wide = sorted(_wide(of_identity, lambda one: one.group, kinds), key=_worst_first)
        header = ("identity", "BPSN AUC", "subgroup AUC", "BNSP AUC")
        title = f"Identities on {dataset}, worst first"
        tables.append(Table(title, header, tuple(wide), is_heat=True, lowest=0.8))
        rises = [one for one in figures if one.name == "mean_rise"]
        rises.sort(key=lambda one: -(one.value or 0.0))
        note = (
            "Score with this word less score with another of its kind; above 0, it raises scores."
        )
        swaps = tuple((one.group, one) for one in rises)
        title = f"Swapped words on {dataset}"
        tables.append(Table(title, ("identity", "mean rise"), swaps, note=note, is_detail=True))
    return tables


_KINDS = {"bpsn_auc": "BPSN AUC", "subgroup_auc": "subgroup AUC", "bnsp_auc": "BNSP AUC"}
_BIAS_NAMES = {
    "roc_auc": "ROC AUC of all texts",
    "jigsaw_bias_metric": "Jigsaw's final bias metric",
    "mean_gap": "mean gap after swapping the identity",
    "verdict_changes": "share flagged with only one of the two",
}


def _pick(figures: Sequence[Figure], name: str) -> Cell:
    return next((one for one in figures if one.name == name), "")


def _worst_first(row: tuple[Cell, ...]) -> float:
    first = row[1]
    return first.value if isinstance(first, Figure) and first.value is not None else 2.0


def _functional(report: Report) -> list[Table]:
    tables = []
    for dataset, figures in _by_dataset(report, "functional").items():
        rules = list(dict.fromkeys(one.label for one in figures))
        # Published are accuracies of the English suite, whose size they name.
        n_cases = next((one.n for one in figures if one.group == "all"), 0)
        published = PUBLISHED if n_cases in _HATECHECK_CASES else ()
        header = (
            "cases",
            *(f"{rule} flagged" for rule in rules),
            *(one.system for one in published),
        )
        cells = {(one.group, one.label): one for one in figures}
        rows = []
        for group in dict.fromkeys(one.group for one in figures):
            name = group.removeprefix("functionality ").removeprefix("target ")
            beside = [
                f"{one.accuracy[name]:.3f}" if name in one.accuracy else "" for one in published
            ]
            rows.append((group, *(cells.get((group, rule), "") for rule in rules), *beside))
        note = f"Published: {published[0].source}." if published else ""
        tables.append(
            Table(f"Accuracy on {dataset}", header, tuple(rows), True, lowest=0.0, note=note)
        )
    return tables


_HATECHECK_CASES = (3728, 3901)


def _robustness(report: Report) -> list[Table]:
    names = ("roc_auc", "recall", "false_alarm_rate")
    header = ("texts", "ROC AUC", "recall", "false alarms on innocent texts")
    return [
        Table(f"Changed texts of {dataset}", header, _wide(figures, lambda one: one.group, names))
        for dataset, figures in _by_dataset(report, "robustness").items()
    ]


def _domains(report: Report) -> list[Table]:
    def name(figure: Figure) -> str:
        return f"{figure.dataset}: {figure.label}"

    rows = _wide(report.find(part="domains"), name, ("macro_f1", "roc_auc"))
    return [Table("All datasets", ("dataset and label", "macro-F1", "ROC AUC"), rows)]


def _cost(report: Report) -> list[Table]:
    rows = tuple((_COST_NAMES.get(one.name, one.name), one) for one in report.find(part="cost"))
    return [Table("Cost on this machine", ("measure", "value"), rows)]


_COST_NAMES = {
    "texts_per_s": "texts per second",
    "latency_p50_ms": "one text, median (ms)",
    "latency_p99_ms": "one text, 99th percentile (ms)",
    "peak_memory_mb": "peak memory (MB)",
    "size_mb": "size on disk (MB)",
}
_MAKERS: dict[str, Callable[[Report], list[Table]]] = {
    "ranking": _ranking,
    "decisions": _decisions,
    "calibration": _calibration,
    "bias": _bias,
    "functional": _functional,
    "robustness": _robustness,
    "domains": _domains,
    "cost": _cost,
}


def show_value(figure: Figure) -> str:
    """Return a value as people read it: counts whole, rates with three places."""
    if figure.value is None:
        return "–"
    if figure.name.endswith(("positives", "negatives")):
        return f"{figure.value:,.0f}"
    if figure.part == "cost":
        return f"{figure.value:,.2f}" if figure.value < 1 else f"{figure.value:,.1f}"
    return f"{figure.value:.3f}"


def show_interval(figure: Figure) -> str:
    """Return the interval in brackets; empty where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    if figure.part == "cost" or figure.name.endswith(("positives", "negatives")):
        places = 2 if figure.part == "cost" and figure.high < 10 else 0
        return f"({figure.low:,.{places}f}–{figure.high:,.{places}f})"
    return f"({figure.low:.3f}–{figure.high:.3f})"
