"""Measure every checkpoint beside its peers, and write the table: see README.md beside this file.

`make bench` runs it. Every figure is the median over rounds in which all systems take turns, so
that what else runs on the machine disturbs all of them alike.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from speed import WORDS, cut, make_bert, make_texts, open_tokenizer, run_child  # noqa: E402
from speed import describe_machine as describe_machine_of  # noqa: E402 - the folder is no package

ROOT = HERE.parent
PAGE = ROOT / "docs" / "reference" / "speed.md"
DATA = ROOT.parent / "shared" / "data"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
LENGTHS = (20, 64, 128, 256)  # tokens of a text, the two special ones included
MAX_TOKENS = 128  # where both sides cut the texts of the table of throughput
BERT = "BERT-base in PyTorch, fp32"
N_FIT = 4000  # texts TF-IDF learns from: what it costs depends little on more
INTRODUCTION = """\
# Speed

What scoring costs, side by side with other systems in one run. `make bench` writes this page in a
few minutes: run it on your machine. [How it is measured](../../benchmarks/README.md).

"""

Score = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class Runner:
    """One system on so many cores."""

    system: str
    cores: int
    score: Score


def main() -> None:
    from toxic_tweets import load

    options = parse_arguments()
    started = time.perf_counter()
    lines = [describe_machine(options), ""]
    names = options.checkpoints or find_checkpoints()
    # First, while this process is small: a child's peak memory begins with its parent's.
    lines += measure_processes(names, options.rounds)
    kinds = {"tweets": read_tweets(options), "comments": read_comments(options)}
    runners = make_runners(names, kinds, options)
    tokenizer = open_tokenizer(load(names[0]))
    one_core = [runner for runner in runners if runner.cores == 1]
    lines += measure_latency(one_core, tokenizer, options)
    lines += measure_throughput(runners, tokenizer, kinds, options)
    lines.append(f"\nMeasured in {(time.perf_counter() - started) / 60:.1f} minutes.")
    content = "\n".join(lines)
    print(content)
    if options.output:
        write_page(options.output, content)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what the page on speed shows.")
    parser.add_argument("--checkpoints", nargs="+", help="default: all that judge toxicity")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every figure")
    parser.add_argument("--n-texts", type=int, default=64, help="texts of each kind")
    parser.add_argument("--slice-s", type=float, default=0.25, help="least time of a cell a round")
    parser.add_argument("--data", type=Path, default=DATA, help="where natural texts are, if any")
    parser.add_argument("--output", type=Path, help="also write the page; `make bench` does")
    parser.add_argument("--skip-bert", action="store_true", help="without BERT-base")
    parser.add_argument("--seed", type=int, default=13)
    return parser.parse_args()


def describe_machine(options: argparse.Namespace) -> str:
    today = datetime.now(UTC).date().isoformat()
    shown = " ".join(["python", "benchmarks/bench.py", *sys.argv[1:]])
    return f"{today}, `{shown}`\n\n{describe_machine_of(options.seed)}"


def find_checkpoints() -> list[str]:
    from toxic_tweets.model.checkpoint import embedded_names, find_checkpoint, read_checkpoint

    facts = {name: read_checkpoint(find_checkpoint(name)) for name in embedded_names()}
    return [name for name, one in facts.items() if one.task == "toxicity"]


def list_cores() -> list[int]:
    """Return 1, 2, 4 … and all cores that may be used."""
    usable = len(os.sched_getaffinity(0))
    return sorted({1, usable, *(2**n for n in range(10) if 2**n < usable)})


def measure_processes(names: Sequence[str], rounds: int) -> list[str]:
    """Return the table of a fresh process that scores one text."""
    from toxic_tweets.model.checkpoint import find_checkpoint, read_checkpoint

    script = Path(sys.executable).with_name("toxic-tweets")
    start = [str(script)] if script.is_file() else [sys.executable, "-m", "toxic_tweets"]
    commands = {name: [*start, "score", "--model", name, "You are kind"] for name in names}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for number in range(rounds + 1):
        say(f"fresh processes, round {number} of {rounds}")
        for name, command in commands.items():
            one = run_child(command)
            if number:  # the first brings the files into memory
                found[name].append(one)
    rows = []
    for name, runs in found.items():
        size_mb = read_checkpoint(find_checkpoint(name)).size_bytes / 1e6
        starts = show_spread([wall_s for wall_s, _ in runs], 2)
        memory = show_spread([memory_mb for _, memory_mb in runs], 0)
        rows.append((f"`{name}`", starts, memory, f"{size_mb:.1f}"))
    head = ("`toxic-tweets score`, a fresh process", "to its end, s", "peak memory, MB", "size, MB")
    return ["## A fresh process", "", *show_table(head, rows), ""]


def read_tweets(options: argparse.Namespace) -> list[str]:
    """Take tweets, which are never shown; else make texts of their length."""
    folder = options.data / "tweeteval" / "offensive"
    if folder.is_dir():
        from toxic_tweets.data.registry import read_source

        return spread(read_source("tweeteval", folder).texts, options)
    source = random.Random(options.seed)
    lengths = [max(3, round(source.gauss(22, 9))) for _ in range(options.n_texts)]
    return [" ".join(source.choices(WORDS, k=length)) for length in lengths]


def read_comments(options: argparse.Namespace) -> list[str]:
    """Take natural Wikipedia comments, which are never shown; else make texts of their length.

    No checkpoint has learned from them: a cascade would be quicker on texts that it knows.
    """
    if not (options.data / "jigsaw" / "train.csv").is_file():
        return make_texts(options.n_texts, options.seed)
    from toxic_tweets.train.config import read_recipe
    from toxic_tweets.train.mixture import make_mixture

    mixture = make_mixture(read_recipe("cascade"), options.data)
    pairs = zip(mixture.validation.texts, mixture.held_out_natural, strict=True)
    return spread([text for text, mark in pairs if mark], options)


def spread(texts: Sequence[str], options: argparse.Namespace) -> list[str]:
    """Choose texts whose lengths are spread like those of all, in random order."""
    source = random.Random(options.seed)
    drawn = sorted(source.sample(list(texts), min(len(texts), 64 * options.n_texts)), key=len)
    step = len(drawn) / min(options.n_texts, len(drawn))
    chosen = [drawn[int((n + 0.5) * step)] for n in range(min(options.n_texts, len(drawn)))]
    source.shuffle(chosen)
    return chosen


def make_runners(
    names: Sequence[str], kinds: Mapping[str, Sequence[str]], options: argparse.Namespace
) -> list[Runner]:
    """Open every checkpoint and BERT-base on each number of cores, the other peers on one."""
    from peers import fit_tf_idf, make_word_lists

    from toxic_tweets import load

    runners = [
        Runner(f"`{name}`", count, load(name, threads=count).predict)
        for name in names
        for count in list_cores()
    ]
    tf_idf = fit_tf_idf(make_targets(kinds, options.seed), ("toxic",), options.seed)
    peers = [("TF-IDF + logistic regression", tf_idf.score)]
    peers += [(system.id, system.score) for system in make_word_lists()]
    runners += [Runner(name, 1, score) for name, score in peers]
    if not options.skip_bert:
        any_of = load(names[0])
        runners += [Runner(BERT, count, make_bert(any_of, 512, count)) for count in list_cores()]
    return runners


def make_targets(kinds: Mapping[str, Sequence[str]], seed: int) -> Any:
    """Return something for TF-IDF to learn: what it has learned does not change its speed."""
    import numpy as np

    from toxic_tweets.data.dataset import Dataset

    texts = (*(text for kind in kinds.values() for text in kind), *make_texts(N_FIT, seed))
    targets = np.arange(len(texts), dtype=np.float32)[:, None] % 2
    nowhere = np.zeros(len(texts), dtype=np.bool_)
    return Dataset("random", texts, targets, ("toxic",), ("",) * len(texts), nowhere)


def measure_latency(
    runners: Sequence[Runner], tokenizer: Any, options: argparse.Namespace
) -> list[str]:
    """Return the table of the time of one text, by its number of tokens."""
    source = random.Random(options.seed)
    long = " ".join(source.choices(WORDS, k=2 * max(LENGTHS)))
    texts = {length: cut(tokenizer, long, length) for length in LENGTHS}
    times_ms: dict[tuple[str, int], list[float]] = {}
    for number in range(options.rounds + 1):
        say(f"latency, round {number} of {options.rounds}")
        for runner in runners:
            for length, text in texts.items():
                slice_s = options.slice_s if number else 0.0  # the first one warms up
                found = [1000 * one for one in time_calls(runner.score, [text], slice_s)]
                times_ms.setdefault((runner.system, length), []).extend(found if number else [])
    rows = [
        (one.system, *(show_quantiles(times_ms[one.system, length]) for length in LENGTHS))
        for one in runners
    ]
    head = ("one text, one thread: p50 / p99 in ms", *(f"{length} tokens" for length in LENGTHS))
    return ["## One text", "", *show_table(head, rows), ""]


def measure_throughput(
    runners: Sequence[Runner],
    tokenizer: Any,
    kinds: Mapping[str, Sequence[str]],
    options: argparse.Namespace,
) -> list[str]:
    """Return the tables of texts per second, by kind of text and by cores."""
    lines = ["## Many texts"]
    for kind, texts in kinds.items():
        same = [cut(tokenizer, text, MAX_TOKENS) for text in texts]
        mean = statistics.mean(len(tokenizer.encode(text).ids) for text in same)
        rates: dict[tuple[str, int], list[float]] = {(r.system, r.cores): [] for r in runners}
        for number in range(options.rounds + 1):
            say(f"{kind}, round {number} of {options.rounds}")
            for runner in runners:
                given = same if number else same[:2]  # the first ones warm up
                times_s = time_calls(runner.score, given, options.slice_s if number else 0.0)
                if number:
                    rate = len(same) * len(times_s) / sum(times_s)
                    rates[runner.system, runner.cores].append(rate)
        origin = "natural" if options.data.is_dir() else "generated"
        head = (f"{kind}, texts/s", *(f"{n} core{'s'[: n > 1]}" for n in list_cores()), "× BERT")
        lines += [
            "",
            f"{len(same)} {origin} {kind} of up to {MAX_TOKENS} tokens (mean {mean:.0f}):",
            "",
            *show_table(head, [make_row(system, rates) for system in order(runners)]),
        ]
    return lines


def make_row(system: str, rates: Mapping[tuple[str, int], Sequence[float]]) -> tuple[str, ...]:
    """Return the rates of a system by cores, and its factor over BERT-base on as many cores."""
    cells = []
    factors = []
    for cores in list_cores():
        found = rates.get((system, cores))
        cells.append(show_spread(found, 0) if found else "")
        beside = rates.get((BERT, cores))
        if found and beside and system != BERT:
            shares = [one / other for one, other in zip(found, beside, strict=True)]
            factors.append(f"{statistics.median(shares):.0f} ({cores})")
    return (system, *cells, ", ".join(factors))


def order(runners: Sequence[Runner]) -> list[str]:
    return list(dict.fromkeys(runner.system for runner in runners))


def time_calls(score: Score, texts: Sequence[str], least_s: float) -> list[float]:
    """Call at least once and for at least so long; return the seconds of each call."""
    times_s: list[float] = []
    while not times_s or sum(times_s) < least_s:
        start = time.perf_counter()
        score(texts)
        times_s.append(time.perf_counter() - start)
    return times_s


def show_quantiles(times_ms: Sequence[float]) -> str:
    if len(times_ms) < 2:
        return show_number(times_ms[0], 1)
    cuts = statistics.quantiles(times_ms, n=100, method="inclusive")
    return f"{show_number(cuts[49], 1)} / {show_number(cuts[98], 1)}"


def show_spread(values: Sequence[float], digits: int) -> str:
    """Show the median with the lowest and the highest."""
    low, high = min(values), max(values)
    middle = show_number(statistics.median(values), digits)
    return f"{middle} ({show_number(low, digits)}–{show_number(high, digits)})"


def show_number(value: float, digits: int) -> str:
    """Show three significant digits at least: a small number is not rounded to 0."""
    return f"{value:,.{digits}f}" if value >= 10 ** (2 - digits) else f"{value:.3g}"


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def write_page(path: Path, content: str) -> None:
    """Put the tables between the markers of a page, or make the page."""
    old = path.read_text(encoding="utf-8") if path.is_file() else f"{INTRODUCTION}{BEGIN}\n{END}\n"
    if BEGIN not in old or END not in old:
        sys.exit(f"{path} lacks the lines {BEGIN} and {END}. Put them where the tables belong.")
    before, after = old.split(BEGIN)[0], old.split(END)[1]
    aside = path.with_name(f"{path.name}.partial")
    aside.write_text(f"{before}{BEGIN}\n\n{content}\n\n{END}{after}", encoding="utf-8")
    os.replace(aside, path)


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
