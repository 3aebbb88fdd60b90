"""Make any string fit for a tokenizer, and undo disguises, with the way back to the original."""

import re
from collections.abc import Callable, Iterable

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
from toxic_tweets.text.offsets import Draft, Edit, Normalized
from toxic_tweets.text.repeats import cut_floods, squeeze_words
from toxic_tweets.text.spaced import (
    has_halves,
    has_spaced,
    join_halves,
    join_spaced,
    join_split,
    split_glued,
)

__all__ = ["VERSION", "Normalized", "normalize", "replace_surrogates"]

VERSION = 1

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
_STOPS = frozenset('.,;:!?)"')
_LETTERS = re.compile("[a-z]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_Step = Callable[[str], Iterable[Edit]]
# Each of these changes nothing beyond a piece between spaces, and no word of the lists.
_PIECE_STEPS: tuple[_Step, ...] = (
    mask_links,
    mask_mentions,
    split_hashtags,
    join_split,
    unmask,
    read_leet,
    squeeze_words,
    cut_floods,
    split_glued,
)
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
    suspects = _list_suspects(draft.text)
    for step in _PIECE_STEPS:
        if any(True for _ in step(suspects)):
            changed = draft.apply(step(draft.text)) or changed
    if has_spaced(suspects):
        changed = draft.apply(join_spaced(draft.text)) or changed
    if has_halves(_LETTERS.findall(suspects.lower())):
        changed = draft.apply(join_halves(draft.text)) or changed
    return changed


def _list_suspects(text: str) -> str:
    """Return the pieces between spaces that are no known word with at most one sign behind it.

    These alone can be disguised; in a clean text they are few, so that the steps cost little there.
    """
    known = read_known_words()
    unknown = [piece for piece in text.split() if piece.lower() not in known]
    return " ".join(
        [piece for piece in unknown if piece[-1] not in _STOPS or piece[:-1].lower() not in known]
    )


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
