"""Measure the classifier beside its peers: same texts, same run. See README.md beside this file.

BERT-base has random weights here, so only its speed is measured: Detoxify's weights cannot be had.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from speed import make_bert, show_machine

from toxic_tweets import load
from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.evaluate.cost import make_texts, measure_cost, measure_speed
from toxic_tweets.evaluate.datasets import draw, read_datasets, rename
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.report import Report, write_report
from toxic_tweets.evaluate.run import evaluate
from toxic_tweets.evaluate.system import System, make_system, read_score_file
from toxic_tweets.evaluate.tables import show_interval, show_value

PARTS = ("ranking", "decisions", "bias", "functional", "domains")
# Rows that TF-IDF learns from: enough that more changes little, and a minute at most.
MAX_TRAIN = 60_000


def main() -> None:
    options = parse_arguments()
    show_machine(options)
    held_out, train = read_recipe_rows(options)
    datasets = [*held_out, *read_datasets(options.data, options.max_texts, options.seed)]
    if not datasets:  # as `make bench` runs it
        print("Only speed: give data files, or --recipe with --data-root.", file=sys.stderr)
    systems = make_systems(options, datasets, train)
    texts = make_texts(options.n_texts, options.seed)
    rows = []
    for system in systems:
        print(f"measuring {system.id}", file=sys.stderr)
        rows.append([f"`{system.id}`", *measure(system, datasets, options), *cost(system, texts)])
    if not options.skip_bert:
        rows.append(["BERT-base in PyTorch (speed only)", *measure_bert(options, texts)])
    show(rows)


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
) -> list[str]:
    """Return AUC and macro-F1 of `toxic`, mean and worst BPSN AUC, and functional accuracy."""
    if not datasets:
        return [""] * 5
    chosen = Options(parts=PARTS, resamples=options.resamples, swapped_texts=0, seed=options.seed)
    report = evaluate(system, datasets, options=chosen, command=" ".join(sys.argv))
    if options.output is not None:
        name = "".join(sign if sign.isalnum() else "-" for sign in system.id)
        write_report(report, options.output / name)
    cases = find(report, "functional", "accuracy", group="all")
    cases.sort(key=lambda one: -one.value)
    return [
        cell(find(report, "ranking", "roc_auc", label="toxic")),
        cell(find(report, "domains", "macro_f1", label="toxic")),
        cell(find(report, "bias", "mean_bpsn_auc")),
        cell(find(report, "bias", "worst_bpsn_auc")),
        cell(cases),
    ]


def find(report: Report, part: str, name: str, **more: str) -> list[Any]:
    figures = report.find(part=part, name=name, **more)
    return [one for one in figures if one.value is not None]


def cell(figures: Sequence[Any]) -> str:
    """Show the figure of each dataset that has one."""
    return "; ".join(
        f"{one.dataset} {show_value(one)} {show_interval(one)}".strip() for one in figures
    )


def cost(system: System, texts: Sequence[str]) -> list[str]:
    if not system.scores_any_text:
        return ["", ""]
    speed = show_value(measure_speed(system, texts)[0])
    waits = [one for one in measure_cost(system, 13, 8) if one.name.startswith("latency")]
    return [speed, " / ".join(show_value(one) for one in waits)]


def measure_bert(options: argparse.Namespace, texts: Sequence[str]) -> list[str]:
    folder = load(options.checkpoint).checkpoint.folder
    run = make_bert(folder, 512, options.threads)

    def score(some: Sequence[str]) -> Any:
        run(some)
        return np.full((len(some), 1), 0.5)

    return [""] * 5 + cost(make_system(score, ["toxic"], name="BERT-base"), texts[:16])


def show(rows: Sequence[Sequence[str]]) -> None:
    header = (
        "system | ROC AUC of toxic | macro-F1 of toxic | mean BPSN AUC | worst BPSN AUC | "
        "functional accuracy | texts/s | one text, p50 / p99 ms"
    )
    print(f"\n| {header} |\n|{'---|' * len(header.split('|'))}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
