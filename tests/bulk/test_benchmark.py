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
            *("--parts", "layouts,driver,memory,cost", "--rows", "3000", "--memory-rows", "2000"),
            *("--workers", "1", "--driver-rows", "2000"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    assert "| `score`: one process, 1 threads |" in shown
    assert "| `bulk`: 1 processes of one thread |" in shown
    assert "| parquet | " in shown
    assert "| 2,000 | 0.1 MB |" in shown
    assert "core-hours for 10⁹ rows" in shown
