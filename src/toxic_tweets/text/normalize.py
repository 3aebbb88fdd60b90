"""Make any string fit for a tokenizer, and undo disguises, with the way back to the original."""

import functools
import operator
import re
from collections.abc import Callable, Iterable, Sequence

from toxic_tweets.memory import WordMemory
from toxic_tweets.text.characters import (
    ODD_LETTERS,
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
from toxic_tweets.text.repeats import LEAST_FLOOD, cut_floods, has_repeats, squeeze_words
from toxic_tweets.text.spaced import (
    has_halves,
    has_lone_letters,
    has_spaced,
    is_half,
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
_QUOTED_WORD = re.compile("[A-Za-z'\"‘’“”]+")
# What is a letter, or may stand for one where no digit is beside it.
_LETTER = re.compile(f"[A-Za-z@$|+(!{''.join(ODD_LETTERS)}]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_Step = Callable[[str], Iterable[Edit]]
# Links and names are in most tweets, and no two are the same, so they go first.
_MASK_STEPS: tuple[_Step, ...] = (mask_links, mask_mentions)
# Each of these changes nothing beyond a piece between spaces, and no word of the lists. They run in
# this order. Those for signs have nothing to do where a piece is letters of ASCII and quotes with
# stops behind them.
_WORD_STEPS: tuple[_Step, ...] = (squeeze_words, cut_floods, split_glued)
_PIECE_STEPS: tuple[_Step, ...] = (split_hashtags, join_split, unmask, read_leet, *_WORD_STEPS)
# What may be to do about a piece, as flags.
_CHANGES, _IS_LONE, _IS_HALF, _IS_MISSPELLED = 1, 2, 4, 8
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
    """Run each step that has something to do; say whether another round may find more."""
    changed = False
    is_plain = draft.text.isascii() and draft.text.isprintable()
    if not is_plain and (not draft.text.isascii() or _CONTROL.search(draft.text)):
        changed = _run_characters(draft)
    if "&" in draft.text:
        changed = draft.apply(replace_entities(draft.text)) or changed
    if "<" in draft.text:
        changed = draft.apply(remove_tags(draft.text)) or changed
    for mask in _MASK_STEPS:  # what they leave is no reason for another round
        draft.apply(mask(draft.text))
    doubt = _judge_all(draft.text.split())
    return (_run_words(draft, doubt) if doubt else False) or changed


def _run_words(draft: Draft, doubt: int) -> bool:
    """Run the steps for words that have something to do; return whether the text changed."""
    if doubt == _IS_LONE and not has_spaced(draft.text):  # a number or an initial: most often
        return False
    changed = False
    pieces = set(draft.text.split()) - read_known_words()
    if doubt & _CHANGES:
        suspects = " ".join(piece for piece in pieces if _DOUBTS[piece] & _CHANGES)
        for step in _PIECE_STEPS:
            if _acts(step, suspects):
                changed = draft.apply(step(draft.text)) or changed
    # Where the text changed, any piece may have become another.
    are_lone, are_halves = doubt & (_CHANGES | _IS_LONE), doubt & (_CHANGES | _IS_HALF)
    if are_lone and has_spaced(draft.text) and any(map(has_lone_letters, pieces)):
        changed = draft.apply(join_spaced(draft.text)) or changed
    if are_halves and any(map(has_halves, pieces)):
        changed = draft.apply(join_halves(draft.text)) or changed
    # Last of all: what another step can explain is no slip.
    if not changed and doubt & _IS_MISSPELLED and _is_english(draft.text.split()):
        changed = draft.apply(mend_words(draft.text))
    return changed


def _acts(step: _Step, text: str) -> bool:
    """Say whether the step has something to do."""
    for _ in step(text):
        return True
    return False


def _judge_all(pieces: Iterable[str]) -> int:
    """Return what may be to do about pieces between spaces: the flags of all of them together."""
    return functools.reduce(operator.or_, set(map(_DOUBTS.__getitem__, pieces)), 0)


def _judge(piece: str) -> int:
    """Return what may be to do about one piece."""
    known = read_known_words()
    small = piece.lower()
    if small in known or (piece[-1] in _STOPS and small[:-1] in known):
        return 0
    bare = piece.rstrip(_STOPS)
    if bare.isascii() and bare.isalpha() and len(piece) - len(bare) < LEAST_FLOOD:
        return _DOUBTS[bare] if bare != piece else _judge_letters(bare)
    doubt = _CHANGES if any(_acts(step, piece) for step in _choose_steps(bare)) else 0
    if not (len(bare) > 1 and bare.isalpha()) and has_lone_letters(piece):
        doubt |= _IS_LONE
    if is_half(piece):
        doubt |= _IS_HALF
    if not doubt & _CHANGES and _acts(mend_words, piece):
        doubt |= _IS_MISSPELLED
    return doubt


def _judge_letters(bare: str) -> int:
    """Judge a piece of nothing but letters of ASCII, which most unknown ones are."""
    if len(bare) == 1:
        return _IS_LONE if has_lone_letters(bare) else 0
    steps = _WORD_STEPS if has_repeats(bare) else (split_glued,)
    if any(_acts(step, bare) for step in steps):
        return _CHANGES
    doubt = _IS_HALF if is_half(bare) else 0
    return doubt | _IS_MISSPELLED if _acts(mend_words, bare) else doubt


_DOUBTS = WordMemory(_judge)


def _choose_steps(bare: str) -> Sequence[_Step]:
    """Return the steps that may find something in a piece, given without the stops behind it."""
    if _QUOTED_WORD.fullmatch(bare):
        return _WORD_STEPS
    return _PIECE_STEPS if _LETTER.search(bare) else (cut_floods,)


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
