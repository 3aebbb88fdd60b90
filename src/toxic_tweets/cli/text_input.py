"""Where the texts come from: arguments, lines of stdin, a column of a CSV file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from toxic_tweets.text.normalize import replace_surrogates

_BLOCK_SIZE_BYTES = 65_536  # what a pipe holds on Linux
_BYTE_ORDER_MARK = "\ufeff"


class ByteStream(Protocol):
    """Give bytes as soon as there are some, such as `sys.stdin.buffer`."""

    def read1(self, size: int, /) -> bytes:
        """Return at most this many bytes, as soon as there is one; none at the end."""


def clean_arguments(arguments: list[str]) -> list[str]:
    """Return texts from the command line, where bytes that are no text came as surrogates."""
    return [replace_surrogates(text) for text in arguments]


def read_line_blocks(stream: ByteStream) -> Iterator[list[str]]:
    r"""Yield the lines that are there by now, so that a slow stream is answered line by line.

    A line ends with \n or \r\n and is one text, an empty one too; bytes that are not UTF-8 become
    U+FFFD.
    """
    pending: list[bytes] = []
    is_first = True
    while block := stream.read1(_BLOCK_SIZE_BYTES):
        *lines, rest = block.split(b"\n")
        if lines:
            lines[0] = b"".join([*pending, lines[0]])
            pending = []
            texts = [_decode(line) for line in lines]
            if is_first:
                texts[0] = texts[0].removeprefix(_BYTE_ORDER_MARK)
                is_first = False
            yield texts
        pending.append(rest)
    if last := b"".join(pending):
        yield [_decode(last).removeprefix(_BYTE_ORDER_MARK) if is_first else _decode(last)]


def read_csv_texts(path: Path, column: str) -> Iterator[str]:
    """Yield one column of a CSV file.

    Raises:
        DataError: the file cannot be read, lacks the column, or a row is malformed.
    """
    from toxic_tweets.data.csv_file import read_rows

    for row in read_rows(path, [column]):
        yield row.values[column]


def _decode(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
