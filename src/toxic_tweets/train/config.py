"""Recipes: all that decides what a training run makes, in one TOML file.

A recipe names its sources, how much each counts, the encoder to start from and the numbers of the
optimiser. Two runs of one recipe on the same data differ only by the machine.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from toxic_tweets.errors import RecipeError
from toxic_tweets.model.calibration import Activation
from toxic_tweets.train.rules import check_recipe

T = TypeVar("T")

RECIPES = resources.files("toxic_tweets.train") / "recipes"


@dataclass(frozen=True, slots=True)
class Source:
    """One data source: which reader takes which path, and how much its rows count.

    `max_texts` caps what is learned from, drawn by the seed, for quick trials; 0 takes all.
    `weight` multiplies the loss of every row, `zero_weight` that of rows whose known targets are
    all zero (an answer to all-zero rows that were under-sampled). `validation` is the fraction of
    rows held out; `validation_natural` a larger one for rows of a natural random sample, where
    the reader knows which those are: calibration needs them.

    `repeat` is how often a row is learned from in one epoch; of 1.5 the half is drawn by the seed.
    `disguise` is the fraction of the learned rows that are learned from once more with their words
    in disguise, `identity_swap` the fraction of those naming a group of people that are learned
    from once more with another group named. Held-out rows are never changed.
    """

    name: str
    reader: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    max_texts: int = 0
    weight: float = 1.0
    zero_weight: float = 1.0
    validation: float = 0.0
    validation_natural: float = 0.0
    repeat: float = 1.0
    disguise: float = 0.0
    identity_swap: float = 0.0
    licence: str = "unknown"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """Numbers of the optimiser; the defaults are those measured in `experiments/LOG.md`."""

    epochs: float = 2.0
    batch_size: int = 64
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_fraction: float = 0.06
    schedule: str = "linear"
    gradient_clip: float = 1.0
    max_tokens: int = 128
    freeze_embeddings: bool = True
    encoder_dropout: float = 0.0
    head_dropout: float = 0.1
    focal_gamma: float = 0.0
    average_decay: float = 0.0
    evaluations: int = 4
    patience: int = 4
    precision: str = "auto"
    seed: int = 13


@dataclass(frozen=True, slots=True)
class TokenHead:
    """A second head that tells which tokens make a text toxic, learned from character spans.

    `weight` is how much its loss counts beside that of the labels, both being averages over what
    somebody annotated; 0 makes no such head. Its dropout is `training.head_dropout`.
    """

    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """How the shipped checkpoint cuts a long text: tokens a window and tokens shared by two."""

    max_tokens: int = 256
    overlap_tokens: int = 32


@dataclass(frozen=True, slots=True)
class Teacher:
    """A finished checkpoint whose logits a smaller model learns to give.

    `weight` is how much the distance to them counts beside the loss of the labels, which counts
    `label_weight`. Texts without a label teach too. `max_texts` caps how many texts the teacher
    is asked about, drawn by the seed; 0 asks about all.
    """

    checkpoint: str = ""
    weight: float = 1.0
    label_weight: float = 0.3
    max_texts: int = 0


@dataclass(frozen=True, slots=True)
class Shallow:
    """Sizes of the network in `shallow.py` that is trained in the place of the base's encoder.

    It takes the base's tokenizer and, reduced to `embedding` numbers each, its word vectors;
    0 `filters` trains the encoder itself. `buckets` hold a weight per label for each token and each
    pair of neighbours beside it: a power of two above the number of tokens, or 0 for none.
    """

    embedding: int = 64
    filters: int = 0
    width: int = 3
    hidden: int = 64
    buckets: int = 0


@dataclass(frozen=True, slots=True)
class Cascade:
    """Two finished checkpoints to join: `first` settles what it is sure of, `last` the rest.

    The cuts are the highest with which no label loses more than `max_auc_loss` of ROC AUC against
    `last` alone, nor more than `max_recall_loss` of recall at its default threshold.
    """

    first: str = ""
    last: str = ""
    max_auc_loss: float = 0.001
    max_recall_loss: float = 0.005


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that one command needs to make a checkpoint.

    In a file, `like` names a recipe whose keys hold where the file says nothing else; its sources
    come first, and a source of the same name takes the place of the other one.

    `normalizer` is the version of `text/normalize.py` that every text passes through, in training
    as in use; 0 passes texts as they are. `first` names a recipe with the same outputs that is run
    before, in `OUTPUT/first`, and whose model this one starts from; `first_share` is
    how much its weights count in the average of both that is kept in the end.
    """

    name: str
    task: str
    labels: tuple[str, ...]
    sources: tuple[Source, ...]
    version: str = "1"
    activation: str = "sigmoid"
    base: str = "minilm-l6"
    auxiliary: tuple[str, ...] = ()
    auxiliary_weight: float = 0.3
    languages: tuple[str, ...] = ("en",)
    licence: str = "Apache-2.0"
    normalizer: int = 0
    first: str = ""
    first_share: float = 0.0
    threshold_mix: Mapping[str, float] = field(default_factory=dict)
    training: Training = field(default_factory=Training)
    window: Window = field(default_factory=Window)
    token_head: TokenHead = field(default_factory=TokenHead)
    teacher: Teacher = field(default_factory=Teacher)
    shallow: Shallow = field(default_factory=Shallow)
    cascade: Cascade = field(default_factory=Cascade)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Name every column of the head: the labels first, then the auxiliary ones."""
        return self.labels + self.auxiliary

    def to_dict(self) -> dict[str, Any]:
        """Give the recipe as plain values, for `run.json`."""
        return dataclasses.asdict(self)

    @property
    def kind(self) -> Activation:
        """Give the activation as the type that a calibration takes."""
        return "softmax" if self.activation == "softmax" else "sigmoid"

    @property
    def sha256(self) -> str:
        """Hash what the recipe says, whatever the order or comments of its file.

        Tables that recipes have got since count where they say something: older hashes stay.
        """
        silent = {"teacher": Teacher(), "shallow": Shallow(), "cascade": Cascade()}
        said = [
            (key, x) for key, x in self.to_dict().items() if getattr(self, key) != silent.get(key)
        ]
        return hashlib.sha256(json.dumps(dict(said), sort_keys=True).encode()).hexdigest()


# The tables of a recipe that are not lists.
_TABLES: Mapping[str, type[Any]] = {
    "training": Training,
    "window": Window,
    "token_head": TokenHead,
    "teacher": Teacher,
    "shallow": Shallow,
    "cascade": Cascade,
}


def recipe_names() -> tuple[str, ...]:
    """List the recipes that ship with the package."""
    names = (item.name for item in RECIPES.iterdir() if item.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names))


def read_recipe(name_or_path: str, overrides: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe that ships with the package, or a TOML file of your own.

    `overrides` maps dotted keys to TOML values: `{"training.epochs": "1"}`.

    Raises:
        RecipeError: no such recipe, no valid TOML, an unknown key or a value of a wrong type.
    """
    values = _read_values(name_or_path)
    for key, value in (overrides or {}).items():
        _override(values, key, value)
    return make_recipe(values)


def make_recipe(values: Mapping[str, Any]) -> Recipe:
    """Build a recipe from plain values, refusing what it does not know.

    Raises:
        RecipeError: an unknown or missing key, or a value of a wrong type or range.
    """
    known = dict(values)
    known["sources"] = tuple(
        _make(Source, source, f"sources[{index}]")
        for index, source in enumerate(known.get("sources", ()))
    )
    for name, kind in _TABLES.items():
        known[name] = _make(kind, known.get(name, {}), name)
    recipe = _make(Recipe, known, "recipe")
    check_recipe(recipe)
    return recipe


def _read_values(name_or_path: str) -> dict[str, Any]:
    """Read the keys of a recipe over those of the recipe that it is like."""
    if name_or_path in recipe_names():
        text = (RECIPES / f"{name_or_path}.toml").read_text(encoding="utf-8")
    elif Path(name_or_path).is_file():
        text = Path(name_or_path).read_text(encoding="utf-8")
    else:
        raise RecipeError(
            f"No recipe {name_or_path!r}: expected one of {', '.join(recipe_names())} "
            "or the path of a TOML file."
        )
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{name_or_path} is not valid TOML: {error}.") from error
    model = values.pop("like", None)
    if model is None:
        return values
    if model not in recipe_names() or model == name_or_path:
        raise RecipeError(
            f"{name_or_path} is like {model!r}, expected another of {', '.join(recipe_names())}."
        )
    merged = _read_values(model)
    for key, value in values.items():
        if isinstance(value, dict) and key in _TABLES:
            value = {**merged.get(key, {}), **value}
        elif key == "sources":
            sources = {source["name"]: source for source in (*merged[key], *value)}
            value = [*sources.values()]
        merged[key] = value
    return merged


def _override(values: dict[str, Any], dotted: str, text: str) -> None:
    *parents, key = dotted.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise RecipeError(f"{dotted!r} cannot be set: {parent!r} is not a table of the recipe.")
    try:
        values[key] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        values[key] = text


def _make(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    hints = get_type_hints(kind)
    if not isinstance(values, Mapping):
        raise RecipeError(f"{where} is {values!r}, expected a table of keys and values.")
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise RecipeError(
            f"{where} has the unknown key {unknown[0]!r}; known keys are {', '.join(hints)}."
        )
    made: dict[str, Any] = {}
    for key, value in values.items():
        hint = hints[key]
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        elif isinstance(value, list):
            value = tuple(value)
        plain = getattr(hint, "__origin__", hint)
        if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
            raise RecipeError(f"{where}.{key} is {value!r}, expected {plain.__name__}.")
        made[key] = value
    try:
        return kind(**made)
    except TypeError as error:
        raise RecipeError(f"{where}: {error}.") from error
