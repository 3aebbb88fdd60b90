"""Make any string fit for a tokenizer."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def replace_surrogates(text: str) -> str:
    """Return the text with each lone surrogate as U+FFFD, of the same length.

    A lone surrogate has no UTF-8 form, so no tokenizer takes it; it comes from broken JSON escapes
    and from text that was cut in the middle of an emoji.
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
