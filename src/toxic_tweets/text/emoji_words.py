"""Say emoji in words: tokenizers of English have no token for most of them."""

import functools
import re
from collections.abc import Iterator, Mapping

from toxic_tweets.text.offsets import Edit

# What people mean by them when they insult, in words that the training texts have; the official
# names of the others do.
_MEANINGS = {
    "🖕": "fuck you",
    "💩": "poop",
    "🤡": "clown",
    "🤬": "swearing",
    "🖤": "black heart",
    "🔫": "gun",
    "🔪": "knife",
    "🐒": "monkey",
    "🐀": "rat",
}
_VARIATION = "\ufe0f"
_TONE = "\U0001f3fb-\U0001f3ff"
_BASE = "\u231a-\u23ff\u25aa-\u27bf\u2934-\u2b55\u3030\U0001f000-\U0001f12f\U0001f18e-\U0001faff"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}|\U0001f3f4[\U000e0020-\U000e007f]{1,9}"
_ONE = f"(?:[{_BASE}]{_VARIATION}?[{_TONE}]?{_VARIATION}?)"
_SEQUENCE = f"(?P<one>{_FLAG}|{_ONE}(?:\u200d(?:{_ONE}|[\u2640\u2642\u2695-\u2696]\ufe0f?)){{0,6}})"
# With the same one behind it, so that a flood is one match; but not with the start of another.
_EMOJI = re.compile(f"{_SEQUENCE}(?: ?(?P=one)(?![\u200d{_VARIATION}{_TONE}]))*+")


@functools.cache
def _read_names() -> Mapping[str, str]:
    """Return the English short name of each emoji, keyed without variation selectors."""
    from emoji import EMOJI_DATA

    names = {
        sign.replace(_VARIATION, ""): data["en"].strip(":").replace("_", " ")
        for sign, data in EMOJI_DATA.items()
    }
    return names | _MEANINGS


def name_emoji(text: str) -> Iterator[Edit]:
    """Yield each emoji as its name in words, the same one in a row of emoji only once."""
    names = _read_names()
    run: list[Edit] = []
    seen: set[str] = set()
    for found in _EMOJI.finditer(text):
        name = _find_name(found["one"], names)
        if not name:
            continue
        start, end = found.span()
        if run and text[run[-1].end : start].strip():
            yield from run
            run, seen = [], set()
        after = "" if text[end : end + 1].isspace() or end == len(text) else " "
        if name in seen:
            run[-1] = Edit(run[-1].start, end, run[-1].replacement.rstrip() + after)
        else:
            joined = run and run[-1].end == start  # the space behind the last one parts them
            before = "" if not start or joined or text[start - 1].isspace() else " "
            run.append(Edit(start, end, before + name + after))
        seen.add(name)
    yield from run


def _find_name(sign: str, names: Mapping[str, str]) -> str:
    """Return the name of the emoji, made of the names of its parts if it has none of its own."""
    plain = sign.replace(_VARIATION, "")
    if plain in names and not (plain[0] in _MEANINGS and len(plain) > 1):
        return names[plain]
    parts = [names.get(part) or names.get(part + _VARIATION, "") for part in plain]
    return " ".join(part for part in parts if part)
