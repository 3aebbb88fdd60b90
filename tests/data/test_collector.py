from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.data.collector import Collector

NAN = float("nan")


def test_labels_that_are_not_named_are_unknown() -> None:
    collector = Collector("made", ("a", "b"))
    collector.add("kind", {"a": 1.0}, name="7", natural=True)
    dataset = collector.make_dataset()
    np.testing.assert_array_equal(dataset.targets, [[1, np.nan]])
    assert (dataset.ids, dataset.natural.tolist()) == (("7",), [True])


def test_duplicates_that_agree_become_one_and_complete_each_other() -> None:
    collector = Collector("made", ("a", "b"))
    collector.add("Kind!", {"a": 1.0})
    collector.add("other", {"a": 0.0})
    collector.add("kind", {"a": 1.0, "b": 0.0}, name="2", natural=True)
    dataset = collector.make_dataset()
    assert dataset.texts == ("Kind!", "other")
    np.testing.assert_array_equal(dataset.targets, [[1, 0], [0, np.nan]])
    assert dataset.ids == ("2", "")
    assert dataset.natural.tolist() == [True, False]
    assert (dataset.report.n_duplicates, dataset.report.n_contradictory) == (1, 0)


def test_contradictions_become_their_mean_and_are_counted() -> None:
    collector = Collector("made", ("a", "b"))
    for a, b in ((1.0, NAN), (1.0, 0.0), (0.0, NAN)):
        collector.add("kind", {"a": a, "b": b})
    collector.drop("blank")
    collector.drop("blank")
    dataset = collector.make_dataset()
    np.testing.assert_allclose(dataset.targets, [[2 / 3, 0]], rtol=1e-6)
    assert (dataset.report.n_duplicates, dataset.report.n_contradictory) == (0, 2)
    assert dataset.report.n_read == 5
    assert dataset.report.n_dropped == {"blank": 2}


def test_nothing_gives_an_empty_dataset() -> None:
    dataset = Collector("made", ("a",)).make_dataset()
    assert (len(dataset), dataset.targets.shape, dataset.report.n_read) == (0, (0, 1), 0)


@given(
    st.lists(st.tuples(st.sampled_from(["x", "X!", "y", "z"]), st.sampled_from([0.0, 1.0, NAN])))
)
def test_every_text_is_accounted_for(rows: list[tuple[str, float]]) -> None:
    collector = Collector("made", ("a",))
    for text, target in rows:
        collector.add(text, {"a": target})
    dataset = collector.make_dataset()
    assert dataset.report.n_read == len(rows)
    assert dataset.report.n_kept == len(dataset) == len({text[0].casefold() for text, _ in rows})


def test_spans_are_those_of_the_first_text() -> None:
    collector = Collector("made", ("a",))
    collector.add("so, kind", {"a": 1.0}, spans=((4, 8),))
    collector.add("so kind", {"a": 1.0}, spans=((3, 7),))
    collector.add("other", {"a": 0.0})
    dataset = collector.make_dataset()
    assert dataset.spans == (((4, 8),), None)
    plain = Collector("made", ("a",))
    plain.add("other", {"a": 0.0})
    assert plain.make_dataset().spans is None
