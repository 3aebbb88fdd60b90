"""Worker processes: the same scores as one classifier gives, and what becomes of the dead."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest
from tests.bulk.conftest import make_texts

from toxic_tweets.bulk.blocks import Block
from toxic_tweets.bulk.csv_files import CsvRecords
from toxic_tweets.bulk.local import score_locally
from toxic_tweets.bulk.scoring import Opening, score_block
from toxic_tweets.classifier import Classifier
from toxic_tweets.errors import BulkError


def make_blocks(n_blocks: int, pulled: list[int] | None = None) -> Iterator[Block]:
    texts = make_texts(5)
    for number in range(n_blocks):
        if pulled is not None:
            pulled.append(number)
        yield Block(5 * number, 5, texts[number % 5 :], CsvRecords(["text"], []), [], 0)


def test_blocks_come_back_in_order_with_the_scores_of_predict(
    opening: Opening, tiny_classifier: Classifier
) -> None:
    pulled: list[int] = []
    with closing(score_locally(make_blocks(30, pulled), opening, 2)) as stream:
        for number, (block, scored) in enumerate(stream):
            assert block.start == 5 * number
            assert scored == score_block(tiny_classifier, block.texts)
            assert len(pulled) <= number + 8
    assert number == 29


def find_workers(before: set[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that score, without the tracker that Python starts beside them."""
    now = set(psutil.Process().children()) - before
    return [one for one in now if "spawn_main" in " ".join(one.cmdline())]


def test_a_worker_that_dies_is_named_and_leaves_a_way_out(opening: Opening) -> None:
    before = set(psutil.Process().children())
    with closing(score_locally(make_blocks(10_000), opening, 2)) as stream:
        next(stream)
        pid = find_workers(before)[0].pid
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(BulkError, match=rf"process {pid} ended by signal SIGKILL.*--resume"):
            list(stream)


def test_no_worker_is_left_when_a_stream_is_closed_early(opening: Opening) -> None:
    before = set(psutil.Process().children())
    with closing(score_locally(make_blocks(10_000), opening, 2)) as stream:
        next(stream)
        assert find_workers(before)
    assert not find_workers(before)
