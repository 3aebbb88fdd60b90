"""Find the words, phrases and patterns of a policy's lists in a text, in linear time."""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from toxic_tweets.errors import PolicyError
from toxic_tweets.policy import WordList
from toxic_tweets.prediction import ListKind, Match
from toxic_tweets.text.normalize import normalize, replace_surrogates
from toxic_tweets.text.offsets import Normalized
from toxic_tweets.text.patterns import Pattern, compile_pattern

# Of all patterns together: each is searched for by itself, at 2 µs in a short text; and what they
# compile to bounds the time in a hostile one.
MAX_PATTERNS = 200
MAX_INSTRUCTIONS = 20_000

# What signs are to a word, each as one letter, so that one expression cuts any text into tokens:
# w part of a word, m a mark on the sign before it, c a letter of a script that puts no space
# between words, x any other sign, and a space for what is passed over.
_TOKEN = re.compile("w[wm]*|[cxm]m*")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x31FF),  # Chinese and Japanese, without Korean below
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x20000, 0x3FFFF),
)
_HANGUL = (0x3130, 0x318F)
_JOINERS = (0x200C, 0x200D)


class _Found(NamedTuple):
    """Say where an item stands in the normalised text."""

    start: int
    end: int
    list: str
    item: str


class _Shape(dict[int, str]):
    """Map each code point to what it is to a word; filled as needed."""

    def __missing__(self, code: int) -> str:
        shape = _find_shape(code)
        if len(self) < 10_000:  # texts that go through all of Unicode fill no memory
            self[code] = shape
        return shape


def _find_shape(code: int) -> str:
    category = unicodedata.category(chr(code))
    if category[0] == "M":
        return " " if 0xFE00 <= code <= 0xFE0F else "m"
    if category[0] in "ZC":
        return "m" if code in _JOINERS else " "
    if category[0] not in "LN":
        return "x"
    if _HANGUL[0] <= code <= _HANGUL[1]:
        return "w"
    return "c" if any(first <= code <= last for first, last in _UNSPACED) else "w"


_SHAPE = _Shape()


@dataclass(slots=True)
class _Node:
    """Hold what may follow some tokens: more of them, or the end of items (list, item)."""

    after: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[str, str]] = field(default_factory=list)


class _Finder:
    """Find the items of all lists of one kind."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        """Compile the items.

        Raises:
            PolicyError: an item has no sign that shows, or is a pattern that cannot be used.
        """
        self._words = _Node()
        self._patterns: list[tuple[str, str, Pattern]] = []
        for words in lists:
            for item in words.items:
                self._add(words.name, item)

    def _add(self, name: str, item: str) -> None:
        where = f"lists: {name}: {item!r}"
        if is_pattern(item):
            self._patterns.append((name, item, compile_pattern(item[1:-1], where)))
            return
        # The text comes normalised, so an item is looked for as it would come out of that, too.
        readings = {tuple(_read_tokens(reading)) for reading in (item, normalize(item).text)}
        readings.discard(())
        if not readings:
            raise PolicyError(f"{where} has no letter, digit or sign that shows. Remove it.")
        for tokens in readings:
            node = self._words
            for token in tokens:
                node = node.after.setdefault(token, _Node())
            node.ends.append((name, item))

    @property
    def n_instructions(self) -> int:
        """Return how large the patterns are together."""
        return sum(pattern.size for _, _, pattern in self._patterns)

    def find(self, text: str) -> list[_Found]:
        """Return what stands where, sorted, each once."""
        found: set[_Found] = set()
        if self._words.after:
            found.update(self._find_words(text))
        if self._patterns:
            data = replace_surrogates(text).encode()
            shapes = text.translate(_SHAPE)
            for name, item, pattern in self._patterns:
                spans = pattern.find(text, data, shapes)
                found.update(_Found(start, end, name, item) for start, end in spans)
        return sorted(found)

    def _find_words(self, text: str) -> Iterator[_Found]:
        tokens = list(_find_tokens(text))
        keys = [token.key for token in tokens]
        first = self._words.after
        for start, key in enumerate(keys):
            node = first.get(key)
            end = start
            while node is not None:  # no longer than the longest item
                for name, item in node.ends:
                    yield _Found(tokens[start].start, tokens[end].end, name, item)
                end += 1
                node = node.after.get(keys[end]) if end < len(keys) else None


class Matcher:
    """Find the items of a policy's lists; safe to share between threads.

    A word or phrase matches whatever its case, where it is not part of a longer word; white space
    within it stands for any white space, also for none beside a sign. A word is a run of letters
    and digits with their marks. An underscore, an apostrophe, a hyphen and an emoji are no part of
    one; Chinese, Japanese, Thai, Lao, Khmer and Burmese are written without spaces, so there each
    letter is a word of its own, and an item matches anywhere.

    A pattern between slashes is an RE2 expression, whatever the case. It matches the longest piece
    of up to 300 bytes of UTF-8 that begins and ends where a word does.
    """

    def __init__(self, lists: Sequence[WordList]) -> None:
        """Compile the lists; `compile_lists` does so once for equal ones."""
        n_patterns = sum(is_pattern(item) for words in lists for item in words.items)
        if n_patterns > MAX_PATTERNS:
            raise PolicyError(
                f"lists: {n_patterns} patterns, but all lists may hold {MAX_PATTERNS}. "
                "Write words as words: of them there may be many."
            )
        kinds: tuple[ListKind, ListKind] = ("block", "allow")
        self._block, self._allow = (
            _Finder(words for words in lists if words.kind == kind) for kind in kinds
        )
        n_instructions = self._block.n_instructions + self._allow.n_instructions
        if n_instructions > MAX_INSTRUCTIONS:
            raise PolicyError(
                f"lists: the patterns compile to {n_instructions:,} instructions, but all may have "
                f"{MAX_INSTRUCTIONS:,}. Repeat less, or say [a-z] where \\pL is not needed."
            )

    def find(self, normalized: Normalized) -> tuple[Match, ...]:
        """Return what matches, in the order of the original text, with spans there.

        An item of a block list does not count inside of what an allow list covers.
        """
        allowed = self._allow.find(normalized.text)
        covered = _join(allowed)
        blocked = [one for one in self._block.find(normalized.text) if not _is_inside(one, covered)]
        matches = [
            *_make_matches(allowed, normalized, "allow"),
            *_make_matches(blocked, normalized, "block"),
        ]
        return tuple(sorted(matches, key=lambda match: (match.start, match.end, match.kind)))

    def mask(self, normalized: Normalized) -> Normalized:
        """Return the text with spaces for what an allow list covers; offsets stay as they are.

        The words around it are scored as if it were not there.
        """
        text = normalized.text
        pieces: list[str] = []
        done = 0
        for start, end in _join(self._allow.find(text)):
            pieces += (text[done:start], " " * (end - start))
            done = end
        return replace(normalized, text="".join((*pieces, text[done:]))) if pieces else normalized


def compile_lists(lists: Sequence[WordList]) -> Matcher:
    """Return what finds the items of these lists; the last few are kept.

    Raises:
        PolicyError: an item is a pattern that cannot be used, or there are too many; the message
            names the list and the item.
    """
    return _compile(tuple(lists))


@functools.lru_cache(maxsize=16)
def _compile(lists: tuple[WordList, ...]) -> Matcher:
    return Matcher(lists)


def is_pattern(item: str) -> bool:
    """Say whether an item is a pattern: more than nothing between two slashes."""
    return len(item) > 2 and item[0] == item[-1] == "/"


class _Token(NamedTuple):
    start: int
    end: int
    key: str


def _find_tokens(text: str) -> Iterator[_Token]:
    """Yield the words and other signs of a text, as they compare."""
    text = text.replace("’", "'")
    if text.isascii():
        lower = text.lower()
        for found in _TOKEN.finditer(text.translate(_SHAPE)):
            start, end = found.span()
            yield _Token(start, end, lower[start:end])
        return
    for found in _TOKEN.finditer(text.translate(_SHAPE)):
        start, end = found.span()
        yield _Token(start, end, unicodedata.normalize("NFKC", text[start:end]).casefold())


def _read_tokens(text: str) -> list[str]:
    return [token.key for token in _find_tokens(text)]


def _join(found: Sequence[_Found]) -> list[tuple[int, int]]:
    """Return the spans of what was found, in order, those that overlap as one."""
    spans: list[tuple[int, int]] = []
    for one in found:
        if spans and one.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], one.end))
        else:
            spans.append((one.start, one.end))
    return spans


def _is_inside(one: _Found, spans: Sequence[tuple[int, int]]) -> bool:
    place = bisect_right(spans, one.start, key=lambda span: span[0]) - 1
    return place >= 0 and one.end <= spans[place][1]


def _make_matches(
    found: Iterable[_Found], normalized: Normalized, kind: ListKind
) -> Iterator[Match]:
    for one in found:
        start, end = normalized.to_original(one.start, one.end)
        yield Match(one.list, one.item, start, end, kind)
