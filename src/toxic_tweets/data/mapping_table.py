"""The page of the documentation that says how each source's labels become ours.

Write it anew with `python -m toxic_tweets.data.mapping_table docs/reference/label-mapping.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from toxic_tweets.data.mapping import Rule
from toxic_tweets.data.registry import READERS, Reader

_INTRODUCTION = """\
# From the labels of each source to ours

This page is made from the readers in `src/toxic_tweets/data/` by
`python -m toxic_tweets.data.mapping_table docs/reference/label-mapping.md`: correct it there.

A target is 0, 1, a fraction of people, or NaN: nobody annotated, and training leaves it out of the
loss. Every label that a rule does not name is NaN. In every source, texts that differ only by case,
spacing or punctuation become one, at the place of the first; where their targets contradict each
other, the mean of those that are known is kept. Reports count both.
"""


def make_page() -> str:
    """Give the page as Markdown, one table with a row for every rule of every source."""
    lines = [
        _INTRODUCTION,
        "| reader | source label | our label | why |",
        "|---|---|---|---|",
    ]
    for reader in READERS.values():
        lines += [_make_row(reader, rule) for rule in reader.card.rules]
    lines += ["", "## Sources", "", "| reader | source | licence | options |", "|---|---|---|---|"]
    for reader in READERS.values():
        card = reader.card
        options = ", ".join(f"`{option}`" for option in reader.options) or "-"
        cells = (f"`{reader.name}`", f"[{card.title}]({card.url})", card.licence, options)
        lines.append(_join(cells))
    return "\n".join(lines) + "\n"


def write_page(path: Path) -> None:
    """Write the page, aside first, so that it is never half there."""
    aside = path.with_name(f".{path.name}.partial")
    aside.write_text(make_page(), encoding="utf-8")
    aside.replace(path)


def _make_row(reader: Reader, rule: Rule) -> str:
    return _join((f"`{reader.name}`", rule.source, rule.ours, rule.why))


def _join(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Give the file to write, such as docs/reference/label-mapping.md.")
    write_page(Path(sys.argv[1]))
