"""How commands end."""

import errno
import os
from collections.abc import Callable

import pytest
import typer

from toxic_tweets.cli.exit_codes import with_exit_codes
from toxic_tweets.errors import DataError


def end_with(raise_it: Callable[[], None]) -> int:
    with pytest.raises(typer.Exit) as ended:
        with_exit_codes(raise_it)()
    return ended.value.exit_code


def test_an_error_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    def raise_it() -> None:
        raise DataError("is wrong.\nMend it.", file="a.csv", row=3)

    assert end_with(raise_it) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "error: a.csv, row 3: is wrong. Mend it.\n"


def test_what_the_system_refuses_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    def raise_it() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.svg")

    assert end_with(raise_it) == 1
    assert capsys.readouterr().err == "error: No space left on device: out.svg\n"


def test_a_reader_that_left_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    def raise_it() -> None:
        raise BrokenPipeError

    assert end_with(raise_it) == 0
    assert capsys.readouterr().err == ""


def test_ctrl_c() -> None:
    def raise_it() -> None:
        raise KeyboardInterrupt

    assert end_with(raise_it) == 130


def test_a_bug_keeps_its_traceback() -> None:
    def raise_it() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        with_exit_codes(raise_it)()
