"""What the values of a recipe must hold, beyond being of the right type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toxic_tweets.data.registry import READERS
from toxic_tweets.errors import RecipeError
from toxic_tweets.model.checkpoint import NORMALIZER

if TYPE_CHECKING:
    from toxic_tweets.train.config import Recipe, Source, Training

# Whether it holds, and what is said where it does not.
_Rule = tuple[bool, str]


def check_recipe(recipe: Recipe) -> None:
    """Refuse a recipe whose values contradict each other or are out of range.

    Raises:
        RecipeError: names the first value that is wrong.
    """
    rules = [
        *_list_rules_of_names(recipe),
        *_list_rules_of_training(recipe.training),
        *_list_rules_of_parts(recipe),
    ]
    for index, source in enumerate(recipe.sources):
        rules += _list_rules_of_source(source, f"sources[{index}]")
    for holds, message in rules:
        if not holds:
            raise RecipeError(message)


def _list_rules_of_names(recipe: Recipe) -> list[_Rule]:
    return [
        (bool(recipe.labels), "labels is empty, expected at least one label name."),
        (bool(recipe.sources), "sources is empty, expected at least one [[sources]] table."),
        (
            len(set(recipe.outputs)) == len(recipe.outputs),
            f"labels and auxiliary are {recipe.outputs}, expected every name once.",
        ),
        (
            len({source.name for source in recipe.sources}) == len(recipe.sources),
            "two sources have the same name, expected a name of its own for each.",
        ),
        (
            not set(recipe.threshold_mix) - {source.name for source in recipe.sources},
            f"threshold_mix names {sorted(recipe.threshold_mix)}, expected names of sources.",
        ),
        (
            recipe.activation in ("sigmoid", "softmax"),
            f"activation is {recipe.activation!r}, expected 'sigmoid' or 'softmax'.",
        ),
    ]


def _list_rules_of_training(training: Training) -> list[_Rule]:
    return [
        (
            training.precision in ("auto", "bf16", "fp32"),
            f"training.precision is {training.precision!r}, expected auto, bf16 or fp32.",
        ),
        (training.epochs > 0, f"training.epochs is {training.epochs}, expected above 0."),
        (training.batch_size > 0, f"training.batch_size is {training.batch_size}, expected > 0."),
        (
            0.0 <= training.average_decay < 1.0,
            f"training.average_decay is {training.average_decay}, expected within [0, 1).",
        ),
    ]


def _list_rules_of_parts(recipe: Recipe) -> list[_Rule]:
    window = recipe.window
    return [
        (
            0 <= window.overlap_tokens < window.max_tokens - 2,
            f"window.overlap_tokens is {window.overlap_tokens}, expected below max_tokens - 2.",
        ),
        (
            0 <= recipe.normalizer <= NORMALIZER,
            f"normalizer is {recipe.normalizer}, expected 0 (none) to {NORMALIZER}.",
        ),
        (
            0 <= recipe.first_share < 1 and (bool(recipe.first) or recipe.first_share == 0),
            f"first_share is {recipe.first_share}, expected within [0, 1), and 0 without first.",
        ),
        (
            recipe.token_head.weight >= 0,
            f"token_head.weight is {recipe.token_head.weight}, expected 0 (no head) or above.",
        ),
        (
            not recipe.shallow.filters or (not recipe.first and not recipe.token_head.weight),
            "a [shallow] network is trained from word vectors, without first or [token_head].",
        ),
        (
            bool(recipe.cascade.first) == bool(recipe.cascade.last),
            "[cascade] names one checkpoint, expected first and last.",
        ),
    ]


def _list_rules_of_source(source: Source, where: str) -> list[_Rule]:
    reader = READERS.get(source.reader)
    names = ("validation", "validation_natural", "disguise", "identity_swap")
    fractions = {name: getattr(source, name) for name in names}
    return [
        *(
            (0.0 <= value <= 1.0, f"{where}.{name} is {value}, expected in [0, 1].")
            for name, value in fractions.items()
        ),
        (source.weight >= 0, f"{where}.weight is {source.weight}, below 0."),
        (
            reader is None or not reader.card.measure_only,
            f"{where}.reader is {source.reader!r}, whose texts only ever measure.",
        ),
        (source.repeat >= 1, f"{where}.repeat is {source.repeat}, below 1."),
    ]
