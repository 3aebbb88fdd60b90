import pickle

from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.prediction import Span
from toxic_tweets.text.offsets import Draft, Edit, Normalized, to_utf16


def test_no_change_is_the_identity() -> None:
    draft = Draft("abc")
    assert not draft.apply([Edit(0, 1, "a")])
    normalized = draft.finish()
    assert normalized == Normalized("abc", 3)
    assert normalized.to_original(1, 3) == (1, 3)
    assert normalized.to_original(2, 2) == (2, 2)


def test_same_length_is_letter_by_letter() -> None:
    draft = Draft("x 1d10t")
    assert draft.apply([Edit(2, 7, "idiot")])
    assert draft.finish().to_original(3, 5) == (3, 5)


def test_other_lengths_stand_for_the_piece() -> None:
    draft = Draft("x &lt; y")
    draft.apply([Edit(2, 6, "<")])
    normalized = draft.finish()
    assert normalized.text == "x < y"
    assert normalized.to_original(2, 3) == (2, 6)
    assert normalized.to_original(4, 5) == (7, 8)
    assert normalized.to_original(0, 99) == (0, 8)


def test_steps_build_on_each_other() -> None:
    draft = Draft("a&amp;lt;b")
    draft.apply([Edit(1, 6, "&")])
    draft.apply([Edit(1, 5, "<")])
    normalized = draft.finish()
    assert normalized.text == "a<b"
    assert normalized.to_original(1, 2) == (1, 9)


def test_no_offset_is_worked_out_before_one_asks() -> None:
    draft = Draft("a&amp;b")
    draft.apply([Edit(1, 6, "&")])
    normalized = draft.finish()
    assert "_offsets" not in vars(normalized)
    assert normalized.starts == (0, 1, 6)
    assert normalized.ends == (1, 6, 7)
    assert pickle.loads(pickle.dumps(normalized)) == normalized  # noqa: S301


def test_removal_at_the_ends() -> None:
    draft = Draft("__a__")
    draft.apply([Edit(0, 2, ""), Edit(3, 5, "")])
    normalized = draft.finish()
    assert normalized.to_original(0, 1) == (2, 3)
    assert normalized.to_original(1, 1) == (5, 5)


def test_translate_keeps_the_map() -> None:
    draft = Draft("ａb")
    assert draft.translate({ord("ａ"): "a"})
    assert not draft.translate({})
    assert draft.finish() == Normalized("ab", 2)


def test_utf16_without_astral_characters_is_the_same() -> None:
    spans = [Span(1, 2, 0.5)]
    assert to_utf16("é abc", spans) == spans


@given(st.text(max_size=30), st.data())
def test_utf16_agrees_with_the_encoding(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(text)))
    start = data.draw(st.integers(0, end))
    (span,) = to_utf16(text, [Span(start, end, 1.0)])
    encoded = text.encode("utf-16-le")
    assert encoded[2 * span.start : 2 * span.end].decode("utf-16-le") == text[start:end]
    assert span.weight == 1.0
