"""TweetEval: tweets labelled offensive or not, hateful or not; one text a line, labels beside."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import parse_split
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="TweetEval: OffensEval 2019 (OLID) and HatEval 2019",
    url="https://github.com/cardiffnlp/tweeteval",
    licence="unrestricted; the original tasks' terms apply",
    rules=(
        Rule(
            "offensive 1",
            "toxic 1, all others NaN",
            "offensive there means profanity, insult or threat: which one is not said",
        ),
        Rule(
            "offensive 0",
            "all six 0",
            "the definition excludes insults, threats and profanity alike, so it excludes the rest",
        ),
        Rule(
            "hate 1",
            "toxic 1, identity_hate 1, others NaN",
            "hate against women or immigrants, both identities; hate is toxic",
        ),
        Rule(
            "hate 0",
            "identity_hate 0, all others NaN",
            "such a tweet is often abusive, only not against these groups",
        ),
    ),
)
TASKS = ("offensive", "hate")
SPLITS = ("train", "val", "test")
_TARGETS: dict[tuple[str, str], dict[str, float]] = {
    ("offensive", "1"): {"toxic": 1.0},
    ("offensive", "0"): dict.fromkeys(TOXICITY_NAMES, 0.0),
    ("hate", "1"): {"toxic": 1.0, "identity_hate": 1.0},
    ("hate", "0"): {"identity_hate": 0.0},
}


def read(path: Path, task: str | None = None, split: str = "train") -> Dataset:
    """Read a task.

    Args:
        path: the folder of the task, or the folder that holds the tasks' folders.
        task: `"offensive"` or `"hate"`; by default what the folder is called.
        split: `"train"`, `"val"`, `"test"` or several joined by `+`.

    Raises:
        DataError: a file is missing or malformed, or the task is unknown.
    """
    name = path.name if task is None else task
    if name not in TASKS:
        raise DataError(
            f"{name!r} is no task, expected {' or '.join(TASKS)}. Give the task, or its folder.",
            file=path,
        )
    folder = path / name if (path / name).is_dir() else path
    collector = Collector(f"tweeteval_{name}", TOXICITY_NAMES)
    for part in parse_split(split, SPLITS):
        texts_file, labels_file = folder / f"{part}_text.txt", folder / f"{part}_labels.txt"
        texts, labels = _read_lines(texts_file, "text"), _read_lines(labels_file, "label")
        if len(texts) != len(labels):
            raise DataError(
                f"{len(texts)} texts, but {len(labels)} labels in {labels_file.name}. "
                "Take both from one download.",
                file=texts_file,
                row=min(len(texts), len(labels)) + 1,
                column="text" if len(texts) < len(labels) else "label",
            )
        for row, (text, label) in enumerate(zip(texts, labels, strict=True), start=1):
            if not text.strip():
                raise DataError("the text is missing.", file=texts_file, row=row, column="text")
            targets = _TARGETS.get((name, label.strip()))
            if targets is None:
                raise DataError(
                    "expected a label of 0 or 1. Correct it.",
                    file=labels_file,
                    row=row,
                    column="label",
                )
            collector.add(text.strip(), targets)
    return collector.make_dataset()


def _read_lines(file: Path, column: str) -> list[str]:
    """Split at line feeds only: a tweet may hold other signs that Python takes for a line's end."""
    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", file=file) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"the byte 0x{content[error.start]:02x} is not UTF-8. Save the file in UTF-8.",
            file=file,
            row=content.count(b"\n", 0, error.start) + 1,
            column=column,
        ) from error
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines
