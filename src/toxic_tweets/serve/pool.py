"""A pool of threads that share work fairly between calls, outside the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from toxic_tweets.serve.errors import QueueFullError

Item = TypeVar("Item")
Result = TypeVar("Result")

# How much a new measurement counts in the mean time of an item.
_SMOOTHING = 0.05


class Pool:
    """Run items of many calls on a few threads: one item of each call in turn.

    A call with a thousand items so cannot hold up a call with one, and is spread over all threads.
    """

    def __init__(
        self, threads: int, max_waiting: int, on_change: Callable[[int], None] | None = None
    ) -> None:
        """Start no thread yet: `start` does.

        Args:
            threads: how many items are worked on at once.
            max_waiting: how many items may wait; a call over it is refused as a whole.
            on_change: is told how many items wait whenever that changes, in any thread.
        """
        self.threads = threads
        self.max_waiting = max_waiting
        self._on_change = on_change
        self._tickets: SimpleQueue[_Job[Any, Any] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._mean_s = 0.01  # until measured: some ten times what a short text takes
        self._threads: list[threading.Thread] = []

    @property
    def waiting(self) -> int:
        """Return how many items wait for a thread."""
        return self._waiting

    def start(self) -> None:
        """Start the threads."""
        for number in range(self.threads):
            thread = threading.Thread(target=self._work, name=f"scoring-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let the threads end once nothing waits any more, and wait for them."""
        for _ in self._threads:
            self._tickets.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    async def map(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return `work(item)` of each item, in order. Cancelled, it drops what was not begun.

        Raises:
            QueueFullError: the items would be more than may wait.
        """
        if not items:
            return []
        loop = asyncio.get_running_loop()
        job = _Job(work, items, loop)
        with self._lock:
            if self._waiting + len(items) > self.max_waiting:
                raise self._refuse(len(items))
            self._waiting += len(items)
        self._tell()
        for _ in range(min(len(items), self.threads)):
            self._tickets.put(job)
        try:
            return await job.future
        finally:
            self._drop(job)

    def _refuse(self, n_items: int) -> QueueFullError:
        busy_s = self._waiting * self._mean_s / self.threads
        return QueueFullError(
            f"{self._waiting} texts wait already, and at most {self.max_waiting} may; this call "
            f"brings {n_items}. Try again later, or bring fewer texts.",
            retry_after_s=max(1, min(60, round(busy_s))),
        )

    def _drop(self, job: _Job[Any, Any]) -> None:
        """Forget the items of a job that no thread has begun."""
        with self._lock:
            left = job.left
            job.left = 0
            self._waiting -= left
        if left:
            self._tell()

    def _work(self) -> None:
        while (job := self._tickets.get()) is not None:
            with self._lock:
                if not job.left:  # done by others, or dropped
                    continue
                index = len(job.items) - job.left
                job.left -= 1
                self._waiting -= 1
                if job.left >= self.threads:  # behind all others: their turn first
                    self._tickets.put(job)
            self._tell()
            start = time.perf_counter()
            job.run(index)
            self._mean_s += _SMOOTHING * (time.perf_counter() - start - self._mean_s)

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change(self._waiting)


class _Job(Generic[Item, Result]):
    """Hold the items of one call, and its results as they come."""

    def __init__(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.work = work
        self.items = items
        self.left = len(items)  # not begun yet
        self.future: asyncio.Future[list[Result]] = loop.create_future()
        self._loop = loop
        self._lock = threading.Lock()
        self._results: dict[int, Result] = {}

    def run(self, index: int) -> None:
        """Work on one item; the last one, or one that fails, ends the job."""
        try:
            result = self.work(self.items[index])
        except BaseException as error:
            self._end(self._fail, error)
            return
        with self._lock:
            self._results[index] = result
            is_done = len(self._results) == len(self.items)
        if is_done:
            self._end(self._succeed)

    def _end(self, callback: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(callback, *arguments)

    def _fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)

    def _succeed(self) -> None:
        if not self.future.done():
            self.future.set_result([self._results[index] for index in range(len(self.items))])
