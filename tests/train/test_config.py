"""Recipes: what they may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from toxic_tweets.errors import RecipeError
from toxic_tweets.train.config import read_recipe, recipe_names


def test_every_recipe_that_ships_can_be_read() -> None:
    assert recipe_names() == ("sentiment", "small", "small-first")
    assert read_recipe("sentiment").normalizer == read_recipe("sentiment").token_head.weight == 0
    small = read_recipe("small")
    assert small.outputs[:6] == small.labels
    assert all(name.startswith("perspective:") for name in small.auxiliary)
    assert read_recipe("sentiment").kind == "softmax"


def test_an_override_changes_one_number_and_the_hash() -> None:
    plain, changed = read_recipe("small"), read_recipe("small", {"training.epochs": "7"})
    assert changed.training.epochs == 7.0
    assert changed.sha256 != plain.sha256
    assert read_recipe("small").sha256 == plain.sha256


def test_an_override_that_is_no_toml_value_is_taken_as_text() -> None:
    assert read_recipe("small", {"base": "distilbert-base-uncased"}).base.startswith("distilbert")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("training.epoch", "1", "unknown key 'epoch'"),
        ("training.epochs", "0", "above 0"),
        ("training.batch_size", '"many"', "expected int"),
        ("training.batch_size", "true", "expected int"),
        ("training.precision", '"fp8"', "auto, bf16 or fp32"),
        ("training.average_decay", "1.0", "within"),
        ("activation", '"tanh"', "sigmoid"),
        ("threshold_mix", "{ nowhere = 1.0 }", "names of sources"),
        ("window.overlap_tokens", "300", "below max_tokens"),
        ("auxiliary", '["toxic"]', "every name once"),
        ("name.first", "1", "not a table"),
        ("normalizer", "99", r"0 \(none\) to"),
        ("normalizer", "true", "expected int"),
        ("token_head.weight", "-1", "token_head.weight is -1"),
        ("token_head.wait", "1", "unknown key 'wait'"),
        ("labels", "[]", "at least one label"),
        ("sources", "[]", "at least one"),
    ],
)
def test_what_a_recipe_may_not_say(key: str, value: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        read_recipe("small", {key: value})


def test_a_source_is_checked_too(recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    for old, new, expected in (
        ("validation_natural = 0.3", "validation_natural = 1.5", r"\[0, 1\]"),
        ("validation_natural = 0.3", "disguise = 2", r"disguise is 2.0, expected in \[0, 1\]"),
        ("validation_natural = 0.3", "identity_swap = -0.5", r"identity_swap is -0.5"),
        ("validation_natural = 0.3", "repeat = 0.5", r"repeat is 0.5, below 1"),
        ('reader = "jigsaw"', 'reader = "hatecheck"', "only ever measure"),
        ('reader = "jigsaw"', 'reeder = "jigsaw"', "unknown key 'reeder'"),
        ('path = "train.csv"', "", "path"),
    ):
        recipe_file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(RecipeError, match=expected):
            read_recipe(str(recipe_file))


def test_neither_a_name_nor_a_file() -> None:
    with pytest.raises(RecipeError, match="sentiment, small"):
        read_recipe("smaal")


def test_no_toml(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("name = ", encoding="utf-8")
    with pytest.raises(RecipeError, match="not valid TOML"):
        read_recipe(str(file))
