"""Blocks scored on the cores of this machine: one process each, with one thread."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Collection, Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from toxic_tweets.bulk.blocks import Block
from toxic_tweets.bulk.scoring import Opening, Scored, score_block
from toxic_tweets.errors import BulkError

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier

# Blocks handed out per worker: one it works on, and some to bridge a slow one at the head.
_AHEAD = 4

_classifier: Classifier  # of this process, if it is a worker


def score_locally(
    blocks: Iterable[Block], opening: Opening, workers: int
) -> Generator[tuple[Block, Scored], None, None]:
    """Yield every block with its scores, in order; close the iterator to stop early.

    Args:
        blocks: pulled a bounded number ahead.
        opening: what each worker opens.
        workers: number of processes.

    Raises:
        BulkError: a worker died.
    """
    executor = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_open, initargs=(opening,)
    )
    waiting: deque[tuple[Block, Future[Scored]]] = deque()
    processes: set[BaseProcess] = set()  # the pool starts them when they are needed
    before = set(active_children())
    try:
        for block in blocks:
            waiting.append((block, executor.submit(_score, block.texts)))
            processes |= set(active_children()) - before
            if len(waiting) >= _AHEAD * workers:
                yield _take(waiting)
        while waiting:
            yield _take(waiting)
    except BrokenProcessPool as error:
        raise BulkError(
            f"{_name_dead(processes)} before its block was scored. What was finished is kept: the "
            "same command with --resume goes on, with fewer --workers if memory is short."
        ) from error
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _take(waiting: deque[tuple[Block, Future[Scored]]]) -> tuple[Block, Scored]:
    block, future = waiting[0]
    scored = future.result()
    waiting.popleft()
    return block, scored


def _name_dead(processes: Collection[BaseProcess]) -> str:
    """Say which worker died of what; the pool itself ends the others by SIGTERM."""
    for process in processes:
        process.join(timeout=5)
    dead = [one for one in processes if one.exitcode not in (None, -signal.SIGTERM)]
    if not dead:
        return "A worker process ended"
    code = dead[0].exitcode or 0
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"Worker process {dead[0].pid} ended by {how}"


def _open(opening: Opening) -> None:
    """Make this process a worker: its own session, one thread, and no life after its parent's."""
    global _classifier
    os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _classifier = opening.open()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(texts: Sequence[str]) -> Scored:
    return score_block(_classifier, texts)
