"""The one function that every engine runs on a block, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toxic_tweets.policy import Policy

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Opening:
    """Say what a worker opens; small enough to be sent to each.

    Attributes:
        model: an embedded name, a folder or a hub id, as `load` takes it.
        policy: what counts.
        revision: for a hub id only.
    """

    model: str
    policy: Policy
    revision: str | None = None

    def open(self) -> Classifier:
        """Open the classifier with one thread: a worker is one of many.

        Raises:
            ToxicTweetsError: as `load`.
        """
        from toxic_tweets.classifier import load

        return load(self.model, policy=self.policy, revision=self.revision, threads=1)


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold the predictions of a block as columns, one item per text.

    Attributes:
        scores: the score of each label: (texts, labels).
        flagged: the labels at or over their threshold.
        verdicts: what the policy would do.
        languages: codes; None if it cannot be told.
        supported: whether the checkpoint was trained on that language; None if that cannot be told.
    """

    scores: list[list[float]]
    flagged: list[list[str]]
    verdicts: list[str]
    languages: list[str | None]
    supported: list[bool | None]

    def rows(self) -> Iterator[tuple[list[float], list[str], str, str | None, bool | None]]:
        """Return an iterator over what is said of each text, in the order of the columns."""
        return zip(
            self.scores,
            self.flagged,
            self.verdicts,
            self.languages,
            self.supported,
            strict=True,
        )


def score_block(classifier: Classifier, texts: Sequence[str]) -> Scored:
    """Return what `predict` says of the texts, bit for bit."""
    predictions = classifier.predict(texts)
    return Scored(
        scores=[list(one.scores.values()) for one in predictions],
        flagged=[list(one.flagged) for one in predictions],
        verdicts=[one.verdict for one in predictions],
        languages=[one.language for one in predictions],
        supported=[one.language_supported for one in predictions],
    )


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Say what a checkpoint is, without opening its weights.

    Attributes:
        id: name and hash.
        labels: the names of its scores.
    """

    id: str
    labels: tuple[str, ...]


def describe_model(opening: Opening) -> ModelFacts:
    """Return what a checkpoint is, once it is sure that workers can open it.

    Raises:
        ToxicTweetsError: as `load`.
    """
    from toxic_tweets.model.checkpoint import (
        check_files,
        find_checkpoint,
        is_checkpoint,
        read_checkpoint,
    )

    folder = find_checkpoint(opening.model, opening.revision)
    if not is_checkpoint(folder):  # a Hugging Face folder, which only torch can read
        classifier = opening.open()
        return ModelFacts(classifier.checkpoint.id, classifier.labels)
    checkpoint = read_checkpoint(folder)
    check_files(checkpoint)
    opening.policy.check_labels(checkpoint.labels)
    return ModelFacts(checkpoint.id, checkpoint.labels)
