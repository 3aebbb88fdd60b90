from __future__ import annotations

import pytest
from tests.web.conftest import SMALL, OpenPage, find_html, find_words

pytestmark = pytest.mark.skipif(
    not SMALL.is_file(), reason="misses checkpoints/small: the page was not tried"
)


def test_models_stand_side_by_side_with_their_time(open_page: OpenPage) -> None:
    page = open_page("compare")
    assert page.multiselect(key="compare_models").value == ["small", "cascade", "tiny"]
    page.multiselect(key="compare_models").set_value(["small", "sentiment", "vader"])
    page.text_area(key="compare_lines").set_value("You are kind.\nShut up, you fool.")
    page.button[0].click()
    page.run()
    html = find_html(page)
    assert html.count("ms per text") == 3
    assert html.count("<tr>") == 4
    assert "Blocked" in html
    assert "positive 0." in html
    page.multiselect(key="compare_models").set_value(["vader"]).run()
    assert find_html(page).count("ms per text") == 1


def test_texts_that_a_model_does_not_read_are_counted(open_page: OpenPage) -> None:
    page = open_page("compare")
    page.multiselect(key="compare_models").set_value(["small"])
    german = "Das ist ein sehr schöner Tag, und wir gehen heute in den Garten."
    page.text_area(key="compare_lines").set_value(f"{german}\nYou are a kind person, thank you.")
    page.button[0].click()
    page.run()
    assert "texts in a language it was not trained on: 1" in find_html(page)


def test_a_model_that_cannot_be_opened_hides_no_other(open_page: OpenPage) -> None:
    from toxic_tweets.web.settings import PageSettings

    page = open_page("compare", settings=PageSettings(any_model=True))
    page.multiselect(key="compare_models").set_value(["vader", "./nowhere"])
    page.button[0].click()
    page.run()
    assert "./nowhere" in find_words(page)
    assert find_html(page).count("ms per text") == 1
