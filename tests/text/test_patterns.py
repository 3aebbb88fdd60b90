import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toxic_tweets.errors import PolicyError
from toxic_tweets.text.patterns import compile_pattern, is_boundary


def find(expression: str, text: str) -> list[str]:
    shapes = "".join("w" if sign.isalnum() else " " if sign.isspace() else "x" for sign in text)
    pattern = compile_pattern(expression, "lists: test: item")
    return [text[start:end] for start, end in pattern.find(text, text.encode(), shapes)]


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("colou?r", "Color, COLOUR; colours", ["Color", "COLOUR"]),
        ("a|ab", "ab a b", ["ab", "a"]),  # the longest
        ("get.{0,9}rich", "get very rich", ["get very rich"]),
        ("get rich.{0,5}", "get rich quickly", ["get rich "]),  # cut back to where a word ends
        ("spam\\pL*", "spammers läspam", ["spammers"]),
        ("é\\pL+", "Éclair café éa", ["Éclair", "éa"]),
        ("\\bx", "x yx xy", ["x"]),
        ("x$", "x x", ["x"]),
        ("a{2}", "aaaa aa", ["aa"]),
        ("[😀😂]", "ha😂ha", ["😂"]),
        ("(?:one|two) (?:one|two)", "one two one two", ["one two", "one two"]),
        ("a b", "a b b", ["a b"]),
        ("nothing", "something", []),
        ("a", "", []),
    ],
)
def test_matches(expression: str, text: str, found: list[str]) -> None:
    assert find(expression, text) == found


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("(?<=a)b", "look-around"),
        ("(?=a)b", "look-around"),
        ("(a)\\1", "backreferences"),
        ("[a", r"missing \]"),
        ("*", "no argument"),
        ("a{1001}", "repetition size"),
        ("(?:a{0,100}){0,100}", "repetition size"),
        ("(?:\\pL{1,5}){10}", "too large"),
        (".{0,900}", "too large|empty"),
        ("a*", "matches the empty text"),
        ("|a", "matches the empty text"),
    ],
)
def test_patterns_that_cannot_be_used_say_why(expression: str, reason: str) -> None:
    with pytest.raises(PolicyError, match=rf"^lists: test: item .*({reason})"):
        compile_pattern(expression, "lists: test: item")


def test_expressions_without_width_find_nothing() -> None:
    assert find("\\b", "some words") == []


@pytest.mark.parametrize(
    "expression",
    ["(a+)+$", "(a|aa)+b", "a.*", ".*b", "(?:.*a){10}c", "(a|b)*a(a|b){20}", "[ab]{1,300}c"],
)
def test_hostile_patterns_end_on_hostile_texts(expression: str) -> None:
    for text in ("a" * 20_000 + "!", "ab" * 10_000, "a b " * 5_000, "éa " * 5_000):
        assert all(0 < len(piece.encode()) <= 300 for piece in find(expression, text))


def test_a_match_behind_many_near_misses_is_found() -> None:
    found = find("spam.{0,4}shop", "spams " * 10_000 + "spam my shop")
    assert found == ["spam my shop"]


@settings(deadline=None)  # the first call reads what is needed from disk
@given(st.text(alphabet="ab é", max_size=40))
def test_matches_are_words(text: str) -> None:
    assert find("[aé]+", text) == [word for word in text.split() if not set(word) - set("aé")]


def test_boundaries() -> None:
    shapes = "ww wm cxm"
    edges = [place for place in range(len(shapes) + 1) if is_boundary(shapes, place)]
    assert edges == [0, 2, 3, 5, 6, 7, 9]
