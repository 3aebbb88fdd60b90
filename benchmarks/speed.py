"""Measure speed and memory, and print a Markdown table: see README.md beside this file.

BERT-base has random weights here: a network's speed does not depend on what it has learned.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toxic_tweets import Classifier

COLD_RUNS = 7
LATENCY_RUNS = 400
LATENCY_TOKENS = 20  # with the two special ones
TRUNCATIONS = (128, 512)
BERT_BATCH = 32
# The classifier is so much quicker that one pass would be within the noise of the clock.
PASSES = 5
PACKAGES = ("toxic-tweets", "onnxruntime", "tokenizers", "numpy", "torch", "transformers")
_VOCABULARY = (
    "the a this that my your our their page article edit source game train song team week day "
    "garden bakery street you we they she nobody everyone is was had made found changed said "
    "thinks wants likes reads good bad late new old small loud kind wrong right very quite again "
    "today because and but so with without about over under please thank sorry maybe never always"
)
WORDS = _VOCABULARY.split()


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    measured: str
    bar: str


def main() -> None:
    options = parse_arguments()
    show_machine(options)
    # First, while this process is small: a child's peak memory begins with its parent's.
    figures = [*measure_cold_start(options), measure_import()]
    from toxic_tweets import load

    figures.append(measure_latency(load(options.checkpoint, threads=1), options.seed))
    if not options.skip_bert:
        classifier = load(options.checkpoint, threads=options.threads)
        texts = read_texts(options) if options.data else make_texts(options.n_texts, options.seed)
        for limit in TRUNCATIONS:
            figures += compare_with_bert(classifier, texts, limit, options)
    print("\n| figure | measured | bar |\n|---|---|---|")
    for figure in figures:
        print(f"| {figure.name} | {figure.measured} | {figure.bar} |")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure speed and memory on this machine.")
    parser.add_argument("--checkpoint", default="small", help="as load() takes it")
    parser.add_argument("--n-texts", type=int, default=32, help="texts in a round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each, side by side")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--data", type=Path, help="a Jigsaw train.csv to take natural texts from")
    parser.add_argument("--skip-bert", action="store_true", help="without BERT-base (seconds)")
    return parser.parse_args()


def show_machine(options: argparse.Namespace) -> None:
    print(describe_machine(options.seed))


def describe_machine(seed: int) -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"Machine: {find_cpu()}, {len(os.sched_getaffinity(0))} usable cores, "
        f"load average {os.getloadavg()[0]:.2f} before the first run.\n"
        f"Python {platform.python_version()}, {versions}. Seed {seed}."
    )


def find_cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def measure_cold_start(options: argparse.Namespace) -> list[Figure]:
    script = Path(sys.executable).with_name("toxic-tweets")
    start = [str(script)] if script.is_file() else [sys.executable, "-m", "toxic_tweets"]
    command = [*start, "score", "--model", options.checkpoint, "You are kind"]
    run_child(command)  # brings the files into memory
    runs = [run_child(command) for _ in range(COLD_RUNS)]
    wall_s = [one[0] for one in runs]
    memory_mb = [one[1] for one in runs]
    spread = f"{min(wall_s):.2f}–{max(wall_s):.2f}"
    return [
        Figure(
            f"`toxic-tweets score` in a fresh process, median of {COLD_RUNS}",
            f"{statistics.median(wall_s):.2f} s ({spread})",
            "≤ 0.7 s",
        ),
        Figure("its peak memory", f"{statistics.median(memory_mb):.0f} MB", "≤ 160 MB"),
    ]


def run_child(command: Sequence[str]) -> tuple[float, float]:
    """Return wall time in seconds and peak memory in MB."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed_s = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command[:2])} … ended with exit code {child.returncode}.")
    return elapsed_s, usage.ru_maxrss * 1024 / 1e6


def measure_import() -> Figure:
    code = (
        "import time; start = time.perf_counter(); import toxic_tweets; "
        "print(time.perf_counter() - start); "
        "import sys; assert 'onnxruntime' not in sys.modules"
    )
    times_s = []
    for _ in range(COLD_RUNS):
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        times_s.append(float(shown.stdout))
    median_ms = 1000 * statistics.median(times_s)
    return Figure("`import toxic_tweets`, without onnxruntime", f"{median_ms:.0f} ms", "≤ 100 ms")


def measure_latency(classifier: Classifier, seed: int) -> Figure:
    source = random.Random(seed)
    text = ""
    while count_tokens(classifier, text) < LATENCY_TOKENS:
        text = f"{text} {source.choice(WORDS)}".strip()
    times_ms = []
    for run in range(LATENCY_RUNS + 20):
        start = time.perf_counter()
        classifier.predict_one(text)
        if run >= 20:  # the first ones fill the caches
            times_ms.append(1000 * (time.perf_counter() - start))
    cuts = statistics.quantiles(times_ms, n=100)
    return Figure(
        f"one text of {count_tokens(classifier, text)} tokens, one thread, p50 / p99",
        f"{cuts[49]:.1f} / {cuts[98]:.1f} ms",
        "p50 ≤ 5 ms",
    )


def make_texts(n_texts: int, seed: int) -> list[str]:
    """Make texts whose lengths are spread like those of Wikipedia talk comments.

    Median 36 words, a log-normal spread of 1.1: about what the Jigsaw comments have.
    """
    source = random.Random(seed)
    lengths = [round(source.lognormvariate(math.log(36), 1.1)) for _ in range(n_texts)]
    return [" ".join(source.choices(WORDS, k=min(max(length, 1), 1500))) for length in lengths]


def read_texts(options: argparse.Namespace) -> list[str]:
    """Take natural texts, which are never shown."""
    from toxic_tweets.data.registry import read_source

    dataset = read_source("jigsaw", options.data)
    natural = [text for text, mark in zip(dataset.texts, dataset.natural, strict=True) if mark]
    chosen = natural or list(dataset.texts)
    return random.Random(options.seed).sample(chosen, min(options.n_texts, len(chosen)))


def find_tokenizer(classifier: Classifier) -> Path:
    from toxic_tweets.model.cascade import find_stage
    from toxic_tweets.model.checkpoint import TOKENIZER_FILE

    checkpoint = classifier.checkpoint
    if checkpoint.stages:  # a cascade has no files of its own
        checkpoint = find_stage(checkpoint, checkpoint.stages[-1])
    return checkpoint.folder / TOKENIZER_FILE


def open_tokenizer(classifier: Classifier) -> Any:
    from toxic_tweets.model.tokenizer import open_tokenizer as open_file

    return open_file(find_tokenizer(classifier))


def count_tokens(classifier: Classifier, text: str) -> int:
    return len(open_tokenizer(classifier).encode(text).ids)


def cut(tokenizer: Any, text: str, limit: int) -> str:
    """Cut a text to a number of tokens, so that both sides are given the same."""
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets[: limit - 2]
    return text[: offsets[-1][1]] if offsets else text


def compare_with_bert(
    classifier: Classifier, texts: Sequence[str], limit: int, options: argparse.Namespace
) -> list[Figure]:
    tokenizer = open_tokenizer(classifier)
    same = [cut(tokenizer, text, limit) for text in texts]
    n_tokens = statistics.mean(len(tokenizer.encode(text).ids) for text in same)
    score = make_bert(classifier, limit, options.threads)
    score(same[:2])
    classifier.predict(same[:2])
    ours, theirs = [], []
    for number in range(options.rounds):  # side by side: what else runs here disturbs both
        ours.append(PASSES * len(same) / clock(lambda: classifier.predict(same), PASSES))
        theirs.append(len(same) / clock(lambda: score(same), 1))
        print(f"at {limit} tokens, round {number + 1}: ", end="", file=sys.stderr)
        print(f"{ours[-1]:.1f} and {theirs[-1]:.2f} texts/s", file=sys.stderr)
    mean = f"{len(same)} texts cut at {limit} tokens (mean {n_tokens:.0f})"
    cores = f"{options.threads} threads"
    factors = [one / other for one, other in zip(ours, theirs, strict=True)]
    return [
        Figure(f"Toxic Tweets, {mean}, {cores}", f"{statistics.median(ours):.0f} texts/s", ""),
        Figure(
            f"BERT-base in PyTorch as Detoxify runs it, same texts, {cores}",
            f"{statistics.median(theirs):.1f} texts/s",
            "",
        ),
        Figure(
            f"how many times faster, median of {options.rounds} rounds",
            f"{statistics.median(factors):.0f} × ({min(factors):.0f}–{max(factors):.0f})",
            "≥ 30 ×",
        ),
    ]


def clock(work: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - start


def make_bert(
    classifier: Classifier, limit: int, threads: int
) -> Callable[[Sequence[str]], object]:
    """Return BERT-base, fp32, as Detoxify calls it: batches as they come, padded to the longest.

    The vocabulary is the checkpoint's, which for MiniLM is BERT's own.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    model: Any = BertForSequenceClassification(BertConfig())
    model.train(False)
    make_tokenizer: Any = PreTrainedTokenizerFast
    tokenizer = make_tokenizer(
        tokenizer_file=str(find_tokenizer(classifier)),
        pad_token="[PAD]",  # noqa: S106
        model_max_length=limit,
    )

    def score(texts: Sequence[str]) -> list[Any]:
        scores = []
        torch.set_num_threads(threads)  # of the whole process, so before every call
        with torch.no_grad():
            for start in range(0, len(texts), BERT_BATCH):
                batch = list(texts[start : start + BERT_BATCH])
                inputs = tokenizer(batch, return_tensors="pt", truncation=True, padding=True)
                inputs.pop("token_type_ids", None)
                scores.append(torch.sigmoid(model(**inputs).logits).numpy())
        return scores

    return score


if __name__ == "__main__":
    main()
