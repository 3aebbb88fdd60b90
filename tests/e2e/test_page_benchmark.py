"""Keep the benchmark of the page running; what it measures is for people to look at."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="misses playwright: the page was not timed")

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(
    not (ROOT / "src" / "toxic_tweets" / "checkpoints" / "small" / "checkpoint.json").is_file(),
    reason="misses checkpoints/small: the page was not timed",
)
def test_the_page_prints_a_table() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "page.py"), "--runs", "1", "--rows", "500"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=400).stdout
    if "No browser is here" in shown:
        pytest.skip("misses a browser (Debian: apt install chromium): the page was not timed")
    assert "| score after Submit |" in shown
    assert "| 500 rows uploaded, progress shown |" in shown
