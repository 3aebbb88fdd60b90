"""What is learned from, what is held out, and that the two stay apart."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data.dataset import text_key
from toxic_tweets.errors import DataError, RecipeError
from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.mixture import make_mixture


def test_no_text_is_on_both_sides(data_root: Path, recipe_file: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(data_root, root)
    # A second source with the very same texts must not teach what the first holds out.
    shutil.copyfile(root / "train.csv", root / "again.csv")
    with recipe_file.open("a", encoding="utf-8") as file:
        file.write('[[sources]]\nname = "again"\nreader = "jigsaw"\npath = "again.csv"\n')
    mixture = make_mixture(read_recipe(str(recipe_file)), root)
    learned = {text_key(text) for text in mixture.train.texts}
    held = {text_key(text) for text in mixture.validation.texts}
    assert len(mixture.validation) == pytest.approx(120, abs=6)
    assert not learned & held
    assert len(learned | held) == 400


def test_held_out_texts_know_their_source_and_are_sorted_by_length(
    data_root: Path, recipe_file: Path
) -> None:
    mixture = make_mixture(read_recipe(str(recipe_file)), data_root)
    assert mixture.held_out_natural.all()
    assert set(mixture.held_out_source) == {0}
    lengths = [len(text) for text in mixture.validation.texts]
    assert lengths == sorted(lengths)


def test_all_zero_rows_can_weigh_more(data_root: Path, recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    recipe_file.write_text(text + "weight = 0.5\nzero_weight = 4.0\n", encoding="utf-8")
    mixture = make_mixture(read_recipe(str(recipe_file)), data_root)
    zero = mixture.train.targets.sum(axis=1) == 0
    assert set(mixture.weights[zero]) == {np.float32(2.0)}
    assert set(mixture.weights[~zero]) == {np.float32(0.5)}


def test_a_source_that_is_held_out_as_a_whole(data_root: Path, recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    whole = text.replace("validation_natural = 0.3", "validation_natural = 1.0")
    recipe_file.write_text(whole, encoding="utf-8")
    with pytest.raises(RecipeError, match="learns from none"):
        make_mixture(read_recipe(str(recipe_file)), data_root)


def test_a_cap_for_quick_trials(data_root: Path, recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    recipe_file.write_text(text + "max_texts = 50\n", encoding="utf-8")
    mixture = make_mixture(read_recipe(str(recipe_file)), data_root)
    assert (len(mixture.train), len(mixture.weights)) == (50, 50)
    again = make_mixture(read_recipe(str(recipe_file)), data_root)
    assert again.train.sha256 == mixture.train.sha256


def test_validation_alone_holds_out_natural_rows_too(data_root: Path, recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    plain = text.replace("validation_natural = 0.3", "validation = 0.2")
    recipe_file.write_text(plain, encoding="utf-8")
    mixture = make_mixture(read_recipe(str(recipe_file)), data_root)
    assert len(mixture.validation) == pytest.approx(80, abs=6)


def test_a_missing_source_is_named(recipe_file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train\.csv"):
        make_mixture(read_recipe(str(recipe_file)), tmp_path)


def test_only_rows_to_learn_from_are_copied(data_root: Path, full_recipe_file: Path) -> None:
    recipe = read_recipe(str(full_recipe_file))
    mixture = make_mixture(recipe, data_root)
    plain = read_recipe(str(full_recipe_file), {"token_head.weight": "0"})
    counts = {count["name"]: count for count in mixture.counts}
    made_up = counts["made-up"]
    assert (made_up["learned"], made_up["repeated"]) == (280, 70)
    assert mixture.validation.sha256 == make_mixture(plain, data_root).validation.sha256
    held = {text_key(text) for text in mixture.validation.texts}
    assert not {text_key(text) for text in mixture.train.texts} & held
    assert len(mixture.weights) == len(mixture.train)
    assert make_mixture(recipe, data_root).train.sha256 == mixture.train.sha256


def test_rows_with_places_alone_teach_the_token_head_alone(
    data_root: Path, full_recipe_file: Path
) -> None:
    learned = {}
    for weight in ("0", "1"):
        recipe = read_recipe(str(full_recipe_file), {"token_head.weight": weight})
        mixture = make_mixture(recipe, data_root)
        assert mixture.train.spans is not None
        unknown = np.isnan(mixture.train.targets).all(axis=1)
        learned[weight] = int(unknown.sum())
        assert {mixture.train.spans[row] for row in np.flatnonzero(unknown)} <= {()}
        assert mixture.validation.spans is not None
        assert sum(spans is not None for spans in mixture.validation.spans) > 30
    assert learned["0"] == 0 < learned["1"]
