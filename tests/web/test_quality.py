from __future__ import annotations

import pytest
from tests.web.conftest import SMALL, OpenPage, find_words

from toxic_tweets.web.views.quality import clean_card, find_aucs


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
    assert len(page.dataframe) == 1


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
