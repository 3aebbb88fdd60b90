from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from tests.evaluate.conftest import LABELS, make_dataset, make_templates, score

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.evaluate.figures import Measure, make_figure
from toxic_tweets.evaluate.markdown import make_markdown
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.page import make_page
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.run import evaluate
from toxic_tweets.evaluate.tables import make_tables, show_interval

VOID = {"meta", "circle", "path"}


def make_cases() -> Annotated:
    """Make cases of two functionalities."""
    texts = [f"They are all stupid, number {n}" for n in range(12)]
    texts += [f"I said damn on day {n}" for n in range(12)]
    dataset = Dataset(
        name="cases",
        texts=tuple(texts),
        targets=np.array([[1.0]] * 12 + [[np.nan]] * 12, dtype=np.float32),
        labels=("toxic",),
        ids=("",) * 24,
        natural=np.zeros(24, dtype=np.bool_),
    )
    groups = {
        "functionality": ("derog_h",) * 12 + ("profanity_nh",) * 12,
        "gold": ("hateful",) * 12 + ("non-hateful",) * 12,
    }
    return Annotated(dataset, groups=groups, is_made_up=True)


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(
        score,
        [make_dataset(name="forum <&>"), make_templates(), make_cases()],
        labels=LABELS,
        name="words <&>",
        options=Options(changed_texts=24, swapped_texts=20, resamples=40),
        command="toxic-tweets evaluate 'a <b>'",
    )


class Checker(HTMLParser):
    """Follow the tags, and note what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith("#"):
                self.fetched.append(f"{tag} {value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing(report: Report) -> None:
    page = make_page(report)
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.fetched == []
    assert {"svg", "table", "figcaption", "style"} <= checker.seen
    assert not checker.seen & {"script", "link", "img", "iframe"}
    assert not re.search(r"url\(|@import|https?://", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme:dark" in page
    assert "width=device-width" in page


def test_names_are_escaped(report: Report) -> None:
    page = make_page(report)
    assert "words &lt;&amp;&gt;" in page
    assert "a &lt;b&gt;" in page
    assert "forum <&>" not in page


def test_the_page_holds_all_parts_and_pictures(report: Report) -> None:
    page = make_page(report)
    for part in ("ranking", "decisions", "calibration", "bias", "functional", "robustness"):
        assert f'<section id="{part}">' in page
    for picture in ("ROC curves on", "Precision and recall on", "Reliability of toxic", "Bias on"):
        assert f"<figcaption>{picture}" in page
    for one in report.data:
        assert one.sha256[:16] in page
    assert "on day" not in page
    assert "neighbour" not in page


def test_the_markdown_is_tables(report: Report) -> None:
    text = make_markdown(report)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 30
    for line in text.split("\n\n"):
        table = [row for row in line.splitlines() if row.startswith("|")]
        assert len({row.count(" | ") for row in table if "---|---" not in row}) <= 1, line
    assert "### Ranking on forum" in text
    assert "`report.html`" in text
    assert "on day" not in text


def test_tables_sort_the_worst_first_and_say_what_is_missing(report: Report) -> None:
    identities = next(
        table for table in make_tables(report, "bias") if table.title.startswith("Identities")
    )
    assert identities.rows[0][0] == "old"
    cases = next(iter(make_tables(report, "functional")))
    assert [row[0] for row in cases.rows][:3] == ["all", "hateful", "non-hateful"]
    assert len(cases.header) == 2  # nothing published is about these cases
    assert make_tables(report, "nothing") == []


def test_the_interval_of_a_low_rate_keeps_its_places() -> None:
    rate = make_figure(Measure("cost", "", "texts_per_s", None, 2), 0.18, 0.15, 0.2)
    assert show_interval(rate) == "(0.15–0.20)"
    fast = make_figure(Measure("cost", "", "texts_per_s", None, 2), 310.2, 300.4, 1320)
    assert show_interval(fast) == "(300–1,320)"
