"""Values that a recipe may not have, each refused by what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from toxic_tweets.errors import RecipeError
from toxic_tweets.train.config import read_recipe


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("training.epochs", "0", "above 0"),
        ("training.batch_size", "0", "expected > 0"),
        ("training.precision", '"fp8"', "auto, bf16 or fp32"),
        ("training.average_decay", "1.0", "within"),
        ("activation", '"tanh"', "sigmoid"),
        ("threshold_mix", "{ nowhere = 1.0 }", "names of sources"),
        ("window.overlap_tokens", "300", "below max_tokens"),
        ("auxiliary", '["toxic"]', "every name once"),
        ("normalizer", "99", r"0 \(none\) to"),
        ("first_share", "1.0", "first_share is 1.0"),
        ("token_head.weight", "-1", "token_head.weight is -1"),
        ("shallow.filters", "64", "without first or"),
        ("cascade.first", '"tiny"', "expected first and last"),
        ("labels", "[]", "at least one label"),
        ("sources", "[]", "at least one"),
    ],
)
def test_what_a_recipe_may_not_hold(key: str, value: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        read_recipe("small", {key: value})


def test_what_a_source_may_not_hold(recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    for old, new, expected in (
        ("validation_natural = 0.3", "validation_natural = 1.5", r"\[0, 1\]"),
        ("validation_natural = 0.3", "disguise = 2", r"disguise is 2.0, expected in \[0, 1\]"),
        ("validation_natural = 0.3", "identity_swap = -0.5", r"identity_swap is -0.5"),
        ("validation_natural = 0.3", "repeat = 0.5", r"repeat is 0.5, below 1"),
        ("validation_natural = 0.3", "weight = -1", r"weight is -1.0, below 0"),
        ('reader = "jigsaw"', 'reader = "hatecheck"', "only ever measure"),
    ):
        recipe_file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(RecipeError, match=expected):
            read_recipe(str(recipe_file))


def test_two_sources_have_two_names(recipe_file: Path) -> None:
    source = '[[sources]]\nname = "made-up"\nreader = "jigsaw"\npath = "again.csv"\n'
    recipe_file.write_text(recipe_file.read_text(encoding="utf-8") + source, encoding="utf-8")
    with pytest.raises(RecipeError, match="two sources have the same name"):
        read_recipe(str(recipe_file))
