from toxic_tweets.text.language import LANGUAGES
from toxic_tweets.web.language_names import name_language


def test_every_language_that_is_told_apart_has_a_name() -> None:
    names = [name_language(code) for code in LANGUAGES]
    assert all(len(name) > 2 and name[0].isupper() for name in names)
    assert len(set(names)) == len(LANGUAGES)


def test_what_is_unclear_is_said() -> None:
    assert name_language(None) == "language unclear"
    assert name_language("xx") == "xx"
