"""The main figures of a report as Markdown, for a model card."""

from __future__ import annotations

from toxic_tweets.evaluate.figures import Figure
from toxic_tweets.evaluate.options import PARTS
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.tables import Cell, Table, make_tables, show_interval, show_value

# A card says the essential; the page has the rest.
_MAX_ROWS = 12


def make_markdown(report: Report) -> str:
    """Return a section per part with its tables, the longest shortened."""
    settings = report.settings
    lines = [
        f"## Trust report of `{report.system['id']}`",
        "",
        (
            f"Measured by `{settings['command']}` on {settings['created'][:10]}; 95 % intervals "
            f"from {settings['resamples']} bootstrap resamples in brackets, n = texts. Everything "
            "else is in `report.html` and `metrics.json`."
        ),
        "",
        "| data | texts | SHA-256 |",
        "|---|---|---|",
    ]
    lines += [f"| {one.name} | {one.n_scored:,} | `{one.sha256[:12]}` |" for one in report.data]
    for part in PARTS:
        for table in make_tables(report, part):
            if not table.is_detail:
                lines += ["", f"### {table.title}", "", *make_rows(table)]
    return "\n".join(lines) + "\n"


def make_rows(table: Table, max_rows: int = _MAX_ROWS) -> list[str]:
    """Return the lines of a table, and how many rows are left out."""
    lines = [_join(table.header), _join(("---",) * len(table.header))]
    lines += [_join(tuple(map(show_cell, row))) for row in table.rows[:max_rows]]
    left = len(table.rows) - max_rows
    if left > 0:
        lines += ["", f"{left} more rows are in `report.html`."]
    return lines + ([] if not table.note else ["", table.note])


def show_cell(cell: Cell) -> str:
    """Return a figure with its interval and n, or why it has no value."""
    if not isinstance(cell, Figure):
        return cell.replace("|", "&#124;")
    if cell.value is None:
        return cell.note or "–"
    return f"{show_value(cell)} {show_interval(cell)} n={cell.n:,}".replace("  ", " ")


def _join(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
