from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toxic_tweets.data import disguise_letters as letters
from toxic_tweets.data.disguise import KINDS, SEVERITIES, disguise, disguise_any

TEXT = "You are a stupid idiot, and your foolish brother is another silly clown who thinks badly."
PLAIN = "the quick brown fox jumps over lazy dogs while seven clever wizards vex a jolly queen"
# 1 stands for i and for l, as it does in the wild.
LEET_BACK = {sign: c for c, signs in letters.LEET.items() for sign in signs if c.islower()}
LEET_BACK["1"] = "i"


def make_random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def disguise_word(word: str, kind: str, severity: int, seed: int = 0) -> str:
    return disguise(word, kind, severity, make_random(seed))


def test_there_are_twelve_kinds_and_three_severities() -> None:
    assert len(set(KINDS)) == 12
    assert SEVERITIES == (1, 2, 3)


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_a_text_and_repeats_itself(kind: str, severity: int) -> None:
    disguised = disguise(TEXT, kind, severity, make_random(3))
    assert disguised != TEXT
    assert disguised == disguise(TEXT, kind, severity, make_random(3))
    assert len({disguise(TEXT, kind, severity, make_random(seed)) for seed in range(8)}) > 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "glued"])
def test_severity_changes_more_on_average(kind: str) -> None:
    def measure(severity: int) -> float:
        ratios = []
        for seed in range(6):
            disguised = disguise(PLAIN, kind, severity, make_random(seed))
            matcher = difflib.SequenceMatcher(None, PLAIN, disguised, autojunk=False)
            kept = sum(block.size for block in matcher.get_matching_blocks())
            ratios.append(len(PLAIN) + len(disguised) - 2 * kept)
        return float(np.mean(ratios))

    mild, middle, strong = (measure(severity) for severity in SEVERITIES)
    assert 0 < mild < middle < strong


@pytest.mark.parametrize(
    ("severity", "n_words"), [(1, 2), (2, 3), (3, 6)]
)  # a quarter, half, all of six content words
@pytest.mark.parametrize("kind", ["repeated", "zero_width", "combining", "masked", "homoglyphs"])
def test_severity_is_the_share_of_words(kind: str, severity: int, n_words: int) -> None:
    text = "stupid idiot clown brother silly fools"
    disguised = disguise(text, kind, severity, make_random())
    changed = [a != b for a, b in zip(text.split(), disguised.split(), strict=True)]
    assert sum(changed) == n_words


# What undoes a kind wholly, whatever was drawn.
UNDO: dict[str, Callable[[str], str]] = {
    "leet": lambda text: "".join(LEET_BACK.get(sign, sign) for sign in text),
    "spaced": lambda text: text.replace(" ", ""),
    "separators": lambda text: re.sub(r"\W|_", "", text),
    "repeated": lambda text: re.sub(r"(.)\1+", r"\1", text),
    "zero_width": lambda text: "".join(c for c in text if unicodedata.category(c) != "Cf"),
    "combining": lambda text: "".join(c for c in text if not unicodedata.combining(c)),
}


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("kind", UNDO)
def test_what_is_disguised_can_be_read(kind: str, severity: int) -> None:
    for seed in range(20):
        disguised = disguise_word("stupid", kind, severity, seed)
        assert disguised != "stupid"
        assert UNDO[kind](disguised) == "stupid"


def test_leet_knows_one_reading_of_each_sign() -> None:
    signs = [sign for small, signs in letters.LEET.items() if small.islower() for sign in signs]
    assert sorted(sign for sign in set(signs) if signs.count(sign) > 1) == ["1"]
    assert disguise_word("pest", "leet", 3) in {"p3" + s + t for s in "5$" for t in "7+"}


def test_one_doubled_letter_is_the_mildest_repetition() -> None:
    for seed in range(10):
        disguised = disguise_word("idiot", "repeated", 1, seed)
        assert len(disguised) == 6
        assert UNDO["repeated"](disguised) == "idiot"
    assert len(disguise_word("idiot", "repeated", 3)) >= 15


def test_spaces_and_separators() -> None:
    assert disguise_word("idiot", "spaced", 2) == "i d i o t"
    assert disguise_word("idiot", "spaced", 1).count(" ") == 1
    signs = "".join(letters.SEPARATORS)
    middle = disguise_word("idiot", "separators", 2)
    assert [middle[0::2], len(set(middle[1::2]))] == ["idiot", 1]
    assert middle[1] in signs
    assert len(set(disguise_word("imbeciles", "separators", 3)[1::2])) > 1


@pytest.mark.parametrize("severity", SEVERITIES)
def test_homoglyphs_are_other_scripts_or_forms(severity: int) -> None:
    disguised = disguise_word("Please", "homoglyphs", severity)
    foreign = [letter for letter in disguised if not letter.isascii()]
    assert len(foreign) == {1: 1, 2: 3, 3: 6}[severity]
    assert len(disguised) == 6


def test_no_homoglyph_is_ascii_and_all_are_letters() -> None:
    for glyph in "".join(letters.HOMOGLYPHS.values()):
        assert not glyph.isascii()
        assert glyph.isalpha() or unicodedata.category(glyph) == "Nl"


def test_styles() -> None:
    assert all(set(style) == set(letters.STYLES[0]) for style in letters.STYLES)
    assert len(letters.STYLES[0]) == 52
    assert sum(not c.isascii() for c in disguise_word("idiot", "styled", 1)) == 1
    whole = disguise_word("idiot", "styled", 2)
    assert whole in {"".join(style[c] for c in "idiot") for style in letters.STYLES}
    folded = {
        unicodedata.normalize("NFKC", disguise_word("idiot", "styled", 2, s)) for s in range(40)
    }
    assert "idiot" in folded


def test_a_typo_spares_the_first_letter_and_most_of_the_rest() -> None:
    for seed in range(30):
        mild = disguise_word("stupid", "typos", 1, seed)
        assert mild[0] == "s"
        assert len(mild) in (5, 6)
        assert len(disguise_word("stupid", "typos", 3, seed)) >= 3
    assert disguise_word("STUPID", "typos", 3).isupper()


def test_masks_stand_inside() -> None:
    for seed in range(10):
        assert re.fullmatch(
            r"st[^\w]pid|stup[^\w]d|st_pid|stup_d", disguise_word("stupid", "masked", 1, seed)
        )
        assert re.fullmatch(r"f[\W_]{2}l", disguise_word("fool", "masked", 2, seed))
        strong = disguise_word("stupid", "masked", 3, seed)
        assert (strong[0], strong[-1], sum(c.isalpha() for c in strong)) == ("s", "d", 3)


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("fudge", {"phoodge", "phuhdge"}),
        ("back", {"bak", "bakk", "baq"}),
        ("noon", {"nun", "nen", "newn", "noun", "nuun"}),
        ("Frog", {"Phrog"}),
        ("FROG", {"PHROG"}),
        ("night", {"nite", "nyt"}),
    ],
)
def test_a_word_is_spelt_as_it_sounds(word: str, spellings: set[str]) -> None:
    assert {disguise_word(word, "phonetic", 3, seed) for seed in range(10)} <= spellings


def test_glued_words() -> None:
    text = "you idiot"
    assert disguise(text, "glued", 1, make_random()) == "YouIdiot"
    middle = {disguise(text, "glued", 2, make_random(seed)) for seed in range(10)}
    assert middle == {"YouIdiot", "#YouIdiot"}
    strong = {disguise(text, "glued", 3, make_random(seed)) for seed in range(10)}
    assert strong == {"YouIdiot", "youidiot"}
    # The first word of a phrase is glued to the next; nothing is glued over a comma.
    assert disguise("no, stupid you", "glued", 3, make_random(1)).lower() == "no, stupidyou"
    assert disguise("fool, fool, fool", "glued", 3, make_random()) == "fool, fool, fool"
    n_spaces = [disguise(TEXT, "glued", n, make_random()).count(" ") for n in SEVERITIES]
    assert TEXT.count(" ") > n_spaces[0] > n_spaces[1] > n_spaces[2] > 0
    long = disguise("fool " * 40, "glued", 3, make_random())
    assert max(map(len, long.split())) <= 16


@pytest.mark.parametrize("kind", KINDS)
def test_targets_come_first(kind: str) -> None:
    text = "my clever brother met a silly person near an old bridge yesterday"
    for seed in range(5):
        disguised = disguise(text, kind, 1, make_random(seed), targets={"silly"})
        assert "silly" not in disguised.split()


def test_other_words_follow_and_case_does_not_matter() -> None:
    disguised = disguise("SILLY bridge", "repeated", 3, make_random(), targets=frozenset({"silly"}))
    assert not {"SILLY", "bridge"} & set(disguised.split())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "glued"])
def test_addresses_names_and_small_words_are_spared(kind: str) -> None:
    spared = [
        "https://example.org/silly",
        "www.example.org",
        "@silly_name",
        "&nbsp;",
        "you",
        "don't",
    ]
    text = " ".join([*spared, "silly"])
    assert disguise(text, kind, 3, make_random()).startswith(" ".join(spared) + " ")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "?!", "you and me", "12 34", "@someone", "🖕 🖕"])
def test_without_a_word_to_touch_nothing_changes(kind: str, text: str) -> None:
    assert disguise(text, kind, 3, make_random()) == text


def test_a_target_of_two_letters() -> None:
    assert disguise("go ab go", "repeated", 1, make_random(), targets={"ab"}) in {
        "go aab go",
        "go abb go",
    }
    for kind in ("masked", "typos"):  # there is nothing inside, nothing to spare
        assert disguise("go ab go", kind, 3, make_random(), targets={"ab"}) == "go ab go"


def test_letters_of_other_scripts() -> None:
    assert disguise("глупость", "spaced", 2, make_random()) == "г л у п о с т ь"
    assert disguise("глупость", "leet", 3, make_random()) == "глупость"
    assert len(disguise("глупость", "masked", 1, make_random())) == 8


def test_unknown_kind_or_severity() -> None:
    with pytest.raises(ValueError, match=r"'rot13' is no kind of disguise. Take one of leet, "):
        disguise(TEXT, "rot13", 1, make_random())
    with pytest.raises(ValueError, match=r"4 is no severity. Take 1, 2 or 3"):
        disguise(TEXT, "leet", 4, make_random())


def test_any_draws_every_kind() -> None:
    random = make_random()
    texts = {disguise_any("you idiot", random) for _ in range(200)}
    assert len(texts) > 60
    assert disguise_any(TEXT, make_random(5)) == disguise_any(TEXT, make_random(5))


@given(
    st.text(max_size=60) | st.lists(st.sampled_from([*TEXT.split(), *"ßéİǅ'’"])).map(" ".join),
    st.sampled_from(KINDS),
    st.sampled_from(SEVERITIES),
    st.integers(0, 99),
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_safe(text: str, kind: str, severity: int, seed: int) -> None:
    disguised = disguise(text, kind, severity, make_random(seed))
    assert bool(disguised) == bool(text)
    assert disguised == disguise(text, kind, severity, make_random(seed))
    disguise(html.escape(text) + "\ud800", kind, severity, make_random(seed), targets={text})


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_text_is_bounded(kind: str) -> None:
    for text in ("a" * 20_000, "ab " * 7_000, "a'" * 10_000, "&" * 20_000):
        assert len(disguise(text, kind, 3, make_random())) < 8 * len(text)
