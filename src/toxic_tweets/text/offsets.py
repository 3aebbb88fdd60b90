"""Keep track of which original characters each character of a changed text stands for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from toxic_tweets.prediction import Span


class Edit(NamedTuple):
    """Say that text[start:end] becomes the replacement."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Normalized:
    """Hold a changed text and the way back to the original, in code points.

    Attributes:
        text: what the tokenizer sees.
        original_length: code points of the original text.
        starts: per code point of `text`, the first original one it stands for; None if every code
            point stands for itself.
        ends: likewise, the one after its last.
    """

    text: str
    original_length: int
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that text[start:end] stands for.

        Both ends are first brought into the text, as slicing does. An empty span stays empty.
        """
        start = max(0, min(start, len(self.text)))
        end = max(start, min(end, len(self.text)))
        if self.starts is None or self.ends is None:
            return start, end
        if start == end:
            place = self.starts[start] if start < len(self.starts) else self.original_length
            return place, place
        return self.starts[start], self.ends[end - 1]


class Draft:
    """Change a text step by step, keeping the offsets exact.

    A replacement of the same length stands for its characters one by one; any other stands, with
    each of its characters, for the whole piece that it replaced. Both offsets never fall, so spans
    keep their order.
    """

    __slots__ = ("_ends", "_length", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._length = len(text)
        self._starts: Sequence[int] = range(len(text))
        self._ends: Sequence[int] = range(1, len(text) + 1)

    def apply(self, edits: Iterable[Edit]) -> bool:
        """Make these changes, sorted and disjoint; return whether any changed the text."""
        kept = [edit for edit in edits if self.text[edit.start : edit.end] != edit.replacement]
        if not kept:
            return False
        pieces: list[str] = []
        starts: list[Sequence[int]] = []
        ends: list[Sequence[int]] = []
        done = 0
        for start, end, replacement in kept:
            same = len(replacement) == end - start
            first, last = (done, end) if same else (done, start)
            pieces += (self.text[done:start], replacement)
            starts.append(self._starts[first:last])
            ends.append(self._ends[first:last])
            if not same and replacement:
                starts.append([self._starts[start]] * len(replacement))
                ends.append([self._ends[end - 1]] * len(replacement))
            done = end
        pieces.append(self.text[done:])
        starts.append(self._starts[done:])
        ends.append(self._ends[done:])
        self.text = "".join(pieces)
        self._starts = list(chain.from_iterable(starts))
        self._ends = list(chain.from_iterable(ends))
        return True

    def translate(self, table: Mapping[int, str]) -> bool:
        """Replace single characters by single others; return whether that changed the text."""
        text = self.text.translate(table)
        changed = text != self.text
        self.text = text
        return changed

    def finish(self) -> Normalized:
        """Return what came of it."""
        if isinstance(self._starts, range):
            return Normalized(self.text, self._length)
        return Normalized(self.text, self._length, tuple(self._starts), tuple(self._ends))


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
