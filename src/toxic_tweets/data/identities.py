"""Words that name groups of people, and swaps of one such word for another.

A text that names a group is not nasty for it. Training sees the same text with another group in it,
`evaluate` measures how far the scores of such pairs lie apart. Words with other senses (black,
straight, American, man) count only where a person is meant: beside a noun for people (`black
woman`), after a person (`he is black`), or as a noun for people (`the old are`, `Americans`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from toxic_tweets.data import identity_words as words
from toxic_tweets.data.identity_words import Form

# category -> its words in all their forms; within a form they are interchangeable.
IDENTITIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        category: tuple(dict.fromkeys(word for group in groups for word in group.values()))
        for category, groups in words.GROUPS.items()
    }
)
_ENTRIES: dict[str, dict[Form, tuple[str, int]]] = {}  # word -> form -> (category, place of group)
for _category, _groups in words.GROUPS.items():
    for _place, _group in enumerate(_groups):
        for _form, _word in _group.items():
            _ENTRIES.setdefault(_word, {})[_form] = (_category, _place)

_LAST_WORDS = frozenset(word.split()[-1] for word in _ENTRIES)
_TOKEN = re.compile(r"[^\W_]+")
_MAX_DRAWS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One place of a text that names a group of people.

    Attributes:
        start: first code point.
        end: one past the last code point.
        word: the word as `IDENTITIES` lists it.
        category: the category of `IDENTITIES` that it is in.
        form: adjective, one person (singular) or several (plural).
        personal: whether the words around tell that people are meant, so that words with other
            senses can stand here too.
    """

    start: int
    end: int
    word: str
    category: str
    form: Form
    personal: bool


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    word: str  # in lower case

    @property
    def is_capitalised(self) -> bool:
        """Tell whether it is written like a name: `Black`, not `BLACK`."""
        return self.text[0].isupper() and self.text[1:].islower()


def find_identities(text: str) -> tuple[Found, ...]:
    """Find the words of a text that name a group of people, in the order of the text."""
    tokens = [_Token(*m.span(), m[0], m[0].lower()) for m in _TOKEN.finditer(text)]
    gaps = [text[one.end : other.start] for one, other in pairwise(tokens)]
    found: dict[int, Found] = {}  # by first token; filled from the end: a word leans on the next
    index = len(tokens) - 1
    while index >= 0:
        one = None
        for n_tokens in (2, 1) if tokens[index].word in _LAST_WORDS else ():
            first = index - n_tokens + 1
            one = _read(tokens, gaps, first, n_tokens, found)
            if one is not None:
                found[first] = one
                break
        index = (first if one is not None else index) - 1
    return tuple(found[first] for first in sorted(found))


def _read(
    tokens: Sequence[_Token],
    gaps: Sequence[str],
    first: int,
    n_tokens: int,
    found: Mapping[int, Found],
) -> Found | None:
    """Read the tokens from `first` on as one identity, or return None."""
    last = first + n_tokens - 1
    if first < 0 or any(gap not in (" ", "-") for gap in gaps[first:last]):
        return None
    word = " ".join(token.word for token in tokens[first : last + 1])
    entries = _ENTRIES.get(word)
    if entries is None:
        return None
    context = _Context(tokens, gaps, first, last, found)
    form = _choose_form(entries, context)
    category, _ = entries[form]
    personal = context.is_personal(form)
    if form == "adjective":
        if context.is_name(word) or (word in words.AMBIGUOUS_ADJECTIVES and not personal):
            return None
    elif word in words.AMBIGUOUS_NOUNS and not personal:
        return None
    return Found(tokens[first].start, tokens[last].end, word, category, form, personal)


def _choose_form(entries: Mapping[Form, object], context: _Context) -> Form:
    """Tell a noun (`as a Muslim`) from an adjective (`a Muslim man`) where a word is both."""
    if "plural" in entries:
        return "adjective" if "adjective" in entries and not context.is_collective else "plural"
    if "adjective" in entries and "singular" in entries:
        return "singular" if context.has_article and context.ends_phrase else "adjective"
    return "adjective" if "adjective" in entries else "singular"


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands around the tokens from `first` to `last`."""

    tokens: Sequence[_Token]
    gaps: Sequence[str]
    first: int
    last: int
    found: Mapping[int, Found]

    def _before(self) -> Iterator[str]:
        """Yield the words before, nearest first, as far as no punctuation parts them."""
        for index in range(self.first - 1, max(-1, self.first - 7), -1):
            if self.gaps[index].strip(" '’"):
                return
            yield self.tokens[index].word

    @property
    def _next(self) -> _Token | None:
        """The token behind, unless punctuation parts it."""
        if self.last + 1 < len(self.tokens) and self.gaps[self.last] in (" ", "-"):
            return self.tokens[self.last + 1]
        return None

    @property
    def has_article(self) -> bool:
        """Tell whether an article or its like stands before: `a`, `every`."""
        return next(self._before(), "") in words.ARTICLES

    @property
    def ends_phrase(self) -> bool:
        """Tell whether it describes no word behind: `a Muslim and`."""
        return self._next is None or self._next.word in words.FUNCTION_WORDS

    def is_personal(self, form: Form) -> bool:
        """Tell whether, read in this form, it means people."""
        if form == "plural":
            return True
        if form == "singular":
            nearest = [word for word, _ in zip(self._before(), range(2), strict=False)]
            return any(word in words.ARTICLES for word in nearest) or self._follows_adjective()
        return self._leads_to_person() or self._describes_person() or self.is_collective

    def _follows_adjective(self) -> bool:
        """Tell whether an adjective of people stands before: `black man`."""
        nearest = next(self._before(), "")
        return "adjective" in _ENTRIES.get(nearest, {})

    def _leads_to_person(self) -> bool:
        """Tell whether people are named behind: `black women`, `black and white people`."""
        index = self.last + 1
        if self._next is None:
            return False
        if self._next.word in ("and", "or") and index + 1 < len(self.tokens):
            return self.gaps[index] == " " and index + 1 in self.found
        return self._next.word in words.PERSON_NOUNS or index in self.found

    def _describes_person(self) -> bool:
        """Tell whether a person before is described: `she is black`."""
        if not self.ends_phrase:
            return False
        before = [word for word in self._before() if word not in words.ADVERBS]
        if before and before[0] in words.PERSONAL_COPULAS:
            return True
        return len(before) > 1 and before[0] in words.COPULAS and before[1] in words.SUBJECTS

    @property
    def is_collective(self) -> bool:
        """Tell whether an adjective stands for all such people: `the old are`."""
        return (
            next(self._before(), "") == "the"
            and self._next is not None
            and self._next.word in words.PLURAL_VERBS
        )

    def is_name(self, word: str) -> bool:
        """Tell whether an adjective is part of a name: a street, a book, a first or last name."""
        if not self.tokens[self.first].is_capitalised:
            return False
        behind = self._next
        if behind is not None and behind.is_capitalised:
            return behind.word not in words.PERSON_NOUNS and self.last + 1 not in self.found
        before = self.tokens[self.first - 1] if self.first else None
        return (
            word in words.NAMES
            and before is not None
            and before.is_capitalised
            and before.word not in words.ARTICLES | words.FUNCTION_WORDS
        )


def swap_identities(text: str, random: np.random.Generator) -> str | None:
    """Name other groups of people in a text, each by one of its own category and form.

    The same group becomes the same other one throughout, two groups never become one where there
    are enough, case is kept and a or an put right. One man or woman stays where the text says he or
    she.

    Args:
        text: any text.
        random: draws the groups; the same state gives the same text.

    Returns:
        The text with as many identities, or None if it names none that can be swapped.
    """
    found = find_identities(text)
    if not found:
        return None
    categories = _list_categories(found)
    is_gendered = any(match[0].lower() in words.PRONOUNS for match in _TOKEN.finditer(text))
    for _ in range(_MAX_DRAWS):
        others = _draw_groups(found, random, is_gendered)
        swapped = _write(text, found, others)
        # Two words can meet and be read as one (African, American), or make a person of a third
        # (Chinese man, but not Nigerians man): then others are drawn.
        if swapped != text and _list_categories(find_identities(swapped)) == categories:
            return swapped
    return None


def _list_categories(found: Sequence[Found]) -> list[str]:
    return [one.category for one in found]


def _draw_groups(
    found: Sequence[Found], random: np.random.Generator, is_gendered: bool
) -> dict[tuple[str, int], int]:
    """Draw for each group, given as category and place, the place of another."""
    places: dict[tuple[str, int], list[Found]] = {}
    for one in found:
        places.setdefault(_ENTRIES[one.word][one.form], []).append(one)
    others: dict[tuple[str, int], int] = {}
    taken: set[tuple[str, int]] = set()
    for (category, place), here in places.items():
        if is_gendered and _is_one_of_a_gender(here):
            taken.add((category, place))
            continue
        groups = words.GROUPS[category]
        fitting = [
            other
            for other in range(len(groups))
            if other != place and all(_fits(groups[other], one) for one in here)
        ]
        fresh = [other for other in fitting if (category, other) not in taken]
        if fitting:
            pool = fresh or fitting
            others[category, place] = pool[int(random.random() * len(pool))]
            taken.add((category, others[category, place]))
    return others


def _is_one_of_a_gender(here: Sequence[Found]) -> bool:
    return any(one.form == "singular" and one.category.startswith("gender") for one in here)


def _fits(group: Mapping[Form, str], one: Found) -> bool:
    """Tell whether a group has a word for this place that is understood there."""
    word = group.get(one.form)
    if word is None:
        return False
    ambiguous = words.AMBIGUOUS_ADJECTIVES if one.form == "adjective" else words.AMBIGUOUS_NOUNS
    return one.personal or word not in ambiguous


def _write(text: str, found: Sequence[Found], others: Mapping[tuple[str, int], int]) -> str:
    pieces: list[str] = []
    done = 0
    for one in found:
        category, place = _ENTRIES[one.word][one.form]
        other = others.get((category, place))
        if other is None:
            continue
        old, new = text[one.start : one.end], words.GROUPS[category][other][one.form]
        before = _mend_article(text[done : one.start], new, loud=old.isupper())
        pieces += [before, _like(old, new)]
        done = one.end
    return "".join([*pieces, text[done:]])


_ARTICLE = re.compile(r"(?<![^\W_])(a)n?( +)\Z", re.IGNORECASE)


def _mend_article(before: str, word: str, *, loud: bool) -> str:
    """Make the a or an at the end of the text before fit the word; loud is in capitals."""
    article = _ARTICLE.search(before, max(0, len(before) - 8))
    if article is None:
        return before
    # No group begins with a silent h; eu and uk are spoken as y, LGBT as el.
    is_vowel = word[0] in "aeiou" and word[:2] not in ("eu", "uk")
    n = "n" if is_vowel or word in words.ACRONYMS else ""
    capital = loud and article[1].isupper()
    return before[: article.start()] + article[1] + (n.upper() if capital else n) + article[2]


def _like(old: str, new: str) -> str:
    """Give a word the case of the one it replaces."""
    if new in words.ACRONYMS:
        return new.upper()
    if old.lower() in words.ACRONYMS:
        return new
    if old.isupper():
        return new.upper()
    return new.title() if old[0].isupper() else new
