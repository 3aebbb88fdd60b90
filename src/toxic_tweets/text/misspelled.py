"""Read words with a slip of the finger (stpuid, idoit), or spelled by ear (stoopid, phuck).

Only what is no word is read so, and only as one of the words that people abuse with most: it must
be nearer to that one than to any common word. `neighbour_words.txt` holds the rare words and the
names that would be misread else.

Source: the distance is that of Damerau and Levenshtein, with neighbours swapped counting as one
slip.
"""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from toxic_tweets.text.leet import copy_case
from toxic_tweets.text.lexicon import (
    is_known,
    read_common_words,
    read_misspelled_words,
    read_neighbour_words,
)
from toxic_tweets.text.offsets import Edit

_WORD = re.compile(r"(?<![\w@#&'’-])[A-Za-z]{4,24}+(?![\w'’@-])")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

# One slip leaves enough of a word of four letters, two of one of so many.
_LETTERS_FOR_TWO = 8

# A slip goes to a key beside, and a guess at the spelling swaps vowels. Any other letter makes
# another word of a short one.
_MOST_LETTERS_OF_SHORT = 5
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = "aeiouy"

# Sounds that are spelled in many ways, as the key has them; of two that fit, the first holds.
_SOUNDS = {
    "tch": "C",
    "ch": "C",
    "tion": "Sn",
    "sh": "S",
    "ph": "f",
    "wh": "w",
    "c(?=[eiy])|z": "s",
    "ck|qu?|c": "k",
    "x": "ks",
    "mb$": "m",
    # Nobody hears which vowel stands before an r, or in an ending.
    "(?<=..)(?:ing|een)$|(?<=..)[aeiou]n$": "n",
    "(?<=..)(?:[aeiou]r|ah|uh|a)(?=s?z?$)": "R",
    "(?<=.)[aeiou]r": "R",
    "oo|ou|ew|uh|u": "u",
    "ee|ea|ie|ey|i|y": "i",
    "ai|ay": "e",
    "ite$|yte$": "it",
}
_SOUND = re.compile("|".join(f"({sound})" for sound in _SOUNDS))
_KEYS = tuple(_SOUNDS.values())
_DOUBLE = re.compile(r"([^eo])\1+|([eo])\2{2,}")


# Endings of English, with what stood in their place.
_ENDINGS = {
    "s": ("",),
    "es": ("", "e"),
    "ies": ("y",),
    "ed": ("", "e"),
    "er": ("", "e"),
    "ers": ("", "e"),
    "ing": ("", "e"),
    "ings": ("", "e"),
    "ly": ("",),
    "y": ("",),
    "ness": ("",),
    "less": ("",),
    "ful": ("",),
    "able": ("", "e"),
}


def mend_words(text: str) -> Iterator[Edit]:
    """Yield misspelled words as the abusive words that they are nearest to.

    Words of the lists stay, with an ending, too; so do words with capitals inside. A short word
    with capitals is a name or an abbreviation rather than a slip.
    """
    for found in _WORD.finditer(text):
        plain = _mend(found[0])
        if plain:
            yield Edit(found.start(), found.end(), copy_case(plain, found[0]))


def _mend(written: str) -> str | None:
    word = written.lower()
    has_one_case = written.isupper() or written[1:].islower()
    if not has_one_case or is_known(word) or word in read_neighbour_words():
        return None
    may_be_slip = written.islower() or len(word) > _MOST_LETTERS_OF_SHORT
    plain = _find_heard(word) or (_find_slipped(word) if may_be_slip else None)
    return plain if plain and not is_inflected(word) else None


def is_inflected(word: str) -> bool:
    """Say whether this is a common word with an ending of English."""
    common = read_common_words()
    return any(
        word.removesuffix(ending) + other in common
        for ending, others in _ENDINGS.items()
        if word.endswith(ending)
        for other in others
    )


def _find_slipped(word: str) -> str | None:
    """Return the abusive word that one slip, or two in a long one, made this of."""
    own = set(word)
    near: list[tuple[int, str]] = []
    for other, letters in _read_shapes().get((word[0], len(word)), ()):
        n_allowed = _allow_slips(other)
        # Each slip takes one letter at most, and brings one.
        if len(letters - own) <= n_allowed and len(own - letters) <= n_allowed:
            n_slips = count_slips(word, other)
            if n_slips <= n_allowed and _fits(word, other):
                near.append((n_slips, other))
    if not near or _is_near_common(word):
        return None
    return min(near, key=lambda pair: (pair[0], _read_ranks()[pair[1]]))[1]


@functools.cache
def _read_shapes() -> Mapping[tuple[str, int], tuple[tuple[str, frozenset[str]], ...]]:
    """Return, by first letter and length, the abusive words that so few slips may leave so.

    Each comes with its letters.
    """
    index: dict[tuple[str, int], tuple[tuple[str, frozenset[str]], ...]] = {}
    for word in read_misspelled_words():
        n_slips = _allow_slips(word)
        for length in range(len(word) - n_slips, len(word) + n_slips + 1):
            shape = (word[0], length)
            index[shape] = (*index.get(shape, ()), (word, frozenset(word)))
    return index


def _allow_slips(word: str) -> int:
    return 2 if len(word) >= _LETTERS_FOR_TWO else 1


def _fits(word: str, other: str) -> bool:
    """Say whether, in a short word, any other letter in place of one is likely."""
    pairs = [pair for pair in zip(word, other, strict=False) if pair[0] != pair[1]]
    is_changed = len(word) == len(other) and len(pairs) == 1
    return (
        not is_changed
        or len(word) > _MOST_LETTERS_OF_SHORT
        or pairs[0][0] in _read_near()[pairs[0][1]]
    )


@functools.cache
def _read_near() -> Mapping[str, frozenset[str]]:
    """Return which letters a slip, or a guess at the spelling, puts in the place of each."""
    places = {letter: (row, at) for row, keys in enumerate(_ROWS) for at, letter in enumerate(keys)}
    near = {letter: set(_VOWELS if letter in _VOWELS else "") for letter in places}
    for (one, (row, at)), (other, (other_row, other_at)) in itertools.permutations(
        places.items(), 2
    ):
        # Each row of keys stands half a key to the right of the one above.
        if (row == other_row and abs(at - other_at) == 1) or (
            row - other_row == 1 and other_at - at in (0, 1)
        ):
            near[one].add(other)
            near[other].add(one)
    return {letter: frozenset(others - {letter}) for letter, others in near.items()}


def _is_near_common(word: str) -> bool:
    """Say whether a single slip makes this of a common word, too; of three letters too many are."""
    return not read_common_words().isdisjoint(other for other in _slip(word) if len(other) > 3)


def _slip(word: str) -> Iterator[str]:
    """Yield all that one slip makes of the word."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        yield from (before + letter + after for letter in _ALPHABET)
        if after:
            yield from (before + letter + after[1:] for letter in _read_near()[after[0]])


def count_slips(one: str, other: str) -> int:
    """Return how many letters were left out, put in, changed or swapped with the next."""
    before: list[int] = []
    now = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        earlier, before, now = before, now, [row]
        for column, other_letter in enumerate(other, 1):
            least = min(
                before[column] + 1,
                now[column - 1] + 1,
                before[column - 1] + (letter != other_letter),
            )
            swapped = (
                row > 1
                and column > 1
                and letter == other[column - 2]
                and one[row - 2] == other_letter
            )
            now.append(min(least, earlier[column - 2] + 1) if swapped else least)
    return now[-1]


@functools.cache
def _read_ranks() -> Mapping[str, int]:
    return {word: place for place, word in enumerate(read_misspelled_words())}


def _find_heard(word: str) -> str | None:
    """Return the abusive word that sounds like this one, unless a common word is nearer."""
    key = make_key(word)
    found = _read_heard().get(key)
    if not found or len(key) < 3:
        return None
    ranks = _read_ranks()
    n_slips, _, best = min((count_slips(word, other), ranks[other], other) for other in found)
    alike = _read_common_heard().get(key, ())
    return None if any(count_slips(word, other) <= n_slips for other in alike) else best


def make_key(word: str) -> str:
    """Return how the lower-case word sounds, so that words spelled by ear have the same key."""
    squeezed = _DOUBLE.sub(lambda run: run[1] or run[2] * 2, word)
    return _SOUND.sub(lambda found: _KEYS[(found.lastindex or 1) - 1], squeezed)


@functools.cache
def _read_heard() -> Mapping[str, tuple[str, ...]]:
    return _index_keys(read_misspelled_words())


@functools.cache
def _read_common_heard() -> Mapping[str, tuple[str, ...]]:
    """Return the common words that sound like an abusive one."""
    return _index_keys(word for word in read_common_words() if make_key(word) in _read_heard())


def _index_keys(words: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    index: dict[str, tuple[str, ...]] = {}
    for word in words:
        key = make_key(word)
        index[key] = (*index.get(key, ()), word)
    return index
