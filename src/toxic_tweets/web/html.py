"""Pieces of the page that Streamlit has no widget for; every text is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from toxic_tweets.prediction import Span, Verdict

_VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    "allow": ("✓", "Allowed"),
    "review": ("?", "For review"),
    "block": ("✕", "Blocked"),
}
# How much of a text stands in a row before it is unfolded.
_FOLDED = 110
_JOINER = "\u200d"  # holds emoji together, unlike the other invisible signs


@dataclass(frozen=True, slots=True)
class Bar:
    """Say what one bar shows.

    Attributes:
        label: the name beside it.
        score: in [0, 1].
        flag_from: the score from which it is flagged; None where nothing is flagged.
        block_from: the score from which it blocks.
        is_flagged: the score is at or over the threshold, and the label counts.
        is_counted: the label counts at all.
    """

    label: str
    score: float
    flag_from: float | None = None
    block_from: float | None = None
    is_flagged: bool = False
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """Say what one row of the table of texts shows."""

    number: int
    text: str
    highest: str
    score: float
    highest_type: str
    type_score: float
    verdict: Verdict | None
    language: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Say what one model found in one text."""

    label: str
    score: float
    verdict: Verdict | None


def make_banner(verdict: Verdict, sentence: str) -> str:
    """Return the verdict, large, with a sentence beside it."""
    sign, word = _VERDICTS[verdict]
    return (
        f'<div class="tt-banner tt-{verdict}" role="status"><span class="tt-verdict">'
        f'<span aria-hidden="true">{sign}</span> {word}</span><span>{escape(sentence)}</span></div>'
    )


def make_answer(label: str, sentence: str) -> str:
    """Return the answer of a model that gives no verdict, large, with a sentence beside it."""
    return (
        f'<div class="tt-banner tt-answer" role="status"><span class="tt-verdict">{escape(label)}'
        f"</span><span>{escape(sentence)}</span></div>"
    )


def make_bars(bars: Iterable[Bar]) -> str:
    """Return one bar per label, with a mark at each threshold."""
    return f'<div class="tt-bars">{"".join(map(_make_bar, bars))}</div>'


def make_marked(text: str, spans: Sequence[Span]) -> str:
    """Return a text with pieces of it marked; spans may overlap."""
    pieces, place = [], 0
    for start, end in _merge(spans, len(text)):
        pieces.append(escape(_show(text[place:start])))
        pieces.append(f"<mark>{escape(_show(text[start:end]))}</mark>")
        place = end
    pieces.append(escape(_show(text[place:])))
    return f'<div class="tt-text"><bdi>{"".join(pieces)}</bdi></div>'


def make_rows(rows: Iterable[Row], is_toxicity: bool, is_veiled: bool) -> str:
    """Return the table of texts.

    Args:
        rows: what it shows.
        is_toxicity: there are verdicts; otherwise exactly one label fits each text.
        is_veiled: texts that are not allowed are blurred until somebody opens them.
    """
    names = ["", "text", "highest type", "score", "other than toxic", "score", "verdict"]
    if not is_toxicity:
        names = ["", "text", "highest", "score"]
    names.append("language")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(_make_row(row, is_toxicity, is_veiled) for row in rows)
    return f'<table class="tt-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def make_comparison(
    texts: Sequence[str], models: Mapping[str, Sequence[Cell]], feet: Mapping[str, str]
) -> str:
    """Return a table with a column per model and a row per text.

    Args:
        texts: the texts; one that any model would not allow is blurred.
        models: per model one cell for each text.
        feet: what stands below each model.
    """
    head = "".join(f'<th scope="col">{escape(model)}</th>' for model in models)
    lines = []
    for row, text in enumerate(texts):
        cells = [column[row] for column in models.values()]
        hides = any(cell.verdict in ("review", "block") for cell in cells)
        shown = [
            _make_cell("type", model, _make_found(cell))
            for model, cell in zip(models, cells, strict=True)
        ]
        first = _make_cell("text", "", make_folded(text, row + 1, hides))
        lines.append(f"<tr>{first}{''.join(shown)}</tr>")
    foot = "".join(_make_cell("number", model, escape(feet[model])) for model in models)
    return (
        f'<table class="tt-table"><thead><tr><th scope="col">text</th>{head}</tr></thead>'
        f'<tbody>{"".join(lines)}<tr><td class="tt-text"></td>{foot}</tr></tbody></table>'
    )


def make_folded(text: str, number: int, is_veiled: bool) -> str:
    """Return a text that unfolds with a click or the Enter key; blurred until then if veiled."""
    shown = _show(text)
    if not is_veiled and len(shown) <= _FOLDED and "\n" not in shown:
        return f"<bdi>{escape(shown)}</bdi>"
    start = " ".join(shown[: _FOLDED * 2].split())[:_FOLDED]
    start += "…" if len(shown) > _FOLDED else ""
    beginning = f'<span class="tt-start" aria-hidden="true"><bdi>{escape(start)}</bdi></span>'
    why = "hidden because it may hurt" if is_veiled else "long"
    label = f'<span class="tt-spoken">Text {number}, {why}: show or hide it</span>'
    kind = "tt-fold tt-veiled" if is_veiled else "tt-fold"
    return (
        f'<details class="{kind}"><summary>{beginning}{label}</summary>'
        f"<div><bdi>{escape(shown)}</bdi></div></details>"
    )


def _make_bar(bar: Bar) -> str:
    words = f"{bar.label} {bar.score:.2f}"
    marks = ""
    if bar.flag_from is not None and bar.is_counted:
        words += f", flagged from {bar.flag_from:.2f}"
        marks = f'<i class="tt-mark" style="left:{bar.flag_from:.2%}"></i>'
        if bar.block_from is not None and bar.block_from > bar.flag_from:
            words += f", blocks from {bar.block_from:.2f}"
            marks += f'<i class="tt-mark tt-mark-block" style="left:{bar.block_from:.2%}"></i>'
    if not bar.is_counted:
        words += ", does not count"
    state = "tt-over" if bar.is_flagged else "" if bar.is_counted else "tt-off"
    name = escape(bar.label.replace("_", " "))
    return (
        f'<div class="tt-bar {state}" role="img" aria-label="{escape(words)}" '
        f'title="{escape(words)}"><span class="tt-name">{name}</span>'
        f'<span class="tt-track"><b style="width:{bar.score:.2%}"></b>{marks}</span>'
        f'<span class="tt-score">{bar.score:.2f}</span></div>'
    )


def _make_row(row: Row, is_toxicity: bool, is_veiled: bool) -> str:
    hides = is_veiled and row.verdict in ("review", "block")
    cells = [
        ("number", "", str(row.number)),
        ("text", "", make_folded(row.text, row.number, hides)),
        ("type", "highest type", escape(row.highest.replace("_", " "))),
        ("score", "score", f"{row.score:.2f}"),
    ]
    if is_toxicity and row.verdict is not None:
        cells += [
            ("type", "other than toxic", escape(row.highest_type.replace("_", " "))),
            ("score", "score", f"{row.type_score:.2f}"),
            ("judged", "", _make_pill(row.verdict)),
        ]
    cells.append(("language", "", escape(row.language)))
    return "<tr>" + "".join(_make_cell(*cell) for cell in cells) + "</tr>"


def _make_found(cell: Cell) -> str:
    name = escape(cell.label.replace("_", " "))
    pill = "" if cell.verdict is None else f" {_make_pill(cell.verdict)}"
    return f"{name} {cell.score:.2f}{pill}"


def _make_pill(verdict: Verdict) -> str:
    sign, word = _VERDICTS[verdict]
    return (
        f'<span class="tt-pill tt-{verdict}"><span aria-hidden="true">{sign}</span> {word}</span>'
    )


def _make_cell(kind: str, heading: str, content: str) -> str:
    if heading:  # shown where there is no room for a head
        heading = f'<span class="tt-heading" aria-hidden="true">{escape(heading)} </span>'
    return f'<td class="tt-{kind}">{heading}{content}</td>'


def _merge(spans: Sequence[Span], length: int) -> list[tuple[int, int]]:
    """Return sorted, disjoint places inside the text."""
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        start, end = max(0, span.start), min(span.end, length)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _show(text: str) -> str:
    """Return what can be shown: signs that turn the line around or are no text become blanks."""
    return "".join(sign if sign.isprintable() or sign in (_JOINER, "\n") else " " for sign in text)
