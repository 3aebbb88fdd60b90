"""Make any string fit for a tokenizer, and undo disguises, with the way back to the original."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence

from toxic_tweets.text.characters import (
    compose,
    make_table,
    remove_invisible,
    remove_mark_floods,
    replace_confusables,
)
from toxic_tweets.text.emoji_words import name_emoji
from toxic_tweets.text.leet import read_leet, unmask
from toxic_tweets.text.lexicon import read_known_words
from toxic_tweets.text.markup import (
    mask_links,
    mask_mentions,
    remove_tags,
    repair_encoding,
    replace_entities,
    split_hashtags,
)
from toxic_tweets.text.misspelled import mend_words
from toxic_tweets.text.offsets import Draft, Edit, Normalized
from toxic_tweets.text.repeats import cut_floods, squeeze_words
from toxic_tweets.text.spaced import (
    has_halves,
    has_lone_letters,
    has_spaced,
    join_halves,
    join_spaced,
    join_split,
    split_glued,
)

__all__ = ["VERSION", "Normalized", "normalize", "replace_surrogates"]

VERSION = 2

_SURROGATE = re.compile("[\ud800-\udfff]")
_EMOJI = re.compile("[\u231a-\u3030\U0001f000-\U0001faff]")
# Letters and signs of which no step takes notice, beside the visible ones of ASCII.
_USUAL = (
    frozenset(map(chr, range(0x20, 0x7F)))
    | frozenset("\t\n\r‘’“”–—•«»¡¿°§·×÷©®€£¥")
    | frozenset(
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŞşĞğİıŠšŽžĆćČčŁłŻżŹźĘęĄąŃń"
    )
)
_STOPS = '.,;:!?)"'
_LETTERS = re.compile("[a-z]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_Step = Callable[[str], Iterable[Edit]]
# Each of these changes nothing beyond a piece between spaces, and no word of the lists. Those for
# signs have nothing to do where a piece is letters of ASCII with stops behind them.
_SIGN_STEPS: tuple[_Step, ...] = (
    mask_links,
    mask_mentions,
    split_hashtags,
    join_split,
    unmask,
    read_leet,
)
_WORD_STEPS: tuple[_Step, ...] = (squeeze_words, cut_floods, split_glued)
_PIECE_STEPS = _SIGN_STEPS + _WORD_STEPS
# What may be to do about a piece, as flags.
_CHANGES, _IS_LONE, _IS_HALF, _IS_MISSPELLED = 1, 2, 4, 8
# The same pieces come again and again, so what is known of them is kept: single short words of the
# text, never more of it.
_KEPT_PIECES = 1 << 15
_MOST_LETTERS_KEPT = 24
# One change can make room for another (an entity for a tag), so all run until nothing changes.
# Every step makes disguises fewer, and texts of people need two rounds; the bound keeps a text that
# was built to need many from costing more than a few passes over a megabyte.
_MOST_ROUNDS = 12


def replace_surrogates(text: str) -> str:
    """Return the text with each lone surrogate as U+FFFD, of the same length.

    A lone surrogate has no UTF-8 form, so no tokenizer takes it; it comes from broken JSON escapes
    and from text that was cut in the middle of an emoji.
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def normalize(text: str) -> Normalized:
    """Return the text as a model should read it: disguises undone, clean texts as they are.

    Never raises, takes time linear in the length, and changes nothing if it is done twice.

    Args:
        text: any string, also with lone surrogates.
    """
    draft = Draft(replace_surrogates(text))
    for _ in range(_MOST_ROUNDS):
        if not _run_round(draft):
            break
    return draft.finish()


def _run_round(draft: Draft) -> bool:
    """Run each step that has something to do; return whether the text changed."""
    changed = False
    if not draft.text.isascii() or _CONTROL.search(draft.text):
        changed = _run_characters(draft)
    if "&" in draft.text:
        changed = draft.apply(replace_entities(draft.text)) or changed
    if "<" in draft.text:
        changed = draft.apply(remove_tags(draft.text)) or changed
    pieces = draft.text.split()
    doubts = _judge_all(pieces)
    if any(doubts):
        changed = _run_words(draft, pieces, doubts) or changed
    return changed


def _run_words(draft: Draft, pieces: Sequence[str], doubts: Sequence[int]) -> bool:
    """Run the steps for words that have something to do; return whether the text changed."""
    changed = False
    pairs = list(zip(pieces, doubts, strict=True))
    suspects = " ".join([piece for piece, doubt in pairs if doubt & _CHANGES])
    for step in _PIECE_STEPS if suspects else ():
        if any(True for _ in step(suspects)):
            changed = draft.apply(step(draft.text)) or changed
    if any(doubt & _IS_LONE for doubt in doubts) and has_spaced(draft.text):
        changed = draft.apply(join_spaced(draft.text)) or changed
    if any(doubt & _IS_HALF for doubt in doubts):
        changed = draft.apply(join_halves(draft.text)) or changed
    # Last of all: what another step can explain is no slip.
    if not changed and any(doubt & _IS_MISSPELLED for doubt in doubts) and _is_english(pieces):
        changed = draft.apply(mend_words(draft.text))
    return changed


def _judge_all(pieces: Sequence[str]) -> list[int]:
    """Return what may be to do about each piece between spaces, as flags, 0 for nothing."""
    if max(map(len, pieces), default=0) <= _MOST_LETTERS_KEPT:
        return list(map(_judge, pieces))
    judges = (_judge, _judge.__wrapped__)
    return [judges[len(piece) > _MOST_LETTERS_KEPT](piece) for piece in pieces]


@functools.lru_cache(maxsize=_KEPT_PIECES)
def _judge(piece: str) -> int:
    known = read_known_words()
    if piece.lower() in known or (piece[-1] in _STOPS and piece[:-1].lower() in known):
        return 0
    bare = piece.rstrip(_STOPS)
    is_word = bare.isascii() and bare.isalpha()
    steps = _WORD_STEPS if is_word else _PIECE_STEPS
    doubt = _CHANGES if any(True for step in steps for _ in step(piece)) else 0
    if has_lone_letters(piece):
        doubt |= _IS_LONE
    if has_halves(_LETTERS.findall(piece.lower())):
        doubt |= _IS_HALF
    if not doubt & _CHANGES and any(True for _ in mend_words(piece)):
        doubt |= _IS_MISSPELLED
    return doubt


def _is_english(pieces: Sequence[str]) -> bool:
    """Say whether two of five pieces are known words: elsewhere an unknown one is no slip."""
    known = read_known_words()
    n_known = sum(piece.strip(_STOPS).lower() in known for piece in pieces)
    return n_known * 5 >= (len(pieces) - 1) * 2


def _run_characters(draft: Draft) -> bool:
    """Bring the characters of a text that is not plain ASCII into their plain form."""
    changed = draft.apply(repair_encoding(draft.text))
    odd = _list_odd(draft.text)
    if not odd:
        return changed
    if _EMOJI.search(odd):
        changed = draft.apply(name_emoji(draft.text)) or changed
    changed = draft.apply(remove_invisible(draft.text)) or changed
    changed = draft.translate(make_table(odd)) or changed
    for step in (compose, remove_mark_floods, replace_confusables):
        changed = draft.apply(step(draft.text)) or changed
    return changed


def _list_odd(text: str) -> str:
    """Return each character of the text that may need a step of its own, once."""
    return "".join(sorted(set(text) - _USUAL))
