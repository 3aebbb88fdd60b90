import random
import string
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toxic_tweets.errors import PolicyError
from toxic_tweets.policy import Policy, WordList
from toxic_tweets.prediction import Match
from toxic_tweets.text.normalize import Normalized, normalize
from toxic_tweets.text.offsets import Edit
from toxic_tweets.text.wordlists import (
    MAX_PATTERNS,
    Matcher,
    compile_lists,
    is_pattern,
)


def plain(text: str) -> Normalized:
    return Normalized(text, len(text))


def block(*items: str) -> Matcher:
    return compile_lists([WordList("house words", items)])


def find(matcher: Matcher, text: str) -> list[str]:
    return [text[match.start : match.end] for match in matcher.find(plain(text))]


@pytest.mark.parametrize(
    ("item", "text", "found"),
    [
        ("fool", "You FOOL, fools fool.", ["FOOL", "fool"]),
        ("fool", "foolish tomfool fool2 2fool", []),
        ("fool", "fool_face #fool @fool-ish fool's", ["fool"] * 4),
        ("fool", "😀fool😀", ["fool"]),
        ("shut up", "Shut  up! shut\nup shut-up shutup", ["Shut  up", "shut\nup"]),
        ("well-known", "a well-known well known", ["well-known"]),
        ("don't", "Don't don’t dont", ["Don't", "don’t"]),
        ("don’t", "don't", ["don't"]),
        ("u r", "u r", ["u r"]),
        ("f.u.", "f.u. f. u. fu", ["f.u.", "f. u."]),
        ("café", "CAFÉ cafe\u0301 cafés cafe", ["CAFÉ", "cafe\u0301"]),
        ("straße", "STRASSE Straße", ["STRASSE", "Straße"]),
        ("дурак", "Дурак дураки", ["Дурак"]),
        ("बेवकूफ", "वह बेवकूफ है बेवकूफी", ["बेवकूफ"]),
        ("أحمق", "أنت أحمق.", ["أحمق"]),
        ("馬鹿", "お前は馬鹿だ", ["馬鹿"]),
        ("バカ", "バカバカ", ["バカ", "バカ"]),
        ("โง่", "คุณโง่มาก", ["โง่"]),
        ("โง", "คุณโง่มาก", []),  # a mark belongs to its letter
        ("바보", "너 바보 바보들", ["바보"]),
        ("👎", "no👎👎🏽!", ["👎", "👎"]),
        ("❤", "❤️ ❤", ["❤", "❤"]),
        ("c++", "c++ c", ["c++"]),
        ("100", "100 1000 100%", ["100", "100"]),
        ("//", "a // b", ["//"]),
    ],
)
def test_words_and_phrases(item: str, text: str, found: list[str]) -> None:
    assert find(block(item), text) == found


def test_patterns_stand_between_slashes() -> None:
    assert is_pattern("/colou?r/")
    assert not is_pattern("//")
    assert not is_pattern("and/or")
    assert find(block("/fool\\w*/"), "Foolish tomfoolery fools") == ["Foolish", "fools"]
    assert find(block("/[é-ü]cole/"), "École") == ["École"]


def test_matches_name_list_item_and_place_in_the_original() -> None:
    matcher = compile_lists(
        [WordList("a", ("fool", "/f\\w+l/")), WordList("b", ("old fool",), verdict="review")]
    )
    text = "You o l d  f0ol"
    place = text.index("f0ol")
    found = set(matcher.find(normalize("You old fool")))
    assert found == {
        Match("a", "fool", 8, 12, "block"),
        Match("a", "/f\\w+l/", 8, 12, "block"),
        Match("b", "old fool", 4, 12, "block"),
    }
    normalized = Normalized("You fool", len(text), ((Edit(4, place, ""),),))
    assert {(one.start, one.end) for one in matcher.find(normalized)} == {(place, len(text))}


def test_words_in_disguise_are_found_where_they_stand() -> None:
    text = "ok, you 1d10t"
    assert compile_lists([WordList("a", ("idiot",))]).find(normalize(text)) == (
        Match("a", "idiot", 8, 13, "block"),
    )


def test_an_item_in_disguise_is_found_too() -> None:
    for text in ("you 1d10t", "you idiot"):
        assert len(block("1d10t").find(normalize(text))) == 1


def test_what_is_allowed_is_masked_and_not_blocked() -> None:
    matcher = compile_lists(
        [
            WordList("house words", ("dumb", "dumb phone call", "phone")),
            WordList("fine here", ("dumb phone", "/phone \\w+/"), "allow"),
        ]
    )
    text = plain("My dumb phone case is dumb.")
    assert matcher.find(text) == (
        Match("fine here", "dumb phone", 3, 13, "allow"),
        Match("fine here", "/phone \\w+/", 8, 18, "allow"),
        Match("house words", "dumb", 22, 26, "block"),
    )
    masked = matcher.mask(text)
    assert masked.text == "My                 is dumb."
    longer = plain("a dumb phone call")
    assert [match.item for match in matcher.find(longer) if match.kind == "block"] == []
    only = compile_lists(
        [WordList("b", ("dumb phone call",)), WordList("a", ("dumb phone",), "allow")]
    )
    assert [match.kind for match in only.find(longer)] == ["allow", "block"]


def test_a_mask_keeps_length_and_places() -> None:
    matcher = compile_lists([WordList("fine here", ("idiot",), "allow")])
    normalized = normalize("an 1 d 1 o t or two")
    masked = matcher.mask(normalized)
    assert len(masked.text) == len(normalized.text)
    assert (masked.starts, masked.ends) == (normalized.starts, normalized.ends)
    assert matcher.mask(plain("nothing to see")) == plain("nothing to see")
    assert matcher.find(matcher.mask(plain("idiot idiot"))) == ()


@settings(deadline=None)  # the first call reads what is needed from disk
@given(st.text(alphabet="ab c.é", max_size=40))
def test_a_mask_covers_what_matches_and_nothing_else(text: str) -> None:
    matcher = compile_lists([WordList("fine", ("a b", "/c+/", "é"), "allow")])
    covered = {at for match in matcher.find(plain(text)) for at in range(match.start, match.end)}
    expected = "".join(" " if at in covered else sign for at, sign in enumerate(text))
    assert matcher.mask(plain(text)).text == expected


@settings(deadline=None)  # the first call reads what is needed from disk
@given(
    st.lists(st.text(alphabet="abé _", min_size=1, max_size=6), min_size=1, max_size=5),
    st.text(alphabet="abé _.", max_size=60),
)
def test_every_item_is_found_in_a_text_of_items(items: list[str], text: str) -> None:
    items = sorted({item.strip() for item in items} - {""})
    if not items:
        return
    matcher = block(*items)
    whole = f"{text} {items[0]} {text}"
    matches = matcher.find(plain(whole))
    assert items[0] in {match.item for match in matches}
    for one, other in pairwise(matches):
        assert (one.start, one.end) <= (other.start, other.end)
    for match in matches:
        assert 0 <= match.start < match.end <= len(whole)
        before, after = whole[: match.start][-1:], whole[match.end :][:1]
        assert not (before.isalnum() and whole[match.start].isalnum())
        assert not (after.isalnum() and whole[match.end - 1].isalnum())


def test_ten_thousand_words_and_a_huge_text() -> None:
    dice = random.Random(1)
    words = {"".join(dice.choices(string.ascii_lowercase, k=8)) for _ in range(10_000)}
    matcher = block(*sorted(words))
    some = sorted(words)[:3]
    text = "hello there " * 5_000 + " ".join(some)
    assert find(matcher, text) == some


def test_texts_that_no_encoding_has_are_searched_too() -> None:
    assert find(block("/b+/", "a"), "\ud800 a \udfff bb") == ["a", "bb"]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (("/(?<=a)b/",), r"lists: house words: '/\(\?<=a\)b/' is no pattern.*look-around"),
        (("fine", "/[/"), r"lists: house words: '/\[/' is no pattern"),
        (("\ufe0f",), "no letter, digit or sign"),
        (tuple(f"/a{n}/" for n in range(MAX_PATTERNS + 1)), "201 patterns, but .* 200"),
        (tuple(f"/a{n}\\pL+/" for n in range(20)), "instructions, but all may have 20,000"),
    ],
)
def test_items_that_cannot_be_used_say_why(items: tuple[str, ...], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        block(*items)


def test_the_example_does_what_it_says() -> None:
    file = Path(__file__).parents[2] / "examples" / "policies" / "wordlist.toml"
    matcher = compile_lists(Policy.from_toml(file.read_text(encoding="utf-8")).lists)
    text = normalize("Get really rich! Kill Bill is a sp0iler, popcorn  face")
    assert [(match.list, match.item) for match in matcher.find(text)] == [
        ("spoilers and offers", "/get.{0,10}rich/"),
        ("titles", "Kill Bill"),
        ("spoilers and offers", "spoiler"),
        ("nicknames", "popcorn face"),
    ]


def test_equal_lists_are_compiled_once() -> None:
    assert block("one", "two") is block("one", "two")
    assert compile_lists([]).find(plain("anything")) == ()
