"""How every command ends: errors become one line on stderr and an exit code."""

import functools
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, ParamSpec

import typer

from toxic_tweets.errors import ToxicTweetsError

P = ParamSpec("P")

ERROR = 1
USAGE = 2
INTERRUPTED = 130


def with_exit_codes(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command raise as it likes, and end the way other programs in a pipe do.

    A reader that goes away early (`| head`) has all that it wanted: exit code 0, and no word.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if sys.stdout is None:  # so Python has it where the shell closed it
            fail("stdout is closed. Give the command one, such as > FILE.")
        # What a terminal cannot show becomes a question mark instead of a crash.
        set_output_errors("replace")
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except ToxicTweetsError as error:
            fail(str(error))
        except BrokenPipeError:
            _drop_output()
            raise typer.Exit(0) from None
        except OSError as error:  # no room on the disk, no right to write: nothing to debug here
            where = f": {error.filename}" if error.filename else ""
            fail(f"{error.strerror or type(error).__name__}{where}")
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    return run


def fail(message: str) -> NoReturn:
    """Say in one line on stderr what went wrong, and end with exit code 1."""
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    raise typer.Exit(ERROR)


def refuse_usage(context: typer.Context, message: str) -> NoReturn:
    """Show the help of the command on stderr, then what is wrong, and end with exit code 2."""
    typer.echo(context.get_help(), err=True)
    typer.echo(f"\nerror: {message}", err=True)
    raise typer.Exit(USAGE)


def set_output_errors(errors: str) -> None:
    """Choose what becomes of signs that the encoding of stdout or stderr does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _drop_output() -> None:
    """Send what is still buffered nowhere, or Python would complain about it at its exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
