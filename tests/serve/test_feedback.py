"""The box: acknowledged means written, and a slow disk is met with larger blocks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from toxic_tweets.errors import StoreError
from toxic_tweets.serve import feedback
from toxic_tweets.serve.errors import FeedbackOffError, QueueFullError
from toxic_tweets.serve.feedback import FeedbackBox
from toxic_tweets.store.feedback import FeedbackItem

ITEM = FeedbackItem("you are kind", {"toxic": 0.0}, "native")


class SlowStore:
    def __init__(self) -> None:
        self.blocks: list[int] = []
        self.is_begun, self.may_go_on = threading.Event(), threading.Event()

    def write(self, items: Sequence[FeedbackItem]) -> list[int]:
        self.is_begun.set()
        self.may_go_on.wait(10)
        first = sum(self.blocks) + 1
        self.blocks.append(len(items))
        return list(range(first, first + len(items)))


def test_what_comes_meanwhile_is_written_together() -> None:
    store = SlowStore()
    box = FeedbackBox(store.write, is_on=True)

    async def run() -> list[int]:
        calls = [asyncio.create_task(box.keep(ITEM))]
        await asyncio.to_thread(store.is_begun.wait, 10)
        calls += [asyncio.create_task(box.keep(ITEM)) for _ in range(20)]
        await asyncio.sleep(0)
        assert not any(call.done() for call in calls)
        store.may_go_on.set()
        return await asyncio.gather(*calls)

    box.start()
    assert asyncio.run(run()) == list(range(1, 22))
    box.stop()
    assert store.blocks == [1, 20]


def test_what_waits_is_written_before_the_end() -> None:
    store = SlowStore()
    box = FeedbackBox(store.write, is_on=True)

    async def run() -> None:
        calls = [asyncio.create_task(box.keep(ITEM)) for _ in range(5)]
        await asyncio.to_thread(store.is_begun.wait, 10)
        stopping = asyncio.create_task(asyncio.to_thread(box.stop))
        store.may_go_on.set()
        await asyncio.gather(stopping, *calls)

    box.start()
    asyncio.run(run())
    assert sum(store.blocks) == 5


def test_an_error_of_the_store_reaches_everyone_in_the_block() -> None:
    def fail(items: Sequence[FeedbackItem]) -> list[int]:
        raise StoreError("The disk is full.")

    box = FeedbackBox(fail, is_on=True)

    async def run() -> list[int | BaseException]:
        return await asyncio.gather(*(box.keep(ITEM) for _ in range(3)), return_exceptions=True)

    box.start()
    assert all(isinstance(one, StoreError) for one in asyncio.run(run()))
    box.stop()


def test_it_can_be_off() -> None:
    box = FeedbackBox(lambda items: [], is_on=False)
    box.start()
    with pytest.raises(FeedbackOffError):
        asyncio.run(box.keep(ITEM))
    box.stop()


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "_MAX_WAITING", 3)
    store = SlowStore()
    box = FeedbackBox(store.write, is_on=True)

    async def run() -> None:
        calls = [asyncio.create_task(box.keep(ITEM))]
        await asyncio.to_thread(store.is_begun.wait, 10)
        calls += [asyncio.create_task(box.keep(ITEM)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError):
            await box.keep(ITEM)
        store.may_go_on.set()
        await asyncio.gather(*calls)

    box.start()
    asyncio.run(run())
    box.stop()
