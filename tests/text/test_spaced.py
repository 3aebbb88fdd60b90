from collections.abc import Callable, Iterable

import pytest

from toxic_tweets.text import spaced
from toxic_tweets.text.offsets import Draft, Edit


def run(step: Callable[[str], Iterable[Edit]], text: str) -> str:
    draft = Draft(text)
    draft.apply(step(text))
    return draft.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("an i d i o t!", "an idiot!"),
        ("i d i o t i am", "idiot i am"),
        ("y o u  i d i o t", "y o u  idiot"),
        ("y o u i d i o t", "you idiot"),
        ("Y.O.U. I.D.I.O.T.", "Y.O.U. IDIOT."),
        ("i  d i   o t", "idiot"),
        ("A. S. S. Smith", "A. S. S. Smith"),
        ("T H E R A P I S T", "T H E R A P I S T"),
        ("x " * 300, "x " * 300),
    ],
)
def test_spaced(text: str, plain: str) -> None:
    assert run(spaced.join_spaced, text) == plain


def test_has_lone_letters() -> None:
    assert all(map(spaced.has_lone_letters, ["i.d", "d", "(d", "5,"]))
    assert not any(map(spaced.has_lone_letters, ["I", "a", "don't", "I'm", "word"]))


def test_has_spaced() -> None:
    assert spaced.has_spaced("an i d i")
    assert not spaced.has_spaced("a clean text with a word")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("id.iot", "idiot"),
        ("cow|ard", "coward"),
        ("the pen.is mine", "the pen.is mine"),
        ("idiot.com", "idiot.com"),
        ("well-known", "well-known"),
        ("id.ioté", "id.ioté"),
    ],
)
def test_split(text: str, plain: str) -> None:
    assert run(spaced.join_split, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("you idi ot", "you idiot"),
        ("mor on", "moron"),
        ("what a i diot", "what a i diot"),
        ("the pen is here", "the pen is here"),
        ("idi  ot", "idi  ot"),
        ("fu ck", "fuck"),
        ("it is s hit or miss", "it is s hit or miss"),
    ],
)
def test_halves(text: str, plain: str) -> None:
    assert run(spaced.join_halves, text) == plain


def test_has_halves() -> None:
    assert spaced.has_halves("x-idi")
    assert not spaced.has_halves("the-text")


def test_is_half() -> None:
    assert all(map(spaced.is_half, ["idi", "(idi", "Idi", "ot!"]))
    assert not any(map(spaced.is_half, ["x-idi", "x1idi", "the", "@idi", ""]))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("YouIdiot", "You Idiot"),
        ("killyourself", "kill yourself"),
        ("youidiot", "you idiot"),
        ("therapist", "therapist"),
        ("Penistone", "Penistone"),
        ("JavaScript", "JavaScript"),
        ("McDonald", "McDonald"),
        ("thatidiotagain", "that idiot again"),
        ("THISSHIT", "THIS SHIT"),
        ("BunchaBitches", "Buncha Bitches"),
        ("TheAss", "The Ass"),
        ("McDick", "McDick"),
        ("ArmadilloIdiot", "ArmadilloIdiot"),
        ("penisland", "penisland"),
        ("hellenic", "hellenic"),
        ("trashcan", "trashcan"),
        ("foolish", "foolish"),
    ],
)
def test_glued(text: str, plain: str) -> None:
    assert run(spaced.split_glued, text) == plain
