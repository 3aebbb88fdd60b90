"""What of a report travels with a checkpoint: its main figures, for the card and for the page.

They stand in `metrics.json` beside the weights, in the format of a report and not hashed, so that
measuring a checkpoint does not make another one of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.figures import Figure
from toxic_tweets.evaluate.markdown import make_rows
from toxic_tweets.evaluate.report import METRICS_FILE, Report, read_report, write_metrics
from toxic_tweets.evaluate.robustness import DISGUISED, PLAIN
from toxic_tweets.evaluate.tables import Cell, Table, make_tables
from toxic_tweets.model.card import CARD_FILE, make_section, put_section
from toxic_tweets.model.checkpoint import read_checkpoint

_NOTE = "An empty cell: nobody annotated it there, or there are too few texts on a side."
_BIAS = {
    "mean_bpsn_auc": "BPSN AUC, mean",
    "worst_bpsn_auc": "BPSN AUC, worst",
    "jigsaw_bias_metric": "Jigsaw's bias metric",
    "mean_gap": "gap after a swap",
    "verdict_changes": "verdicts that a swap changes",
}
_ROBUSTNESS = {
    f"{PLAIN}: recall": "recall",
    f"{DISGUISED}: recall": "in disguise",
    f"{PLAIN}: false_alarm_rate": "false alarms",
    f"{DISGUISED}: false_alarm_rate": "on disguised innocents",
}


def make_summary(report: Report) -> Report:
    """Return a report with the main figures alone."""
    cells = [cell for table in list_tables(report) for row in table.rows for cell in row]
    kept = {cell.path for cell in cells if isinstance(cell, Figure)}
    figures = tuple(figure for figure in report.figures if figure.path in kept)
    return replace(report, figures=figures, scored=())


def list_tables(report: Report) -> list[Table]:
    """Return the tables of the main figures; those that nothing was measured for are left out."""
    labels = {label: label for label in report.system["labels"]}
    tables = [
        _pivot(
            "Ranking: ROC AUC", report.find(part="ranking"), _label_of("roc_auc"), _mean(labels)
        ),
        _pivot(
            "At the thresholds: macro-F1",
            report.find(part="domains"),
            _label_of("macro_f1"),
            {**labels, "anything": "anything flagged"},
        ),
        _pivot(
            "Calibration: expected calibration error",
            report.find(part="calibration"),
            _label_of("ece"),
            labels,
        ),
        _pivot("Bias", report.find(part="bias", group=""), lambda one: one.name, _BIAS),
        *make_tables(report, "functional"),
        _disguised(report),
        *make_tables(report, "cost"),
    ]
    return [table for table in tables if table.rows]


def read_summary(folder: Path) -> Report | None:
    """Return the report that travels with a checkpoint; None where none does.

    Raises:
        DataError: there is one, but it cannot be read.
    """
    path = folder / METRICS_FILE
    return read_report(path) if path.is_file() else None


def explain_mismatch(report: Report, checkpoint_id: str) -> str:
    """Say why a report is not of a checkpoint; empty where it is."""
    measured = report.system["id"]
    if measured == checkpoint_id:
        return ""
    return (
        f"The report is of {measured}, but this is {checkpoint_id}: its figures are not shown. "
        "Measure again: toxic-tweets evaluate DATA --output REPORT"
    )


def make_card_section(report: Report | None, checkpoint_id: str) -> str:
    """Return what a card says about a report: its figures, or why there are none."""
    if report is None:
        return make_section()
    mismatch = explain_mismatch(report, checkpoint_id)
    return make_section(mismatch or _make_content(report))


def put_summary(report: Report, folder: Path) -> None:
    """Put the main figures beside a checkpoint and into its card.

    Raises:
        CheckpointError: there is no checkpoint in the folder.
        DataError: the report is of another checkpoint.
    """
    checkpoint = read_checkpoint(folder)
    mismatch = explain_mismatch(report, checkpoint.id)
    if mismatch:
        raise DataError(mismatch)
    write_metrics(make_summary(report), folder)
    refresh_card(folder)


def refresh_card(folder: Path) -> None:
    """Write into the card of a checkpoint what its `metrics.json` says."""
    path = folder / CARD_FILE
    card = path.read_text(encoding="utf-8") if path.is_file() else ""
    section = make_card_section(read_summary(folder), read_checkpoint(folder).id)
    aside = folder / f".{CARD_FILE}.partial"
    aside.write_text(put_section(card, section), encoding="utf-8")
    os.replace(aside, path)


def describe(report: Report) -> str:
    """Say in Markdown what measured the figures, when and where."""
    settings = report.settings
    return (
        f"Measured on `{report.system['id']}` by `{settings['command']}` on "
        f"{settings['created'][:10]}: {settings['machine']}, {settings['cores']} cores, seed "
        f"{settings['seed']}. In brackets 95 % intervals from {settings['resamples']} bootstrap "
        f"resamples, n = texts; data hashes stand in `{METRICS_FILE}`."
    )


def _make_content(report: Report) -> str:
    lines = [describe(report)]
    for table in list_tables(report):
        lines += ["", f"### {table.title}", "", *make_rows(table, len(table.rows))]
    return "\n".join(lines)


def _disguised(report: Report) -> Table:
    """Put recall and false alarms as texts stand beside those in disguise."""
    figures = report.find(part="robustness")
    measured = {figure.dataset for figure in figures if figure.group == DISGUISED}
    return _pivot(
        "In disguise: the mean over kinds and severities",
        [figure for figure in figures if figure.dataset in measured],
        lambda one: f"{one.group}: {one.name}",
        _ROBUSTNESS,
    )


def _mean(labels: Mapping[str, str]) -> dict[str, str]:
    return {**labels, "mean_roc_auc": "mean"}


def _label_of(name: str) -> Callable[[Figure], str]:
    """Make what gives the label of figures with a name, and the name of others."""
    return lambda figure: figure.label if figure.name == name else figure.name


def _pivot(
    title: str,
    figures: Iterable[Figure],
    column: Callable[[Figure], str],
    columns: Mapping[str, str],
) -> Table:
    """Put figures into a table with a row per dataset, without rows and columns that are empty."""
    rows: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        place = column(figure)
        if place in columns and figure.value is not None:
            rows.setdefault(figure.dataset, {}).setdefault(place, figure)
    used = [place for place in columns if any(place in cells for cells in rows.values())]
    shown: list[Sequence[Cell]] = [
        (name, *(cells.get(place, "") for place in used)) for name, cells in rows.items()
    ]
    note = _NOTE if any("" in row for row in shown) else ""
    header = ("data", *(columns[place] for place in used))
    return Table(title, header, tuple(map(tuple, shown)), note=note)
