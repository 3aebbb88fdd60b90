from __future__ import annotations

import dataclasses

import pytest

from toxic_tweets.data.mapping import Rule, SourceCard


def test_rules_and_cards_do_not_change() -> None:
    rule = Rule("hate", "identity_hate 1", "hate against a group")
    card = SourceCard("title", "https://example.org", "CC0", (rule,))
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.ours = "toxic 1"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        card.licence = "MIT"  # type: ignore[misc]
