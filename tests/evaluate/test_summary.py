from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.evaluate.conftest import make_dataset, make_templates

from toxic_tweets.classifier import load
from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import CheckpointError, DataError
from toxic_tweets.evaluate.markdown import show_cell
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.report import Report, read_report
from toxic_tweets.evaluate.run import evaluate
from toxic_tweets.evaluate.summary import (
    list_tables,
    make_card_section,
    make_summary,
    put_summary,
    read_summary,
)
from toxic_tweets.model.card import NO_REPORT, make_section
from toxic_tweets.model.checkpoint import EMBEDDED, embedded_names, read_checkpoint

QUICK = Options(changed_texts=40, swapped_texts=20, resamples=30)


@pytest.fixture(scope="module")
def folder(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the tiny checkpoint."""
    copy = tmp_path_factory.mktemp("checkpoint") / "tiny"
    shutil.copytree(tiny_checkpoint, copy)
    return copy


@pytest.fixture(scope="module")
def report(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Evaluate it, with all parts, and read what was written."""
    output = tmp_path_factory.mktemp("report")
    data: list[Annotated | Dataset] = [make_dataset(), make_templates()]
    evaluate(load(folder), data, output, options=QUICK, command="typed")
    return read_report(output)


def test_only_the_main_figures_travel(report: Report) -> None:
    summary = make_summary(report)
    assert 20 < len(summary.figures) < len(report.figures) / 2
    assert summary.scored == ()
    for figure in summary.figures:
        assert figure == report[figure.path]
        assert figure.value is not None
        assert figure.n > 0
    titles = [table.title for table in list_tables(summary)]
    assert titles == [table.title for table in list_tables(report)]
    assert len(titles) == 6
    shown = {(figure.part, figure.group, figure.name) for figure in summary.figures if figure.group}
    assert ("robustness", "all disguises", "recall") in shown
    assert make_summary(summary).figures == summary.figures


def test_the_report_does_not_change_the_checkpoint(report: Report, folder: Path) -> None:
    before = read_checkpoint(folder)
    put_summary(report, folder)
    assert read_checkpoint(folder).id == before.id == load(folder).checkpoint.id
    kept = read_summary(folder)
    assert kept is not None
    assert kept.figures == make_summary(report).figures
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert make_card_section(kept, before.id) in card
    assert NO_REPORT not in card
    for figure in kept.figures:
        assert show_cell(figure) in card
        assert figure.data_sha256 in {"", *(one.sha256 for one in kept.data)}
        assert figure.command == "typed"
    assert not list(folder.glob("*.partial"))


def test_a_report_of_another_checkpoint_is_refused(
    report: Report, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    raw = json.loads((other / "checkpoint.json").read_text(encoding="utf-8"))
    (other / "checkpoint.json").write_text(json.dumps(raw | {"version": "3"}), encoding="utf-8")
    with pytest.raises(DataError, match=r"The report is of tiny@\w+, but this is tiny@\w+"):
        put_summary(report, other)
    section = make_card_section(report, read_checkpoint(other).id)
    assert "Measure again" in section
    assert "ROC AUC" not in section
    with pytest.raises(CheckpointError, match="is not a checkpoint"):
        put_summary(report, tmp_path)


def test_without_a_report_the_card_says_so(tmp_path: Path) -> None:
    assert read_summary(tmp_path) is None
    assert make_card_section(None, "tiny@0") == make_section()
    (tmp_path / "metrics.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read as JSON"):
        read_summary(tmp_path)


@pytest.mark.parametrize("name", embedded_names())
def test_the_cards_that_ship_say_what_their_metrics_say(name: str) -> None:
    folder = EMBEDDED / name
    section = make_card_section(read_summary(folder), read_checkpoint(folder).id)
    assert section in (folder / "README.md").read_text(encoding="utf-8"), (
        "run: toxic-tweets evaluate card REPORT --model " + name
    )
