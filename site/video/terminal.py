"""A real shell in a real pseudo terminal, drawn as HTML."""

from __future__ import annotations

import fcntl
import html
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyte

COLUMNS, ROWS = 112, 24
PROMPT = "$ "
_COLOURS = {
    "black": "#5c6370",
    "red": "#ff8b82",
    "green": "#8fd6a4",
    "brown": "#f0c674",
    "blue": "#9cc1ff",
    "magenta": "#d9a9ef",
    "cyan": "#86d3d8",
    "white": "#e8e6e1",
}


class Terminal:
    """A shell that takes what is typed, and a screen that shows what comes back."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._process, self._file = pty.fork()
        if self._process == 0:
            os.chdir(folder)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, a shell must not
            more = {"PS1": PROMPT, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            shell = ["bash", "--norc", "--noprofile"]
            os.execvpe(shell[0], shell, {**os.environ, **environment, **more})  # noqa: S606
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, size)
        self.send("bind 'set enable-bracketed-paste off'; clear\n")
        for _ in self.wait():
            pass

    @property
    def lines(self) -> list[str]:
        """Return what the screen shows, without blanks at the right."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def is_ready(self) -> bool:
        """Tell whether the shell waits for a command."""
        row = self._screen.display[self._screen.cursor.y].rstrip()
        return row == PROMPT.rstrip() and self._screen.cursor.x == len(PROMPT)

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._file, keys.encode())

    def read(self, timeout_s: float = 0.05) -> bool:
        """Take what has come back so far; return whether there was something."""
        is_there, _, _ = select.select([self._file], [], [], timeout_s)
        if is_there:
            self._stream.feed(os.read(self._file, 65_536))
        return bool(is_there)

    def wait(self, until: str = "", patience_s: float = 300.0) -> Iterator[float]:
        """Yield the seconds since the last time whenever the screen has changed, until it is done.

        Args:
            until: words that the screen has to show; without, the shell has to be ready.
            patience_s: raises TimeoutError after so many seconds.
        """
        start = last = time.monotonic()
        while time.monotonic() - start < patience_s:
            changed = self.read(0.1)
            while changed and self.read(0.02):
                pass
            if changed:
                now = time.monotonic()
                yield now - last
                last = now
            is_shown = any(until in line for line in self.lines)
            if not changed and (is_shown if until else self.is_ready):
                return
            if until and not changed and self.is_ready and not is_shown:
                break
        shown = "\n".join(self.lines).strip()
        raise TimeoutError(
            f"The terminal should show {until or 'its prompt'!r}, but shows:\n{shown}"
        )

    def to_html(self) -> str:
        """Return the screen as lines of coloured text."""
        return "\n".join(self._row_to_html(row) for row in range(ROWS))

    def close(self) -> None:
        """End the shell and what runs in it."""
        self.send("\x03")
        for _ in self.wait(patience_s=60):
            pass
        os.kill(self._process, signal.SIGHUP)
        os.waitpid(self._process, 0)

    def _row_to_html(self, row: int) -> str:
        cells = self._screen.buffer[row]
        pieces = []
        for column in range(COLUMNS):
            cell = cells[column]
            if not cell.data:
                continue  # the second half of a wide letter
            is_wide = column + 1 < COLUMNS and not cells[column + 1].data
            pieces.append(self._cell_to_html(cell, is_wide, self._has_cursor(row, column)))
        return "".join(pieces)

    def _has_cursor(self, row: int, column: int) -> bool:
        cursor = self._screen.cursor
        return not cursor.hidden and (cursor.y, cursor.x) == (row, column)

    def _cell_to_html(self, cell: pyte.screens.Char, is_wide: bool, has_cursor: bool) -> str:
        styles = []
        if cell.fg != "default":
            styles.append(f"color:{_find_colour(cell.fg)}")
        if cell.bg != "default":
            styles.append(f"background:{_find_colour(cell.bg)}")
        if cell.bold:
            styles.append("font-weight:700")
        if cell.italics:
            styles.append("font-style:italic")
        if cell.underscore:
            styles.append("text-decoration:underline")
        if has_cursor:
            styles.append("background:#e8e6e1;color:#16181d")
        if is_wide:
            styles.append("display:inline-block;width:2ch;line-height:1")
        text = html.escape(cell.data)
        return f'<span style="{";".join(styles)}">{text}</span>' if styles else text


def _find_colour(name: str) -> str:
    plain = name.removeprefix("bright")
    return _COLOURS.get(plain, f"#{name}" if len(name) == 6 else "#e8e6e1")
