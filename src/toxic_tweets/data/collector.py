"""From the texts of a source to a dataset without duplicates or contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset, Places, ReadReport, text_key


class Collector:
    """Takes texts one by one and makes the dataset.

    Texts with the same `text_key` become one, at the place of the first: where they agree, their
    known targets are joined; where they disagree, the mean of the known targets is kept, which is
    then a fraction, just as if several people had annotated the text. Spans are those of the first:
    offsets of another one may not fit its text.
    """

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self._name = name
        self._labels = tuple(labels)
        self._texts: list[str] = []
        self._ids: list[str] = []
        self._natural: list[bool] = []
        self._rows: list[list[float]] = []
        self._spans: list[Places | None] = []
        self._dropped: dict[str, int] = {}

    def add(
        self,
        text: str,
        targets: Mapping[str, float],
        *,
        name: str = "",
        natural: bool = False,
        spans: Places | None = None,
    ) -> None:
        """Keep a text; labels that `targets` does not name are unknown (NaN)."""
        self._texts.append(text)
        self._ids.append(name)
        self._natural.append(natural)
        self._spans.append(spans)
        self._rows.append([targets.get(label, np.nan) for label in self._labels])

    def drop(self, reason: str, count: int = 1) -> None:
        """Leave texts out, and say so in the report."""
        self._dropped[reason] = self._dropped.get(reason, 0) + count

    def make_dataset(self) -> Dataset:
        """Merge what is there twice and report it."""
        targets = np.array(self._rows, dtype=np.float64).reshape(-1, len(self._labels))
        places: dict[str, list[int]] = {}
        for row, text in enumerate(self._texts):
            places.setdefault(text_key(text), []).append(row)
        firsts: list[int] = []
        duplicates = contradictory = 0
        for rows in places.values():
            first = rows[0]
            firsts.append(first)
            if len(rows) == 1:
                continue
            known = targets[rows]
            if _disagree(known):
                contradictory += len(rows) - 1
            else:
                duplicates += len(rows) - 1
            targets[first] = _mean_known(known)
            self._natural[first] = any(self._natural[row] for row in rows)
            self._ids[first] = next((self._ids[row] for row in rows if self._ids[row]), "")
        return Dataset(
            name=self._name,
            texts=tuple(self._texts[row] for row in firsts),
            targets=targets[firsts].astype(np.float32),
            labels=self._labels,
            ids=tuple(self._ids[row] for row in firsts),
            natural=np.array([self._natural[row] for row in firsts], dtype=np.bool_),
            report=ReadReport(
                n_read=len(self._texts) + sum(self._dropped.values()),
                n_dropped=MappingProxyType(dict(self._dropped)),
                n_duplicates=duplicates,
                n_contradictory=contradictory,
            ),
            spans=tuple(self._spans[row] for row in firsts)
            if any(spans is not None for spans in self._spans)
            else None,
        )


def _disagree(targets: NDArray[np.float64]) -> bool:
    """Tell whether two known targets of one label differ; `targets` is (rows, labels)."""
    low = np.where(np.isnan(targets), np.inf, targets).min(axis=0)
    high = np.where(np.isnan(targets), -np.inf, targets).max(axis=0)
    return bool((high > low).any())


def _mean_known(targets: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(targets)
    count = known.sum(axis=0)
    total = np.where(known, targets, 0.0).sum(axis=0)
    mean: NDArray[np.float64] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
