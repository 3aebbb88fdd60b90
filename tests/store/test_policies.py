"""Policies that administrators keep."""

from __future__ import annotations

import pytest

from toxic_tweets.errors import PolicyError
from toxic_tweets.policy import Policy
from toxic_tweets.store.audit import read_records
from toxic_tweets.store.database import Database
from toxic_tweets.store.policies import delete_policy, read_policies, set_policy

GARDEN = Policy("garden", labels=("insult", "threat"), thresholds={"insult": 0.7})


def test_a_policy_is_kept_changed_and_deleted(database: Database) -> None:
    set_policy(database, GARDEN, "boss")
    assert read_policies(database) == {"garden": GARDEN}
    stricter = Policy("garden", preset="strict")
    set_policy(database, stricter, "boss")
    assert read_policies(database) == {"garden": stricter}
    assert delete_policy(database, "garden", "boss")
    assert not delete_policy(database, "garden", "boss")
    assert read_policies(database) == {}
    records = list(read_records(database))
    assert [one.action for one in records] == ["policy.set", "policy.set", "policy.delete"]
    assert [one.details.get("is_new") for one in records] == [True, False, None]
    assert {one.actor for one in records} == {"boss"}


@pytest.mark.parametrize("name", ["", "a b", "a/b", "-x", "x" * 101, "balanced", "strict"])
def test_names_that_cannot_be(database: Database, name: str) -> None:
    with pytest.raises(PolicyError):
        set_policy(database, Policy(name), "boss")
    assert read_policies(database) == {}
