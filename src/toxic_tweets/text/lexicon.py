"""Know abusive words by severity, and common words that are none.

The lists only decide whether a disguised reading is better than what stands there; no score comes
from them. They are single lower-case English words in the data files beside this one.

Source: abusive_words.txt comes from Surge AI's profanity list (with its severity) and LDNOOBW's
English list, without the words that mostly mean something harmless, with words of threat and insult
that are no profanity. common_words.txt holds the words that stand in at least 15 texts of the
training sources. misspelled_words.txt holds the abusive ones of four letters and more that stand in
at least 15 of those texts, most of them toxic. neighbour_words.txt holds what of SCOWL's largest
list of English words, and of the names of a census, would be misread as one of these.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

Index = Mapping[str, tuple[str, ...]]

_RUN = re.compile(r"(.)\1+")


def squeeze(word: str) -> str:
    """Return the word with each run of one letter as that letter."""
    return _RUN.sub(lambda run: run[1], word)


def _read(name: str) -> list[str]:
    return (files("toxic_tweets.text") / name).read_text(encoding="utf-8").splitlines()


@functools.cache
def read_abusive_words() -> Mapping[str, int]:
    """Return each abusive word with its severity: 1 mild, 2 strong, 3 severe."""
    return {line[:-2]: int(line[-1]) for line in _read("abusive_words.txt")}


@functools.cache
def read_common_words() -> frozenset[str]:
    """Return the words of two letters and more that are common and not abusive."""
    return frozenset(_read("common_words.txt"))


def read_masked_words() -> list[str]:
    """Return the words that people write with signs in place of letters, likelier ones first."""
    return _read("masked_words.txt")


@functools.cache
def read_misspelled_words() -> tuple[str, ...]:
    """Return the abusive words that a misspelled word may be read as, likelier ones first."""
    return tuple(_read("misspelled_words.txt"))


@functools.cache
def read_often_abused() -> frozenset[str]:
    """Return the same words, to look one up."""
    return frozenset(read_misspelled_words())


@functools.cache
def read_neighbour_words() -> frozenset[str]:
    """Return rare words and names that are a slip or a sound away from an abusive word."""
    return frozenset(_read("neighbour_words.txt"))


@functools.cache
def read_known_words() -> frozenset[str]:
    """Return the words of both lists, none of which any reading of a disguise changes."""
    return read_common_words() | read_abusive_words().keys()


@functools.cache
def _abusive_by_squeezed() -> Index:
    return _index(read_abusive_words())


@functools.cache
def _common_by_squeezed() -> Index:
    return _index(read_common_words())


def _index(words: Iterable[str]) -> Index:
    index: dict[str, tuple[str, ...]] = {}
    for word in words:
        key = squeeze(word)
        index[key] = (*index.get(key, ()), word)
    return index


def is_known(word: str) -> bool:
    """Say whether the lower-case word is in one of the two lists."""
    return word in read_known_words()


def get_severity(word: str) -> int:
    """Return how bad the lower-case word is, 0 if it is in no list of abuse."""
    return read_abusive_words().get(word, 0)


def find_abusive(word: str) -> str | None:
    """Return the abusive word that this is, perhaps with letters repeated, or None.

    `idiiiot` and `iddiot` are `idiot`; `as` is not `ass`, for nothing is ever added.
    """
    if word in read_abusive_words():
        return word
    return _find_stretched(word, _abusive_by_squeezed())


def find_common(word: str) -> str | None:
    """Return the common word that this is, perhaps with letters repeated, or None."""
    if word in read_common_words():
        return word
    return _find_stretched(word, _common_by_squeezed())


def _find_stretched(word: str, index: Index) -> str | None:
    """Return the longest listed word that this one stretches."""
    if not _RUN.search(word):
        return None
    squeezed = squeeze(word)
    found = [other for other in index.get(squeezed, ()) if _stretches(word, other)]
    return max(found, key=lambda other: (len(other), other), default=None)


def _stretches(word: str, other: str) -> bool:
    """Say whether no run of the other word is longer than the same run of the word."""
    return all(
        len(run[0]) >= len(run_of_other[0])
        for run, run_of_other in zip(
            re.finditer(r"(.)\1*", word), re.finditer(r"(.)\1*", other), strict=True
        )
    )
