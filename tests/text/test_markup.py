from collections.abc import Callable, Iterable

import pytest

from toxic_tweets.text import markup
from toxic_tweets.text.offsets import Draft, Edit


def run(step: Callable[[str], Iterable[Edit]], text: str) -> str:
    draft = Draft(text)
    draft.apply(step(text))
    return draft.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("naÃ¯ve cafÃ©", "naïve café"),
        ("itâ€™s", "it’s"),
        ("São João", "São João"),
        ("ÉCOLE", "ÉCOLE"),
        ("Привет", "Привет"),
    ],
)
def test_encoding(text: str, plain: str) -> None:
    assert run(markup.repair_encoding, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("&lt;3", "<3"),
        ("&amp;amp;amp;lt;3", "<3"),
        ("R&amp;D", "R&D"),
        ("&amp;amp;", "&"),
        ("&#65;&#x42;", "AB"),
        ("R&D; a &lt b", "R&D; a &lt b"),
        ("&#0;", "�"),
    ],
)
def test_entities(text: str, plain: str) -> None:
    assert run(markup.replace_entities, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<b>a</b>", "a"),
        ("a<br/>b<BR>c", "a b c"),
        ('<a href="x" class=y>z</a>', "z"),
        ("<ref name=x />y", " y"),
        ("a<!-- b -->c", "ac"),
        ("<3", "<3"),
        ("a < b > c", "a < b > c"),
        ("<b and c>", "<b and c>"),
        ("<idiot>", "<idiot>"),
        ("<a <a <a", "<a <a <a"),
    ],
)
def test_tags(text: str, plain: str) -> None:
    assert run(markup.remove_tags, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("see https://a.b/c?d=e#f.", "see http."),
        ("(www.a.b)", "(http)"),
        ("http and www", "http and www"),
        ("a.b", "a.b"),
    ],
)
def test_links(text: str, plain: str) -> None:
    assert run(markup.mask_links, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("@Ann_1 and @bob!", "@user and @bob!"),
        ("@user", "@user"),
        ("a@b.c", "a@b.c"),
        ("@ss", "@ss"),
        ("@idiot", "@idiot"),
    ],
)
def test_mentions(text: str, plain: str) -> None:
    assert run(markup.mask_mentions, text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("#GoHome now", "Go Home now"),
        ("#go_home", "go home"),
        ("#NYTimes2020", "NY Times 2020"),
        ("#ANiceDay", "A Nice Day"),
        ("#home #FFAA00 #iPhone C#Sharp #1", "#home #FFAA00 #iPhone C#Sharp #1"),
    ],
)
def test_hashtags(text: str, plain: str) -> None:
    assert run(markup.split_hashtags, text) == plain
