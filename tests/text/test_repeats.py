from collections.abc import Callable, Iterable

import pytest

from toxic_tweets.text import repeats
from toxic_tweets.text.offsets import Draft, Edit


def run(step: Callable[[str], Iterable[Edit]], text: str) -> str:
    draft = Draft(text)
    draft.apply(step(text))
    return draft.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("idiiiot", "idiot"),
        ("idiiot", "idiot"),
        ("STUUUPID", "STUPID"),
        ("soooo", "so"),
        ("asssess", "assess"),
        ("lllooossserrr", "loser"),
        ("looser", "looser"),
        ("VIII", "VIII"),
        ("Kikki", "Kikki"),
        ("IEEE754", "IEEE754"),
    ],
)
def test_words(text: str, plain: str) -> None:
    assert run(repeats.squeeze_words, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("no!!!!!!", "no!!!"),
        ("xyyyyyy", "xyyy"),
        ("哈哈哈哈哈", "哈哈哈"),
        ("1000000", "1000000"),
        ("...", "..."),
    ],
)
def test_floods(text: str, plain: str) -> None:
    assert run(repeats.cut_floods, text) == plain
