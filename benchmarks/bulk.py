"""Measure `toxic-tweets bulk`, and print Markdown tables: see README.md beside this file.

Rates are what more rows cost, so the start of processes is not in them. A core-second is a second
of processor time: unlike a second on the clock it hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from toxic_tweets.bulk import run
from toxic_tweets.bulk.blocks import Block, Sizes
from toxic_tweets.bulk.columns import Added, Target, choose_text_column
from toxic_tweets.bulk.places import find_inputs
from toxic_tweets.bulk.run import Options, Report
from toxic_tweets.bulk.scoring import Opening, Scored
from toxic_tweets.bulk.tables import read_blocks, read_head
from toxic_tweets.classifier import Classifier
from toxic_tweets.policy import PRESETS
from toxic_tweets.prediction import Prediction

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from speed import WORDS, show_machine  # noqa: E402 - the folder is no package

PARTS = ("layouts", "nodes", "driver", "memory", "cost")
BILLION = 1_000_000_000
SAMPLE_S = 0.1


@dataclass(frozen=True)
class Rate:
    """What more rows cost: seconds on the clock, and seconds of processor time."""

    rows_per_s: float
    rows_per_core_s: float


def main() -> None:
    options = parse_arguments()
    if options.stand_in:
        score_with_stand_in(*options.stand_in)
        return
    show_machine(options)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = read_texts(options)
        few, many = folder / "few.csv", folder / "many.csv"
        write_rows(few, texts[: len(texts) // 10])
        write_rows(many, texts)
        n_more = len(texts) - len(texts) // 10
        mean = sum(map(len, texts)) / len(texts)
        print(f"{len(texts):,} texts of {mean:.0f} characters in the mean. Load varies: see above.")
        for part in options.parts.split(","):
            print()
            if part == "layouts":
                compare_layouts(options, few, many, n_more)
            elif part == "nodes":
                compare_nodes(options, few, many, n_more)
            elif part == "driver":
                measure_driver(options, folder)
            elif part == "memory":
                measure_memory(options, folder, texts)
            else:
                show_costs(options, few, many, n_more)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure bulk scoring on this machine.")
    parser.add_argument("--checkpoint", default="small", help="for all parts but cost")
    parser.add_argument("--models", default="small", help="for the part cost, by comma")
    parser.add_argument("--parts", default=",".join(PARTS), help="by comma")
    parser.add_argument("--rows", type=int, default=2000, help="rows of a timed run")
    parser.add_argument("--driver-rows", type=int, default=60_000)
    parser.add_argument("--memory-rows", type=int, default=2_000_000)
    parser.add_argument(
        "--memory-scores", action="store_true", help="run the checkpoint for the part memory too"
    )
    parser.add_argument("--workers", default="1,2", help="how many at once, by comma")
    parser.add_argument("--nodes", default="1,2", help="how many Ray nodes of a core, by comma")
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour")
    parser.add_argument("--data", help="take the texts from here, as toxic-tweets bulk does")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--stand-in", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def read_texts(options: argparse.Namespace) -> list[str]:
    if not options.data:
        draw = random.Random(options.seed)  # some 25 tokens, which is what tweets have
        return [" ".join(draw.choices(WORDS, k=draw.randint(4, 40))) for _ in range(options.rows)]
    files = find_inputs(options.data)
    head = read_head(files[0])
    column, _ = choose_text_column(head, None, options.data)
    texts: list[str] = []
    for block in read_blocks(files, head, Target(column, Added((), ()), "jsonl"), Sizes()):
        texts += block.texts
        if len(texts) >= options.rows:
            break
    return texts[: options.rows]


def write_rows(path: Path, texts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows(enumerate(texts))


def compare_layouts(options: argparse.Namespace, few: Path, many: Path, n_more: int) -> None:
    print("| layout | rows/s | rows per core-second |\n|---|---|---|")
    for number in options.workers.split(","):
        threads = ("--threads", number, "--column", "text", "--format", "csv")
        rate = measure_rate(
            [("score", "--file", str(source), *threads) for source in (few, many)],
            options.checkpoint,
            n_more,
        )
        show_rate(f"`score`: one process, {number} threads", rate)
        rate = measure_rate(
            make_commands(few, many, "--workers", number), options.checkpoint, n_more
        )
        show_rate(f"`bulk`: {number} processes of one thread", rate)


def compare_nodes(options: argparse.Namespace, few: Path, many: Path, n_more: int) -> None:
    print("| Ray nodes of one core, all on this machine | rows/s |\n|---|---|")
    for number in map(int, options.nodes.split(",")):
        with start_cluster(number) as address:
            command = ("--engine", "ray", "--ray-address", address)
            rate = measure_rate(make_commands(few, many, *command), options.checkpoint, n_more)
        print(f"| {number} | {rate.rows_per_s:,.0f} |", flush=True)


@contextmanager
def start_cluster(n_nodes: int) -> Iterator[str]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    for _ in range(n_nodes - 1):
        cluster.add_node(**node)
    try:
        yield cluster.address
    finally:
        cluster.shutdown()


def measure_driver(options: argparse.Namespace, folder: Path) -> None:
    """Read and write with nobody scoring: what one process can do for all workers."""
    said = ([[0.12345678901234567] * 6], [["toxic", "insult"]], ["block"], ["en"], [True])

    def score_nothing(blocks: Iterable[Block], *_: object) -> Iterator[tuple[Block, Scored]]:
        for block in blocks:
            yield block, Scored(*(column * len(block.texts) for column in said))

    run.score_locally = score_nothing
    text = "some words of a length that a tweet has, more or less, and a few more behind them"
    source = folder / "driver.csv"
    write_rows(source, [text] * options.driver_rows)
    print("| from and to | rows per core-second of the driver |\n|---|---|")
    for kind in ("csv", "jsonl", "parquet"):
        chosen = Options(Opening(options.checkpoint, PRESETS["balanced"]), overwrite=True)
        report = Report(lambda line: None, lambda state: None)
        read = folder / f"driver.{kind}"
        if kind != "csv":
            run.score_files(str(source), str(read), replace(chosen, prefix="x_"), report)
        start = time.process_time()
        run.score_files(str(read), str(folder / f"driven.{kind}"), chosen, report)
        rate = options.driver_rows / (time.process_time() - start)
        print(f"| {kind} | {rate:,.0f} |", flush=True)


def show_costs(options: argparse.Namespace, few: Path, many: Path, n_more: int) -> None:
    print(
        f"| model | rows per core-second | core-hours for 10⁹ rows | at {options.price} an hour |"
    )
    print("|---|---|---|---|")
    for model in options.models.split(","):
        rate = measure_rate(make_commands(few, many, "--workers", "1"), model, n_more)
        core_hours = BILLION / rate.rows_per_core_s / 3600
        cost = core_hours * options.price
        print(
            f"| `{model}` | {rate.rows_per_core_s:,.0f} | {core_hours:,.0f} | {cost:,.0f} |",
            flush=True,
        )


def make_commands(few: Path, many: Path, *more: str) -> list[tuple[str, ...]]:
    output = str(few.with_name("out.csv"))
    return [("bulk", str(source), output, "--overwrite", *more) for source in (few, many)]


def measure_rate(commands: Sequence[Sequence[str]], model: str, n_more: int) -> Rate:
    """Run few rows, then many, and take the difference."""
    wall, used = [], []
    for command in commands:
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "toxic_tweets", *command, "--model", model],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{' '.join(command)} ended with {child.returncode}.")
        wall.append(time.perf_counter() - start)
        used.append(usage.ru_utime + usage.ru_stime)  # with that of its own children
    return Rate(n_more / (wall[1] - wall[0]), n_more / (used[1] - used[0]))


def show_rate(layout: str, rate: Rate) -> None:
    print(f"| {layout} | {rate.rows_per_s:,.0f} | {rate.rows_per_core_s:,.0f} |", flush=True)


def measure_memory(options: argparse.Namespace, folder: Path, texts: Sequence[str]) -> None:
    """Watch short rows pass workers that hold the checkpoint, or the texts over and over scored."""
    print("| rows, CSV, 2 processes | file | peak memory of all processes | minutes | rows/s |")
    print("|---|---|---|---|---|")
    source = folder / "short.csv"
    command = [sys.executable, __file__, "--stand-in", str(source), options.checkpoint]
    if options.memory_scores:
        scored = make_commands(source, source, "--workers", "2", "--model", options.checkpoint)
        command = [sys.executable, "-m", "toxic_tweets", *scored[0]]
    for n_rows in (options.memory_rows // 100, options.memory_rows // 8, options.memory_rows):
        short = (f"you are kind number {number}" for number in range(n_rows))
        rows = itertools.cycle(texts) if options.memory_scores else short
        write_rows(source, itertools.islice(rows, n_rows))
        began_s = time.perf_counter()
        peak_bytes = watch_memory(command)
        took_s = time.perf_counter() - began_s
        print(
            f"| {n_rows:,} | {source.stat().st_size / 1e6:,.1f} MB | {peak_bytes / 1e6:,.0f} MB "
            f"| {took_s / 60:.1f} | {n_rows / took_s:,.0f} |",
            flush=True,
        )


def watch_memory(command: Sequence[str]) -> int:
    """Return the highest sum of what a process and its children hold in memory."""
    peak = 0
    with subprocess.Popen(command) as child:
        parent = psutil.Process(child.pid)
        while child.poll() is None:
            held = 0
            try:
                for process in (parent, *parent.children(recursive=True)):
                    held += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue  # it ended in between
            peak = max(peak, held)
            time.sleep(SAMPLE_S)
    if child.returncode:
        sys.exit(f"The run ended with {child.returncode}.")
    return peak


class StandIn(Opening):
    """Open the checkpoint, but say the same of every text: memory is the point, not time."""

    def open(self) -> FixedClassifier:
        """Return what predicts nothing."""
        return FixedClassifier(super().open())


class FixedClassifier:
    """Hold a classifier that has scored one text."""

    def __init__(self, classifier: Classifier) -> None:
        self._held = classifier
        self._said: Prediction = classifier.predict_one("you are kind")

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return the same for every text."""
        return [self._said] * len(texts)


def score_with_stand_in(source: str, model: str) -> None:
    opening = StandIn(model, PRESETS["balanced"])
    options = Options(opening, workers=2, overwrite=True)
    output = str(Path(source).with_name("short-scored.csv"))
    run.score_files(source, output, options, Report(lambda line: None, lambda state: None))


if __name__ == "__main__":
    main()
