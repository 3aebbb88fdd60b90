"""Find where the sentences of a text begin and end."""

import re
from collections.abc import Iterator
from itertools import pairwise

from toxic_tweets.text.normalize import replace_surrogates

# Where a line ends, there a sentence does: nobody wraps lines by hand in a comment. (Unicode's own
# rules for sentences, UAX #29, break there too.)
_LINE_END = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")

# The library compares each opening quote with all after it: at most so many code points at once
# keep the time linear. 2,000 take 2 ms at worst.
_MAX_BLOCK = 2_000


def split_sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Return the spans of the sentences, in code points, in order.

    Every character but white space around sentences is in exactly one span, and no span begins or
    ends with white space, so a blank text has none. What is a sentence is decided by Wikimedia's
    sentencex: full stops of many scripts end one, known abbreviations, decimal numbers and quotes
    do not; where in doubt, two sentences stay together. Besides, each line stands on its own.

    Args:
        text: any string; the time is linear in its length.
        language: code of the language whose abbreviations are known; one that has no rules of its
            own gets general ones.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for line_end in _LINE_END.finditer(text + "\n"):
        line = text[start : line_end.start()]
        if line and not line.isspace():
            places = [0, *_find_starts(replace_surrogates(line), language), len(line)]
            for first, last in pairwise(places):
                piece = line[first:last]
                if bare := piece.strip():
                    begin = start + first + len(piece) - len(piece.lstrip())
                    spans.append((begin, begin + len(bare)))
        start = line_end.end()
    return spans


def _find_starts(line: str, language: str) -> Iterator[int]:
    """Yield where each sentence of the line but the first begins."""
    from sentencex import get_sentence_boundaries  # 4 MB, for those who ask only

    done = 0
    while done < len(line):
        end = _find_cut(line, done)
        pieces = get_sentence_boundaries(language, line[done:end])
        starts = [int(piece["start_index"]) for piece in pieces[1:]]
        yield from (done + start for start in starts)
        # What the cut goes through is read again as a whole, or goes on in the next block if long.
        if end < len(line) and starts and starts[-1] >= _MAX_BLOCK // 2:
            end = done + starts[-1]
        done = end


def _find_cut(line: str, start: int) -> int:
    """Return where the block that begins here ends: after a space, or anywhere if there is none."""
    end = start + _MAX_BLOCK
    if end >= len(line):
        return len(line)
    return line.rfind(" ", start + _MAX_BLOCK // 2, end) + 1 or end
