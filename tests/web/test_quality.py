from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.evaluate.conftest import make_dataset
from tests.web.conftest import SMALL, OpenPage, find_words

from toxic_tweets.classifier import load
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.run import evaluate
from toxic_tweets.evaluate.summary import put_summary
from toxic_tweets.web.settings import PageSettings
from toxic_tweets.web.views.quality import clean_card, find_aucs

PARTS = ("ranking", "calibration", "domains")


@pytest.fixture
def measured(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny checkpoint with its report, which is in the folder beside it."""
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_checkpoint, folder)
    (folder / "README.md").write_text("# Tiny\n\n## Limits\n\nMany.\n", encoding="utf-8")
    options = Options(parts=PARTS, resamples=30)
    report = evaluate(load(folder), [make_dataset()], tmp_path / "report", options=options)
    put_summary(report, folder)
    return folder


def show(open_page: OpenPage, folder: Path) -> str:
    """Return the words of the page."""
    page = open_page("quality", settings=PageSettings(model=str(folder)), model=str(folder))
    assert not page.exception
    assert not page.error
    return find_words(page)


def test_card_page_and_report_show_equal_numbers(open_page: OpenPage, measured: Path) -> None:
    words = show(open_page, measured)
    card = (measured / "README.md").read_text(encoding="utf-8")
    report = (measured.parent / "report" / "report.html").read_text(encoding="utf-8")
    kept = json.loads((measured / "metrics.json").read_text(encoding="utf-8"))
    found = json.loads((measured.parent / "report" / "metrics.json").read_text(encoding="utf-8"))
    all_figures = {one["path"]: one for one in found["figures"]}
    assert len(kept["figures"]) > 5
    for figure in kept["figures"]:
        assert figure == all_figures[figure["path"]]
        value = f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"
        assert f"{value} n={figure['n']:,}" in card
        assert f"{value} n={figure['n']:,}" in words
        assert value in re.sub(r"<[^>]+>", "", report)
    assert "## Trust report" not in words, "the page shows the file itself, not the card's copy"
    assert "## Limits" in words


def test_a_report_of_other_weights_is_not_shown(open_page: OpenPage, measured: Path) -> None:
    path = measured / "metrics.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["system"]["id"] = "tiny@000000000000"
    path.write_text(json.dumps(raw), encoding="utf-8")
    words = show(open_page, measured)
    assert "The report is of tiny@000000000000, but this is tiny@" in words
    assert " n=" not in words


def test_a_model_without_a_report_says_so(open_page: OpenPage, tiny_checkpoint: Path) -> None:
    words = show(open_page, tiny_checkpoint)
    assert "No trust report travels with this model" in words
    assert " n=" not in words


@pytest.mark.skipif(
    not SMALL.is_file(), reason="misses checkpoints/small: its card was not looked at"
)
def test_a_card_is_shown_with_figures_limits_and_licence(open_page: OpenPage) -> None:
    page = open_page("quality", model="small")
    words = find_words(page)
    assert not page.exception
    assert not page.error
    assert "licence: Apache-2.0" in words
    assert "## Limits" in words
    assert "license: apache-2.0" not in words, "the front matter is for machines"


def test_vader_says_what_it_is(open_page: OpenPage) -> None:
    words = find_words(open_page("quality", model="vader"))
    assert "licence: MIT" in words
    assert "not calibrated scores" in words


def test_a_card_fetches_nothing_from_elsewhere() -> None:
    card = (
        "# Title\n![see](https://example.org/a.png) [here](other.md) [there](https://example.org)"
    )
    assert clean_card(card) == " here [there](https://example.org)"


def test_figures_are_found_by_their_names() -> None:
    metrics = {
        "validation.jigsaw.severe_toxic.auc": 0.98765,
        "validation.jigsaw.mean_auc": 0.9,
        "validation.jigsaw.toxic.f1": 0.8,
    }
    assert find_aucs(metrics) == [
        {"held-out rows of": "jigsaw", "type": "severe toxic", "ROC AUC": 0.9877}
    ]
