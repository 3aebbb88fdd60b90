"""Measure how well and how quickly words are explained: see README.md beside this file.

Every way of explaining that the checkpoint has is measured, beside the default, on the trial rows
of Toxic Spans. `--part train` is for choosing the numbers in `explain/occlusion.py`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toxic_tweets import Classifier, Span
    from toxic_tweets.explain.explainer import Explainer

Characters = frozenset[int]
EMPTY_SHARE = 0.2
# Thirty words each. The second is flagged for more than one label, which costs more runs; the third
# is innocent.
TIMED_TEXTS = (
    """I read the whole page again this morning and I still think that you are a stupid idiot who
    should leave the work to people who know what they do""",
    """damn it all you fool you broke the page again and I am tired of this crap so go away now and
    let the other people here mend what you did""",
    """I read the whole page again this morning and I think that the second part could be shorter
    but thank you for the work and see you at the meeting""",
)


def main() -> None:
    options = parse_arguments()
    from toxic_tweets import load

    classifier = load(options.checkpoint, threads=1)
    print(f"Checkpoint {classifier.checkpoint.id}, part {options.part} of Toxic Spans.")
    ways = find_ways(classifier)
    lines = [
        *(measure_quality(classifier, ways, options) if options.data else ()),
        *(measure_time(classifier, name, way, options.runs) for name, way in ways.items()),
    ]
    print("\n| figure | measured | bar |\n|---|---|---|")
    print("\n".join(lines))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the explanations of a checkpoint.")
    parser.add_argument("--checkpoint", default="small", help="as load() takes it")
    parser.add_argument("--data", type=Path, help="the folder that holds toxic_spans/")
    parser.add_argument("--part", choices=("train", "trial"), default="trial")
    parser.add_argument("--runs", type=int, default=40, help="runs of each text that is timed")
    parser.add_argument("--n-texts", type=int, help="only so many texts, evenly spread")
    return parser.parse_args()


def find_ways(classifier: Classifier) -> dict[str, Explainer]:
    """Return the ways of explaining by name, the default first."""
    from toxic_tweets.explain.occlusion import Occlusion

    default = classifier._explainer
    ways = {type(default).__name__: default}
    if not isinstance(default, Occlusion):
        parts = classifier.checkpoint, classifier._backend, classifier._reader
        ways[Occlusion.__name__] = Occlusion(*parts)
    return ways


def measure_quality(
    classifier: Classifier, ways: Mapping[str, Explainer], options: argparse.Namespace
) -> list[str]:
    """Return lines on the mean character F1 per text, as SemEval-2021 Task 5 has it."""
    rows = read_rows(options.data, options.part)
    if options.n_texts:
        rows = rows[:: max(1, len(rows) // options.n_texts)][: options.n_texts]
    texts = [text for text, _ in rows]
    scores = classifier.score_array(texts)[:, classifier.labels.index("toxic")]
    threshold = classifier.policy.flag_threshold("toxic", classifier.thresholds)
    lines = []
    for name, way in ways.items():
        found = [find_characters(classifier, way, text) for text in texts]
        f1s = [character_f1(one, gold) for one, (_, gold) in zip(found, rows, strict=True)]
        flagged_only = [
            character_f1(one if score >= threshold else frozenset(), gold)
            for one, score, (_, gold) in zip(found, scores, rows, strict=True)
        ]
        none = statistics.mean(not one for one in found)
        lines += [
            f"| {name}: character F1, {len(rows)} texts | {percent(f1s)} | ≥ 68 |",
            f"| … if only flagged texts were explained | {percent(flagged_only)} | |",
            f"| … texts without any span | {100 * none:.0f} % | |",
            *show_sides(f1s, [bool(gold) for _, gold in rows]),
        ]
    nothing = statistics.mean(not gold for _, gold in rows)
    return [*lines, f"| texts where people marked nothing | {100 * nothing:.0f} % | |"]


def show_sides(f1s: Sequence[float], is_marked: Sequence[bool]) -> list[str]:
    """Return lines on texts with and without marked places, and on both as the test mixes them.

    The trial rows have few texts without, the official test rows a fifth.
    """
    pairs = list(zip(f1s, is_marked, strict=True))
    marked = [f1 for f1, is_in in pairs if is_in]
    empty = [f1 for f1, is_in in pairs if not is_in]
    if not marked or not empty:
        return []
    mixed = EMPTY_SHARE * statistics.mean(empty) + (1 - EMPTY_SHARE) * statistics.mean(marked)
    return [
        f"| … texts in which people marked something | {percent(marked)} | |",
        f"| … texts in which they marked nothing, left so | {sum(empty):.0f} of {len(empty)} | |",
        f"| … if those were a fifth, as in the official test | {100 * mixed:.1f} | ≥ 68 |",
    ]


def percent(values: Sequence[float]) -> str:
    return f"{100 * statistics.mean(values):.1f}"


def read_rows(data: Path, part: str) -> list[tuple[str, Characters]]:
    from toxic_tweets.data import toxic_spans

    dataset = toxic_spans.read(data / "toxic_spans", part)
    places = dataset.spans or ()
    golds = (
        frozenset(at for start, end in one or () for at in range(start, end)) for one in places
    )
    return list(zip(dataset.texts, golds, strict=True))


def find_characters(classifier: Classifier, way: Explainer, text: str) -> Characters:
    spans = explain(classifier, way, text)
    return frozenset(at for span in spans for at in range(span.start, span.end))


def explain(classifier: Classifier, way: Explainer, text: str) -> Sequence[Span]:
    def choose(logits: NDArray[np.float32]) -> Sequence[str]:
        return classifier._choose_label(logits, "toxic")

    return way.explain(classifier._reader.read(text), choose).get("toxic", ())


def character_f1(found: Characters, gold: Characters) -> float:
    if not found or not gold:
        return float(not found and not gold)
    return 2 * len(found & gold) / (len(found) + len(gold))


def measure_time(classifier: Classifier, name: str, way: Explainer, runs: int) -> str:
    """Return a line on the time of an explanation as a multiple of that of the score.

    Both alternate, so that a busy machine slows both down; the median of the ratios counts.
    """
    factors = []
    for text in TIMED_TEXTS:
        classifier.predict_one(text)
        ratios = []
        for _ in range(runs):
            start = time.perf_counter()
            classifier.predict_one(text)
            middle = time.perf_counter()
            way.explain(classifier._reader.read(text), lambda _: classifier.labels)
            ratios.append((time.perf_counter() - middle) / (middle - start))
        factors.append(statistics.median(ratios))
    shown = ", ".join(f"{factor:.1f}" for factor in factors)
    return f"| {name}: time of all labels of 30 words / time of the score | {shown} | ≤ 4 |"


if __name__ == "__main__":
    main()
