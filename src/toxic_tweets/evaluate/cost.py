"""What scoring costs on this machine: speed, waiting time, memory, size."""

from __future__ import annotations

import math
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from toxic_tweets.evaluate.figures import Better, Figure, Measure, make_figure
from toxic_tweets.evaluate.system import System

PART = "cost"
N_TEXTS, ROUNDS, LATENCY_RUNS = 128, 3, 200
_VOCABULARY = (
    "the a this that my your our page article edit source game song team week day garden street "
    "you we they nobody everyone is was had made found changed said thinks wants likes reads good "
    "late new old small loud kind wrong right very quite again today because and but so with about"
)
_WORDS = _VOCABULARY.split()
# A process that does nothing but score, so that its peak is not that of the evaluation.
_CHILD = """
import sys
from pathlib import Path
from toxic_tweets import load
load(Path(sys.argv[1]), threads=1).predict(["You are kind"] * 32)
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.is_file() else []
print(next((line.split()[1] for line in lines if line.startswith("VmHWM")), ""))
"""


def make_texts(n_texts: int, seed: int) -> list[str]:
    """Make mild texts whose lengths are spread like those of Wikipedia comments.

    Median 36 words, a log-normal spread of 1.1, as the Jigsaw comments have.
    """
    source = random.Random(seed)  # noqa: S311
    lengths = [round(source.lognormvariate(math.log(36), 1.1)) for _ in range(n_texts)]
    return [" ".join(source.choices(_WORDS, k=min(max(n, 1), 800))) for n in lengths]


def measure_cost(system: System, seed: int, n_texts: int = N_TEXTS) -> list[Figure]:
    """Measure speed, waiting time for one text, peak memory and size.

    Args:
        system: what scores.
        seed: draws the generated texts.
        n_texts: texts of a round.
    """
    if not system.scores_any_text:
        return []
    figures = [*measure_speed(system, make_texts(n_texts, seed)), *_measure_latency(system, seed)]
    if system.folder is not None:
        figures += _measure_folder(system.folder)
    return figures


def measure_speed(system: System, texts: Sequence[str], rounds: int = ROUNDS) -> list[Figure]:
    """Measure texts per second: the median of some rounds, with the slowest and the fastest."""
    system.scores(texts[:4])  # the first ones fill the caches
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        system.scores(texts)
        rates.append(len(texts) / (time.perf_counter() - start))
    note = f"{rounds} rounds; low and high are the slowest and the fastest"
    return [
        _figure("texts_per_s", statistics.median(rates), len(texts), note, min(rates), max(rates))
    ]


def _measure_latency(system: System, seed: int) -> list[Figure]:
    source = random.Random(seed)  # noqa: S311
    texts = [" ".join(source.choices(_WORDS, k=14)) for _ in range(LATENCY_RUNS + 10)]
    times_ms = []
    for text in texts:
        start = time.perf_counter()
        system.scores([text])
        times_ms.append(1000 * (time.perf_counter() - start))
    cuts = statistics.quantiles(times_ms[10:], n=100)
    note = "one text of 14 words at a time"
    return [
        _figure("latency_p50_ms", cuts[49], LATENCY_RUNS, note, better="lower"),
        _figure("latency_p99_ms", cuts[98], LATENCY_RUNS, note, better="lower"),
    ]


def _measure_folder(folder: Path) -> list[Figure]:
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    figures = [_figure("size_mb", size / 1e6, 1, "all files of the checkpoint", better="lower")]
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _CHILD, str(folder.resolve())],
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode == 0 and shown.stdout.strip():
        peak = float(shown.stdout) * 1024 / 1e6
        note = "of a process that loads it and scores 32 texts on one thread"
        figures.append(_figure("peak_memory_mb", peak, 1, note, better="lower"))
    return figures


def _figure(
    name: str,
    value: float,
    n: int,
    note: str,
    low: float = math.nan,
    high: float = math.nan,
    better: Better = "higher",
) -> Figure:
    measure = Measure(PART, "", name, None, n, better=better, note=note)
    return make_figure(measure, value, low, high)
