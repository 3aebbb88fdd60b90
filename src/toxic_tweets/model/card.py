"""The card beside a checkpoint, `README.md`, and the place in it that a trust report fills."""

from __future__ import annotations

CARD_FILE = "README.md"
NO_REPORT = """\
No trust report travels with this checkpoint. Measure it, then put the main figures here:
`toxic-tweets evaluate DATA --model CHECKPOINT --output REPORT`, and
`toxic-tweets evaluate card REPORT --model CHECKPOINT`."""

_HEADING = "## Trust report"
_START, _END = "<!-- trust report -->", "<!-- end of trust report -->"
# A card that has no place for it yet gets it before what it should not be used for.
_NEXT = "\n## Limits\n"


def make_section(content: str = NO_REPORT) -> str:
    """Return the section of a card with the trust report, or with the sentence that says no."""
    return f"{_START}\n{_HEADING}\n\n{content.strip()}\n{_END}\n"


def put_section(card: str, section: str) -> str:
    """Return a card with this section in the place of the one it has."""
    before, start, rest = card.partition(_START)
    _, end, after = rest.partition(f"{_END}\n")
    if start and end:
        return f"{before}{section}{after}"
    before, limits, after = card.partition(_NEXT)
    return f"{before.rstrip()}\n\n{section}{limits}{after}" if card else section


def cut_section(card: str) -> str:
    """Return a card without the section, for those who show the report themselves."""
    before, _, rest = card.partition(_START)
    _, end, after = rest.partition(_END)
    return before.rstrip() + "\n\n" + after.lstrip() if end else card
