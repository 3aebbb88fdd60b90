"""Template sentences of Conversation AI: the same sentence about one identity after another.

They measure and are never trained on: whoever has seen the templates passes without being fair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, read_header, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.errors import DataError

MAPPING = SourceCard(
    title="Conversation AI's sentence templates (Dixon et al., 2018): measure only, never train",
    url="https://github.com/conversationai/unintended-ml-bias-analysis",
    licence="Apache-2.0",
    rules=(
        Rule("`toxicity` toxic, or `Label` BAD", "toxic 1, others NaN", "written to be toxic"),
        Rule(
            "`toxicity` nontoxic, or `Label` NOT_BAD",
            "toxic 0, others NaN",
            "written to be harmless, whichever identity stands in it",
        ),
    ),
    measure_only=True,
)

# The 50 identity terms of Dixon et al. (2018), "Measuring and mitigating unintended bias in text
# classification", spelled as there, so that figures can be compared with the published ones.
_TERMS = (
    "lesbian|gay|bisexual|transgender|trans|queer|lgbt|lgbtq|homosexual|straight|heterosexual|male|"
    "female|nonbinary|african|african american|black|white|european|hispanic|latino|latina|latinx|"
    "mexican|canadian|american|asian|indian|middle eastern|chinese|japanese|christian|muslim|"
    "jewish|buddhist|catholic|protestant|sikh|taoist|old|older|young|younger|teenage|millenial|"
    "middle aged|elderly|blind|deaf|paralyzed"
)
IDENTITY_TERMS: tuple[str, ...] = tuple(_TERMS.split("|"))
LABELS = ("toxic",)
_FORMATS: Mapping[tuple[str, str], Mapping[str, float]] = {
    ("phrase", "toxicity"): {"toxic": 1.0, "nontoxic": 0.0},
    ("Text", "Label"): {"BAD": 1.0, "NOT_BAD": 0.0},
}


def read(path: Path) -> Dataset:
    """Read sentences with their targets; see `read_annotated` for the identities.

    Raises:
        DataError: a file is missing or malformed.
    """
    collector = Collector("bias_templates", LABELS)
    for row, columns in _read_rows(path):
        target = _FORMATS[columns][row.choice(columns[1], tuple(_FORMATS[columns]))]
        collector.add(row.text(columns[0]), {"toxic": target})
    return collector.make_dataset()


def read_annotated(path: Path, terms: Sequence[str] = IDENTITY_TERMS) -> Annotated:
    """Read sentences with the identity terms that each names.

    Args:
        path: a file with the columns `template, toxicity, phrase` or `Text, Label`, or a folder
            with such files.
        terms: what counts as an identity; those that no sentence names are left out.

    Raises:
        DataError: a file is missing or malformed.
    """
    dataset = read(path)
    return Annotated(dataset, find_terms(dataset.texts, terms), is_made_up=True)


def find_terms(texts: Sequence[str], terms: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Tell for each term which texts name it: 0 or 1 (texts,), terms nobody names left out.

    A term counts inside a longer one, `african` in `african american`: so do the published figures.
    """
    found = {}
    lowered = [text.lower() for text in texts]
    for term in terms:
        pattern = re.compile(rf"\b{re.escape(term)}\b")
        # Most texts lack most terms, and `in` says so many times faster.
        marks = np.array(
            [term in text and pattern.search(text) is not None for text in lowered],
            dtype=np.float32,
        )
        if marks.any():
            found[term] = marks
    return found


def _read_rows(path: Path) -> list[tuple[Row, tuple[str, str]]]:
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    rows: list[tuple[Row, tuple[str, str]]] = []
    for file in files:
        header = set(read_header(file))
        columns = next((columns for columns in _FORMATS if header.issuperset(columns)), None)
        if columns is not None:
            rows += [(row, columns) for row in read_rows(file, columns)]
        elif not path.is_dir():  # a folder may hold word lists beside the sentences
            raise DataError(
                "expected the columns phrase and toxicity, or Text and Label. Correct the header.",
                file=file,
            )
    if not rows:
        raise DataError("there are no template sentences here. Check the path.", file=path)
    return rows
