"""One evaluation: score every text once, measure all parts, keep what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from toxic_tweets.classifier import Classifier
from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.calibration import find_base_rates
from toxic_tweets.evaluate.cost import measure_cost
from toxic_tweets.evaluate.datasets import draw, make_names_unique
from toxic_tweets.evaluate.figures import Figure, measure_all
from toxic_tweets.evaluate.measure import list_measures
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.prepare import make_scored, prepare
from toxic_tweets.evaluate.report import DataFacts, Report, describe_machine, write_report
from toxic_tweets.evaluate.score_cache import Progress, ScoreCache
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import ScoreFunction, System, make_system

Say = Callable[[str], None]


def evaluate(
    score: Classifier | System | ScoreFunction,
    datasets: Sequence[Annotated | Dataset],
    output: Path | None = None,
    *,
    labels: Sequence[str] | None = None,
    thresholds: Mapping[str, float] | None = None,
    name: str = "",
    options: Options | None = None,
    cache: Path | None = None,
    command: str = "",
    progress: Progress | None = None,
    say: Say = lambda line: None,
) -> Report:
    """Measure how good something is at scoring texts, and for whom.

    Args:
        score: a classifier, or any function from a list of texts to scores (texts, labels).
        datasets: texts with targets, see `datasets.read_datasets`.
        output: the folder for the report; None writes none.
        labels: what the scores of a function are called.
        thresholds: the cut of each label; default: the classifier's best F1, or 0.5.
        name: what a function is called in the report.
        options: what is measured and how thoroughly.
        cache: the folder for scores by hash of the text; default: `cache` in the output. Only
            scores of checkpoints are kept: a function says not when it changes.
        command: what was typed, for the report.
        progress: is told how many of how many texts are scored, block by block.
        say: is told what is being done, a line at a time; texts are never said.

    Returns:
        What was found.

    Raises:
        DataError: there is no dataset, or none has a target for a label of the system.
        LabelError: labels of a function are missing.
        TextError: a function gives something else than scores.
    """
    started = time.perf_counter()
    chosen = options or Options()
    system = make_system(score, labels, thresholds, name)
    annotated = _choose_texts(datasets, system, chosen)
    say(f"{sum(len(one.dataset) for one in annotated):,} texts of {len(annotated)} datasets")
    folder = cache or (output / "cache" if output is not None else None)
    scored = _score(annotated, system, chosen, folder, progress)
    _check_targets(scored, system)
    say("measuring")
    command = command or "toxic_tweets.evaluate.run.evaluate"
    base_rates = {**find_base_rates(scored), **chosen.base_rates}
    figures = _measure(scored, system, chosen, base_rates, command)
    if "cost" in chosen.parts:
        say("measuring the cost")
        figures += [figure.signed("", command) for figure in measure_cost(system, chosen.seed)]
    report = Report(
        system=_describe_system(system),
        figures=tuple(figures),
        data=tuple(_describe_data(one, s) for one, s in zip(annotated, scored, strict=True)),
        settings={
            "command": command,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - started, 1),
            "seed": chosen.seed,
            "resamples": chosen.resamples,
            "parts": list(chosen.parts),
            "base_rates": base_rates,
            **describe_machine(),
        },
        scored=tuple(scored),
    )
    if output is not None:
        write_report(report, output)
    return report


def _choose_texts(
    datasets: Sequence[Annotated | Dataset], system: System, options: Options
) -> list[Annotated]:
    if not datasets:
        raise DataError("there is no dataset to evaluate on. Give at least one.")
    annotated = [one if isinstance(one, Annotated) else Annotated(one) for one in datasets]
    return make_names_unique([draw(one, options.max_texts, options.seed) for one in annotated])


def _score(
    datasets: Sequence[Annotated],
    system: System,
    options: Options,
    cache: Path | None,
    progress: Progress | None,
) -> list[Scored]:
    """Score every text once, those included that some parts change."""
    prepared = prepare(datasets, system, options)
    scores = ScoreCache(system, cache)
    scores.fill((text for one in prepared for text in one.texts()), progress)
    return [make_scored(one, system, scores.get) for one in prepared]


def _check_targets(scored: Sequence[Scored], system: System) -> None:
    if all(np.isnan(one.targets).all() for one in scored):
        raise DataError(
            f"no dataset has a target for a label of {system.id} ({', '.join(system.labels)}). "
            "Give data with such labels, or map its columns to them."
        )


def _measure(
    scored: Sequence[Scored],
    system: System,
    options: Options,
    base_rates: Mapping[str, float],
    command: str,
) -> list[Figure]:
    figures: list[Figure] = []
    for one in scored:
        if not len(one):
            continue
        measures = list_measures(one, system, options, base_rates)
        found = measure_all(measures, len(one), options.resamples, options.seed)
        figures += [figure.signed(one.sha256, command) for figure in found]
    return figures


def _describe_system(system: System) -> dict[str, Any]:
    return {
        "id": system.id,
        "labels": list(system.labels),
        "activation": system.activation,
        "thresholds": dict(system.thresholds),
    }


def _describe_data(annotated: Annotated, scored: Scored) -> DataFacts:
    positives = {
        label: int(scored.truth(label).sum()) for label in scored.labels if len(scored.known(label))
    }
    return DataFacts(
        name=scored.name,
        n_texts=len(annotated.dataset),
        n_scored=len(scored),
        sha256=scored.sha256,
        n_positive=positives,
    )
