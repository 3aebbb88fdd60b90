import pytest

from toxic_tweets.text import lexicon


def test_lists_are_clean() -> None:
    abusive, common = lexicon.read_abusive_words(), lexicon.read_common_words()
    assert set(abusive.values()) == {1, 2, 3}
    assert not abusive.keys() & common
    assert lexicon.read_known_words() == abusive.keys() | common
    for word in lexicon.read_known_words():
        assert word.isascii()
        assert word.isalpha()
        assert word.islower()
    assert lexicon.get_severity("idiot") == 1
    assert lexicon.get_severity("the") == 0
    assert set(lexicon.read_masked_words()) <= abusive.keys()


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("idiot", "idiot"),
        ("idiiiot", "idiot"),
        ("iiddiioott", "idiot"),
        ("as", None),
        ("assess", "asses"),
        ("idot", None),
        ("x" * 100_000, None),
    ],
)
def test_find_abusive(word: str, plain: str | None) -> None:
    assert lexicon.find_abusive(word) == plain


def test_find_common_takes_the_longest() -> None:
    assert lexicon.find_common("gooood") == "good"
    assert lexicon.find_common("sooo") == "so"
    assert lexicon.find_common("idiiot") is None
