import pytest

from toxic_tweets.text.emoji_words import name_emoji
from toxic_tweets.text.offsets import Draft


def run(text: str) -> str:
    draft = Draft(text)
    draft.apply(name_emoji(text))
    return draft.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a🤡b", "a clown b"),
        ("🖕🏿", "fuck you dark skin tone"),
        ("👨🏿", "man dark skin tone"),
        ("👩\u200d🔬", "woman scientist"),
        ("👩🏿\u200d🔬", "woman scientist dark skin tone"),
        ("🏳\ufe0f\u200d🌈", "rainbow flag"),
        ("🇫🇷", "France"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "England"),
        ("❤\ufe0f ❤ ❤\ufe0f", "red heart"),
        ("😀😀😁😀", "grinning face beaming face with smiling eyes"),
        ("😀 x 😀", "grinning face x grinning face"),
        ("© ™ 1 → a", "© ™ 1 → a"),
        ("👨👨\u200d👩\u200d👧", "man family man woman girl"),
    ],
)
def test_names(text: str, words: str) -> None:
    assert run(text).strip() == words


def test_a_name_points_at_its_emoji() -> None:
    draft = Draft("a 👨🏿 b")
    draft.apply(name_emoji(draft.text))
    normalized = draft.finish()
    start = normalized.text.index("dark")
    assert normalized.to_original(start, start + 4) == (2, 4)
