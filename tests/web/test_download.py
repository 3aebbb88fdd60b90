from __future__ import annotations

import csv
import io

import pyarrow.parquet as pq
import pytest

from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import PRESETS, Thresholds
from toxic_tweets.prediction import Prediction
from toxic_tweets.web.download import make_columns, write_csv, write_parquet
from toxic_tweets.web.judging import Scored, judge_all

TEXTS = ("you are kind", "=1+1", "you fool,\nreally")


@pytest.fixture
def columns() -> dict[str, list[object]]:
    rows = [(0.1, 0.0, 0.0, 0.0, 0.2, 0.0), (0.6, 0, 0, 0, 0.1, 0), (0.9, 0, 0, 0, 0.95, 0)]
    predictions = [
        Prediction(dict(zip(TOXICITY_NAMES, row, strict=True)), (), "allow", 1, "c@1", language)
        for row, language in zip(rows, ("en", None, "en"), strict=True)
    ]
    scored = Scored.from_predictions(predictions, TOXICITY_NAMES)
    judged = judge_all(scored, PRESETS["balanced"], Thresholds.make_untuned(TOXICITY_NAMES))
    return make_columns(TEXTS, scored, judged, [2, 1])


def test_csv_can_be_read_back_and_holds_no_formula(columns: dict[str, list[object]]) -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv(columns).decode("utf-8-sig"))))
    assert [row["row"] for row in rows] == ["3", "2"]
    assert rows[0]["text"] == TEXTS[2]
    assert rows[1]["text"] == "'=1+1"
    assert rows[0]["highest"] == "insult"
    assert rows[0]["flagged"] == "toxic insult"
    assert [row["verdict"] for row in rows] == ["block", "review"]
    assert float(rows[0]["insult"]) == 0.95
    assert float(rows[1]["highest_score"]) == 0.6
    assert float(rows[1]["highest_type_score"]) == 0.1


def test_parquet_keeps_texts_as_they_came(columns: dict[str, list[object]]) -> None:
    table = pq.read_table(io.BytesIO(write_parquet(columns))).to_pydict()
    assert table == columns
    assert table["text"] == [TEXTS[2], "=1+1"]
    assert table["language"] == ["en", None]
    assert table["language_supported"] == [None, None]
