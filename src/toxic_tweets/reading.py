"""What a checkpoint reads of one text: cleaned, with what lists found in it, cut into windows."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from toxic_tweets.model.checkpoint import Checkpoint
from toxic_tweets.model.tokenizer import TokenIds, find_special_tokens
from toxic_tweets.prediction import Match
from toxic_tweets.text.language import detect_language
from toxic_tweets.text.normalize import normalize, replace_surrogates
from toxic_tweets.text.offsets import Normalized
from toxic_tweets.text.windows import make_windows, split_pieces

if TYPE_CHECKING:
    from toxic_tweets.policy import WordList
    from toxic_tweets.text.wordlists import Matcher


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold one text as a checkpoint reads it.

    Attributes:
        original: the text as it came.
        normalized: what is tokenised, with the way back to the original.
        matches: what the lists of the policy found.
    """

    original: str
    normalized: Normalized
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class TextLanguage:
    """Hold the language of a text.

    Attributes:
        code: its code; None if it cannot be told.
        is_supported: whether the checkpoint was trained on it; None if that cannot be told.
    """

    code: str | None
    is_supported: bool | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Hold the tokens of a text with their places.

    Attributes:
        ids: token ids, without special tokens.
        char_offsets: start and end of each in the normalised text.
        windows: which tokens each window holds.
    """

    ids: list[int]
    char_offsets: list[tuple[int, int]]
    windows: list[range]


def read_as(normalizer: int, text: str) -> Normalized:
    """Return what a tokenizer sees of a text, in use as in training.

    Args:
        normalizer: version of the normaliser, 0 for none.
        text: any text.
    """
    if normalizer:
        return normalize(text)
    whole = replace_surrogates(text)
    return Normalized(whole, len(whole))


class Reader:
    """Read texts as one checkpoint does; safe to share between threads."""

    def __init__(
        self, checkpoint: Checkpoint, tokenizer: Tokenizer, lists: Sequence[WordList] = ()
    ) -> None:
        """Put the parts together.

        Args:
            checkpoint: says whether texts are normalised, and how long a window is.
            tokenizer: without truncation and padding.
            lists: what to look for in every text; the words of those that allow are masked.

        Raises:
            PolicyError: an item of a list is malformed.
        """
        self._normalizer = checkpoint.normalizer
        self._languages = checkpoint.languages
        self._tokenizer = tokenizer
        self._token_ids = TokenIds(tokenizer)
        self._special = find_special_tokens(tokenizer)
        self._room = checkpoint.max_tokens - len(self.frame(()))
        self._overlap = checkpoint.overlap_tokens
        self._matcher = _compile(lists)

    @property
    def n_before(self) -> int:
        """Return how many special tokens stand before those of the text."""
        return len(self._special.prefix)

    @property
    def mask_id(self) -> int:
        """Return the token that stands for any: the one that masks, else an unknown one."""
        names = ("[MASK]", "<mask>", "[UNK]", "<unk>", "[PAD]", "<pad>")
        ids = (self._tokenizer.token_to_id(name) for name in names)
        return next((number for number in ids if number is not None), 0)

    def with_lists(self, lists: Sequence[WordList]) -> Reader:
        """Return a reader that looks for other lists, at little cost.

        Raises:
            PolicyError: an item of a list is malformed.
        """
        other = copy.copy(self)
        other._matcher = _compile(lists)
        return other

    def read(self, text: str) -> Reading:
        """Return the text as the checkpoint reads it."""
        clean = read_as(self._normalizer, text)
        matches: tuple[Match, ...] = ()
        if self._matcher is not None:
            # A word in disguise is found for a checkpoint that reads texts as they are, too.
            matches = self._matcher.find(clean if self._normalizer else normalize(text))
            clean = self._matcher.mask(clean)
        return Reading(text, clean, matches)

    def find_language(self, reading: Reading) -> TextLanguage:
        """Return the language of the text, and whether the checkpoint was trained on it."""
        code = detect_language(reading.original).code
        is_told = code is not None and len(self._languages) > 0
        return TextLanguage(code, code in self._languages if is_told else None)

    def make_windows(self, reading: Reading) -> list[list[int]]:
        """Return the token ids of each window, special tokens included."""
        ids: list[int] = []
        for piece in split_pieces(reading.normalized.text):
            ids += self._token_ids(piece)
        return [self.frame(ids[places.start : places.stop]) for places in self._cut(len(ids))]

    def tokenize(self, reading: Reading) -> Tokens:
        """Return the tokens that `make_windows` cuts, with their places in the text."""
        ids: list[int] = []
        char_offsets: list[tuple[int, int]] = []
        before = 0
        for piece in split_pieces(reading.normalized.text):
            encoding = self._tokenizer.encode(piece, add_special_tokens=False)
            ids += encoding.ids
            char_offsets += [(before + start, before + end) for start, end in encoding.offsets]
            before += len(piece)
        return Tokens(ids, char_offsets, self._cut(len(ids)))

    def frame(self, ids: Sequence[int]) -> list[int]:
        """Return token ids with the special ones around them."""
        return [*self._special.prefix, *ids, *self._special.suffix]

    def _cut(self, n_tokens: int) -> list[range]:
        """Return which tokens of a text each window holds."""
        # Else `make_windows` says what is wrong.
        if n_tokens <= self._room and 0 <= self._overlap < self._room:
            return [range(n_tokens)]
        windows = make_windows(range(n_tokens), self._room, self._overlap)
        return [range(places[0], places[-1] + 1) if places else range(0) for places in windows]


def _compile(lists: Sequence[WordList]) -> Matcher | None:
    """Return what finds the words of the lists; most policies have none."""
    if not lists:
        return None
    from toxic_tweets.text.wordlists import compile_lists

    return compile_lists(lists)
