"""Files to score, and scoring without the start of other processes where they are not the point."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import tiny

from toxic_tweets.bulk import run
from toxic_tweets.bulk.blocks import Block, Sizes
from toxic_tweets.bulk.run import Options, Report
from toxic_tweets.bulk.scoring import Opening, Scored, score_block
from toxic_tweets.bulk.work import Totals
from toxic_tweets.classifier import Classifier
from toxic_tweets.policy import PRESETS

# Small, so that a few rows make several blocks and parts.
SIZES = Sizes(part_rows=20, block_rows=7, block_characters=200)

Score = Callable[..., Totals | None]


@pytest.fixture
def opening(tiny_checkpoint: Path) -> Opening:
    """Return what opens the tiny checkpoint."""
    return Opening(str(tiny_checkpoint), PRESETS["balanced"])


@pytest.fixture
def quiet() -> Report:
    """Return a report that nobody reads."""
    return Report(lambda line: None, lambda state: None)


@pytest.fixture
def score(
    monkeypatch: pytest.MonkeyPatch, opening: Opening, tiny_classifier: Classifier, quiet: Report
) -> Score:
    """Return what scores files in this process: by the function that every worker runs."""

    def score_here(blocks: Iterable[Block], *_: object) -> Iterator[tuple[Block, Scored]]:
        for block in blocks:
            yield block, score_block(tiny_classifier, block.texts)

    monkeypatch.setattr(run, "score_locally", score_here)

    def score_some(source: object, output: object, **options: Any) -> Totals | None:
        report = options.pop("report", quiet)
        chosen: dict[str, Any] = {"opening": opening, "sizes": SIZES, **options}
        return run.score_files(str(source), str(output), Options(**chosen), report)

    return score_some


def make_texts(n_texts: int, seed: int = 13) -> list[str]:
    """Return short texts of words that the tiny checkpoint knows, no two alike."""
    draw = random.Random(seed)
    words = [*tiny.WORDS, *tiny.NASTY]
    return [" ".join([*draw.choices(words, k=1 + n % 9), str(n)]) for n in range(n_texts)]


def read_rejects(output: Path) -> list[dict[str, Any]]:
    """Return what is said about the rows that were not scored."""
    file = output.with_name(f"{output.name}.rejected.jsonl")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
