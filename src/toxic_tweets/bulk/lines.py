"""Lines of a text file, of bounded length, with bytes that are not UTF-8 told apart."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from toxic_tweets.errors import DataError

# No text is longer, and a file without line breaks must not fill the memory.
_MAX_CHARACTERS = 10_000_000
_BAD_BYTE = re.compile("[\udc80-\udcff]")


class Lines(Iterator[str]):
    """Yield lines with their ends.

    Attributes:
        bad_byte: what was not UTF-8 since it was last set to None, such as `0xff`.
    """

    def __init__(self, stream: Any, file: str) -> None:
        """Read UTF-8, with or without a byte order mark.

        Args:
            stream: a stream of bytes, which is not closed.
            file: name of the file, for errors.
        """
        self._lines = io.TextIOWrapper(
            stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._file = file
        self.bad_byte: str | None = None

    def __next__(self) -> str:
        """Return the next line.

        Raises:
            DataError: it is longer than any line of a table.
        """
        line = self._lines.readline(_MAX_CHARACTERS)
        if not line:
            raise StopIteration
        if len(line) == _MAX_CHARACTERS:
            raise DataError(
                f"a line has more than {_MAX_CHARACTERS:,} characters. Check that the file is what "
                "its name says: a table with one row a line.",
                file=self._file,
            )
        if not line.isascii() and (found := _BAD_BYTE.search(line)):
            self.bad_byte = f"0x{ord(found.group()) - 0xDC00:02x}"
        return line
