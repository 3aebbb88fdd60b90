"""Open a tokenizer so that nothing is cut, padded or taken for a command."""

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from toxic_tweets.errors import CheckpointError

# BERT's tokenizers work on each of these by itself. What stands between signs of ASCII may be
# several words, if it has signs and spaces of other scripts.
_WORDS = re.compile(r"[^ \t\n\r!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
# The same words come again and again, so their tokens are kept: some 10 MB at most, and single
# short words of the texts, never more of them.
_KEPT_WORDS = 1 << 15
_MOST_LETTERS_KEPT = 24


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """Hold the ids that stand around every window.

    Attributes:
        prefix: ids before the text, such as that of [CLS].
        suffix: ids after the text, such as that of [SEP].
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]


def open_tokenizer(path: Path) -> Tokenizer:
    """Open a `tokenizer.json`.

    Raises:
        CheckpointError: the file is missing or is not a tokenizer.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is missing. Fetch or re-export the checkpoint.")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise CheckpointError(f"{path} is not a tokenizer: {error}.") from error
    return prepare_tokenizer(tokenizer)


def prepare_tokenizer(tokenizer: Tokenizer) -> Tokenizer:
    """Switch off what would make a score depend on more than the text."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # Who types "[SEP]" or "[PAD]" means those letters; as commands they could hide what follows.
    tokenizer.encode_special_tokens = True
    return tokenizer


def find_special_tokens(tokenizer: Tokenizer) -> SpecialTokens:
    """Return what the tokenizer puts around a text, by asking it for one."""
    encoding = tokenizer.encode("a", add_special_tokens=True)
    marks = encoding.special_tokens_mask
    if 0 not in marks:  # a vocabulary without letters: nothing stands between the special tokens
        return SpecialTokens(tuple(encoding.ids[:1]), tuple(encoding.ids[1:]))
    first = marks.index(0)
    last = len(marks) - 1 - marks[::-1].index(0)
    return SpecialTokens(tuple(encoding.ids[:first]), tuple(encoding.ids[last + 1 :]))


class TokenIds:
    """Give the token ids of a text, without special tokens; safe to share between threads.

    They are always those of `Tokenizer.encode`. But where a tokenizer works word by word, as BERT's
    do, words that were met before are looked up, at a fifth of the cost.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Look at how a tokenizer works.

        Args:
            tokenizer: without truncation and padding.
        """
        self._tokenizer = tokenizer
        self._known = _KnownWords(tokenizer) if _works_by_word(tokenizer) else None

    def __call__(self, text: str) -> list[int]:
        """Return the ids of the text's tokens."""
        if self._known is None:
            return self._tokenizer.encode(text, add_special_tokens=False).ids
        # Small letters only save keys. Beyond ASCII the tokenizer has its own way to make them.
        words = _WORDS.findall(text.lower() if text.isascii() else text)
        return list(chain.from_iterable(map(self._known.__getitem__, words)))


class _KnownWords(dict[str, tuple[int, ...]]):
    """Map words to their token ids; asks the tokenizer for those it does not know yet."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self._model = tokenizer.model

    def __missing__(self, word: str) -> tuple[int, ...]:
        if word.isascii() and word.isalnum() and word.islower():  # it is one word, and stays as is
            ids = tuple([token.id for token in self._model.tokenize(word)])
        else:
            ids = tuple(self._tokenizer.encode(word, add_special_tokens=False).ids)
        if len(word) <= _MOST_LETTERS_KEPT:
            if len(self) >= _KEPT_WORDS:
                self.clear()
            self[word] = ids
        return ids


def _works_by_word(tokenizer: Tokenizer) -> bool:
    """Say whether a tokenizer parts texts as BERT's uncased one does, and at no other places."""
    normalizer, added = tokenizer.normalizer, tokenizer.get_added_tokens_decoder().values()
    return (
        isinstance(normalizer, BertNormalizer)
        and normalizer.lowercase
        and normalizer.clean_text
        and isinstance(tokenizer.pre_tokenizer, BertPreTokenizer)
        and tokenizer.encode_special_tokens
        and all(token.special for token in added)
    )
