import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toxic_tweets.text.sentences import split_sentences

SIGNS = st.sampled_from(list("ab .!?\"“”'()[]1)A\n\r*-•…。؟😊\u200d\u2028é\t"))


def cut(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dr. Smith went home. He was tired.", ["Dr. Smith went home.", "He was tired."]),
        ("I like fruit, e.g. apples. You don't.", ["I like fruit, e.g. apples.", "You don't."]),
        ("He lives in the U.S. He likes it.", ["He lives in the U.S.", "He likes it."]),
        (
            "Mr. and Mrs. J. R. Smith came at 5 p.m. yesterday. Ok.",
            ["Mr. and Mrs. J. R. Smith came at 5 p.m. yesterday.", "Ok."],
        ),
        ("Pi is 3.14 or so. Use v1.2.3.", ["Pi is 3.14 or so.", "Use v1.2.3."]),
        ("Great 😊! Really great 😂. Bye.", ["Great 😊!", "Really great 😂.", "Bye."]),
        ('He said "Stop it." Then he left.', ['He said "Stop it."', "Then he left."]),
        ("“Are you ok?” she asked. ‘Yes.’", ["“Are you ok?” she asked.", "‘Yes.’"]),
        ("Wait... what? No.", ["Wait... what?", "No."]),
        ("Well… Fine.", ["Well… Fine."]),
        ("Stop.Now", ["Stop.", "Now"]),
        ("What?! No!!! Yes.", ["What?!", "No!!!", "Yes."]),
        ("one line\nand another\r\n\n  a third  ", ["one line", "and another", "a third"]),
        ("see example.com or ask @user. Bye", ["see example.com or ask @user.", "Bye"]),
        ("你好。你是谁？我很好！再见", ["你好。", "你是谁？", "我很好！", "再见"]),
        ("هل أنت بخير؟ نعم. حسنا۔ شكرا", ["هل أنت بخير؟", "نعم.", "حسنا۔", "شكرا"]),
        ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("no full stop at all", ["no full stop at all"]),
        ("  lead. Trail.  \n", ["lead.", "Trail."]),
        ("ok.\ud800 Fine.", ["ok.\ud800 Fine."]),
        ("", []),
        (" \n\t\u2028 ", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_abbreviations_are_those_of_the_language() -> None:
    text = "Wir gehen z.B. am 3. Mai. Ja."
    assert cut(text, "de") == ["Wir gehen z.B. am 3. Mai.", "Ja."]
    assert len(cut(text)) == 3
    assert cut("One. Two.", "no such language") == ["One.", "Two."]


@settings(deadline=None)  # the first call reads what is needed from disk
@given(st.text(max_size=80) | st.text(alphabet=SIGNS, max_size=80))
def test_spans_hold_all_but_white_space_around_them(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        assert not text[end : span[0]].strip()
        sentence = text[span[0] : span[1]]
        assert sentence
        assert sentence == sentence.strip()
        assert not re.search("[\n\r\u2028]", sentence)
        end = span[1]
    assert not text[end:].strip()


def test_one_huge_sentence_stays_one() -> None:
    text = "word, " * 20_000 + "end."
    assert split_sentences(text) == [(0, len(text))]
    assert split_sentences("a" * 200_000) == [(0, 200_000)]


def test_a_huge_text_is_cut_as_a_small_one() -> None:
    unit = "Dr. Who is here. Are you? “Yes.” We have 3.14 e.g. here! "
    small = cut(unit)
    assert cut(unit * 500) == small * 500


@pytest.mark.parametrize("unit", ["“a. ", "“a ", "「あ。", "\n", "😊. "])
def test_hostile_texts_end(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    spans = split_sentences(text)
    assert all(start < end <= len(text) for start, end in spans)
