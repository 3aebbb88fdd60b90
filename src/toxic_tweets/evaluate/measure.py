"""All parts of a report, on one dataset."""

from __future__ import annotations

from collections.abc import Mapping

from toxic_tweets.evaluate.bias import measure_bias, measure_swaps
from toxic_tweets.evaluate.calibration import measure_calibration
from toxic_tweets.evaluate.decisions import measure_decisions
from toxic_tweets.evaluate.domains import measure_domain
from toxic_tweets.evaluate.figures import Measure
from toxic_tweets.evaluate.functional import measure_functional
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.ranking import measure_ranking
from toxic_tweets.evaluate.robustness import measure_robustness
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.system import System


def list_measures(
    scored: Scored, system: System, options: Options, base_rates: Mapping[str, float]
) -> list[Measure]:
    """List everything that is measured on a dataset, by what it holds.

    Cases of functionalities and sentences that were made to measure bias say nothing about ranking
    or calibration on what people write: they have their own parts.

    Args:
        scored: scores and targets.
        system: what scored them.
        options: which parts.
        base_rates: see `calibration.measure_calibration`.
    """
    parts = set(options.parts)
    measures: list[Measure] = []
    if "ranking" in parts and not scored.is_made_up:
        measures += measure_ranking(scored)
    if "decisions" in parts and not scored.is_made_up:
        measures += measure_decisions(scored, system)
    if "calibration" in parts and not scored.is_made_up:
        measures += measure_calibration(scored, base_rates)
    if "bias" in parts:
        measures += [*measure_bias(scored), *measure_swaps(scored, system)]
    if "functional" in parts and system.activation == "sigmoid":
        measures += measure_functional(scored, system)
    if "robustness" in parts and not scored.is_made_up:
        measures += measure_robustness(scored, system)
    if "domains" in parts and not scored.is_made_up:
        measures += measure_domain(scored, system)
    return measures
