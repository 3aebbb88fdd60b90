"""ToxiGen: machine-written sentences about 13 groups, judged by people."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="ToxiGen (Hartvigsen et al., 2022), annotated sentences",
    url="https://github.com/microsoft/TOXIGEN",
    licence="MIT",
    rules=(
        Rule(
            "`toxicity_human` >= 4",
            "toxic 1, identity_hate 1, others NaN",
            "people found it harmful, and each sentence is about a group",
        ),
        Rule(
            "`toxicity_human` <= 2",
            "all six 0",
            "people found it benign, so it carries no kind of toxicity",
        ),
        Rule(
            "`toxicity_human` between",
            "the row is dropped",
            "people did not agree or could not say; 0.5 would teach the identity words",
        ),
        Rule("`label`", "not read", "what the machine was asked to write, not what it wrote"),
    ),
)
_WRAPPED = re.compile(r"""b(['"]).*\1""", re.DOTALL)


def read(path: Path) -> Dataset:
    """Read `annotated.csv`; texts that were saved as `b'...'` are unwrapped.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("toxigen", TOXICITY_NAMES)
    for row in read_rows(find_file(path, "annotated.csv"), ("text", "toxicity_human")):
        text = _unwrap(row.text("text"))
        toxicity = row.number("toxicity_human", 1, 5)
        if toxicity >= 4:
            collector.add(text, {"toxic": 1.0, "identity_hate": 1.0})
        elif toxicity <= 2:
            collector.add(text, dict.fromkeys(TOXICITY_NAMES, 0.0))
        else:
            collector.drop("toxicity_human between 2 and 4")
    return collector.make_dataset()


def _unwrap(text: str) -> str:
    if not _WRAPPED.fullmatch(text.strip()):
        return text
    try:
        content = ast.literal_eval(text.strip())
    except (SyntaxError, ValueError):
        return text
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else text
