"""The table of errors."""

from __future__ import annotations

import pytest

from toxic_tweets import errors as top
from toxic_tweets.serve import errors
from toxic_tweets.serve.errors import TABLE, ServeError, make_http_problem, make_problem


def test_every_class_has_a_row() -> None:
    ours = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, ServeError) and one is not ServeError
    }
    assert ours <= {row.error for row in TABLE}


def test_codes_are_unique_but_for_the_last_resort() -> None:
    codes = [row.code for row in TABLE if row.error is not top.ToxicTweetsError]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after_s"),
    [
        (errors.QueueFullError("full", retry_after_s=7), 503, "queue_full", 7),
        (top.StoreError("down"), 503, "store_down", 5),
        (top.LabelError("no such label"), 400, "unknown_label", None),
        (top.CheckpointError("broken"), 400, "invalid_request", None),
        (ZeroDivisionError("3 / 0"), 500, "internal", None),
    ],
)
def test_errors_become_problems(
    error: Exception, status: int, code: str, retry_after_s: int | None
) -> None:
    problem = make_problem(error)
    assert (problem.status, problem.code, problem.retry_after_s) == (status, code, retry_after_s)


def test_a_bug_says_nothing() -> None:
    assert "3 / 0" not in make_problem(ZeroDivisionError("3 / 0")).message


def test_refusals_that_pass_say_when_to_come_back() -> None:
    for row in TABLE:
        if row.status == 503:
            assert make_problem(row.error("busy")).retry_after_s


def test_paths_that_nobody_takes() -> None:
    error = Exception()
    assert make_http_problem(404, "Not Found", error).google == "NOT_FOUND"
    assert make_http_problem(405, "Method Not Allowed", error).code == "method_not_allowed"
    assert make_http_problem(400, "Bad", error).google == "INVALID_ARGUMENT"
