"""Small data with targets, and a function that scores it: what it does is plain to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.evaluate.scored import Scored, text_keys
from toxic_tweets.evaluate.system import System

LABELS = ("toxic", "insult")
SUBJECTS = ("The baker", "A teacher", "The driver", "My uncle", "The singer", "Her boss")
GROUPS = ("muslim", "jewish", "old", "young")
MakeScored = Callable[..., Scored]


def score(texts: Sequence[str]) -> NDArray[np.float64]:
    """Score by words: idiot and stupid are toxic and insults, damn is toxic, and `old` misleads."""
    rows = []
    for text in texts:
        words = text.lower().split()
        bad = sum(words.count(word) for word in ("idiot", "stupid"))
        misled = 0.7 * ("old" in words)
        length = len(text) / 10_000
        rows.append(
            (
                min(0.05 + 0.6 * (bad > 0) + 0.5 * ("damn" in words) + misled + length, 0.99),
                min(0.04 + 0.7 * (bad > 0) + length, 0.98),
            )
        )
    return np.array(rows).reshape(-1, 2)


def make_dataset(n_texts: int = 120, name: str = "forum") -> Dataset:
    """Make texts of which every third is nasty, and a few targets are wrong or unknown."""
    random = np.random.default_rng(5)
    texts, targets = [], []
    for number in range(n_texts):
        subject = SUBJECTS[number % len(SUBJECTS)]
        kind = number % 3
        end = ("is an idiot", "is kind", "said damn" if number % 2 else "bakes bread")[kind]
        texts.append(f"{subject} {end} on day {number}")
        truth = [float(kind == 0 or "damn" in end), float(kind == 0)]
        if random.random() < 0.1:
            truth[0] = 1 - truth[0]
        if random.random() < 0.1:
            truth[1] = np.nan
        targets.append(truth)
    return Dataset(
        name=name,
        texts=tuple(texts),
        targets=np.array(targets, dtype=np.float32),
        labels=LABELS,
        ids=tuple(f"id{number}" for number in range(n_texts)),
        natural=np.arange(n_texts) % 2 == 0,
    )


def make_templates(n_days: int = 14) -> Annotated:
    """Make the same sentences about one group after another."""
    texts, targets, named = [], [], []
    for day in range(n_days):
        for group in GROUPS:
            for nasty in (True, False):
                end = "is stupid" if nasty else "is kind"
                texts.append(f"A {group} neighbour {end} on day {day}")
                targets.append([float(nasty)])
                named.append(group)
    dataset = Dataset(
        name="templates",
        texts=tuple(texts),
        targets=np.array(targets, dtype=np.float32),
        labels=("toxic",),
        ids=("",) * len(texts),
        natural=np.zeros(len(texts), dtype=np.bool_),
    )
    marks = {group: np.array([one == group for one in named], np.float32) for group in GROUPS}
    return Annotated(dataset, identities=marks, is_made_up=True)


@pytest.fixture
def system() -> System:
    """Give the function with its labels and thresholds."""
    return System("words", LABELS, score, {"toxic": 0.5, "insult": 0.5})


@pytest.fixture
def dataset() -> Dataset:
    return make_dataset()


@pytest.fixture
def templates() -> Annotated:
    return make_templates()


@pytest.fixture
def make_scored() -> MakeScored:
    """Put scores beside targets without a text being needed."""

    def make(
        scores: Sequence[Sequence[float]],
        targets: Sequence[Sequence[float]],
        labels: tuple[str, ...] = LABELS,
        **more: object,
    ) -> Scored:
        n_texts = len(scores)
        values: dict[str, object] = {
            "name": "forum",
            "sha256": "0" * 64,
            "natural": np.zeros(n_texts, dtype=np.bool_),
            **more,
        }
        return Scored(
            labels=labels,
            keys=text_keys(map(str, range(n_texts))),
            scores=np.array(scores, dtype=np.float64),
            targets=np.array(targets, dtype=np.float32),
            **values,  # type: ignore[arg-type]
        )

    return make
