"""Keep the benchmarks running; what they measure is for people to look at."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from toxic_tweets.classifier import Classifier

ROOT = Path(__file__).resolve().parents[1]
SPEED = ROOT / "benchmarks" / "speed.py"


@pytest.fixture(scope="module")
def speed() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_speed", SPEED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_speed_prints_a_table(tiny_checkpoint: Path) -> None:
    shown = subprocess.run(
        [sys.executable, str(SPEED), "--checkpoint", str(tiny_checkpoint), "--skip-bert"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert "| figure | measured | bar |" in shown
    assert "peak memory" in shown
    assert "onnxruntime" in shown
    assert "Seed 13" in shown


def test_generated_texts_are_the_same_each_time(speed: ModuleType) -> None:
    texts = speed.make_texts(50, 13)
    assert texts == speed.make_texts(50, 13)
    assert texts != speed.make_texts(50, 14)
    assert len({len(text.split()) for text in texts}) > 10


def test_both_sides_get_as_many_tokens(speed: ModuleType, tiny_classifier: Classifier) -> None:
    tokenizer = speed.open_tokenizer(tiny_classifier)
    for text in ("", "you are kind", "you are kind " * 50):
        short = speed.cut(tokenizer, text, 20)
        assert text.startswith(short)
        assert speed.count_tokens(tiny_classifier, short) <= 20


def test_benchmarks_have_a_line_in_the_readme() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for script in (ROOT / "benchmarks").glob("*.py"):
        assert f"[{script.name}]({script.name})" in readme
