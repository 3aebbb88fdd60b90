"""The report as one page: nothing is fetched, and no text of the data stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from toxic_tweets.evaluate.bias import KINDS
from toxic_tweets.evaluate.calibration import (
    correct_base_rate,
    find_base_rates,
    make_bins,
    natural_rows,
)
from toxic_tweets.evaluate.figures import MIN_TEXTS, Figure
from toxic_tweets.evaluate.options import PARTS
from toxic_tweets.evaluate.page_style import STYLE
from toxic_tweets.evaluate.pictures import Dot, Line, draw_dots, draw_lines
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import precision_points, roc_points
from toxic_tweets.evaluate.tables import Cell, Table, make_tables, show_interval, show_value

_TITLES = {
    "ranking": ("Ranking", "Do texts with a label score higher than texts without it?"),
    "decisions": ("Decisions", "What the thresholds make of the scores."),
    "calibration": ("Calibration", "Do 80 % of the texts scored 0.8 carry the label?"),
    "bias": ("Bias", "Do words that name groups of people raise scores by themselves?"),
    "functional": ("Functional tests", "Which kinds of hate are told from what looks like it?"),
    "robustness": ("Robustness", "What is left when texts are disguised, shouted, padded or long?"),
    "domains": ("Domains", "How good is it where people write differently?"),
    "cost": ("Cost", "What does it take on this machine?"),
}
# A dot picture of more identities than this is too tall for a phone.
_MAX_DOTS = 30
_RATES = (0.01, 0.05, 0.1, 0.2, 0.5)


def make_page(report: Report) -> str:
    """Return the whole page."""
    found = {part: make_tables(report, part) for part in PARTS}
    parts = [part for part in PARTS if found[part]]
    name = escape(str(report.system["id"]))
    links = "".join(f'<a href="#{part}">{_TITLES[part][0]}</a>' for part in parts)
    sections = "".join(_section(report, part, found[part]) for part in parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="color-scheme" content="light dark">'
        f"<title>Trust report: {name}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>Trust report</h1><p class=lead><code>{name}</code></p>{_highlights(report)}"
        f"<nav>{links}</nav>{sections}{_data_section(report)}</main></body></html>\n"
    )


def _highlights(report: Report) -> str:
    """Show the few figures that people ask for first."""
    wanted = (
        ("ranking", "mean_roc_auc", "mean ROC AUC"),
        ("bias", "mean_bpsn_auc", "mean BPSN AUC"),
        ("bias", "worst_bpsn_auc", "worst BPSN AUC"),
        ("functional", "accuracy", "functional accuracy"),
        ("cost", "texts_per_s", "texts per second"),
    )
    cards = []
    for part, name, title in wanted:
        figures = [one for one in report.find(part=part, name=name) if one.value is not None]
        if part == "functional":
            figures = [one for one in figures if one.group == "all"]
            figures.sort(key=lambda one: -(one.value or 0.0))
        if figures:
            where = f" · {figures[0].dataset}" if figures[0].dataset else ""
            cards.append(
                f"<div class=card><b>{show_value(figures[0])}</b><span>{escape(title + where)}"
                f"</span><small>{show_interval(figures[0])}</small></div>"
            )
    return f"<div class=cards>{''.join(cards)}</div>"


def _section(report: Report, part: str, tables: list[Table]) -> str:
    title, question = _TITLES[part]
    pictures = "".join(_pictures(report, part))
    shown = "".join(map(_table, tables))
    return (
        f'<section id="{part}"><h2>{title}</h2><p>{question}</p>'
        f"<div class=pictures>{pictures}</div>{shown}</section>"
    )


def _pictures(report: Report, part: str) -> Iterator[str]:
    if part == "bias":
        yield from _bias_pictures(report)
    for scored in report.scored:
        if scored.is_made_up or not len(scored):
            continue
        if part == "ranking":
            yield from _ranking_pictures(scored)
        elif part == "calibration" and report.find(part=part, dataset=scored.name):
            yield from _calibration_pictures(scored)
    if part == "calibration":
        yield from _base_rate_pictures(report)


def _ranking_pictures(scored: Scored) -> Iterator[str]:
    roc, precision = [], []
    for label in scored.labels:
        rows = scored.known(label)
        truth = scored.truth(label)[rows]
        if min(truth.sum(), len(truth) - truth.sum()) >= MIN_TEXTS:
            scores = scored.scores[rows, scored.column(label)]
            roc.append(Line(label, *roc_points(truth, scores)))
            precision.append(Line(label, *precision_points(truth, scores)))
    if roc:
        yield draw_lines(f"ROC curves on {scored.name}", "false alarms", "recall", roc, True)
        yield draw_lines(f"Precision and recall on {scored.name}", "recall", "precision", precision)


def _calibration_pictures(scored: Scored) -> Iterator[str]:
    for label in scored.labels:
        truth = scored.truth(label)[natural_rows(scored, label)]
        if min(truth.sum(), len(truth) - truth.sum()) >= MIN_TEXTS:
            bins = make_bins(scored, label)
            line = Line(
                label,
                np.array([one.mean_score for one in bins]),
                np.array([one.mean_target for one in bins]),
                has_dots=True,
            )
            title = f"Reliability of {label} on {scored.name}"
            yield draw_lines(title, "score", "fraction with the label", [line], True)


def _base_rate_pictures(report: Report) -> Iterator[str]:
    """Show what a score means where the first label is rarer or more common."""
    rates = find_base_rates(report.scored)
    label = next(iter(rates), None)
    if label is not None:
        scores = np.linspace(0, 1, 101)
        lines = [
            Line(f"{rate:.0%} carry it", scores, correct_base_rate(scores, rates[label], rate))
            for rate in _RATES
        ]
        title = f"What a score of {label} means at other base rates"
        yield draw_lines(title, "score", "fraction with the label", lines, True)


def _bias_pictures(report: Report) -> Iterator[str]:
    for dataset in dict.fromkeys(one.dataset for one in report.find(part="bias")):
        rows: dict[str, dict[str, Figure]] = {}
        for figure in report.find(part="bias", dataset=dataset):
            if figure.name in KINDS and figure.value is not None:
                rows.setdefault(figure.group, {})[figure.name] = figure
        order = ("bpsn_auc", "subgroup_auc", "bnsp_auc")
        whole = [(name, cells) for name, cells in rows.items() if len(cells) == len(KINDS)]
        whole.sort(key=lambda row: row[1]["bpsn_auc"].value or 0.0)
        dots = [
            Dot(
                name,
                tuple(cells[kind].value or 0.0 for kind in order),
                cells["bpsn_auc"].low,
                cells["bpsn_auc"].high,
            )
            for name, cells in whole[:_MAX_DOTS]
        ]
        if dots:
            lowest = min(value for dot in dots for value in dot.values)
            start = max(0.0, min(0.9, int(lowest * 20) / 20))
            names = ("BPSN AUC", "subgroup AUC", "BNSP AUC")
            yield draw_dots(f"Bias on {dataset}, worst identities first", names, dots, start)


def _table(table: Table) -> str:
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in table.header)
    rows = "".join(
        f"<tr><th scope=row>{escape(str(row[0]))}</th>"
        + "".join(_cell(cell, table) for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    note = f"<p class=note>{escape(table.note)}</p>" if table.note else ""
    shown = (
        f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"</div>{note}"
    )
    if table.is_detail:
        return f"<details><summary>{escape(table.title)}</summary>{shown}</details>"
    return f"<h3>{escape(table.title)}</h3>{shown}"


def _cell(cell: Cell, table: Table) -> str:
    if not isinstance(cell, Figure):
        return f"<td>{escape(cell)}</td>"
    if cell.value is None:
        return f"<td class=few>{escape(cell.note or '–')}</td>"
    style = ""
    if table.is_heat:
        share = (cell.value - table.lowest) / (1 - table.lowest)
        style = f' style="--heat:{100 * min(max(share, 0.0), 1.0):.0f}%" class=heat'
    hint = f' title="{escape(cell.note)}"' if cell.note else ""
    return (
        f"<td{style}{hint}>{show_value(cell)} <small>{show_interval(cell)} "
        f"<i>n={cell.n:,}</i></small></td>"
    )


def _data_section(report: Report) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(one.name)}</th><td>{one.n_texts:,}</td><td>{one.n_scored:,}"
        f"</td><td><code>{one.sha256[:16]}</code></td></tr>"
        for one in report.data
    )
    settings = report.settings
    versions = ", ".join(f"{name} {number}" for name, number in settings["versions"].items())
    return (
        '<section id="data"><h2>How this was measured</h2><div class=scroll><table><thead><tr>'
        "<th>data</th><th>texts</th><th>scored</th><th>SHA-256</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        f"<p>Command: <code>{escape(settings['command'])}</code></p>"
        f"<p>{escape(settings['created'])}, seed {settings['seed']}, {settings['resamples']} "
        f"bootstrap resamples for 95 % intervals, {settings['seconds']:g} s on "
        f"{escape(str(settings['machine']))}, {settings['cores']} cores; {escape(versions)}.</p>"
        "<p>n counts texts. A cell without a number says why there is none. Every figure with its "
        "interval, n, data hash and command stands in <code>metrics.json</code>. This page holds "
        "no text of the data.</p></section>"
    )
