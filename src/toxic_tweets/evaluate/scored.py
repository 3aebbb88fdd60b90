"""Texts of one dataset after scoring: all that measures need, and no text."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import DataError

KEY_BYTES = 16


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores and targets of one dataset.

    Attributes:
        name: name of the dataset.
        sha256: hash of its labels, texts and targets.
        labels: the labels of the system that scored it.
        keys: hash of each text (texts, 16), so that two systems can be compared text by text.
        scores: scores (texts, labels).
        targets: 0, 1, a fraction or NaN = nobody annotated (texts, labels).
        natural: which texts are a natural random sample (texts,).
        identities: per identity how sure it is that a text names it (texts,), NaN = not asked.
        groups: per grouping the name of each text's group, empty for none (texts,).
        views: scores (texts, labels) of the same texts changed in some way, such as disguised; NaN
            where a text was not changed in this way.
        is_made_up: whether the texts were made to test one thing.
    """

    name: str
    sha256: str
    labels: tuple[str, ...]
    keys: NDArray[np.uint8]
    scores: NDArray[np.float64]
    targets: NDArray[np.float32]
    natural: NDArray[np.bool_]
    identities: Mapping[str, NDArray[np.float32]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    groups: Mapping[str, NDArray[np.str_]] = field(default_factory=lambda: MappingProxyType({}))
    views: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    is_made_up: bool = False

    def __len__(self) -> int:
        return len(self.scores)

    def column(self, label: str) -> int:
        """Return the place of a label."""
        return self.labels.index(label)

    def known(self, label: str) -> NDArray[np.int64]:
        """Return the indices of the texts whose target for a label is known."""
        return np.flatnonzero(~np.isnan(self.targets[:, self.column(label)]))

    def truth(self, label: str) -> NDArray[np.bool_]:
        """Tell which texts carry a label: a target of at least one half (texts,)."""
        return np.asarray(self.targets[:, self.column(label)] >= 0.5)


def text_keys(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Hash every text (texts, 16); equal texts have equal keys, and no key tells its text."""
    digests = [
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
        for text in texts
    ]
    return np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, KEY_BYTES)


def align_targets(
    targets: NDArray[np.float32], names: Sequence[str], labels: Sequence[str]
) -> NDArray[np.float32]:
    """Put columns of targets in the order of a system's labels; NaN where there is none."""
    aligned = np.full((len(targets), len(labels)), np.nan, dtype=np.float32)
    for place, label in enumerate(labels):
        if label in names:
            aligned[:, place] = targets[:, list(names).index(label)]
    return aligned


def write_scored(folder: Path, datasets: Sequence[Scored]) -> None:
    """Write one file per dataset, so that reports can be compared text by text."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, scored in enumerate(datasets):
        arrays: dict[str, NDArray[np.generic]] = {
            "keys": scored.keys,
            "scores": scored.scores,
            "targets": scored.targets,
            "natural": scored.natural,
        }
        head = {
            "name": scored.name,
            "sha256": scored.sha256,
            "labels": scored.labels,
            "identities": list(scored.identities),
            "groups": list(scored.groups),
            "views": list(scored.views),
            "is_made_up": scored.is_made_up,
        }
        # Names of groups hold signs that a file in an archive cannot have: they go by place.
        for kind in ("identities", "groups", "views"):
            for number, values in enumerate(getattr(scored, kind).values()):
                arrays[f"{kind}_{number}"] = values
        arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
        path = folder / f"{place:02d}.npz"
        aside = path.with_name(f".{path.name}.partial")
        with aside.open("wb") as stream:
            np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
        os.replace(aside, path)
    for stale in folder.glob("*.npz"):  # of a run with more datasets
        if int(stale.stem) >= len(datasets):
            stale.unlink()


def read_scored(folder: Path) -> list[Scored]:
    """Read what `write_scored` wrote.

    Raises:
        DataError: a file is not one of these, or not whole.
    """
    return [_read(path) for path in sorted(folder.glob("*.npz"))]


def _read(path: Path) -> Scored:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            maps = {
                kind: {name: arrays[f"{kind}_{n}"] for n, name in enumerate(head[kind])}
                for kind in ("identities", "groups", "views")
            }
            return Scored(
                name=head["name"],
                sha256=head["sha256"],
                labels=tuple(head["labels"]),
                keys=arrays["keys"],
                scores=arrays["scores"],
                targets=arrays["targets"],
                natural=arrays["natural"],
                is_made_up=head["is_made_up"],
                **maps,
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError("these are no stored scores. Evaluate again.", file=path) from error
