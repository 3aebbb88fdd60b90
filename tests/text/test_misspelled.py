from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.text import misspelled
from toxic_tweets.text.lexicon import (
    get_severity,
    is_known,
    read_misspelled_words,
    read_neighbour_words,
)
from toxic_tweets.text.offsets import Draft

WORDS = st.text("abcdeiostu", max_size=9)


def mend(text: str) -> str:
    draft = Draft(text)
    draft.apply(misspelled.mend_words(text))
    return draft.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("you idoit, idiott!", "you idiot, idiot!"),
        ("a idito and a morom", "a idiot and a moron"),
        ("morno Mornos", "moron morons"),
        ("pahtetci", "pathetic"),
        ("PATHTEIC", "PATHETIC"),
        ("Bastrads", "bastards"),
    ],
)
def test_slips(text: str, plain: str) -> None:
    assert mend(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("stoopid", "stupid"),
        ("Stewpid", "stupid"),
        ("phuckin", "phuckin"),  # in the list of abuse as it is
        ("baztardz", "bastards"),
        ("retaard", "retard"),
    ],
)
def test_spelled_by_ear(text: str, plain: str) -> None:
    assert mend(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "idiom idol idle",  # common words
        "Moran met Moren",  # names
        "losef",  # as near to a common word
        "Idoit IDOIT",  # short with capitals: a name
        "mcDick iDoit",
        "idoit@example.com @idoit #idoit idoit's",
        "beach sheet count",
        "idiots",
        "ido ot",
        "hautes",
    ],
)
def test_what_is_left(text: str) -> None:
    assert mend(text) == text


def test_lists_are_clean() -> None:
    words = read_misspelled_words()
    assert len(set(words)) == len(words)
    assert all(len(word) > 3 and get_severity(word) for word in words)
    neighbours = read_neighbour_words()
    assert all(word.isascii() and word.isalpha() and word.islower() for word in neighbours)
    assert not any(map(is_known, neighbours))
    assert all(mend(word) == word for word in neighbours)


def test_is_inflected() -> None:
    assert all(map(misspelled.is_inflected, ["gardens", "gardening", "gardener", "stories"]))
    assert not any(map(misspelled.is_inflected, ["garden", "idoits", "ing"]))


@pytest.mark.parametrize(
    ("one", "other", "n_slips"),
    [
        ("idiot", "idiot", 0),
        ("idoit", "idiot", 1),
        ("idot", "idiot", 1),
        ("iddiot", "idiot", 1),
        ("idiit", "idiot", 1),
        ("diiot", "idiot", 1),
        ("", "abc", 3),
        ("ca", "abc", 3),
    ],
)
def test_count_slips(one: str, other: str, n_slips: int) -> None:
    assert misspelled.count_slips(one, other) == n_slips


@given(WORDS, WORDS)
def test_slips_are_a_distance(one: str, other: str) -> None:
    n_slips = misspelled.count_slips(one, other)
    assert n_slips == misspelled.count_slips(other, one)
    assert abs(len(one) - len(other)) <= n_slips <= max(len(one), len(other))
    assert (n_slips == 0) == (one == other)


@pytest.mark.parametrize(
    "words",
    [
        ("stupid", "stoopid", "stewpyd", "stuhpid"),
        ("losers", "loserz", "losahz"),
        ("cracking", "krakkin", "crackeen"),
        ("nation", "nashun"),
        ("phone", "fone"),
    ],
)
def test_what_sounds_alike_has_one_key(words: tuple[str, ...]) -> None:
    keys = [misspelled.make_key(word) for word in words]
    assert all(one == other for one, other in pairwise(keys))
    assert misspelled.make_key("garden") not in keys
