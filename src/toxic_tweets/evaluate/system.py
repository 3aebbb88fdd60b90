"""What is judged: a checkpoint, any function from texts to scores, or a file of scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toxic_tweets.classifier import Classifier
from toxic_tweets.data.csv_file import read_header, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import DataError, LabelError, TextError
from toxic_tweets.model.calibration import Activation
from toxic_tweets.text import normalize

ScoreFunction = Callable[[Sequence[str]], ArrayLike]
UNTUNED = 0.5


@dataclass(frozen=True)
class System:
    """Something that scores texts.

    Attributes:
        id: its name in reports; another id means other scores.
        labels: names of the scores, in order.
        score: texts → scores (texts, labels), NaN where it has no score for a text.
        thresholds: the cut of each label.
        activation: `sigmoid` when labels are independent, `softmax` when exactly one fits.
        scores_any_text: False for a file of scores: texts that are made for a test have none.
        is_cached: whether scores may be kept on disk under the id.
        folder: the checkpoint, so that its size and memory can be measured.
        facts: what else scores depend on; other facts mean other scores.
    """

    id: str
    labels: tuple[str, ...]
    score: ScoreFunction
    thresholds: Mapping[str, float]
    activation: Activation = "sigmoid"
    scores_any_text: bool = True
    is_cached: bool = False
    folder: Path | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return scores (texts, labels), checked.

        Raises:
            TextError: the function gives another shape, or a number outside [0, 1].
        """
        scores = np.asarray(self.score(texts), dtype=np.float64)
        if scores.ndim == 1 and len(self.labels) == 1:
            scores = scores[:, None]
        if scores.shape != (len(texts), len(self.labels)):
            raise TextError(
                f"{self.id} gave scores of shape {scores.shape} for {len(texts)} texts and "
                f"{len(self.labels)} labels. Return one row per text and one column per label."
            )
        if ((scores < 0) | (scores > 1)).any():
            raise TextError(
                f"{self.id} gave scores from {np.nanmin(scores):g} to {np.nanmax(scores):g}, but "
                "a score is in [0, 1]. Scale them."
            )
        return scores


def make_system(
    score: Classifier | System | ScoreFunction,
    labels: Sequence[str] | None = None,
    thresholds: Mapping[str, float] | None = None,
    name: str = "",
) -> System:
    """Make a system of a classifier or of any function from texts to scores.

    Args:
        score: a classifier, or a function that takes a list of texts and returns (texts, labels).
        labels: what the columns are called; needed for a function.
        thresholds: the cut of each label; default: the classifier's best F1, or 0.5.
        name: what a function is called in the report.

    Raises:
        LabelError: labels are missing, or a threshold is for none of them.
    """
    if isinstance(score, System):
        return score
    if isinstance(score, Classifier):
        return _from_classifier(score, thresholds)
    if not labels:
        raise LabelError(
            'A function needs names for its scores. Give labels=("toxic",) or what they are.'
        )
    unknown = [label for label in thresholds or {} if label not in labels]
    if unknown:
        raise LabelError(
            f"There are thresholds for {', '.join(unknown)}, but the labels are "
            f"{', '.join(labels)}. Name the labels alike."
        )
    return System(
        id=name or getattr(score, "__name__", type(score).__name__),
        labels=tuple(labels),
        score=score,
        thresholds={label: (thresholds or {}).get(label, UNTUNED) for label in labels},
    )


def _from_classifier(classifier: Classifier, thresholds: Mapping[str, float] | None) -> System:
    cuts = classifier.thresholds.best_f1
    try:
        package = version("toxic-tweets")
    except PackageNotFoundError:  # run from a folder that was never installed
        package = "unknown"
    return System(
        id=classifier.checkpoint.id,
        labels=classifier.labels,
        score=classifier.score_array,
        thresholds={
            label: (thresholds or {}).get(label, cuts.get(label, UNTUNED))
            for label in classifier.labels
        },
        activation=classifier.activation,
        is_cached=True,
        folder=classifier.checkpoint.folder,
        # Another version of the code may score the same weights differently.
        facts={"toxic-tweets": package, "normalizer": str(normalize.VERSION)},
    )


def read_score_file(
    path: Path, datasets: Iterable[Dataset], thresholds: Mapping[str, float] | None = None
) -> System:
    """Make a system of a CSV file with scores of another system, such as Perspective.

    Args:
        path: columns `id`, optionally `dataset`, and one column per label with scores in [0, 1].
        datasets: what the ids stand for; a text without a row has no score and does not count.
        thresholds: the cut of each label; 0.5 where none is given.

    Raises:
        DataError: the file is malformed, or no id is one of the datasets'.
    """
    header = read_header(path)
    labels = tuple(name for name in header if name not in ("id", "dataset"))
    columns = ["id", *(["dataset"] if "dataset" in header else []), *labels]
    rows: dict[tuple[str, str], list[float]] = {}
    for row in read_rows(path, columns):
        key = (row.values.get("dataset", ""), row.values["id"])
        rows[key] = [row.number(label, 0.0, 1.0) for label in labels]
    if not labels:
        raise DataError("there is no column with scores. Name one after a label.", file=path)
    by_text: dict[str, list[float]] = {}
    names = []
    for dataset in datasets:
        names.append(dataset.name)
        for text, name in zip(dataset.texts, dataset.ids, strict=True):
            found = rows.get((dataset.name, name), rows.get(("", name))) if name else None
            if found is not None:
                by_text[text] = found
    if not by_text:
        raise DataError(
            f"no id of the file is the id of a text in {', '.join(names) or 'any dataset'}. "
            "Give the ids that the data files have.",
            file=path,
            column="id",
        )
    missing = [np.nan] * len(labels)
    return System(
        id=path.stem,
        labels=labels,
        score=lambda texts: np.array([by_text.get(text, missing) for text in texts]),
        thresholds={label: (thresholds or {}).get(label, UNTUNED) for label in labels},
        scores_any_text=False,
    )
