"""Run a stream of work on several threads: in order, lazily, and bounded in memory."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# A block is handed to a thread at once, which saves the cost of handing over (some 30 µs) where one
# item takes little longer. It grows by an item for so many that each thread has done, so that short
# streams still spread over all threads to their end.
_MAX_BLOCK = 64
_DONE_PER_ITEM = 32

# Work that goes through several stages is done stage by stage for so many items, not item by item:
# the code and the data of one stage then stay in the caches of the processor. Short texts take two
# thirds of the time so (experiments/LOG.md).
_MAX_STAGED = 64


def count_cores() -> int:
    """Return how many cores this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_in_order(
    work: Callable[[list[Item]], list[Result]], items: Iterable[Item], threads: int
) -> Generator[Result, None, None]:
    """Yield the result of each item, in the order of the items.

    Items are pulled in the caller's thread, a bounded number ahead of the results. An error of the
    stream itself is raised after the results of all items before it. Close the iterator to stop
    early: what is running ends, the rest is dropped.

    Args:
        work: what to do with some items: gives a result for each. Must be safe to call from
            several threads at once.
        items: any iterable, endless ones too.
        threads: how many items are worked on at once; 1 works in the caller's thread.
    """
    if threads == 1:
        for block in take_blocks(items):
            yield from work(block)
        return
    source = _Source(items)
    start = source.take(2)
    if len(start) < 2:  # no thread is worth starting for one item
        yield from work(start) if start else ()
        source.raise_failure()
        return
    # Threads live as long as the stream: ones that outlive it would be lost in a forked process.
    executor = ThreadPoolExecutor(threads, thread_name_prefix="toxic-tweets")
    try:
        waiting: deque[Future[list[Result]]] = deque(
            executor.submit(work, [item]) for item in start
        )
        while waiting:
            while len(waiting) < 2 * threads:
                block = source.take(
                    min(_MAX_BLOCK, 1 + source.n_taken // (_DONE_PER_ITEM * threads))
                )
                if not block:
                    break
                waiting.append(executor.submit(work, block))
            yield from waiting.popleft().result()
        source.raise_failure()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def take_blocks(items: Iterable[Item]) -> Generator[list[Item], None, None]:
    """Yield the items in blocks that grow from one to many, to be worked on stage by stage.

    An error of the stream itself is raised after the block of the items before it.
    """
    source = _Source(items)
    while block := source.take(min(_MAX_STAGED, max(1, 3 * source.n_taken))):
        yield block
    source.raise_failure()


class _Source(Generic[Item]):
    """Take blocks from an iterable, and keep its failure for later."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._iterator = iter(items)
        self._failure: Exception | None = None
        self.n_taken = 0

    def take(self, size: int) -> list[Item]:
        """Return up to `size` items; none once the stream is over or has failed."""
        block: list[Item] = []
        if self._failure is None:
            try:
                block.extend(islice(self._iterator, size))
            except Exception as error:  # raised again, when its turn has come
                self._failure = error
        self.n_taken += len(block)
        return block

    def raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
