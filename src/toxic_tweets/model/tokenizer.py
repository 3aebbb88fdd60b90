"""Open a tokenizer so that nothing is cut, padded or taken for a command."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from toxic_tweets.errors import CheckpointError


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
