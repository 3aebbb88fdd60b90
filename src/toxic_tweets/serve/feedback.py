"""Keep feedback: told apart from what is not on disk yet, and many pieces in one transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from toxic_tweets.serve.errors import FeedbackOffError, QueueFullError
from toxic_tweets.store.feedback import FeedbackItem

_MAX_BLOCK = 256
_MAX_WAITING = 2000
_Entry = tuple[FeedbackItem, "asyncio.Future[int]", asyncio.AbstractEventLoop]


class FeedbackBox:
    """Take pieces of feedback, and say yes to each once it is on disk.

    One thread writes: what came in while a transaction was under way goes into the next one
    together, so that a slow disk costs time per block and not per piece.
    """

    def __init__(
        self, write: Callable[[Sequence[FeedbackItem]], list[int]], *, is_on: bool
    ) -> None:
        """Write nothing yet: `start` does.

        Args:
            write: puts pieces on disk and returns their numbers; blocks.
            is_on: the setting `feedback`.
        """
        self._write = write
        self._is_on = is_on
        self._entries: SimpleQueue[_Entry | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread that writes."""
        if self._is_on:
            self._thread = threading.Thread(target=self._work, name="feedback", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what is still waiting, then end."""
        if self._thread is not None:
            self._entries.put(None)
            self._thread.join()
            self._thread = None

    async def keep(self, item: FeedbackItem) -> int:
        """Return the number of a piece once it is on disk.

        Raises:
            FeedbackOffError: this server keeps none.
            QueueFullError: the disk does not keep up.
            StoreError: the database does not take it.
        """
        if self._thread is None:
            raise FeedbackOffError("This server keeps no feedback (setting feedback).")
        if self._entries.qsize() >= _MAX_WAITING:
            raise QueueFullError(
                f"{_MAX_WAITING} pieces of feedback wait already. Try again later.", retry_after_s=1
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        self._entries.put((item, future, loop))
        return await future

    def _work(self) -> None:
        while (first := self._entries.get()) is not None:
            block = [first]
            is_last = False
            with suppress(Empty):
                while len(block) < _MAX_BLOCK:
                    entry = self._entries.get_nowait()
                    if entry is None:
                        is_last = True
                        break
                    block.append(entry)
            self._write_block(block)
            if is_last:
                return

    def _write_block(self, block: list[_Entry]) -> None:
        answers: Sequence[int | Exception]
        try:
            answers = self._write([item for item, _, _ in block])
        except Exception as error:
            answers = [error] * len(block)
        for (_, future, loop), answer in zip(block, answers, strict=True):
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_settle, future, answer)


def _settle(future: asyncio.Future[int], answer: int | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
