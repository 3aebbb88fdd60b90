"""Bring characters into their plain form: same letter, same code point."""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping

from toxic_tweets.text.lexicon import find_abusive, get_severity, is_known
from toxic_tweets.text.offsets import Edit

# Scripts in which the joiners change how a word reads, so that they are no disguise.
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc"
    f"\U000e0000-\U000e0fff]+|(?<![{_JOINING}])[\u200c\u200d]+"
)
_ODD_SPACES = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"

# Marks that go with any letter, and those of them that strike or frame it and write no language.
_MARK = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
_FRAME = "\u0305\u0332-\u0338\u035c-\u0362\u0488\u0489\u20d0-\u20f0"
_MARK_FLOOD = re.compile(
    f"[{_MARK}]*[{_FRAME}][{_MARK}]*"
    f"|(?<=[A-Za-z])[{_MARK}]+|([\u00c0-\u024f\u1e00-\u1eff])[{_MARK}]{{2,}}|[{_MARK}]{{3,}}"
)

_NOT_ASCII = re.compile("[^\x00-\x7f]+")
# Left as they are although NFKC has a form for them: it would join a sign to a word, or take Korean
# letters apart.
_KEPT = frozenset("ªº™℠℡") | frozenset(map(chr, range(0x3131, 0x318F)))

_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_FRAMED = {chr(0x1F150 + at): chr(65 + at) for at in range(26)}
_FRAMED |= {chr(0x1F170 + at): chr(65 + at) for at in range(26)}
_PLAIN = _SMALL_CAPITALS | _FRAMED | dict.fromkeys(_ODD_SPACES, " ")

# Letters of other Latin alphabets, and signs of money, that pass for plain letters in a disguise.
ODD_LETTERS = dict(zip("€£¢ıłøđħŧƒɑɡßæɩʂŋɛɔʌƅƙɾ", "elcilodhtfagbaisneoubkr", strict=True))

_SCRIPTS = (
    "A-Za-z",
    "\u0370-\u03ff",
    "\u0400-\u052f",
    "\u0531-\u0587",
    "\u13a0-\u13ff",
    "\u2c80-\u2cff",
    "\ua4d0-\ua4ff",
)
_FOREIGN = "".join(_SCRIPTS[1:])
_MIXED = re.compile(
    "|".join(
        f"[{script}][0-9_]*[{''.join(other for other in _SCRIPTS if other != script)}]"
        for script in _SCRIPTS
    )
)
_WORD = re.compile(r"\w{1,100}")
_FOREIGN_LETTER = re.compile(f"[{_FOREIGN}]")
# Not alike enough for Unicode's list, but used as these letters in disguised words.
_ALIKE = dict(
    zip(
        "вгиклмнптуцшщьъяαβεηκμνπρσςτυωχԁԝոհղѵѡ",
        "bruknmhntyuwwbbrabenkuvnpoctuwxdwnhnvw",
        strict=True,
    )
)


def remove_invisible(text: str) -> Iterator[Edit]:
    """Yield the removal of what nobody sees: zero-width and direction signs, soft hyphens."""
    for found in _INVISIBLE.finditer(text):
        yield Edit(found.start(), found.end(), "")


def make_table(odd: str) -> Mapping[int, str]:
    """Return what stands, one for one, for those of these characters that have a plain form.

    Rare signs for a new line become a space; small capitals and framed letters, which NFKC leaves,
    and fullwidth, bold or other letters, which it does not, become the usual ones.
    """
    return {ord(character): plain for character in odd if (plain := _find_plain(character))}


@functools.lru_cache(maxsize=4096)
def _find_plain(character: str) -> str | None:
    if character in _PLAIN:
        return _PLAIN[character]
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1 or plain == character or not _is_wanted(character, plain):
        return None
    return plain


def compose(text: str) -> Iterator[Edit]:
    """Yield each letter, with the marks on it, in the form NFKC (fullwidth, bold, ligatures)."""
    if unicodedata.is_normalized("NFKC", text):
        return
    for run in _NOT_ASCII.finditer(text):
        start, end = run.span()
        start = max(start - 1, 0)
        if not unicodedata.is_normalized("NFKC", text[start:end]):
            yield from _compose_run(text, start, end)


def _compose_run(text: str, start: int, end: int) -> Iterator[Edit]:
    for at in range(start + 1, end + 1):
        if at < end and _continues(text[at]):
            continue
        cluster = text[start:at]
        composed = _compose_cluster(cluster)
        if composed != cluster:
            yield Edit(start, at, composed)
        start = at


@functools.lru_cache(maxsize=4096)
def _compose_cluster(cluster: str) -> str:
    composed = unicodedata.normalize("NFKC", cluster)
    return composed if _is_wanted(cluster, composed) else cluster


@functools.lru_cache(maxsize=4096)
def _continues(character: str) -> bool:
    """Say whether the character may melt into the one before it."""
    return (
        unicodedata.category(character).startswith("M")
        or "\u1160" <= character <= "\u11ff"
        or "\uff9e" <= character <= "\uffdc"
    )


def _is_wanted(cluster: str, composed: str) -> bool:
    if cluster[0] in _KEPT or "\u2044" in composed or composed[0] == " " != cluster[0].strip():
        return composed[0] == " " and cluster[0].isspace()
    raised = unicodedata.decomposition(cluster[0]).startswith(("<super>", "<sub>"))
    return not (raised and composed.isdigit())


def remove_mark_floods(text: str) -> Iterator[Edit]:
    """Yield the removal of marks that frame letters or are more than a language puts on one."""
    for flood in _MARK_FLOOD.finditer(text):
        letter = unicodedata.normalize("NFKD", flood[1])[0] if flood[1] else ""
        yield Edit(flood.start(), flood.end(), letter)


def replace_confusables(text: str) -> Iterator[Edit]:
    """Yield words of mixed scripts as the Latin words that they look like.

    A word all of one script stays unless it looks exactly like an abusive word, which takes letters
    that no one language has together. So does one with letters that look like no Latin ones.
    """
    if not _FOREIGN_LETTER.search(text):
        return
    for word in _WORD.finditer(text):
        if len(word[0]) > 2 and not word[0].isascii():  # shorter: a sign of science, such as μm
            plain = _make_latin(word[0])
            if plain is not None:
                yield Edit(word.start(), word.end(), plain)


def _make_latin(word: str) -> str | None:
    mixed = _MIXED.search(word) is not None
    close = "".join(map(_find_latin, word))
    if not _FOREIGN_LETTER.search(close):
        mostly_latin = mixed and len(word) >= 2 * len(_FOREIGN_LETTER.findall(word))
        known = is_known(close.lower()) if mixed else len(word) > 3 and get_severity(close.lower())
        if mostly_latin or known or (mixed and find_abusive(close.lower())):
            return close
    if not mixed:
        return None
    loose = "".join(map(_find_alike, word))
    return loose if is_known(loose.lower()) or find_abusive(loose.lower()) else None


def _find_alike(character: str) -> str:
    small = character.lower()
    return _ALIKE.get(small) or ODD_LETTERS.get(small) or _find_latin(character)


@functools.lru_cache(maxsize=4096)
def _find_latin(character: str) -> str:
    """Return the plain letter that looks like this one, or the character itself."""
    if not _FOREIGN_LETTER.match(character):
        return character
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(character, preferred_aliases=["latin"])
    alike = [str(glyph["c"]) for glyph in found[0]["homoglyphs"]] if found else []
    letters = [glyph for glyph in alike if len(glyph) == 1 and glyph.isascii() and glyph.isalpha()]
    same_case = [letter for letter in letters if letter.isupper() == character.isupper()]
    return (same_case or letters or [character])[0]
