import itertools
import os
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toxic_tweets.model.schedule import count_cores, run_in_order, take_blocks

THREADS = pytest.mark.parametrize("threads", [1, 2, 5])


def double(numbers: list[int]) -> list[int]:
    return [2 * number for number in numbers]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 400), st.integers(1, 5))
def test_order_is_kept(n_items: int, threads: int) -> None:
    expected = [2 * number for number in range(n_items)]
    assert list(run_in_order(double, range(n_items), threads)) == expected


def test_slow_items_do_not_change_the_order() -> None:
    def work(numbers: list[int]) -> list[int]:
        time.sleep(0.005 if numbers[0] % 3 == 0 else 0)
        return numbers

    assert list(run_in_order(work, range(60), 4)) == list(range(60))


@THREADS
def test_items_are_pulled_a_bounded_number_ahead(threads: int) -> None:
    pulled = 0

    def items() -> Iterator[int]:
        nonlocal pulled
        for number in itertools.count():
            pulled += 1
            yield number

    results = run_in_order(double, items(), threads)
    assert pulled == 0
    next(results)
    assert pulled <= 2 * threads  # who waits at a terminal gets the first answer at once
    most = 64 if threads == 1 else 2 * threads * 64 + 64
    for n_results in range(2, 2001):
        next(results)
        assert pulled - n_results <= most
    results.close()


def test_several_threads_work_at_once() -> None:
    barrier = threading.Barrier(2, timeout=10)

    def work(numbers: list[int]) -> list[int]:
        barrier.wait()
        return numbers

    assert list(run_in_order(work, range(2), 2)) == [0, 1]


def test_one_item_is_worked_on_in_the_callers_thread() -> None:
    names = list(run_in_order(lambda _: [threading.current_thread().name], [0], 4))
    assert names == [threading.current_thread().name]


@THREADS
def test_failing_stream_gives_all_results_before_it_raises(threads: int) -> None:
    def items() -> Iterator[int]:
        yield from range(100)
        raise ValueError("the stream broke")

    results: list[int] = []
    with pytest.raises(ValueError, match="the stream broke"):
        results.extend(run_in_order(double, items(), threads))
    assert results == [2 * number for number in range(100)]


@THREADS
def test_failing_at_once(threads: int) -> None:
    items = (1 // number for number in [0])
    with pytest.raises(ZeroDivisionError):
        list(run_in_order(double, items, threads))


@THREADS
def test_failing_work_raises_and_leaves_no_thread(threads: int) -> None:
    def divide(numbers: list[int]) -> list[int]:
        return [1 // (50 - number) for number in numbers]

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        list(run_in_order(divide, range(1000), threads))
    assert threading.active_count() == before


@THREADS
def test_stopping_early_leaves_no_thread(threads: int) -> None:
    before = threading.active_count()
    results = run_in_order(double, itertools.count(), threads)
    assert list(itertools.islice(results, 10)) == [2 * number for number in range(10)]
    results.close()
    assert threading.active_count() == before


def test_abandoned_stream_leaves_no_thread() -> None:
    before = threading.active_count()
    results = run_in_order(double, itertools.count(), 3)
    next(results)
    del results
    assert threading.active_count() == before


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= count_cores() <= (os.cpu_count() or 1)


def test_blocks_grow_and_hold_every_item_once() -> None:
    blocks = list(take_blocks(range(1000)))
    assert [number for block in blocks for number in block] == list(range(1000))
    sizes = list(map(len, blocks))
    assert sizes[0] == 1
    assert max(sizes) == 64
    assert sizes[:-1] == sorted(sizes[:-1])
