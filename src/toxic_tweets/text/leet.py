"""Read words in which digits or signs stand for letters: 1d10t, @ss, f*ck.

A reading replaces what stands there only if it is an abusive word, or, for digits inside a word, a
common one; what stands there is no word, so a clean text does not turn nasty by chance alone.
"""

import functools
import itertools
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping

from toxic_tweets.text.characters import ODD_LETTERS
from toxic_tweets.text.lexicon import (
    find_abusive,
    get_severity,
    is_known,
    read_known_words,
    read_masked_words,
)
from toxic_tweets.text.offsets import Edit

# What each stands for in words, the likelier letter first.
_LETTERS = dict(ODD_LETTERS)
_LETTERS |= dict(zip("0234567889@$!+(", "ozeasgtbbgasitc", strict=True)) | {"1": "il", "|": "il"}
_FIRST_LETTERS = str.maketrans({sign: letters[0] for sign, letters in _LETTERS.items()})
_AMBIGUOUS = frozenset(sign for sign, letters in _LETTERS.items() if len(letters) > 1)
_MOST_READINGS = 32  # five ambiguous signs; words of more are noise

_ODD = "".join(ODD_LETTERS)
_NEAR = rf"[0-9@$|+({_ODD}](?:(?=[A-Za-z])|(?<=[A-Za-z].))"
_LEET_SCREEN = re.compile(rf"{_NEAR}|[A-Za-z]!+(?=[A-Za-z])|[@$]{{2}}")
_LEET = re.compile(
    rf"(?<![\w@$!|+(])(?<![0-9][/-])[A-Za-z0-9@$!|+({_ODD}]{{3,}}+(?!\w|[/-][0-9]|[^\s(]*\))"
)
_ASCII_LETTERS = frozenset(string.ascii_letters)
_MOST_CHARACTERS = 40
_OUR_MASK = "@user"
_SHORT_ABUSE = frozenset(["ass", "cum", "die", "fag", "hoe", "kys", "sex", "tit"])

_MASK = "*#%@&$!?^~_.-"
_MASKED_SCREEN = re.compile(rf"[{_MASK}](?=[A-Za-z{_MASK}])(?<=[A-Za-z].)")
_MASKED = re.compile(rf"(?<![\w{_MASK}])[A-Za-z][A-Za-z{_MASK}]{{2,}}+(?![\w*#%@&$^~])")
_ONE_GAP = re.compile(r"[a-z]+\.+[a-z]+")  # initials have more
_STARS = re.compile(r"[A-Za-z]\*{2,}")


def read_letters(word: str) -> Iterator[str]:
    """Yield what the word reads as if its digits and signs are letters, likelier readings first."""
    word = word.lower()
    first = word.translate(_FIRST_LETTERS)
    if not (first.isascii() and first.isalpha()):
        return
    if _AMBIGUOUS.isdisjoint(word):
        yield first
        return
    letters = [_LETTERS.get(character, character) for character in word]
    yield from itertools.islice(map("".join, itertools.product(*letters)), _MOST_READINGS)


def find_read(word: str) -> str | None:
    """Return the worst abusive word that this reads as, or None."""
    found = [abusive for reading in read_letters(word) if (abusive := find_abusive(reading))]
    return max(found, key=get_severity, default=None)


def _count_letters(word: str) -> int:
    return sum(map(_ASCII_LETTERS.__contains__, word))


def has_letters(word: str) -> bool:
    """Say whether two of five letters and digits are letters; less is a number of some part."""
    n_letters = _count_letters(word)
    return n_letters * 5 >= (n_letters + sum(map(str.isdigit, word))) * 2


def is_short_abuse(word: str) -> bool:
    """Say whether the word of three letters is abuse rather than an abbreviation."""
    return word in _SHORT_ABUSE


def copy_case(word: str, source: str) -> str:
    """Return the word in capitals if all letters of the source are."""
    letters = [character for character in source if character.isalpha()]
    return word.upper() if len(letters) > 1 and all(map(str.isupper, letters)) else word


def read_leet(text: str) -> Iterator[Edit]:
    """Yield words spelled with digits and signs (1d10t) as what they read as.

    An abusive word needs two of five letters and digits to be letters (5h17 is a part's number)
    or five of both (1d107); a common one more than half of them and its digits inside (h3llo, not
    part5), or has signs.
    """
    if not _LEET_SCREEN.search(text):
        return
    for found in _LEET.finditer(text):
        # A sign at the end is one of its own unless it makes the word: cun+, but that+.
        for word in dict.fromkeys((found[0].rstrip("!|"), found[0].strip("!|+("))):
            plain = _read_word(word)
            if plain:
                start = found.start() + found[0].index(word)
                yield Edit(start, start + len(word), copy_case(plain, word))
                break


def _read_word(word: str) -> str | None:
    if not 2 < len(word) < _MOST_CHARACTERS or word.isdigit() or word == _OUR_MASK:
        return None
    if word[:2].lower() == "0x" or (word.isascii() and word.isalpha()):
        return None
    n_digits = sum(map(str.isdigit, word))
    n_letters = _count_letters(word)
    if not has_letters(word):
        return _read_digits(word) if n_letters else None
    abusive = find_read(word) if word[0] not in "(+" or not is_known(word[1:].lower()) else None
    if abusive and _is_meant(abusive, word, n_digits):
        return abusive
    if "(" in word or word[0] in "!|+" or word[-1] in "!|+":
        return None
    inside = word[0].isalpha() and word[-1].isalpha() and n_letters * 2 > len(word)
    signs = "@" in word[1:] or "$" in word or "|" in word
    if len(word) > 3 and (inside or (signs and n_letters * 2 >= len(word))):
        return next((reading for reading in read_letters(word) if is_known(reading)), None)
    return None


def _read_digits(word: str) -> str | None:
    """Return the abusive word of five letters and more that mostly digits spell, exactly."""
    return next(
        (reading for reading in read_letters(word) if len(reading) > 4 and get_severity(reading)),
        None,
    )


def _is_meant(abusive: str, word: str, n_digits: int) -> bool:
    """Say whether so short a word is meant: numbers of parts are short and in capitals."""
    if not n_digits:
        return len(abusive) > 3 or is_short_abuse(abusive)
    if len(abusive) == 3:
        return is_short_abuse(abusive) and word.islower() and word[0].isalpha()
    return len(abusive) > 4 or not word.isupper() or n_digits == 1


def unmask(text: str) -> Iterator[Edit]:
    """Yield words with signs in place of letters (sh*t) as the abusive word that fits.

    The first letter stands, and the last one too, or there is nothing but stars (f***). Of several
    words that people mask, the likeliest is meant; any other must be the only word that fits.
    """
    if not _MASKED_SCREEN.search(text):
        return
    for found in _MASKED.finditer(text):
        masked = found[0].rstrip("!?-~_.")
        if len(masked) > _MOST_CHARACTERS or masked.isalpha():
            continue
        if masked[-1:].isalpha() or _STARS.fullmatch(masked):
            word = _find_masked(masked.lower())
            if word:
                yield Edit(found.start(), found.start() + len(masked), copy_case(word, masked))


def _find_masked(masked: str) -> str | None:
    n_letters = sum(map(str.isalpha, masked))
    shape = (masked[0], len(masked))
    likely = _index(read_masked_words).get(shape, ())
    # As in well-known, snake_case and example.com.
    joined = n_letters < 3 or any(sign in masked for sign in "-_.")
    if (joined and not likely) or ("." in masked and not _ONE_GAP.fullmatch(masked)):
        return None
    pattern = re.compile(re.sub(r"[^a-z]", "[a-z]", masked))
    first = next(filter(pattern.fullmatch, likely), None)
    if first or joined:
        return first
    fitting = [word for word in _index(read_known_words).get(shape, ()) if pattern.fullmatch(word)]
    return fitting[0] if len(fitting) == 1 and get_severity(fitting[0]) else None


@functools.cache
def _index(read: Callable[[], Iterable[str]]) -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Return the words by first letter and length."""
    index: dict[tuple[str, int], tuple[str, ...]] = {}
    for word in read():
        shape = (word[0], len(word))
        index[shape] = (*index.get(shape, ()), word)
    return index
