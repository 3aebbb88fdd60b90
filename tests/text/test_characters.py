from collections.abc import Callable, Iterable

import pytest

from toxic_tweets.text import characters
from toxic_tweets.text.offsets import Draft, Edit


def run(step: Callable[[str], Iterable[Edit]], text: str) -> str:
    draft = Draft(text)
    draft.apply(step(text))
    return draft.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\u200bb\u00ad\u202ec\ufeff", "abc"),
        ("\u200d\u200da", "a"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_invisible(text: str, plain: str) -> None:
    assert run(characters.remove_invisible, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("cafe\u0301", "café"),
        ("ﬁn", "fin"),
        ("½ ™ x² ´", "½ ™ x² ´"),
        ("ㅋㅋ", "ㅋㅋ"),
        ("ᄀ\u1161", "가"),
        ("\uff76\uff9e", "ガ"),
        ("…", "..."),
    ],
)
def test_compose(text: str, plain: str) -> None:
    assert run(characters.compose, text) == plain


def test_compose_maps_letter_by_letter() -> None:
    draft = Draft("ﬁe\u0301")
    draft.apply(characters.compose(draft.text))
    normalized = draft.finish()
    assert normalized.text == "fié"
    assert normalized.to_original(2, 3) == (1, 3)


def test_table() -> None:
    assert "ｆ𝓾ᴄ🅺\x0b²ы".translate(characters.make_table("ｆ𝓾ᴄ🅺\x0b²ы")) == "fucK ²ы"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("i\u0336d\u0336", "id"),
        ("x\u0304", "x"),
        ("ẹ\u0301", "ẹ\u0301"),
        ("ё\u0301\u0301\u0301\u0301", "ё"),
        ("ì\u0316\u0317", "i"),
        ("שָׁ", "שָׁ"),
    ],
)
def test_marks(text: str, plain: str) -> None:
    assert run(characters.remove_mark_floods, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("idiоt", "idiot"),
        ("mοrοn", "moron"),
        ("іԁіот", "іԁіот"),
        ("ѕсіоп", "ѕсіоп"),
        ("сrар", "crap"),
        ("мorоп", "moron"),
        ("Привет", "Привет"),
        ("рак", "рак"),
        ("μm", "μm"),
        ("αβx", "αβx"),
        ("СССР", "СССР"),
    ],
)
def test_confusables(text: str, plain: str) -> None:
    assert run(characters.replace_confusables, text) == plain
