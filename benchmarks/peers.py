"""Measure the classifier beside its peers: same texts, same run. See README.md beside this file.

BERT-base has random weights here, so only its speed is measured: Detoxify's weights cannot be had.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from speed import make_bert, show_machine

from toxic_tweets import load
from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.evaluate.cost import measure_cost
from toxic_tweets.evaluate.datasets import draw, read_datasets, rename
from toxic_tweets.evaluate.figures import Figure
from toxic_tweets.evaluate.functional import ANYTHING, HATE
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.report import describe_machine, write_report
from toxic_tweets.evaluate.run import evaluate
from toxic_tweets.evaluate.system import System, make_system, read_score_file
from toxic_tweets.evaluate.tables import show_interval, show_value

PARTS = ("ranking", "decisions", "bias", "functional", "domains")
# Rows that TF-IDF learns from: enough that more changes little, and a minute at most.
MAX_TRAIN = 60_000


# What is shown: heading, part, name, label, group of the figures, one per dataset.
TABLES = (
    ("ROC AUC of `toxic`", "ranking", "roc_auc", "toxic", ""),
    ("Mean ROC AUC of all labels", "ranking", "mean_roc_auc", "", ""),
    ("Macro-F1 of `toxic` at the threshold", "domains", "macro_f1", "toxic", ""),
    ("BPSN AUC, mean over identities", "bias", "mean_bpsn_auc", "", ""),
    ("BPSN AUC, worst identity", "bias", "worst_bpsn_auc", "", ""),
    ("Functional accuracy, `identity_hate` flagged", "functional", "accuracy", HATE, "all"),
    ("Functional accuracy, anything flagged", "functional", "accuracy", ANYTHING, "all"),
)
COSTS = (
    ("texts/s", "texts_per_s"),
    ("one text, p50 ms", "latency_p50_ms"),
    ("p99 ms", "latency_p99_ms"),
    ("size, MB", "size_mb"),
    ("peak memory, MB", "peak_memory_mb"),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """One system and all figures of it that are shown."""

    name: str
    figures: tuple[Figure, ...]

    def find(self, dataset: str, wanted: Sequence[str]) -> Figure | None:
        """Return the figure of a dataset with this part, name, label and group."""
        return next(
            (
                one
                for one in self.figures
                if one.dataset == dataset
                and [one.part, one.name, one.label, one.group] == list(wanted)
            ),
            None,
        )


def main() -> None:
    options = parse_arguments()
    show_machine(options)
    held_out, train = read_recipe_rows(options)
    datasets = [*held_out, *read_datasets(options.data, options.max_texts, options.seed)]
    if not datasets:  # as `make bench` runs it
        print("Only speed: give data files, or --recipe with --data-root.", file=sys.stderr)
    peers = []
    for system in make_systems(options, datasets, train):
        print(f"measuring {system.id}", file=sys.stderr)
        cost = measure_cost(system, options.seed, options.n_texts)
        peers.append(Peer(system.id, (*measure(system, datasets, options), *cost)))
    if not options.skip_bert:
        peers.append(measure_bert(options))
    facts = describe(options, datasets)
    table = make_markdown(peers, facts)
    print(f"\n{table}")
    if options.output_json is not None:
        write(options.output_json, peers, facts, table)


def describe(options: argparse.Namespace, datasets: Sequence[Annotated]) -> dict[str, Any]:
    """Return what makes the figures honest: command, date, machine, seed and data."""
    return {
        "format": 1,
        "command": shlex.join(["python", "benchmarks/peers.py", *sys.argv[1:]]),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": options.seed,
        "resamples": options.resamples,
        "threads": options.threads,
        **describe_machine(),
        "data": [
            {"name": one.name, "n_texts": len(one), "sha256": one.sha256}
            for one in (annotated.dataset for annotated in datasets)
        ],
    }


def write(path: Path, peers: Sequence[Peer], facts: dict[str, Any], table: str) -> None:
    """Write the figures for programs, and beside them the tables for people."""
    systems = [
        {"name": one.name, "figures": [figure.to_dict() for figure in one.figures]} for one in peers
    ]
    content = json.dumps({**facts, "systems": systems}, indent=1, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, text in ((path, content), (path.with_suffix(".md"), table)):
        aside = target.with_name(f".{target.name}.partial")
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, target)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the classifier beside its peers.")
    parser.add_argument("data", nargs="*", help="data, as `toxic-tweets evaluate` takes it")
    parser.add_argument("--checkpoint", default="small", help="as load() takes it")
    parser.add_argument("--recipe", help="measure on rows it holds out, train TF-IDF on the rest")
    parser.add_argument("--data-root", type=Path, help="the folder of the recipe's paths")
    parser.add_argument(
        "--scores", type=Path, action="append", default=[], help="CSV file of another system"
    )
    parser.add_argument("--max-texts", type=int, default=1000, help="texts of each dataset")
    parser.add_argument("--n-texts", type=int, default=64, help="texts of a round of speed")
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--output", type=Path, help="also write a report per system here")
    parser.add_argument(
        "--output-json", type=Path, help="keep the figures here, and the tables beside it as .md"
    )
    parser.add_argument("--skip-bert", action="store_true", help="without BERT-base")
    return parser.parse_args()


def read_recipe_rows(options: argparse.Namespace) -> tuple[list[Annotated], Dataset | None]:
    """Return what the recipe holds out, a dataset per source, and what it learns from."""
    if not options.recipe:
        return [], None
    from toxic_tweets.train.config import read_recipe
    from toxic_tweets.train.mixture import make_mixture

    recipe = read_recipe(options.recipe)
    mixture = make_mixture(recipe, options.data_root)
    held_out = []
    for index, source in enumerate(recipe.sources):
        rows = np.flatnonzero(mixture.held_out_source == index)
        if len(rows):
            one = rename(Annotated(mixture.validation.select(rows)), source.name)
            held_out.append(draw(one, options.max_texts, options.seed))
    return held_out, mixture.train


def make_systems(
    options: argparse.Namespace, datasets: Sequence[Annotated], train: Dataset | None
) -> list[System]:
    classifier = load(options.checkpoint, threads=options.threads)
    systems = [make_system(classifier), *make_word_lists()]
    if train is not None:
        systems.append(fit_tf_idf(train, classifier.labels, options.seed))
    plain = [one.dataset for one in datasets]
    return [*systems, *(read_score_file(path, plain) for path in options.scores)]


def make_word_lists() -> list[System]:
    """Return the peers that come with their own words or weights, for one label."""
    import profanity_check
    from better_profanity import profanity
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    profanity.load_censor_words()
    vader = SentimentIntensityAnalyzer()
    scorers: dict[str, Callable[[Sequence[str]], Any]] = {
        "alt-profanity-check": lambda texts: profanity_check.predict_prob(list(texts)),
        "better-profanity": lambda texts: [
            float(profanity.contains_profanity(text)) for text in texts
        ],
        "vaderSentiment, negative": lambda texts: [
            vader.polarity_scores(text)["neg"] for text in texts
        ],
    }
    return [make_system(score, ["toxic"], name=name) for name, score in scorers.items()]


def fit_tf_idf(train: Dataset, labels: Sequence[str], seed: int) -> System:
    """Fit logistic regression of words and pairs, on rows that the checkpoint learned from."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    n_texts = min(MAX_TRAIN, len(train))
    rows = np.random.default_rng(seed).choice(len(train), n_texts, replace=False)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    features = vectorizer.fit_transform([train.texts[row] for row in rows])
    models = []
    for label in labels:
        targets = train.column(label)[rows]
        known = np.flatnonzero(~np.isnan(targets))
        model = LogisticRegression(C=4.0, max_iter=200)
        models.append(model.fit(features[known], targets[known] >= 0.5))

    def score(texts: Sequence[str]) -> Any:
        given = vectorizer.transform(texts)
        return np.column_stack([model.predict_proba(given)[:, 1] for model in models])

    return make_system(score, labels, name=f"TF-IDF + logistic regression on {n_texts:,} rows")


def measure(
    system: System, datasets: Sequence[Annotated], options: argparse.Namespace
) -> list[Figure]:
    """Return the figures that are shown of what a system makes of the texts."""
    if not datasets:
        return []
    chosen = Options(parts=PARTS, resamples=options.resamples, swapped_texts=0, seed=options.seed)
    report = evaluate(system, datasets, options=chosen, command=shlex.join(sys.argv))
    if options.output is not None:
        name = "".join(sign if sign.isalnum() else "-" for sign in system.id)
        write_report(report, options.output / name)
    shown = [list(wanted) for _, *wanted in TABLES]
    return [
        one
        for one in report.figures
        if one.value is not None and [one.part, one.name, one.label, one.group] in shown
    ]


def measure_bert(options: argparse.Namespace) -> Peer:
    print("measuring BERT-base", file=sys.stderr)
    run = make_bert(load(options.checkpoint), 512, options.threads)

    def score(some: Sequence[str]) -> Any:
        run(some)
        return np.full((len(some), 1), 0.5)

    system = make_system(score, ["toxic"], name="BERT-base in PyTorch (speed only)")
    return Peer(system.id, tuple(measure_cost(system, options.seed, options.n_texts)))


def make_markdown(peers: Sequence[Peer], facts: dict[str, Any]) -> str:
    """Return a table per measure, a row per dataset, a column per system."""
    parts = [
        "# The classifier beside its peers",
        (
            f"Measured by `{facts['command']}` on {facts['created'][:10]}: {facts['machine']}, "
            f"{facts['cores']} cores, {facts['threads']} threads, seed {facts['seed']}. Every "
            "system judged the same texts in the same run. In brackets 95 % intervals of "
            f"{facts['resamples']} bootstrap resamples; of texts/s the slowest and fastest round."
        ),
        NOTES,
    ]
    if facts["data"]:
        texts = [(one["name"], f"{one['n_texts']:,}", one["sha256"][:12]) for one in facts["data"]]
        parts += ["## Data", make_table(("data", "texts", "SHA-256"), texts)]
    for heading, *wanted in TABLES:
        names = [one["name"] for one in facts["data"]]
        found = {
            peer.name: [peer.find(name, wanted) for name in names]
            for peer in peers
            if any(peer.find(name, wanted) for name in names)
        }
        rows = [
            (name, *(cell(figures[place]) for figures in found.values()))
            for place, name in enumerate(names)
            if any(figures[place] for figures in found.values())
        ]
        if rows:
            parts += [f"## {heading}", make_table(("data", *found), rows)]
    costs = [
        (peer.name, *(cell(peer.find("", ("cost", name, "", ""))) for _, name in COSTS))
        for peer in peers
    ]
    parts += ["## Cost", make_table(("system", *(title for title, _ in COSTS)), costs)]
    return "\n\n".join(parts) + "\n"


NOTES = """\
With `--recipe` the texts are rows that nothing here learned from, and TF-IDF learns from rows that
the checkpoint learned from. The checkpoint is cut at its own thresholds, which were chosen on some
of these texts, all others at 0.5. VADER was not made for this: its share of negative words is a
proxy. BERT-base stands for Detoxify, whose weights cannot be had offline: PyTorch, fp32, random
weights, so only its cost is measured. alt-profanity-check was trained on Jigsaw's and Davidson's
texts by its makers, so it has probably seen those rows before."""


def make_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(header)]
    lines += [["---"] * len(lines[0]), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{show_value(figure)} {show_interval(figure)}".strip()


if __name__ == "__main__":
    main()
