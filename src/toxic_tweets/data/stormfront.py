"""Hate speech from a white supremacist forum (de Gibert et al., 2018): single sentences."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Hate Speech Dataset from a White Supremacy Forum (de Gibert et al., 2018)",
    url="https://github.com/Vicomtech/hate-speech-dataset",
    licence="CC BY-SA 3.0",
    rules=(
        Rule(
            "`label` hate",
            "toxic 1, identity_hate 1, others NaN",
            "a deliberate attack on a group because of what it is",
        ),
        Rule(
            "`label` noHate",
            "identity_hate 0, all others NaN",
            "the sentence may still be rude: only hate was asked for",
        ),
        Rule(
            "`label` relation",
            "the row is dropped",
            "hate only together with other sentences, which the text alone does not show",
        ),
        Rule("`label` idk/skip", "the row is dropped", "not English, or not understood"),
    ),
)
_KNOWN = ("hate", "noHate", "relation", "idk/skip")


def read(path: Path) -> Dataset:
    """Read `sentences.csv`.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("stormfront", TOXICITY_NAMES)
    for row in read_rows(find_file(path, "sentences.csv"), ("file_id", "text", "label")):
        label, text = row.choice("label", _KNOWN), row.text("text")
        if label == "hate":
            targets = {"toxic": 1.0, "identity_hate": 1.0}
        elif label == "noHate":
            targets = {"identity_hate": 0.0}
        else:
            collector.drop(f"label {label}")
            continue
        collector.add(text, targets, name=row.values["file_id"])
    return collector.make_dataset()
