"""Keep the server's benchmark running; what it measures is for people to look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "serve.py"


def test_it_prints_a_table_and_survives_its_own_attack(tiny_checkpoint: Path) -> None:
    options = {"--model": tiny_checkpoint, "--workers": 1, "--seconds": 0.3, "--hostile": 60}
    words = [str(word) for pair in options.items() for word in pair]
    shown = subprocess.run(
        [sys.executable, str(SCRIPT), *words, "--connections", "1", "4"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert "| load | how | rate | p50 | p99 |" in shown
    assert "| library in bulk |" in shown
    assert "| open loop |" in shown
    assert "5xx that are no 503: none" in shown
    assert "a good request then: 200" in shown
