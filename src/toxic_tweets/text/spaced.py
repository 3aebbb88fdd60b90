"""Join words that were taken apart (i d i o t, id.iot), part those that were glued (YouIdiot)."""

import functools
import itertools
import operator
import re
from collections.abc import Iterator

from toxic_tweets.text.characters import ODD_LETTERS
from toxic_tweets.text.leet import (
    copy_case,
    find_read,
    has_letters,
    is_short_abuse,
    read_letters,
)
from toxic_tweets.text.lexicon import (
    find_common,
    get_severity,
    is_known,
    read_abusive_words,
    read_neighbour_words,
    read_often_abused,
)
from toxic_tweets.text.offsets import Edit

_UNIT = f"[A-Za-z0-9@${''.join(ODD_LETTERS)}]"
_GAP = r"[ \t._*,/|~:;+=^#·•…\\-]"
_SIGN = r"[._*,/|~:;+=^#·•…\\-]"
_SPACED_SCREEN = re.compile(rf"{_GAP}{_UNIT}{_GAP}{{1,3}}{_UNIT}(?![^\W_])")
_SPACED = re.compile(rf"(?<![^\W_]){_UNIT}(?:{_GAP}{{1,3}}{_UNIT}){{2,}}(?![^\W_])")
_UNIT_AND_GAP = re.compile(rf"({_UNIT})({_GAP}*)")
_LONE = re.compile(rf"(?<![^\W_])(?<![^\W_]['’]){_UNIT}(?![^\W_]|['’][^\W_])")
_MOST_UNITS = 120  # more single letters are a pattern and no words
_MOST_LETTERS = 20  # of one word among them

_SPLIT_SCREEN = re.compile(rf"{_SIGN}(?=[A-Za-z0-9@$])(?<=[A-Za-z0-9@$].)|{_SIGN}{{2}}(?=\w)")
_SPLIT = re.compile(rf"(?<![\w@$]){_UNIT}++(?:{_SIGN}{{1,3}}{_UNIT}++)++")
_MORE = re.compile(r"[^\W_]|[@$]")
_PARTING = re.compile(r"[.,:;/-]")  # also stand between words where a space was forgotten
_SIGNS = re.compile(rf"{_SIGN}+")
_MOST_CHARACTERS = 40
_GLUED = re.compile(r"(?<![\w@])[A-Za-z]{5,40}+(?!\w)")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Words of less than three letters that stand in a word without a space; more would part any word.
_MOST_GLUED = 5
_SHORT = "a i u am an as at be by do go he if im in is it me my no of on or so to up ur us we"
_SHORT_WORDS = frozenset(_SHORT.split())
# They stand in the list of common words, but more often end a longer one: foolish, tardiest.
_ENDINGS = ("able", "ers", "est", "ing", "ish", "ism", "ist", "less", "ness", "ted")
_NAME_STARTS = ("mc", "mac", "van", "von", "de", "di", "du", "la", "le", "les", "o")
_LETTERS = re.compile("[a-z]+")
_HALF = re.compile(r"(?<![\w'’@#-])[A-Za-z]{1,20}(?![\w'’@-])")
_LAST_HALF = re.compile(_HALF.pattern + r"\Z")


def has_lone_letters(piece: str) -> bool:
    """Say whether a letter stands alone in a piece between spaces, and is no word.

    Each word that is written letter by letter has one beside `a` and `I`.
    """
    return piece not in "aAiI" and _LONE.search(piece) is not None


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


def has_halves(piece: str) -> bool:
    """Say whether letters in a piece may be the beginning or the end of an abusive word."""
    return not _read_halves().isdisjoint(_LETTERS.findall(piece.lower()))


def is_half(piece: str) -> bool:
    """Say whether the piece begins or ends with such letters: where it does not, nothing joins."""
    if not has_halves(piece):
        return False
    ends = (_HALF.match(piece), _LAST_HALF.search(piece))
    return any(found is not None and found[0].lower() in _read_halves() for found in ends)


@functools.cache
def _read_halves() -> frozenset[str]:
    """Return what abusive words may leave when a space stands in them, without words."""
    halves = {
        half
        for word in _read_halvable()
        for at in range(1, len(word))
        for half in (word[:at], word[at:])
    }
    return frozenset(half for half in halves if len(half) > 1 and not is_known(half))


@functools.cache
def _read_halvable() -> frozenset[str]:
    """Return the abusive words long, or used in abuse, enough to tell from two words by chance."""
    return frozenset(
        word for word in read_abusive_words() if len(word) > 4 or word in read_often_abused()
    )


def join_halves(text: str) -> Iterator[Edit]:
    """Yield abusive words with a space in them (idi ot) as words, unless both halves are words."""
    runs = _LETTERS.findall(text.lower())
    if _read_halvable().isdisjoint(map(operator.add, runs, runs[1:])):
        return
    end = 0
    for first in _HALF.finditer(text):
        second = _HALF.match(text, first.end() + 1)
        if first.start() < end or second is None or text[first.end()] != " ":
            continue
        halves = first[0].lower(), second[0].lower()
        if halves[0] in "ai" or halves[1] in "ai":
            continue
        if _read_halves().isdisjoint(halves) or any(map(get_severity, halves)):
            continue
        word = "".join(halves)
        if word in _read_halvable():
            end = second.end()
            yield Edit(first.start(), end, copy_case(word, first[0] + second[0]))


def split_glued(text: str) -> Iterator[Edit]:
    """Yield words glued to an abusive one as words (YouIdiot, killyourself, thatidiotagain).

    Where no capital shows the joint, all of it has to be words, and no way to part it in as few may
    be clean (the therapist, a pen island).
    """
    for found in _GLUED.finditer(text):
        word = found[0]
        small = word.lower()
        if not is_known(small) and small not in read_neighbour_words():
            parts = _part_by_case(word) or _part_by_words(word)
            if parts:
                yield Edit(found.start(), found.end(), " ".join(parts))


def _part_by_case(word: str) -> list[str]:
    """Return the words that begin with capitals, if one is abusive and the others may be words."""
    if word[1:].islower() or word.isupper():
        return []
    parts = _CAMEL.findall(word)
    small = list(map(str.lower, parts))
    if len(parts) < 2 or small[0] in _NAME_STARTS:
        return []
    if all(map(_is_word, small)):
        return parts if any(_is_abuse(part) or is_short_abuse(part) for part in small) else []
    are_likely = all(len(part) > 2 for part in small) and any(get_severity(x) > 1 for x in small)
    return parts if are_likely and not read_often_abused().isdisjoint(small) else []


def _is_abuse(word: str) -> bool:
    return len(word) > 3 and get_severity(word) > 0


def _part_by_words(word: str) -> list[str]:
    small = word.lower()
    if not _has_abuse(small):
        return []
    small_parts = _find_fewest(small)
    if not 1 < len(small_parts) <= _MOST_GLUED or read_often_abused().isdisjoint(small_parts):
        return []
    ends = list(itertools.accumulate(map(len, small_parts)))
    return [word[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _has_abuse(word: str) -> bool:
    """Say whether an abusive word stands somewhere in it."""
    if _read_starts().isdisjoint([word[at : at + 4] for at in range(len(word) - 3)]):
        return False
    abusive = read_often_abused()
    return any(
        word[start:end] in abusive
        for start in range(len(word) - 3)
        for end in range(start + 4, min(start + _MOST_LETTERS, len(word)) + 1)
    )


@functools.cache
def _read_starts() -> frozenset[str]:
    return frozenset(word[:4] for word in read_often_abused())


def _may_be_glued(word: str, at: int) -> bool:
    if len(word) < 3:
        return word in _SHORT_WORDS and (len(word) > 1 or not at)
    return is_known(word) and not (at and word in _ENDINGS)


def _find_fewest(letters: str) -> list[str]:
    """Return the fewest words that the letters are made of, rather clean ones; else none."""
    best: list[tuple[int, int, list[str]] | None] = [(0, 0, []), *[None] * len(letters)]
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _MOST_LETTERS), end):
            before, word = best[start], letters[start:end]
            if before is None or not _may_be_glued(word, start):
                continue
            now = (before[0] + 1, before[1] + _is_abuse(word), [*before[2], word])
            kept = best[end]
            if kept is None or now[:2] < kept[:2]:
                best[end] = now
    return best[-1][2] if best[-1] else []
