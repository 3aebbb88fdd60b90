"""Remember what was worked out for a word, since people use the same words again and again."""

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

# Both generations together: 6 MB of numbers at most, or 16 MB of short tuples (tracemalloc).
_MOST_WORDS = 1 << 15
_MOST_LETTERS = 24


class WordMemory(dict[str, Value]):
    """Map words to what a function makes of them, asking it for those that are not known yet.

    What is kept are single short words of the texts, never more of them: those met lately, at most
    twice as many as one generation holds. When it is full it becomes the generation before, whose
    words come back when they are met again. Safe to share between threads: at worst something is
    worked out twice.
    """

    def __init__(self, work: Callable[[str], Value], most_words: int = _MOST_WORDS) -> None:
        """Remember nothing yet.

        Args:
            work: gives the same for the same word, always.
            most_words: how many words a generation holds.
        """
        super().__init__()
        self._work = work
        self._most_words = most_words
        self._before: dict[str, Value] = {}

    def __missing__(self, word: str) -> Value:
        """Work it out, and keep it if the word is short."""
        found = self._before[word] if word in self._before else self._work(word)
        if len(word) <= _MOST_LETTERS:
            if len(self) >= self._most_words:
                self._before = dict(self)
                self.clear()
            self[word] = found
        return found
