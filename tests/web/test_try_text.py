from __future__ import annotations

import logging

import pytest
from streamlit.testing.v1 import AppTest
from tests.web.conftest import SMALL, OpenPage, find, find_html, find_words

from toxic_tweets.web.scorers import LocalScorer
from toxic_tweets.web.settings import PageSettings

pytestmark = pytest.mark.skipif(
    not SMALL.is_file(), reason="misses checkpoints/small: the page was not tried"
)

NASTY = "Shut up, you fool."


def submit(page: AppTest, text: str) -> AppTest:
    page.text_area(key="try_text").set_value(text)
    page.button[0].click()
    return page.run()


def test_one_submit_gives_verdict_bars_and_words(open_page: OpenPage) -> None:
    page = open_page()
    assert "tt-banner" not in find_html(page)
    page.button[0].click().run()
    html = find_html(page)
    assert not page.exception
    assert "tt-banner tt-" in html
    assert html.count('<div class="tt-bar ') == 6
    assert "<mark>" in html
    assert "English · scored by small@" in find_words(page)
    assert dict(page.query_params) == {}, "what is usual does not stand in the address"


def test_thresholds_move_without_scoring_again(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = submit(open_page(), NASTY)
    assert "tt-banner tt-block" in find_html(page)

    def refuse(*_: object) -> None:
        raise AssertionError("scored again")

    monkeypatch.setattr(LocalScorer, "predict_iter", refuse)
    for label in ("toxic", "insult", "obscene"):
        find(page.slider, label).set_value((0.99, 1.0))
    page.run()
    assert not page.error
    assert "tt-banner tt-allow" in find_html(page)
    assert page.query_params["flag.insult"] == "0.99"
    assert page.query_params["block.insult"] == "1"


def test_types_and_presets_count(open_page: OpenPage) -> None:
    page = submit(open_page(), NASTY)
    find(page.button_group, "Types that count").set_value(["threat"]).run()
    assert "tt-banner tt-allow" in find_html(page)
    assert page.query_params["types"] == "threat"
    find(page.button_group, "How strict").set_value("profanity-ok").run()
    assert page.query_params["policy"] == "profanity-ok"
    assert 'aria-label="toxic 0.' in find_html(page)
    assert "does not count" in find_html(page)


def test_an_address_brings_a_setting_back(open_page: OpenPage) -> None:
    query = {"policy": "strict", "types": "toxic,insult", "flag.insult": "0.7"}
    page = open_page("", model="sentiment", **query)
    assert page.selectbox(key="model_box").value == "sentiment"
    page.selectbox(key="model_box").set_value("small").run()
    assert find(page.button_group, "How strict").value == "strict"
    assert find(page.button_group, "Types that count").value == ["toxic", "insult"]
    assert find(page.slider, "insult").value[0] == 0.7
    assert page.query_params["model"] == "small"


@pytest.mark.parametrize("model", ["sentiment", "vader"])
def test_a_sentiment_model_gives_a_sentiment(open_page: OpenPage, model: str) -> None:
    page = submit(open_page(model=model), "What a lovely, happy day!")
    html = find_html(page)
    assert 'tt-answer" role="status"><span class="tt-verdict">positive' in html
    assert html.count('<div class="tt-bar ') == 3
    assert not page.slider, "there is nothing to flag"


def test_an_empty_text_is_asked_for(open_page: OpenPage) -> None:
    page = submit(open_page(), "  ")
    assert "There is no text yet" in find_words(page)


def test_another_language_is_warned_about(open_page: OpenPage) -> None:
    page = submit(open_page(), "Du bist so ein Idiot, lass mich endlich in Ruhe, sage ich dir.")
    assert "looks like German" in find_words(page)


def test_an_unknown_model_is_a_sentence_and_can_be_left(open_page: OpenPage) -> None:
    page = open_page(model="nowhere/nothing")
    assert not page.exception
    (error,) = page.error
    names = "cascade, sentiment, small, tiny and vader"
    assert f"offers no model 'nowhere/nothing', only {names}" in error.value
    page.selectbox(key="model_box").set_value("small").run()
    assert not page.error


def test_a_folder_that_is_none_is_a_sentence(open_page: OpenPage) -> None:
    page = open_page(model="./nowhere", settings=PageSettings(any_model=True))
    (error,) = page.error
    assert "./nowhere" in error.value
    assert "Traceback" not in error.value


def test_texts_are_never_logged(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page()

    def fail(*_: object) -> None:
        raise RuntimeError(f"could not score {NASTY}")

    monkeypatch.setattr(LocalScorer, "predict_iter", fail)
    with caplog.at_level(logging.DEBUG):
        page = submit(page, NASTY)
    (error,) = page.error
    assert "Something went wrong here (RuntimeError)" in error.value
    assert NASTY not in error.value
    assert "RuntimeError" in caplog.text
    assert NASTY not in caplog.text


def test_a_policy_is_saved_and_loaded(open_page: OpenPage) -> None:
    page = open_page("", policy="strict", types="threat")
    policy = 'name = "mine"\n[thresholds]\ninsult = 0.99\n[[lists]]\nname = "x"\nitems = ["fool"]\n'
    page.file_uploader(key="policy_file").upload("policy.toml", policy.encode()).run()
    assert "from the file «mine»" in find_words(page)
    assert find(page.slider, "insult").value[0] == 0.99
    page = submit(page, "A fool is a fool.")
    assert "On a list: x" in find_html(page)
    page.file_uploader(key="policy_file").upload("policy.toml", b"name = ").run()
    assert "not valid TOML" in find_words(page)


def test_handles_follow_preset_and_model_and_keep_what_was_moved(open_page: OpenPage) -> None:
    page = open_page()
    balanced = find(page.slider, "insult").value
    find(page.button_group, "How strict").set_value("strict").run()
    strict = find(page.slider, "insult").value
    assert strict[0] < balanced[0]
    find(page.slider, "insult").set_value((0.66, 0.9)).run()
    assert find(page.slider, "insult").value == (0.66, 0.9)
    page.selectbox(key="model_box").set_value("vader").run()
    page.selectbox(key="model_box").set_value("small").run()
    assert find(page.slider, "insult").value == (0.66, 0.9)
    find(page.button_group, "How strict").set_value(None).run()
    assert find(page.slider, "insult").value == strict
    assert find(page.button_group, "How strict").value == "strict"
    find(page.button_group, "Types that count").set_value([]).run()
    assert len(page.slider) == 6
