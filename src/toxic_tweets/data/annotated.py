"""A dataset with what measuring needs beside targets: identities named, groups of texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import DataError


@dataclass(frozen=True, eq=False)
class Annotated:
    """Texts with targets, and more that people said about them.

    Attributes:
        dataset: the texts with their targets.
        identities: per identity how sure it is that a text names it, (texts,) in [0, 1], NaN =
            nobody was asked.
        groups: per grouping the name of each text's group, such as the functionality of a case;
            empty where a text is in none.
        is_made_up: whether texts were made to test one thing, and say nothing about what people
            write.
    """

    dataset: Dataset
    identities: Mapping[str, NDArray[np.float32]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    is_made_up: bool = False

    def __post_init__(self) -> None:
        n_texts = len(self.dataset)
        for name, values in (*self.identities.items(), *self.groups.items()):
            if len(values) != n_texts:
                raise DataError(
                    f"{self.dataset.name} has {len(values)} marks for {name!r}, expected "
                    f"{n_texts}. Give one per text."
                )
