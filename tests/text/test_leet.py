from collections.abc import Callable, Iterable

import pytest

from toxic_tweets.text import leet
from toxic_tweets.text.offsets import Draft, Edit


def run(step: Callable[[str], Iterable[Edit]], text: str) -> str:
    draft = Draft(text)
    draft.apply(step(text))
    return draft.text


def test_readings_come_in_order_and_end() -> None:
    assert list(leet.read_letters("1d1")) == ["idi", "idl", "ldi", "ldl"]
    assert list(leet.read_letters("a-b")) == []
    assert len(list(leet.read_letters("1" * 38))) == 32


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1d10t!!", "idiot!!"),
        ("1D1OT", "IDIOT"),
        ("y0urs3lf", "yourself"),
        ("w@y", "w@y"),
        ("aw@y", "away"),
        ("5h17", "5h17"),
        ("12-1d10t", "12-1d10t"),
        ("0xa55", "0xa55"),
        ("part5", "part5"),
        ("l10n", "l10n"),
        ("@user", "@user"),
        ("A55", "A55"),
        ("d1e D1E", "die D1E"),
        ("1d107", "idiot"),
        ("7h15 57up1d", "7h15 stupid"),
        ("fu(k (unt", "fuck cunt"),
        ("(rap) f(x) di(k)", "(rap) f(x) di(k)"),
        ("shi+ that+", "shit that+"),
        ("!diot n!!!tw!t", "idiot nitwit"),
        ("B1234 SN74107", "B1234 SN74107"),
    ],
)
def test_leet(text: str, plain: str) -> None:
    assert run(leet.read_leet, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("sh*t!", "shit!"),
        ("SH*T", "SHIT"),
        ("s***", "shit"),
        ("id**t", "idiot"),
        ("m*r*n", "moron"),
        ("st*pid", "stupid"),
        ("well-known", "well-known"),
        ("a*b", "a*b"),
        ("x*", "x*"),
        ("sh*", "sh*"),
        ("c*t", "c*t"),
        ("b*ok", "b*ok"),
        ("d.ck", "dick"),
        ("A.S.S.E.S", "A.S.S.E.S"),
        ("node.js", "node.js"),
    ],
)
def test_unmask(text: str, plain: str) -> None:
    assert run(leet.unmask, text) == plain
