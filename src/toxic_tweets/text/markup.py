"""Undo what belongs to web pages and networks: entities, tags, broken encodings, links, names."""

import functools
import html
import re
from collections.abc import Callable, Iterator

from toxic_tweets.text.lexicon import get_severity
from toxic_tweets.text.offsets import Edit

# Only with a semicolon, so that "R&D" and "a&lt" stay; "&amp;amp;lt;" was escaped more than once.
_ENTITY = re.compile(r"&(?:amp;)*(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")

# Tags of HTML and of Wikipedia only: "<3", "a <b and c> d", "List<String>" and "<idiot>" are text.
_INLINE = "a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|mark|nowiki|q|s|small|span|strike|strong"
_INLINE += "|sub|sup|tt|u|wbr"
_BLOCK = "blockquote|body|br|center|div|gallery|h[1-6]|head|hr|html|iframe|img|li|ol|p|pre|ref"
_BLOCK += "|script|style|table|tbody|td|th|tr|ul"
_TAG = re.compile(
    rf"<(?:/\s{{0,3}})?(?:(?P<inline>{_INLINE})|(?:{_BLOCK}))(?P<rest>[\s/][^<>]{{0,2000}})?>"
    r"|<!--[^<>]{0,2000}-->",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(
    r"(?:\s++[a-z][a-z-]*+\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"']++))*+\s*+/?", re.I
)

# A letter that two bytes of UTF-8 begin with, before one that they go on with, both misread.
_MOJIBAKE = re.compile("[\xc2-\xf4\u0102\u0103РСГВв][\x80-\xbf\u0100-\u04ff\u2010-\u2122]")
_SOLID = re.compile("[^ \t\r\n]{1,1000}")

_LINK = re.compile(r"""(?:https?://|www\.)[^\s<>"]{0,4000}[^\s<>".,;:!?')\]}*…]""", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@.+/&#-])@([A-Za-z0-9_]{1,30})(?![\w@$!])")
_HASHTAG = re.compile(r"(?<![\w&#/])#([A-Za-z][A-Za-z0-9_]{1,138})(?!\w)")
_HEX = re.compile(r"[0-9a-fA-F]{3,8}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@functools.cache
def _load_repair() -> Callable[[str], str]:
    """Import ftfy only for a text that may need it: it takes a twentieth of a second."""
    from ftfy import fix_encoding

    return fix_encoding


def repair_encoding(text: str) -> Iterator[Edit]:
    """Yield repairs of letters that were decoded with the wrong table (cafÃ© is café).

    Piece by piece between spaces, so that each repair maps to its piece.
    """
    if not _MOJIBAKE.search(text):
        return
    repair = _load_repair()
    for piece in _SOLID.finditer(text):
        if _MOJIBAKE.search(piece[0]):
            yield _narrow(piece.start(), piece[0], repair(piece[0]))


def _narrow(start: int, broken: str, repaired: str) -> Edit:
    """Return the edit without what both have in common at their ends."""
    before = _count_common(broken, repaired)
    after = _count_common(broken[before:][::-1], repaired[before:][::-1])
    end = len(broken) - after
    return Edit(start + before, start + end, repaired[before : len(repaired) - after])


def _count_common(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def replace_entities(text: str) -> Iterator[Edit]:
    """Yield each HTML entity as the character it names, also if it was escaped repeatedly."""
    if "&" not in text:
        return
    for entity in _ENTITY.finditer(text):
        name = "&" + entity[0].rpartition("&")[2].rpartition("amp;")[2]
        if name == "&":
            name = "&amp;"
        yield Edit(entity.start(), entity.end(), html.unescape(name))


def remove_tags(text: str) -> Iterator[Edit]:
    """Yield the removal of each HTML tag and comment; one that breaks a line leaves a space."""
    if "<" not in text:
        return
    for tag in _TAG.finditer(text):
        if not _ATTRIBUTES.fullmatch(tag["rest"] or ""):
            continue
        inline = tag["inline"] is not None or tag[0].startswith("<!")
        yield Edit(tag.start(), tag.end(), "" if inline else " ")


def mask_links(text: str) -> Iterator[Edit]:
    """Yield each link as `http`, the form that the training sources have."""
    if "://" not in text and "www." not in text and "WWW." not in text:
        return
    for link in _LINK.finditer(text):
        yield Edit(link.start(), link.end(), "http")


def mask_mentions(text: str) -> Iterator[Edit]:
    """Yield each name of a user as `@user`, the form that the training sources have.

    An address of mail is none, nor is an abusive word behind the sign or spelled with it (@ss).
    """
    if "@" not in text:
        return
    for mention in _MENTION.finditer(text):
        name = mention[1].lower()
        if mention[1] != "user" and not get_severity(name) and not get_severity("a" + name):
            yield Edit(mention.start(), mention.end(), "@user")


def split_hashtags(text: str) -> Iterator[Edit]:
    """Yield each hashtag written in several words as these words (#GoHome is Go Home)."""
    if "#" not in text:
        return
    for hashtag in _HASHTAG.finditer(text):
        if _HEX.fullmatch(hashtag[1]):
            continue
        parts = _PART.findall(hashtag[1])
        if len(parts) > 1 and (len(parts[0]) > 1 or parts[0] in "AI"):
            yield Edit(hashtag.start(), hashtag.end(), " ".join(parts))
