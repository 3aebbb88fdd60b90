import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.text.disguised_texts import DISGUISED
from tests.text.innocent_texts import NOT_WORSE, UNCHANGED

from toxic_tweets.model.checkpoint import NORMALIZER
from toxic_tweets.text import normalize as normalize_module
from toxic_tweets.text.lexicon import get_severity
from toxic_tweets.text.normalize import VERSION, normalize, replace_surrogates
from toxic_tweets.text.offsets import Normalized

ANY = st.text(st.characters(codec=None))
# What the steps look for, so that they meet each other.
FRAGMENTS = [
    *[
        "&amp;",
        "&lt;",
        "amp;",
        "#60;",
        "&#",
        "x3c;",
        "<",
        "b",
        ">",
        "</b>",
        "<!--",
        "-->",
        "<a b=c>",
    ],
    *["#", "@", "user", "You", "Idiot", "#YouIdiot", "http://", "www.", "x.y", "a@b.c"],
    *[
        "i d i o t",
        "id.iot",
        "idi ot",
        "1d10t",
        "5h17",
        "ki11",
        "f*ck",
        "sh",
        "it",
        "idiot",
        "iiiot",
    ],
    *["*", "f", "k", "s", "$", "!", "!!!!", "aaaa", " ", "  ", "\n", ".", "-", "_", "/", "1", "0"],
    *["\u200b", "\u200d", "\ufe0f", "\u00ad", "\ud800", "\x00", "\x0b", "\xa0", "\u2028", "\x85"],
    *["🖕", "👨🏿", "🏿", "🇩", "🇪", "😀", "©", "🅱", "\u0301", "\u0336", "é", "Ã©", "â€™", "´"],
    *["о", "ı", "і", "ν", "µ", "ｆ", "𝓲", "½", "²", "…", "ﬁ", "Ⓐ", "ᴀ", "K", "ſ", "ﷺ"],
    *["가", "ㅋ", "ᄀ", "ᅡ", "ᆨ", "क", "्", "ा", "א", "ש", "が", "か", "゙"],
]
MIXED = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(ANY, MIXED))
def test_twice_is_once_and_the_map_is_sound(text: str) -> None:
    normalized = normalize(text)
    again = normalize(normalized.text)
    assert again.text == normalized.text
    assert again.starts is None
    normalized.text.encode("utf-8")
    assert normalized.original_length == len(text)
    starts, ends = normalized.starts, normalized.ends
    if starts is None or ends is None:
        assert starts is ends
        assert normalized.text == replace_surrogates(text) or len(normalized.text) == len(text)
        return
    assert len(starts) == len(ends) == len(normalized.text)
    assert list(starts) == sorted(starts)
    assert list(ends) == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize("text", UNCHANGED)
def test_innocent_texts_stay(text: str) -> None:
    normalized = normalize(text)
    assert normalized.text == text
    assert normalized.starts is None


@pytest.mark.parametrize("text", NOT_WORSE)
def test_innocent_texts_do_not_turn_nasty(text: str) -> None:
    words = normalize(text).text.lower().split()
    assert not [word for word in words if get_severity(word) and word not in text.lower()]


@pytest.mark.parametrize(("disguised", "plain"), DISGUISED)
def test_disguises(disguised: str, plain: str) -> None:
    assert normalize(disguised).text.strip() == plain


@pytest.mark.parametrize(("disguised", "plain"), DISGUISED)
def test_disguises_point_back(disguised: str, plain: str) -> None:
    text = f"Well, {disguised}, he said"
    normalized = normalize(text)
    start = normalized.text.index(plain)
    start, end = normalized.to_original(start, start + len(plain))
    assert disguised[1:-3] in text[start:end]
    assert start >= text.index(disguised)
    assert end <= text.index(", he") + 1


def test_lists_of_examples_are_long_enough() -> None:
    assert len(UNCHANGED) + len(NOT_WORSE) >= 150
    assert len(DISGUISED) >= 80


def test_changes_around_keep_clean_words_in_place() -> None:
    text = "So you, i d i o t, said &lt;no&gt; 😀 to cafÃ©!"
    normalized = normalize(text)
    assert normalized.text == "So you, idiot, said <no> grinning face to café!"
    for word, original in [
        ("you", "you"),
        ("idiot", "i d i o t"),
        ("<", "&lt;"),
        ("no", "no"),
        ("grinning", "😀"),
        ("to", "to"),
        ("café", "cafÃ©"),
        ("!", "!"),
    ]:
        start = normalized.text.index(word)
        assert text[slice(*normalized.to_original(start, start + len(word)))] == original


HOSTILE = "a<&#@!*.1$|é😀Ã𝓲\u0301\u200b\u200dıが한\n "
PATTERNS = [
    "a ",
    "a b ",
    "&amp;",
    "<a ",
    "#A_",
    "f*",
    "1|",
    "www.",
    "id.iot ",
    "🏴\U000e0067",
    "<!--",
]


@pytest.mark.parametrize("pattern", [*HOSTILE, *PATTERNS])
def test_floods_end(pattern: str) -> None:
    normalize(pattern * (20_000 // len(pattern)))


def test_empty() -> None:
    assert normalize("").text == ""
    assert normalize("\u200b").to_original(0, 0) == (1, 1)


def test_version() -> None:
    assert VERSION == NORMALIZER == 2


def normalize_without_judging(monkeypatch: pytest.MonkeyPatch, text: str) -> Normalized:
    """Run every step over the whole text, as if each piece of it were in doubt."""
    with monkeypatch.context() as patch:
        patch.setattr(normalize_module, "_judge_all", lambda pieces: ~0)
        return normalize(text)


@pytest.mark.parametrize("text", [*UNCHANGED, *NOT_WORSE, *(text for text, _ in DISGUISED)])
def test_no_piece_is_overlooked(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert normalize(text) == normalize_without_judging(monkeypatch, text)


SIGNS = st.text(alphabet="ab1iotfuck@$|+(!).,:*_-#'\"€ı?&/", min_size=1, max_size=9)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(SIGNS, st.sampled_from(FRAGMENTS)), max_size=8).map(" ".join))
def test_names_and_links_hide_no_disguise_beside_them(text: str) -> None:
    found = normalize(f"@someone {text} http://example.com/a")
    assert found.text == normalize(f"@user {text} http").text


def test_what_is_kept_of_texts_is_short_words() -> None:
    long = "sq" * 20
    normalize(f"short {long} {long}!")
    assert "short" in normalize_module._DOUBTS
    assert not {long, f"{long}!"} & normalize_module._DOUBTS.keys()


def test_a_slip_is_none_among_words_of_another_language() -> None:
    assert normalize("you are so stpuid").text == "you are so stupid"
    text = "pero nadie puede decir stpuid aqui"
    assert normalize(text).text == text


def test_clean_text_loads_no_library() -> None:
    code = (
        "import sys; from toxic_tweets.text.normalize import normalize; "
        "normalize('A clean text, of course.'); "
        "assert not {'emoji', 'ftfy', 'confusable_homoglyphs', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(ANY)
def test_result_has_a_utf8_form_and_the_same_length(text: str) -> None:
    replaced = replace_surrogates(text)
    replaced.encode("utf-8")
    assert len(replaced) == len(text)
    assert replace_surrogates(replaced) == replaced


@given(st.text())
def test_sound_text_is_kept(text: str) -> None:
    assert replace_surrogates(text) == text


def test_lone_surrogates() -> None:
    assert replace_surrogates("a\ud83db\udc00") == "a�b�"
