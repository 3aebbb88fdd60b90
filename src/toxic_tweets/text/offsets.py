"""Keep track of which original characters each character of a changed text stands for."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toxic_tweets.prediction import Span


class Edit(NamedTuple):
    """Say that text[start:end] becomes the replacement."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True)
class Normalized:
    """Hold a changed text and the way back to the original, in code points.

    Attributes:
        text: what the tokenizer sees.
        original_length: code points of the original text.
        passes: the edits that made `text` of it, one group after the other, each group sorted,
            disjoint and counted in the text that the groups before left.
    """

    text: str
    original_length: int
    passes: tuple[tuple[Edit, ...], ...] = ()

    @property
    def starts(self) -> tuple[int, ...] | None:
        """Return, per code point of `text`, the first original one that it stands for.

        None if every code point stands for itself.
        """
        return self._offsets[0] if self.passes else None

    @property
    def ends(self) -> tuple[int, ...] | None:
        """Return, likewise, the one after the last that it stands for."""
        return self._offsets[1] if self.passes else None

    @functools.cached_property
    def _offsets(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return both; worked out when first asked for, as scoring alone needs neither."""
        starts: Sequence[int] = range(self.original_length)
        ends: Sequence[int] = range(1, self.original_length + 1)
        for edits in self.passes:
            starts, ends = _follow(edits, starts, ends)
        return tuple(starts), tuple(ends)

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that text[start:end] stands for.

        Both ends are first brought into the text, as slicing does. An empty span stays empty.
        """
        start = max(0, min(start, len(self.text)))
        end = max(start, min(end, len(self.text)))
        if not self.passes:
            return start, end
        starts, ends = self._offsets
        if start == end:
            place = starts[start] if start < len(starts) else self.original_length
            return place, place
        return starts[start], ends[end - 1]


def _follow(
    edits: Iterable[Edit], starts: Sequence[int], ends: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return the offsets of a text after these edits, given those of the text before.

    A replacement of the same length stands for its characters one by one; any other stands, with
    each of its characters, for the whole piece that it replaced. Both offsets never fall, so spans
    keep their order.
    """
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for start, end, replacement in edits:
        if len(replacement) == end - start:
            continue
        new_starts += starts[done:start]
        new_ends += ends[done:start]
        if replacement:
            new_starts += [starts[start]] * len(replacement)
            new_ends += [ends[end - 1]] * len(replacement)
        done = end
    new_starts += starts[done:]
    new_ends += ends[done:]
    return new_starts, new_ends


class Draft:
    """Change a text step by step, keeping note of the edits."""

    __slots__ = ("_length", "_passes", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._length = len(text)
        self._passes: list[tuple[Edit, ...]] = []

    def apply(self, edits: Iterable[Edit]) -> bool:
        """Make these changes, sorted and disjoint; return whether any changed the text."""
        text = self.text
        kept = tuple([edit for edit in edits if text[edit[0] : edit[1]] != edit[2]])
        if not kept:
            return False
        pieces: list[str] = []
        done = 0
        for start, end, replacement in kept:
            pieces += (text[done:start], replacement)
            done = end
        pieces.append(text[done:])
        self.text = "".join(pieces)
        self._passes.append(kept)
        return True

    def translate(self, table: Mapping[int, str]) -> bool:
        """Replace single characters by single others; return whether that changed the text."""
        text = self.text.translate(table)
        changed = text != self.text
        self.text = text
        return changed

    def finish(self) -> Normalized:
        """Return what came of it."""
        return Normalized(self.text, self._length, tuple(self._passes))


def to_utf16(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans counted in UTF-16 units, as JavaScript, Java and C# count.

    Linear in the text and the spans, which may come in any order.

    Args:
        text: the text that the spans point into, in code points.
        spans: spans within it; ends beyond the text count as its end.
    """
    found = list(spans)
    if text.isascii() or not any(character > "\uffff" for character in text):
        return found
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if character > "\uffff" else 1))
    last = len(text)
    return [
        Span(units[min(span.start, last)], units[min(span.end, last)], span.weight)
        for span in found
    ]
