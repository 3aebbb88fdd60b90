"""Join words that were taken apart (i d i o t, id.iot), part those that were glued (YouIdiot)."""

import functools
import re
from collections.abc import Iterable, Iterator

from toxic_tweets.text.characters import ODD_LETTERS
from toxic_tweets.text.leet import (
    copy_case,
    find_read,
    has_letters,
    is_short_abuse,
    read_letters,
)
from toxic_tweets.text.lexicon import find_common, get_severity, is_known, read_abusive_words
from toxic_tweets.text.offsets import Edit

_UNIT = f"[A-Za-z0-9@${''.join(ODD_LETTERS)}]"
_GAP = r"[ \t._*,/|~:;+=^#·•…\\-]"
_SIGN = r"[._*,/|~:;+=^#·•…\\-]"
_SPACED_SCREEN = re.compile(rf"{_GAP}{_UNIT}{_GAP}{{1,3}}{_UNIT}(?![^\W_])")
_SPACED = re.compile(rf"(?<![^\W_]){_UNIT}(?:{_GAP}{{1,3}}{_UNIT}){{2,}}(?![^\W_])")
_UNIT_AND_GAP = re.compile(rf"({_UNIT})({_GAP}*)")
_MOST_UNITS = 120  # more single letters are a pattern and no words
_MOST_LETTERS = 20  # of one word among them

_SPLIT_SCREEN = re.compile(rf"{_SIGN}(?=[A-Za-z0-9@$])(?<=[A-Za-z0-9@$].)|{_SIGN}{{2}}(?=\w)")
_SPLIT = re.compile(rf"(?<![\w@$]){_UNIT}++(?:{_SIGN}{{1,3}}{_UNIT}++)++")
_MORE = re.compile(r"[^\W_]|[@$]")
_PARTING = re.compile(r"[.,:;/-]")  # also stand between words where a space was forgotten
_SIGNS = re.compile(rf"{_SIGN}+")
_MOST_CHARACTERS = 40
_GLUED = re.compile(r"(?<![\w@])[A-Za-z]{6,40}+(?!\w)")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ADDRESSED = ("yourself", "yourselves", "youre", "your", "you", "such", "these", "those", "off")
_HALF = re.compile(r"(?<![\w'’@#-])[A-Za-z]{1,20}(?![\w'’@-])")


def has_spaced(text: str) -> bool:
    """Say whether single letters stand in a row, as in some texts without such words."""
    return _SPACED_SCREEN.search(text) is not None


def join_spaced(text: str) -> Iterator[Edit]:
    """Yield words written letter by letter (i d i o t) as words, if one of them is abusive.

    Spaced headings, initials and sums stay: they spell no words, or clean ones only.
    """
    for run in _SPACED.finditer(text):
        units = list(_UNIT_AND_GAP.finditer(text, run.start(), run.end()))
        if len(units) <= _MOST_UNITS:
            edits = [edit for group in _part(units) for edit in _join(group)]
            yield from edits or _join(units)


def _part(units: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Yield the units of each word, where wider gaps, or spaces among signs, part words."""
    narrow = min(len(unit[2]) for unit in units[:-1])
    has_signs = any(unit[2].strip() for unit in units[:-1])
    group: list[re.Match[str]] = []
    for unit in units:
        group.append(unit)
        if len(unit[2]) > narrow or (has_signs and not unit[2].strip()):
            yield group
            group = []
    if group:
        yield group


def _join(group: list[re.Match[str]]) -> Iterator[Edit]:
    at = 0
    for word, n_units in _spell("".join(unit[1] for unit in group)):
        first, last = group[at], group[at + n_units - 1]
        yield Edit(first.start(1), last.end(1), word)
        at += n_units
        if at < len(group):
            yield Edit(last.start(2), last.end(2), " ")


def _spell(letters: str) -> list[tuple[str, int]]:
    """Return the words that the letters spell, each with its number of letters, if one is abusive.

    Three letters must be small ones, for capitals are initials.
    """
    if len(letters) < 3 or not has_letters(letters):
        return []
    whole = find_read(letters)
    if whole and (len(whole) > 3 or (is_short_abuse(whole) and letters.islower())):
        return [(copy_case(whole, letters), len(letters))]
    plain = next(read_letters(letters), "")
    if not plain or find_common(plain):
        return []
    words = _segment(plain)
    if not any(len(word) > 3 and get_severity(word) for word in words):
        return []
    return [(copy_case(word, letters), len(word)) for word in words]


def _segment(letters: str) -> list[str]:
    """Return the fewest words that the letters are made of; none if they are not."""
    best: list[list[str] | None] = [[], *[None] * len(letters)]
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _MOST_LETTERS), end):
            before, now = best[start], best[end]
            shorter = before is not None and (now is None or len(before) + 1 < len(now))
            if before is not None and shorter and _is_word(letters[start:end]):
                best[end] = [*before, letters[start:end]]
    return best[-1] or []


def _is_word(word: str) -> bool:
    return word in "aiu" if len(word) == 1 else is_known(word)


def join_split(text: str) -> Iterator[Edit]:
    """Yield words with signs between their letters (id.iot) as the abusive words they are.

    Not if the parts are words of their own, for then the sign parts them (the pen.Is it).
    """
    if not _SPLIT_SCREEN.search(text):
        return
    for found in _SPLIT.finditer(text):
        if len(found[0]) <= _MOST_CHARACTERS and not _MORE.match(text, found.end()):
            word = _read_split(
                _SIGNS.split(found[0].lower()), _PARTING.search(found[0]) is not None
            )
            if word:
                yield Edit(found.start(), found.end(), copy_case(word, found[0]))


def _read_split(parts: list[str], are_parted: bool) -> str | None:
    joined = "".join(parts)
    if len(joined) < 4 or not has_letters(joined):
        return None
    if (are_parted and all(map(_is_word, parts))) or any(map(get_severity, parts)):
        return None
    return find_read(joined)


def has_halves(pieces: Iterable[str]) -> bool:
    """Say whether one of the pieces may be the beginning or the end of an abusive word."""
    return not _read_halves().isdisjoint(pieces)


@functools.cache
def _read_halves() -> frozenset[str]:
    """Return what abusive words may leave when a space stands in them, without words."""
    words = [word for word in read_abusive_words() if len(word) > 4]
    halves = {
        half for word in words for at in range(1, len(word)) for half in (word[:at], word[at:])
    }
    return frozenset(half for half in halves if len(half) > 1 and not is_known(half))


def join_halves(text: str) -> Iterator[Edit]:
    """Yield abusive words with a space in them (idi ot) as words, unless both halves are words."""
    end = 0
    for first in _HALF.finditer(text):
        second = _HALF.match(text, first.end() + 1)
        if first.start() < end or second is None or text[first.end()] != " ":
            continue
        halves = first[0].lower(), second[0].lower()
        if len(halves[0]) + len(halves[1]) < 5 or halves[0] in "ai" or halves[1] in "ai":
            continue
        if _read_halves().isdisjoint(halves) or any(map(get_severity, halves)):
            continue
        word = "".join(halves)
        if get_severity(word):
            end = second.end()
            yield Edit(first.start(), end, copy_case(word, first[0] + second[0]))


def split_glued(text: str) -> Iterator[Edit]:
    """Yield words glued to an abusive one as words (YouIdiot, killyourself).

    Where no capital shows the joint, only beside a few words that insults and threats are made of:
    with any others, the therapist and Penistone would come apart.
    """
    for found in _GLUED.finditer(text):
        word = found[0]
        if is_known(word.lower()):
            continue
        parts = _CAMEL.findall(word)
        small = list(map(str.lower, parts))
        if len(parts) > 1 and all(map(_is_word, small)) and any(map(_is_abuse, small)):
            yield Edit(found.start(), found.end(), " ".join(parts))
        elif len(parts) == 1:
            at = _find_joint(small[0])
            if at:
                yield Edit(found.start(), found.end(), f"{word[:at]} {word[at:]}")


def _is_abuse(word: str) -> bool:
    return len(word) > 3 and get_severity(word) > 0


def _find_joint(word: str) -> int:
    """Return where the word comes apart, 0 if it does not."""
    for other in _ADDRESSED:
        if word.startswith(other) and _is_abuse(word[len(other) :]):
            return len(other)
        if word.endswith(other) and _is_abuse(word[: -len(other)]):
            return len(word) - len(other)
    return 0
