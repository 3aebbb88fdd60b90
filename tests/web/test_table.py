from __future__ import annotations

import csv
import io
import json
import re

import pytest
from streamlit.testing.v1 import AppTest
from tests.web.conftest import SMALL, OpenPage, find, find_html, find_words

from toxic_tweets.web.scorers import LocalScorer
from toxic_tweets.web.settings import PageSettings

pytestmark = pytest.mark.skipif(
    not SMALL.is_file(), reason="misses checkpoints/small: the page was not tried"
)

LINES = "You are kind.\nShut up, you fool.\nYou stupid, ugly idiot."


def find_numbers(page: AppTest) -> list[int]:
    return [int(number) for number in re.findall(r'<td class="tt-number">(\d+)', find_html(page))]


def paste(page: AppTest, lines: str) -> AppTest:
    page.button_group(key="table_source").set_value("Pasted lines").run()
    page.text_area(key="table_lines").set_value(lines)
    page.button[0].click()
    return page.run()


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    page.button_group(key="table_source").set_value("A file").run()
    page.file_uploader(key="table_file").upload(name, content)
    return page.run()


def test_the_sample_is_there_at_once(open_page: OpenPage) -> None:
    page = open_page("table")
    html = find_html(page)
    assert find_numbers(page) == list(range(1, 23))
    assert "tt-veiled" in html
    assert "**22** texts:" in find_words(page)
    page.toggle(key="table_open").set_value(True).run()
    assert "tt-veiled" not in find_html(page)


def test_lines_are_filtered_sorted_and_judged_anew(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = paste(open_page("table"), LINES)
    assert find_numbers(page) == [1, 2, 3]

    def refuse(*_: object) -> None:
        raise AssertionError("scored again")

    monkeypatch.setattr(LocalScorer, "predict_iter", refuse)
    page.selectbox(key="table_order_6").set_value("insult").run()
    assert find_numbers(page) == [3, 2, 1]
    page.button_group(key="table_verdicts").set_value(["blocked"]).run()
    assert find_numbers(page) == [3, 2]
    page.button_group(key="table_verdicts").set_value([])
    page.button_group(key="table_types_6").set_value(["threat"]).run()
    assert "No text is left" in find_words(page)
    page.button_group(key="table_types_6").set_value([])
    for label in ("toxic", "obscene", "insult"):
        find(page.slider, label).set_value((1.0, 1.0))
    page.run()
    assert not page.error
    assert "**0** blocked" in find_words(page)


def test_a_language_that_the_model_does_not_read_is_said(open_page: OpenPage) -> None:
    german = "Das ist ein sehr schöner Tag, und wir gehen heute in den Garten."
    html = find_html(paste(open_page("table"), f"{german}\nYou are a kind person, thank you."))
    assert html.count("not trained on") == 1
    assert "German, not trained on" in html


def test_a_sentiment_model_sorts_by_sentiment(open_page: OpenPage) -> None:
    page = paste(open_page("table", model="vader"), "I hate it.\nIt is a table.\nI love it.")
    assert "**1** negative, **1** neutral, **1** positive" in find_words(page)
    page.selectbox(key="table_order_3").set_value("positive").run()
    assert find_numbers(page)[0] == 3
    page.button_group(key="table_types_3").set_value(["negative"]).run()
    assert find_numbers(page) == [1]


def test_a_file_is_read_and_another_column_can_be_chosen(open_page: OpenPage) -> None:
    page = upload(open_page("table"), "a.csv", b"id,text,title\n7,You are kind.,Shut up.\n")
    assert page.selectbox(key="table_column").value == "text"
    assert "You are kind." in find_html(page)
    page.selectbox(key="table_column").set_value("title").run()
    assert "Shut up." in find_html(page)


def test_a_broken_file_is_a_sentence(open_page: OpenPage) -> None:
    page = upload(open_page("table"), "a.parquet", b"no parquet")
    (error,) = page.error
    assert error.value == "a.parquet: this is not a Parquet file that can be read."


def test_too_many_rows_are_refused(open_page: OpenPage) -> None:
    settings = PageSettings(max_rows=2)
    page = upload(open_page("table", settings=settings), "a.csv", b"text\na\nb\nc\n")
    (error,) = page.error
    assert "there are 3 rows, but the page takes 2" in error.value


def test_many_rows_come_in_pages(open_page: OpenPage) -> None:
    rows = "".join(json.dumps({"text": f"text {number}"}) + "\n" for number in range(120))
    page = upload(open_page("table", model="vader"), "a.jsonl", rows.encode())
    assert find_numbers(page) == list(range(1, 51))
    page.session_state["table_page_3"] = 3
    page.run()
    assert find_numbers(page) == list(range(101, 121))


def test_what_is_shown_can_be_taken_along(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, bytes] = {}

    def keep(label: str, data: object, **options: object) -> None:
        if callable(data):
            made[str(options["file_name"])] = data()

    monkeypatch.setattr("streamlit.download_button", keep)
    page = paste(open_page("table"), LINES)
    page.button_group(key="table_verdicts").set_value(["blocked"]).run()
    rows = list(csv.DictReader(io.StringIO(made["toxic-tweets.csv"].decode("utf-8-sig"))))
    assert [row["row"] for row in rows] == ["2", "3"]
    assert {row["verdict"] for row in rows} == {"block"}
    assert made["toxic-tweets.parquet"][:4] == b"PAR1"
