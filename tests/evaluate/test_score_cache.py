from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.evaluate.conftest import score

from toxic_tweets.evaluate.score_cache import BLOCK_TEXTS, ScoreCache
from toxic_tweets.evaluate.system import System

TEXTS = [f"text number {number}" for number in range(300)]


class Counting:
    """Score, and remember how many texts were scored."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.count = 0
        self.stop_after = stop_after

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        self.count += len(texts)
        if self.count > self.stop_after:
            raise KeyboardInterrupt
        return score(texts)


def make_cached(counting: Counting, name: str = "words") -> System:
    return System(name, ("toxic", "insult"), counting, {}, is_cached=True)


def test_every_text_is_scored_once(tmp_path: Path) -> None:
    counting = Counting()
    seen: list[tuple[int, int]] = []
    cache = ScoreCache(make_cached(counting), tmp_path)
    cache.fill(TEXTS + TEXTS, lambda done, total: seen.append((done, total)))
    assert counting.count == len(TEXTS) == len(cache)
    assert seen[0] == (0, 300)
    assert seen[-1] == (300, 300)
    np.testing.assert_array_equal(cache.get(TEXTS[5:9]), score(TEXTS[5:9]))
    again = ScoreCache(make_cached(counting), tmp_path)
    again.fill([*TEXTS, "news"])
    assert counting.count == len(TEXTS) + 1
    np.testing.assert_array_equal(again.get(TEXTS), score(TEXTS))


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ScoreCache(make_cached(Counting(stop_after=2 * BLOCK_TEXTS)), tmp_path).fill(TEXTS)
    (file,) = tmp_path.glob("*.scores")
    with file.open("ab") as stream:  # half a record, as a kill in the middle of a write leaves it
        stream.write(b"half")
    counting = Counting()
    cache = ScoreCache(make_cached(counting), tmp_path)
    cache.fill(TEXTS)
    assert counting.count == len(TEXTS) - 2 * BLOCK_TEXTS
    np.testing.assert_array_equal(
        ScoreCache(make_cached(counting), tmp_path).get(TEXTS), score(TEXTS)
    )


def test_another_checkpoint_has_its_own_scores(tmp_path: Path) -> None:
    ScoreCache(make_cached(Counting()), tmp_path).fill(TEXTS)
    assert len(ScoreCache(make_cached(Counting(), "other@1"), tmp_path)) == 0
    newer = replace(make_cached(Counting()), facts={"toxic-tweets": "9"})
    assert len(ScoreCache(newer, tmp_path)) == 0
    assert len(list(tmp_path.glob("*.scores"))) == 3


def test_a_function_is_not_kept_on_disk(tmp_path: Path, system: System) -> None:
    ScoreCache(system, tmp_path).fill(TEXTS[:3])
    ScoreCache(make_cached(Counting()), None).fill(TEXTS[:3])
    assert not list(tmp_path.iterdir())


def test_no_text_is_on_disk(tmp_path: Path) -> None:
    ScoreCache(make_cached(Counting()), tmp_path).fill(TEXTS)
    (file,) = tmp_path.iterdir()
    assert b"text number" not in file.read_bytes()


def test_a_file_of_something_else_begins_anew(tmp_path: Path) -> None:
    ScoreCache(make_cached(Counting()), tmp_path).fill(TEXTS)
    (file,) = tmp_path.glob("*.scores")
    file.write_bytes(b"nothing of the kind\n")
    assert len(ScoreCache(make_cached(Counting()), tmp_path)) == 0
