"""What letters are disguised as: the tables of `disguise.py`."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

# Words that carry no abuse by themselves; nobody troubles to disguise them.
_STOP_WORDS = """
about above after again against all also although always among and another any anybody anyone
anything are aren't around because been before being below between both but can can't cannot could
couldn't did didn't does doesn't doing don't down during each either else etc even ever every
everyone everything few for from further get gets got had hadn't has hasn't have haven't having
he'd he'll he's her here here's hers herself him himself his how how's however i'd i'll i'm i've
into isn't it's its itself just let's like made make many may maybe might more most much must
mustn't myself neither never nor not now off often once one only other others ought our ours
ourselves out over own per quite rather really same shall shan't she she'd she'll she's should
shouldn't since some somebody someone something still such than that that's the their theirs them
themselves then there there's these they they'd they'll they're they've this those though through
thus too under until upon very was wasn't way we'd we'll we're we've well were weren't what what's
when when's where where's whether which while who who's whom whose why why's will with within
without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself yourselves
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_LEET_SMALL = {
    "a": "4@",
    "b": "8",
    "c": "(",
    "e": "3",
    "g": "96",
    "i": "1!",
    "l": "1|",
    "o": "0",
    "s": "5$",
    "t": "7+",
    "z": "2",
}
LEET: Mapping[str, str] = _LEET_SMALL | {
    small.upper(): signs for small, signs in _LEET_SMALL.items()
}

HOMOGLYPHS: Mapping[str, str] = {
    "a": "аɑα",
    "b": "Ьƅ",
    "c": "сϲ",
    "d": "ԁ",
    "e": "еҽ",
    "g": "ɡց",
    "h": "һհ",
    "i": "іıι",
    "j": "јϳ",
    "k": "кκ",
    "l": "ӏⅼ",
    "m": "м",
    "n": "ոη",
    "o": "оοօ",
    "p": "рρ",
    "q": "ԛ",
    "r": "г",
    "s": "ѕ",
    "t": "тτ",
    "u": "υս",
    "v": "νѵ",
    "w": "ԝѡ",
    "x": "хχ",
    "y": "уү",
    "z": "ᴢ",
    "A": "АΑ",
    "B": "ВΒ",
    "C": "СϹ",
    "E": "ЕΕ",
    "F": "Ϝ",
    "G": "Ԍ",
    "H": "НΗ",
    "I": "ІΙ",
    "J": "Ј",
    "K": "КΚ",
    "M": "МΜ",
    "N": "Ν",
    "O": "ОΟ",
    "P": "РΡ",
    "S": "Ѕ",
    "T": "ТΤ",
    "V": "Ѵ",
    "W": "Ԝ",
    "X": "ХΧ",
    "Y": "ΥҮ",
    "Z": "Ζ",
}

SEPARATORS = (".", "-", "_", "*", "~", "/", "|", ",")
MASKS = ("*", "*", "*", "#", "@", "$", "%", "-", "_", ".")
# Zero-width space, non-joiner, joiner, word joiner, soft hyphen, byte order mark.
INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff")
# Accents above and below, strokes through, enclosing ones.
MARKS = tuple(
    map(
        chr, (*range(0x300, 0x315), *range(0x316, 0x31A), *range(0x323, 0x333), 0x335, 0x336, 0x338)
    )
)

KEYBOARD: Mapping[str, str] = {
    "q": "wa",
    "w": "qes",
    "e": "wrd",
    "r": "etf",
    "t": "ryg",
    "y": "tuh",
    "u": "yij",
    "i": "uok",
    "o": "ipl",
    "p": "ol",
    "a": "qsz",
    "s": "adwx",
    "d": "sfec",
    "f": "dgrv",
    "g": "fhtb",
    "h": "gjyn",
    "j": "hkum",
    "k": "jli",
    "l": "kop",
    "z": "xas",
    "x": "zcs",
    "c": "xvd",
    "v": "cbf",
    "b": "vng",
    "n": "bmh",
    "m": "njk",
}


def _make_style(capitals: int, small: int, elsewhere: str = "") -> Mapping[str, str]:
    """Map ASCII letters to a style, by the code points of its A and a.

    `elsewhere` holds its C, H, N, P, Q, R and Z where these stand apart from the other capitals.
    """
    style = {letter: chr(capitals + i) for i, letter in enumerate(string.ascii_uppercase)}
    style |= {letter: chr(small + i) for i, letter in enumerate(string.ascii_lowercase)}
    return style | dict(zip("CHNPQRZ" if elsewhere else "", elsewhere, strict=True))


_SMALL_CAPITALS = dict(zip(string.ascii_lowercase, "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ", strict=True))
STYLES: tuple[Mapping[str, str], ...] = (
    _make_style(0xFF21, 0xFF41),  # fullwidth
    _make_style(0x1D400, 0x1D41A),  # bold
    _make_style(0x1D468, 0x1D482),  # bold italic
    _make_style(0x1D4D0, 0x1D4EA),  # bold script
    _make_style(0x1D56C, 0x1D586),  # bold fraktur
    _make_style(0x1D538, 0x1D552, "ℂℍℕℙℚℝℤ"),  # double-struck; seven capitals stand elsewhere
    _make_style(0x1D5D4, 0x1D5EE),  # sans-serif bold
    _make_style(0x1D670, 0x1D68A),  # monospace
    _make_style(0x24B6, 0x24D0),  # circled
    _make_style(0x1F150, 0x1F150),  # circled, white on black: capitals only
    _make_style(0x1F130, 0x1F130),  # squared: capitals only
    _make_style(0x1F170, 0x1F170),  # squared, white on black: capitals only
    {letter.upper(): small for letter, small in _SMALL_CAPITALS.items() if letter != "x"}
    | {"X": "X"}
    | _SMALL_CAPITALS,
)

# A sound (a pattern in small letters) and other spellings of it; of two that fit, the first holds.
_SOUNDS = (
    (r"ight", ("ite", "yt")),
    (r"tion", ("shun",)),
    (r"tch", ("ch", "tsh")),
    (r"ck", ("k", "kk", "q")),
    (r"ph", ("f",)),
    (r"oo", ("u", "ew")),
    (r"ee|ea", ("ie", "i")),
    (r"ou", ("u", "ow")),
    (r"th", ("d", "f")),
    (r"qu", ("kw",)),
    (r"wh", ("w", "h")),
    (r"ate\b", ("ayt", "8")),
    (r"er\b", ("a", "ah", "uh")),
    (r"ers\b", ("az", "ahz")),
    (r"ing\b", ("in", "een")),
    (r"on\b", ("un", "en")),
    (r"mb\b|mn\b", ("m",)),
    (r"ll\b", ("l", "w")),
    (r"ard\b", ("erd", "aard")),
    (r"ay", ("ey", "ai")),
    (r"ie", ("ee", "y")),
    (r"ss", ("zz", "sz")),
    (r"s\b", ("z",)),
    (r"f", ("ph",)),
    (r"c(?=[aoulrt])", ("k",)),
    (r"c(?=[eiy])", ("s",)),
    (r"x", ("ks", "cks")),
    (r"z", ("s",)),
    (r"u", ("oo", "uh")),
    (r"y\b", ("ee", "ie", "i")),
    (r"i(?=[b-df-hj-np-tv-z])", ("ee", "y")),
)
SOUNDS = re.compile("|".join(f"({sound})" for sound, _ in _SOUNDS), re.IGNORECASE)
SPELLINGS: Mapping[int, tuple[str, ...]] = {
    group: spellings for group, (_, spellings) in enumerate(_SOUNDS, 1)
}
