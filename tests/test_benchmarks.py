"""Keep the benchmarks running; what they measure is for people to look at."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from toxic_tweets.classifier import Classifier

ROOT = Path(__file__).resolve().parents[1]
SPEED = ROOT / "benchmarks" / "speed.py"
PEERS = ROOT / "benchmarks" / "peers.py"
EXPLAIN = ROOT / "benchmarks" / "explain.py"


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


def test_explain_prints_a_table(tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "toxic_spans").mkdir()
    rows = 'spans,text\n"[8, 9, 10, 11, 12]",you are idiot\n[],this is a nice day\n'
    (tmp_path / "toxic_spans" / "tsd_trial.csv").write_text(rows, encoding="utf-8")
    shown = subprocess.run(
        [
            *(sys.executable, str(EXPLAIN), "--checkpoint", str(tiny_checkpoint)),
            *("--data", str(tmp_path), "--runs", "2"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert "| Occlusion: character F1, 2 texts | 100.0 | ≥ 68 |" in shown
    assert "marked nothing, left so | 1 of 1 |" in shown
    assert "a fifth, as in the official test | 100.0 |" in shown
    assert "time of the score" in shown


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


def test_peers_are_measured_on_the_same_texts(tiny_checkpoint: Path, tmp_path: Path) -> None:
    rows = [f"you are {'stupid' if n % 2 else 'kind'} {n},{n % 2}" for n in range(40)]
    (tmp_path / "forum.csv").write_text("\n".join(["text,rude", *rows]), encoding="utf-8")
    suite = tmp_path / "suite.toml"
    suite.write_text('[[data]]\npath = "forum.csv"\nlabels.toxic = "rude"\n', encoding="utf-8")
    kept = tmp_path / "peers.json"
    options = ("--n-texts", "2", "--resamples", "20", "--skip-bert", "--threads", "1")
    command = [sys.executable, str(PEERS), str(suite), "--checkpoint", str(tiny_checkpoint)]
    shown = subprocess.run(
        [*command, *options, "--output-json", str(kept)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    table = kept.with_suffix(".md").read_text(encoding="utf-8")
    assert table in shown
    found = json.loads(kept.read_text(encoding="utf-8"))
    names = [system["name"] for system in found["systems"]]
    assert names[0].startswith("tiny@")
    assert names[1:] == ["alt-profanity-check", "better-profanity", "vaderSentiment, negative"]
    for system in found["systems"]:
        figures = {one["name"]: one for one in system["figures"]}
        assert figures["roc_auc"]["n"] == 40
        assert figures["roc_auc"]["data_sha256"] == found["data"][0]["sha256"]
        assert f"{figures['roc_auc']['value']:.3f} (" in table
        assert figures["texts_per_s"]["value"] > 0
    assert found["seed"] == 13
    assert "peers.py" in found["command"]


def test_benchmarks_have_a_line_in_the_readme() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for script in (ROOT / "benchmarks").glob("*.py"):
        assert f"[{script.name}]({script.name})" in readme
