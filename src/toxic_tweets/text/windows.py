"""Cut a long text into overlapping windows, so that nothing of it is left out."""

from collections.abc import Iterator, Sequence

from toxic_tweets.errors import CheckpointError


def make_windows(
    ids: Sequence[int],
    max_tokens: int,
    overlap_tokens: int,
    prefix: Sequence[int] = (),
    suffix: Sequence[int] = (),
) -> list[list[int]]:
    """Return what the model reads for one text, every token of it in at least one window.

    A text that fits becomes one window. A longer one becomes several that share `overlap_tokens`
    tokens, so that an insult on a cut is whole in one of them; the last window ends with the text
    and so may share more.

    Args:
        ids: token ids of the text, without special tokens; may be empty.
        max_tokens: the longest window, special tokens included.
        overlap_tokens: tokens of the text that neighbours share.
        prefix: ids of the special tokens before the text.
        suffix: ids of the special tokens after it.

    Raises:
        CheckpointError: the special tokens and the overlap leave no room to move on.
    """
    room = max_tokens - len(prefix) - len(suffix)
    before, after = list(prefix), list(suffix)
    return [
        [*before, *ids[start : start + room], *after]
        for start in _starts(len(ids), room, overlap_tokens)
    ]


def _starts(n_tokens: int, room: int, overlap_tokens: int) -> Iterator[int]:
    """Yield where each window begins in the text."""
    if not 0 <= overlap_tokens < room:
        raise CheckpointError(
            f"Windows with room for {room} tokens cannot share {overlap_tokens}. The overlap must "
            "be at least 0 and less than the room. Mend window in checkpoint.json."
        )
    yield from range(0, n_tokens - room, room - overlap_tokens)
    yield max(n_tokens - room, 0)


def split_pieces(text: str, max_characters: int = 100_000) -> Iterator[str]:
    """Yield a huge text in pieces that a tokenizer takes one by one, in little memory.

    A tokenizer needs some 150 bytes per character while it works. Pieces are cut before a space,
    where no token goes on, or anywhere in scripts and strings that have no space for long.

    Args:
        text: any text; one of usual length is yielded as it is.
        max_characters: the longest piece.
    """
    start = 0
    while len(text) - start > max_characters:
        end = start + max_characters
        middle = start + max_characters // 2
        space = max(text.rfind(" ", middle, end), text.rfind("\n", middle, end))
        end = end if space <= start else space
        yield text[start:end]
        start = end
    yield text[start:]
