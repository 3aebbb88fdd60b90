"""Keep the benchmark running; what it measures is for people to look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "bulk.py"


def test_the_benchmark_prints_its_tables(tiny_checkpoint: Path) -> None:
    model = str(tiny_checkpoint)
    shown = subprocess.run(
        [
            *(sys.executable, str(SCRIPT), "--checkpoint", model, "--models", model),
            *("--parts", "driver,memory,cost", "--rows", "2000", "--memory-rows", "2000"),
            *("--driver-rows", "2000"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    assert "| parquet | " in shown
    assert "| 2,000 | 0.1 MB |" in shown
    assert "core-hours for 10⁹ rows" in shown
