"""The pool: order, fairness, bounds, dropped work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from toxic_tweets.serve.errors import QueueFullError
from toxic_tweets.serve.pool import Pool


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(threads=2, max_waiting=50)
    made.start()
    yield made
    made.stop()


def test_results_are_in_order(pool: Pool) -> None:
    async def run() -> list[list[int]]:
        calls = [pool.map(lambda item: item * item, range(n)) for n in (0, 1, 2, 3, 30)]
        return await asyncio.gather(*calls)

    expected = [[item * item for item in range(n)] for n in (0, 1, 2, 3, 30)]
    assert asyncio.run(run()) == expected
    assert pool.waiting == 0


def test_an_error_reaches_the_call(pool: Pool) -> None:
    def fail_at_three(item: int) -> int:
        if item == 3:
            raise ValueError(item)
        return item

    async def run() -> None:
        with pytest.raises(ValueError, match="3"):
            await pool.map(fail_at_three, range(20))
        assert await pool.map(fail_at_three, [1, 2]) == [1, 2]

    asyncio.run(run())
    assert pool.waiting == 0


def test_a_call_with_one_item_is_not_held_up() -> None:
    pool = Pool(threads=1, max_waiting=1000)
    order: list[str] = []
    is_begun, may_go_on = threading.Event(), threading.Event()

    def work(item: str) -> None:
        is_begun.set()
        may_go_on.wait(10)
        order.append(item)

    async def run() -> None:
        long = asyncio.create_task(pool.map(work, ["long"] * 100))
        await asyncio.to_thread(is_begun.wait, 10)
        short = asyncio.create_task(pool.map(work, ["short"]))
        await asyncio.sleep(0)
        may_go_on.set()
        await asyncio.gather(long, short)

    pool.start()
    asyncio.run(run())
    pool.stop()
    assert order.index("short") <= 2


def test_what_is_too_much_is_refused_at_once() -> None:
    pool = Pool(threads=1, max_waiting=5)
    is_begun, may_go_on = threading.Event(), threading.Event()

    def work(_: int) -> None:
        is_begun.set()
        may_go_on.wait(10)

    async def run() -> None:
        first = asyncio.create_task(pool.map(work, range(5)))
        await asyncio.to_thread(is_begun.wait, 10)
        assert pool.waiting == 4
        with pytest.raises(QueueFullError, match="at most 5 may") as caught:
            await pool.map(work, range(2))
        assert caught.value.retry_after_s is not None
        assert caught.value.retry_after_s >= 1
        assert pool.waiting == 4
        may_go_on.set()
        await first

    pool.start()
    asyncio.run(run())
    pool.stop()


def test_a_cancelled_call_is_not_worked_on_any_more() -> None:
    depths: list[int] = []
    pool = Pool(threads=1, max_waiting=100, on_change=depths.append)
    is_begun, may_go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def work(item: int) -> None:
        is_begun.set()
        may_go_on.wait(10)
        done.append(item)

    async def run() -> None:
        call = asyncio.create_task(pool.map(work, range(50)))
        await asyncio.to_thread(is_begun.wait, 10)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert pool.waiting == 0
        may_go_on.set()
        await pool.map(work, [99])

    pool.start()
    asyncio.run(run())
    pool.stop()
    assert done == [0, 99]
    assert depths[-1] == 0
    assert max(depths) == 50


def test_calls_are_spread_over_the_threads(pool: Pool) -> None:
    meeting = threading.Barrier(2, timeout=10)

    async def run() -> None:
        await pool.map(lambda _: meeting.wait(), [1, 2])

    asyncio.run(run())  # would break the barrier on one thread


def test_results_that_nobody_waits_for_are_forgotten(pool: Pool) -> None:
    is_begun, may_go_on = threading.Event(), threading.Event()

    def work(_: int) -> None:
        is_begun.set()
        may_go_on.wait(10)

    async def run() -> None:
        call = asyncio.create_task(pool.map(work, [1]))
        await asyncio.to_thread(is_begun.wait, 10)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    asyncio.run(run())
    may_go_on.set()  # the loop is closed by now
    assert asyncio.run(pool.map(lambda item: item, [7])) == [7]
