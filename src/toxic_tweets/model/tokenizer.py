"""Open a tokenizer so that nothing is cut, padded or taken for a command."""

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from toxic_tweets.errors import CheckpointError
from toxic_tweets.memory import WordMemory

# BERT's tokenizers work on each of these by itself. What stands between signs of ASCII may be
# several words, if it has signs and spaces of other scripts.
_WORDS = re.compile(r"[^ \t\n\r!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")


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
        self._model = tokenizer.model
        self._known = WordMemory(self._tokenize) if _works_by_word(tokenizer) else None

    def __call__(self, text: str) -> list[int]:
        """Return the ids of the text's tokens."""
        if self._known is None:
            return self._encode(text)
        # Small letters only save keys. Beyond ASCII the tokenizer has its own way to make them.
        words = _WORDS.findall(text.lower() if text.isascii() else text)
        return list(chain.from_iterable(map(self._known.__getitem__, words)))

    def _tokenize(self, word: str) -> tuple[int, ...]:
        if word.isascii() and word.isalnum() and word == word.lower():  # one word, that stays as is
            return tuple([token.id for token in self._model.tokenize(word)])
        return tuple(self._encode(word))

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
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
