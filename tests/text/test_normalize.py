from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.text.normalize import replace_surrogates

ANY = st.text(st.characters(codec=None))


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
