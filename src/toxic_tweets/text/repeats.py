"""Take back letters and signs that were repeated: idiiiot, soooo, !!!!!!."""

import re
from collections.abc import Iterator

from toxic_tweets.text.leet import copy_case
from toxic_tweets.text.lexicon import find_abusive, find_common, get_severity, is_known
from toxic_tweets.text.offsets import Edit

_DOUBLE = re.compile(r"([A-Za-z])\1", re.IGNORECASE)
_TRIPLE = re.compile(r"(.)\1\1")
_WORD = re.compile(r"(?<!\w)[A-Za-z]+(?!\w)")
_NUMERAL = re.compile(r"[IVXLCDM]+")
LEAST_FLOOD = 4
"""How often a sign stands in a row at least to be cut."""

_FLOOD = re.compile(rf"(\S)\1{{{LEAST_FLOOD - 1},}}")


def has_repeats(text: str) -> bool:
    """Say whether a letter stands twice in a row; without, no step here changes a word."""
    return _DOUBLE.search(text) is not None


def squeeze_words(text: str) -> Iterator[Edit]:
    """Yield stretched words as the abusive or common words that they stretch.

    Words of the lists stay as they are. One doubled letter is taken back only where an abusive word
    comes of it, and that is long, or bad, enough to tell.
    """
    if not has_repeats(text):
        return
    for found in _WORD.finditer(text):
        word = found[0].lower()
        if _DOUBLE.search(word) and not is_known(word):
            plain = _find_plain(found[0], word)
            if plain:
                yield Edit(found.start(), found.end(), copy_case(plain, found[0]))


def _find_plain(written: str, word: str) -> str | None:
    if _NUMERAL.fullmatch(written):
        return None
    stretched = _TRIPLE.search(word) is not None
    abusive = find_abusive(word)
    if not abusive and not stretched:
        return None
    common = find_common(word)
    if abusive and (len(abusive) > len(common or "") or len(_TRIPLE.findall(word)) > 1):
        sure = len(abusive) > 4 or (len(abusive) == 4 and get_severity(abusive) > 1)
        return abusive if stretched or sure else None
    return common if stretched else None


def cut_floods(text: str) -> Iterator[Edit]:
    """Yield any letter or sign that stands four times and more as three of it; digits stay."""
    for flood in _FLOOD.finditer(text):
        if not flood[1].isdigit():
            yield Edit(flood.start(), flood.end(), flood[1] * 3)
