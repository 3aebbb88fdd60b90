"""Recipes: what they may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from toxic_tweets.errors import RecipeError
from toxic_tweets.train.config import make_recipe, read_recipe, recipe_names


def test_every_recipe_that_ships_can_be_read() -> None:
    assert recipe_names() == ("cascade", "sentiment", "small", "small-first", "tiny")
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
        ("training.batch_size", '"many"', "expected int"),
        ("training.batch_size", "true", "expected int"),
        ("name.first", "1", "not a table"),
        ("normalizer", "true", "expected int"),
        ("token_head.wait", "1", "unknown key 'wait'"),
    ],
)
def test_what_a_recipe_may_not_say(key: str, value: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        read_recipe("small", {key: value})


def test_a_source_is_checked_too(recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    for old, new, expected in (
        ('reader = "jigsaw"', 'reeder = "jigsaw"', "unknown key 'reeder'"),
        ('path = "train.csv"', "", "path"),
    ):
        recipe_file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(RecipeError, match=expected):
            read_recipe(str(recipe_file))


def test_a_recipe_may_be_like_another(tmp_path: Path) -> None:
    file, small = tmp_path / "mine.toml", read_recipe("small")
    file.write_text(
        """
like = "small"
name = "mine"
threshold_mix = { jigsaw = 1.0 }

[training]
epochs = 5

[[sources]]
name = "davidson"
reader = "davidson"
path = "elsewhere"

[[sources]]
name = "mine"
reader = "jigsaw"
path = "mine.csv"
""",
        encoding="utf-8",
    )
    mine = read_recipe(str(file), {"training.max_tokens": "64"})
    assert (mine.name, mine.labels, mine.version) == ("mine", small.labels, small.version)
    assert mine.training.epochs == 5
    assert mine.training.max_tokens == 64
    assert mine.training.learning_rate == small.training.learning_rate
    assert dict(mine.threshold_mix) == {"jigsaw": 1.0}
    names = [source.name for source in small.sources]
    assert [source.name for source in mine.sources] == [*names, "mine"]
    assert mine.sources[names.index("davidson")].path == "elsewhere"
    assert mine.sources[names.index("davidson")].weight == 1.0


@pytest.mark.parametrize("other", ['"nothing"', "3"])
def test_it_may_only_be_like_one_that_ships(tmp_path: Path, other: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f"like = {other}", encoding="utf-8")
    with pytest.raises(RecipeError, match="expected another of cascade, sentiment"):
        read_recipe(str(file))


def test_hashes_of_recipes_outlive_new_tables() -> None:
    # Runs that were started before [teacher], [shallow] and [cascade] existed must go on.
    source = {"name": "mine", "reader": "jigsaw", "path": "train.csv"}
    recipe = make_recipe({"name": "x", "task": "y", "labels": ["z"], "sources": [source]})
    assert recipe.sha256.startswith("01e954d20358")


def test_a_cascade_holds_out_what_its_last_stage_held_out() -> None:
    small, cascade, tiny = (read_recipe(name) for name in ("small", "cascade", "tiny"))
    for other in (cascade, tiny):
        assert other.training.seed == small.training.seed
        held = [(x.path, x.options, x.validation, x.validation_natural) for x in other.sources]
        assert held[: len(small.sources)] == [
            (x.path, x.options, x.validation, x.validation_natural) for x in small.sources
        ]


def test_neither_a_name_nor_a_file() -> None:
    with pytest.raises(RecipeError, match="cascade, sentiment, small"):
        read_recipe("smaal")


def test_no_toml(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("name = ", encoding="utf-8")
    with pytest.raises(RecipeError, match="not valid TOML"):
        read_recipe(str(file))
