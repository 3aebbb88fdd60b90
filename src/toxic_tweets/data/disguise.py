"""Texts as abusers disguise them: twelve kinds, three severities, any text.

The one place that makes disguised texts: training augments with it, tests and `evaluate` measure
with it (other seeds). It needs no model and treats an innocent text exactly as a nasty one, so that
false alarms on disguised innocent texts can be measured too.

What is touched: the words in `targets` first, then other content words (three letters or more, no
stop word) at random; never an address, an @name or an HTML entity. How much, by severity:

- 1: a quarter of the content words (at least one), each at one place: one letter, one gap;
- 2: half of the content words, each at half of its places;
- 3: every content word, each at every place.

What a place is, and where a kind differs from "one, half, all":

- `leet`: a letter that a digit or sign resembles (`1diot`).
- `spaced`: a gap between letters takes a space (`id iot`); from 2 on every gap, at 3 up to three.
- `separators`: the same with a sign (`id.iot`); from 2 on every gap, at 3 with mixed signs.
- `repeated`: a letter is doubled; at 2 written three or four times, at 3 three to six times.
- `homoglyphs`: a letter becomes a Cyrillic, Greek, Armenian or dotless one that looks alike.
- `zero_width`: an invisible character stands in a gap.
- `combining`: a letter takes a mark; at 3 one to three marks.
- `styled`: a letter of another alphabet of Unicode (fullwidth, mathematical, circled, ...); at 2
  the whole word in one style, at 3 each letter in a style of its own.
- `typos`: one, two or three of: neighbours swapped, a letter dropped, a neighbour on the keyboard;
  at most one for two letters, the first letter spared.
- `masked`: an inner letter becomes a sign (`id*ot`); at 2 each inner vowel, at 3 each inner letter
  but one (all where there are two).
- `phonetic`: a sound is spelt in another way (`phuck`, `stoopid`).
- `glued`: the space before a word goes (`YouIdiot`); at 2 half of these are hashtags (`#YouIdiot`),
  at 3 half keep their case (`youidiot`). At most four words become one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from toxic_tweets.data import disguise_letters as letters

SEVERITIES = (1, 2, 3)
_SHARES = {1: 0.25, 2: 0.5, 3: 1.0}

# Where an address, an @name or an entity stands, no word is found.
_WORD = re.compile(
    r"(?:https?://|www\.)\S+|[@&]\w+|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)", re.IGNORECASE
)
_MAX_GLUED = 4
T = TypeVar("T")
_Change = Callable[[str, int, np.random.Generator], str]


def disguise(
    text: str,
    kind: str,
    severity: int,
    random: np.random.Generator,
    targets: Collection[str] | None = None,
) -> str:
    """Disguise a text in one way, as abusers do to slip through.

    Args:
        text: any text; one without a word that this kind can touch comes back unchanged.
        kind: one of `KINDS`.
        severity: 1, 2 or 3; the module says what each touches.
        random: draws the words and places; the same state gives the same text.
        targets: words in lower case that are disguised first, such as a lexicon of abuse (a set:
            it is asked once for each word).

    Returns:
        The disguised text, which is empty only if `text` is.

    Raises:
        ValueError: the kind or the severity is unknown.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of disguise. Take one of {', '.join(KINDS)}.")
    if severity not in SEVERITIES:
        raise ValueError(f"{severity!r} is no severity. Take 1, 2 or 3.")
    words = [match.span() for match in _WORD.finditer(text) if match["word"]]
    order = _order_words([text[start:end] for start, end in words], random, targets)
    n_words = math.ceil(_SHARES[severity] * len(order))
    if kind == "glued":
        return _glue(text, words, order, n_words, severity, random)
    change = _CHANGES[kind]
    changed: dict[int, str] = {}
    for index in order:
        if len(changed) == n_words:
            break
        word = text[slice(*words[index])]
        new = change(word, severity, random)
        if new != word:
            changed[index] = new
    return _replace(text, words, changed)


def disguise_any(
    text: str, random: np.random.Generator, targets: Collection[str] | None = None
) -> str:
    """Disguise a text in a kind and severity drawn at random, to train on it."""
    kind, severity = _draw(KINDS, random), _draw(SEVERITIES, random)
    return disguise(text, kind, severity, random, targets)


def _order_words(
    words: Sequence[str], random: np.random.Generator, targets: Collection[str] | None
) -> list[int]:
    """Return the places of the words that may be touched: targets first, each group shuffled."""
    first, rest = [], []
    for index in random.permutation(len(words)).tolist():
        word = words[index].casefold()
        if targets is not None and len(word) > 1 and word in targets:
            first.append(index)
        elif len(word) >= 3 and word.replace("’", "'") not in letters.STOP_WORDS:
            rest.append(index)
    return first + rest


def _replace(text: str, words: Sequence[tuple[int, int]], changed: Mapping[int, str]) -> str:
    pieces, done = [], 0
    for index in sorted(changed):
        start, end = words[index]
        pieces += [text[done:start], changed[index]]
        done = end
    return "".join([*pieces, text[done:]])


def _draw(options: Sequence[T], random: np.random.Generator) -> T:
    return options[int(random.random() * len(options))]


def _choose(places: Sequence[int], severity: int, random: np.random.Generator) -> set[int]:
    """Choose one, half or all of the places."""
    if severity == 3 or len(places) <= 1:
        return set(places)
    if severity == 1:
        return {_draw(places, random)}
    n_places = math.ceil(len(places) / 2)
    return {places[index] for index in random.permutation(len(places))[:n_places].tolist()}


def _alike(table: Mapping[str, str]) -> _Change:
    """Make a change that puts letters that look alike in the place of a word's own."""

    def change(word: str, severity: int, random: np.random.Generator) -> str:
        places = [index for index, letter in enumerate(word) if letter in table]
        chosen = _choose(places, severity, random)
        return "".join(
            _draw(table[letter], random) if index in chosen else letter
            for index, letter in enumerate(word)
        )

    return change


def _fill_gaps(word: str, fill: Mapping[int, str]) -> str:
    """Put each filling behind the letter that its place names."""
    return "".join(letter + fill.get(index, "") for index, letter in enumerate(word))


def _space(word: str, severity: int, random: np.random.Generator) -> str:
    gaps = range(len(word) - 1)
    chosen = _choose(gaps, 1 if severity == 1 else 3, random)
    most = 3 if severity == 3 else 1
    return _fill_gaps(word, {gap: " " * (1 + int(random.random() * most)) for gap in chosen})


def _separate(word: str, severity: int, random: np.random.Generator) -> str:
    gaps = range(len(word) - 1)
    chosen = sorted(_choose(gaps, 1 if severity == 1 else 3, random))
    sign = _draw(letters.SEPARATORS, random)
    if severity < 3:
        return _fill_gaps(word, dict.fromkeys(chosen, sign))
    return _fill_gaps(word, {gap: _draw(letters.SEPARATORS, random) for gap in chosen})


def _repeat(word: str, severity: int, random: np.random.Generator) -> str:
    places = [index for index, letter in enumerate(word) if letter not in "'’"]
    chosen = sorted(_choose(places, severity, random))
    least, most = {1: (1, 1), 2: (2, 3), 3: (2, 5)}[severity]
    extra = {place: least + int(random.random() * (most - least + 1)) for place in chosen}
    return _fill_gaps(word, {place: word[place] * n for place, n in extra.items()})


def _hide(word: str, severity: int, random: np.random.Generator) -> str:
    chosen = sorted(_choose(range(len(word) - 1), severity, random))
    return _fill_gaps(word, {gap: _draw(letters.INVISIBLE, random) for gap in chosen})


def _mark(word: str, severity: int, random: np.random.Generator) -> str:
    chosen = sorted(_choose(range(len(word)), severity, random))
    most = 3 if severity == 3 else 1
    fill = {}
    for place in chosen:
        n_marks = 1 + int(random.random() * most)
        fill[place] = "".join(_draw(letters.MARKS, random) for _ in range(n_marks))
    return _fill_gaps(word, fill)


def _style(word: str, severity: int, random: np.random.Generator) -> str:
    places = [index for index, letter in enumerate(word) if letter in letters.STYLES[0]]
    chosen = _choose(places, 1 if severity == 1 else 3, random)
    style = _draw(letters.STYLES, random)
    return "".join(
        (_draw(letters.STYLES, random) if severity == 3 else style)[letter]
        if index in chosen
        else letter
        for index, letter in enumerate(word)
    )


def _mistype(word: str, severity: int, random: np.random.Generator) -> str:
    typed = list(word)
    for _ in range(min(severity, len(word) // 2)):
        if len(typed) < 3:
            break
        place = 1 + int(random.random() * (len(typed) - 1))
        slip = random.random()
        swappable = place + 1 < len(typed) and typed[place] != typed[place + 1]
        near = letters.KEYBOARD.get(typed[place].lower())
        if slip < 1 / 3 and swappable:
            typed[place], typed[place + 1] = typed[place + 1], typed[place]
        elif slip < 2 / 3 and near:
            typed[place] = _like(typed[place], _draw(near, random))
        else:
            del typed[place]
    return "".join(typed)


def _mask(word: str, severity: int, random: np.random.Generator) -> str:
    inner = [i for i in range(1, len(word) - 1) if word[i] not in "'’"]
    if not inner:
        return word
    vowels = [i for i in inner if word[i].lower() in "aeiou"] or inner[:1]
    sign = _draw(letters.MASKS, random)
    if severity == 1:
        chosen = {_draw(vowels, random)}
    elif severity == 2:
        chosen = set(vowels)
    else:
        spared = _draw(inner, random) if len(inner) > 2 else None
        chosen = set(inner) - {spared}
    # Comic-strip swearing (`i$#%t`) takes another sign each time, the rest the same (`i***t`).
    mixed = severity == 3 and random.random() < 1 / 3
    return "".join(
        (_draw(letters.MASKS, random) if mixed else sign) if index in chosen else letter
        for index, letter in enumerate(word)
    )


def _respell(word: str, severity: int, random: np.random.Generator) -> str:
    sounds = list(letters.SOUNDS.finditer(word))
    chosen = _choose(range(len(sounds)), severity, random)
    pieces, done = [], 0
    for index in sorted(chosen):
        sound = sounds[index]
        spellings = letters.SPELLINGS[sound.lastindex or 0]
        new = _like(sound[0], _draw(spellings, random), loud=word.isupper())
        pieces += [word[done : sound.start()], new]
        done = sound.end()
    return "".join([*pieces, word[done:]])


def _like(old: str, new: str, *, loud: bool = True) -> str:
    """Give a spelling the case of the one it replaces."""
    if old.isupper() and loud:
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _glue(
    text: str,
    words: Sequence[tuple[int, int]],
    order: Sequence[int],
    n_words: int,
    severity: int,
    random: np.random.Generator,
) -> str:
    """Take the spaces away before chosen words, or behind one that begins its phrase."""
    glued: set[int] = set()  # a word stands here if nothing parts it from the one before
    for index in order:
        if len(glued) == n_words:
            break
        for second in (index, index + 1):
            if second not in glued and _can_glue(text, words, second, glued):
                glued.add(second)
                break
    spans = list(words)
    runs: dict[int, str] = {}
    for first in range(len(words)):
        if first in glued or first + 1 not in glued:
            continue
        last = first + 1
        while last + 1 in glued:
            last += 1
        run = [text[slice(*words[index])] for index in range(first, last + 1)]
        if not (severity == 3 and random.random() < 0.5):
            run = [word[:1].upper() + word[1:] for word in run]
        sign = "#" if severity == 2 and random.random() < 0.5 else ""
        runs[first] = sign + "".join(run)
        spans[first] = (words[first][0], words[last][1])
    return _replace(text, spans, runs)


def _can_glue(text: str, words: Sequence[tuple[int, int]], second: int, glued: set[int]) -> bool:
    """Tell whether only spaces part a word from the one before, and the run stays short."""
    if not 0 < second < len(words):
        return False
    gap = text[words[second - 1][1] : words[second][0]]
    if not gap or gap.strip(" "):
        return False
    first, last = second - 1, second
    while first in glued:
        first -= 1
    while last + 1 in glued:
        last += 1
    return last - first < _MAX_GLUED


_CHANGES: Mapping[str, _Change] = MappingProxyType(
    {
        "leet": _alike(letters.LEET),
        "spaced": _space,
        "separators": _separate,
        "repeated": _repeat,
        "homoglyphs": _alike(letters.HOMOGLYPHS),
        "zero_width": _hide,
        "combining": _mark,
        "styled": _style,
        "typos": _mistype,
        "masked": _mask,
        "phonetic": _respell,
    }
)
KINDS: tuple[str, ...] = (*_CHANGES, "glued")
