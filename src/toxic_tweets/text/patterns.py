"""Find a regular expression in a text in linear time, between word boundaries."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from toxic_tweets.errors import PolicyError

# A piece of text that a pattern matches has at most so many bytes of UTF-8. Without that bound,
# finding every match of `a.*` takes quadratic time in any engine.
MAX_MATCH_BYTES = 300

# Instructions of RE2, of one pattern. `\pL+` has 1,200, ten letters and `.{0,20}` have 190.
_MAX_PROGRAM = 4_000
# RE2 gets slow, up to 100 µs a byte, when its fast automaton has no room for the states that a text
# leads to; so much was enough for every pattern that was built to fill it.
_MEMORY_PER_INSTRUCTION = 8 << 10
_LEAST_MEMORY = 1 << 20
_MAX_SHRINKS = 4


class Pattern:
    """Find an RE2 expression, whatever the case, where it begins and ends with a word."""

    def __init__(self, regex: Any, size: int) -> None:
        """Keep a compiled expression and how many instructions it has."""
        self._regex = regex
        self.size = size

    def find(self, text: str, data: bytes, shapes: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of the longest matches, from left to right, disjoint.

        Args:
            text: what to search.
            data: the same in UTF-8.
            shapes: what each sign of it is to a word: `w` part of one, `m` a mark.
        """
        if self._regex.search(data) is None:
            return
        places = range(len(data) + 1) if len(data) == len(text) else _find_places(text)
        done = 0  # in signs
        while done < len(text):
            begin = places[done]
            limit = min(begin + 2 * MAX_MATCH_BYTES, len(data))
            found = self._regex.search(data, begin, limit)
            is_whole = limit == len(data)
            if found is None or (found.start() > begin + MAX_MATCH_BYTES and not is_whole):
                if is_whole:
                    return
                # Nothing begins in the first half, and what begins in the second may be cut.
                done = bisect_left(places, begin + MAX_MATCH_BYTES)
                continue
            start = bisect_left(places, found.start())
            end = self._find_end(start, bisect_left(places, found.end()), data, places, shapes)
            if end > start:
                yield start, end
                done = end
            else:
                done = _find_boundary(shapes, start)

    def _find_end(
        self, start: int, end: int, data: bytes, places: Sequence[int], shapes: str
    ) -> int:
        """Return where the longest match from here on ends with a word, or the start if none does.

        The longest of all may end within one; then a few shorter ones are tried.
        """
        if not is_boundary(shapes, start):
            return start
        end = min(end, bisect_left(places, places[start] + MAX_MATCH_BYTES + 1) - 1)
        for _ in range(_MAX_SHRINKS):
            while end > start and not is_boundary(shapes, end):
                end -= 1
            found = self._regex.match(data, places[start], places[end]) if end > start else None
            if found is None:
                return start
            shorter = bisect_left(places, found.end())
            if shorter == end:
                return end
            end = shorter
        return start


def compile_pattern(expression: str, where: str) -> Pattern:
    """Return what finds an RE2 expression.

    Args:
        expression: the expression, without slashes.
        where: what the error message begins with: the list and the item.

    Raises:
        PolicyError: it is malformed, too large, matches nothing at all, or asks for what RE2 does
            not have, which is look-around and backreferences.
    """
    regex = _compile(expression, where, 8 << 20)  # the room that RE2 takes by default
    size = max(regex.programsize, regex.reverseprogramsize)
    if size > _MAX_PROGRAM:
        raise PolicyError(
            f"{where} is too large: it compiles to {size:,} instructions, but may have "
            f"{_MAX_PROGRAM:,}. Repeat less, or make two patterns of it."
        )
    if regex.fullmatch(b"") is not None:
        raise PolicyError(f"{where} matches the empty text. Let it name at least one letter.")
    memory = max(_LEAST_MEMORY, size * _MEMORY_PER_INSTRUCTION)
    return Pattern(_compile(expression, where, memory), size)


def _compile(expression: str, where: str, memory: int) -> Any:
    import re2  # a policy without patterns needs no engine

    options = re2.Options()
    options.case_sensitive = False
    options.longest_match = True
    options.never_capture = True
    options.log_errors = False
    options.max_mem = memory
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "malformed"
        raise PolicyError(
            f"{where} is no pattern that can be used: {reason}. Patterns are RE2 expressions: "
            "they have no look-around and no backreferences."
        ) from None


def is_boundary(shapes: str, place: int) -> bool:
    """Say whether a word may begin or end before the sign at this place."""
    if place <= 0 or place >= len(shapes):
        return True
    after = shapes[place]
    return after != "m" and not (after == "w" and shapes[place - 1] in "wm")


def _find_boundary(shapes: str, place: int) -> int:
    """Return the next place after this one where a word may begin."""
    place += 1
    while not is_boundary(shapes, place):
        place += 1
    return place


def _find_places(text: str) -> Sequence[int]:
    """Return at which byte of UTF-8 each sign begins, and where the last one ends."""
    return list(
        accumulate((len(sign.encode("utf-8", "surrogatepass")) for sign in text), initial=0)
    )
