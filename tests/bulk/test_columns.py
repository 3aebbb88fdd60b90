from __future__ import annotations

import pyarrow as pa
import pytest

from toxic_tweets.bulk.columns import Added, Head, choose_text_column
from toxic_tweets.errors import BulkError, DataError


def make_head(**columns: list[str]) -> Head:
    return Head(pa.schema([(name, pa.string()) for name in columns]), columns)


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"id": ["1"], " Tweet": ["kind"]}, " Tweet"),
        ({"comment": ["a"], "text": ["b"]}, "text"),
        ({"id": ["1"], "words": ["you are kind"]}, "words"),
        ({"words": []}, "words"),
    ],
)
def test_the_column_of_the_texts_is_guessed(columns: dict[str, list[str]], chosen: str) -> None:
    column, why = choose_text_column(make_head(**columns), None, "a.csv")
    assert column == chosen
    assert why.startswith("guessed")


def test_the_column_that_is_named_is_taken() -> None:
    head = make_head(id=["1"], text=["kind"])
    assert choose_text_column(head, "id", "a.csv") == ("id", "as told")
    with pytest.raises(DataError, match="'id', 'text'"):
        choose_text_column(head, "tweet", "a.csv")


def test_a_column_of_numbers_holds_no_texts() -> None:
    head = Head(pa.schema([("id", pa.int64())]), {})
    with pytest.raises(DataError, match="int64, not texts"):
        choose_text_column(head, "id", "a.parquet")
    with pytest.raises(DataError, match="no column holds texts"):
        choose_text_column(head, None, "a.parquet")


def test_names_that_are_there_need_a_prefix() -> None:
    labels = ("toxic", "insult")
    with pytest.raises(BulkError, match=r"toxic, verdict\. .*--prefix"):
        Added.make(labels, "").check_clashes(["verdict", "toxic", "id"], "a.csv")
    added = Added.make(labels, "new_")
    added.check_clashes(["verdict", "toxic", "id"], "a.csv")
    assert added.names == [
        *("new_toxic", "new_insult", "new_flagged", "new_verdict"),
        *("new_language", "new_language_supported"),
    ]


def test_files_with_other_columns_are_refused() -> None:
    head = make_head(id=[], text=[])
    head.check_same(["id", "text"], "b.csv")
    for others in (["text", "id"], ["id"], ["id", "text", "more"]):
        with pytest.raises(DataError, match="Score them apart"):
            head.check_same(others, "b.csv")
