from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.report import Report, describe_machine, read_report, write_report

SETTINGS: dict[str, Any] = {
    "command": "typed <b>",
    "created": "2026-01-02T03:04:05+00:00",
    "seconds": 1.5,
    "seed": 13,
    "resamples": 10,
    "parts": ["ranking"],
    "base_rates": {},
    **describe_machine(),
}
EMPTY = Report(
    {"id": "words", "labels": ["toxic"], "activation": "sigmoid", "thresholds": {"toxic": 0.5}},
    (),
    (),
    SETTINGS,
)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_report(EMPTY, tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["metrics.json", "report.html", "report.md", "scores"]
    read = read_report(tmp_path)
    assert (read.system, read.settings) == (EMPTY.system, EMPTY.settings)
    alone = read_report(tmp_path / "metrics.json")
    assert alone.scored == ()


def test_the_machine_is_described() -> None:
    facts = describe_machine()
    assert facts["versions"]["numpy"]
    assert facts["cores"] >= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no report here. Make one: toxic-tweets evaluate"),
        ("{", "cannot be read as JSON"),
        ("[]", "the format is None, but this version of Toxic Tweets reads 1"),
        (json.dumps({"format": 2}), "the format is 2"),
        (json.dumps({"format": 1, "system": {}}), "'figures' is missing or unknown"),
    ],
)
def test_what_is_no_report_is_named(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "metrics.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_report(tmp_path)
