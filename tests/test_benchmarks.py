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
BENCH = ROOT / "benchmarks" / "bench.py"
ROOFLINE = ROOT / "benchmarks" / "roofline.py"


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


def test_bench_writes_its_page_between_the_markers(tiny_checkpoint: Path, tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    page.write_text("Before.\n<!-- bench -->\nold\n<!-- /bench -->\nAfter.\n", encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, str(BENCH), "--checkpoints", str(tiny_checkpoint)),
            *("--rounds", "2", "--n-texts", "2", "--slice-s", "0", "--skip-bert"),
            *("--data", str(tmp_path / "none"), "--output", str(page)),
        ],
        capture_output=True,
        check=True,
        timeout=300,
    )
    content = page.read_text(encoding="utf-8")
    assert content.startswith("Before.\n<!-- bench -->\n")
    assert content.endswith("<!-- /bench -->\nAfter.\n")
    assert "old" not in content.split()
    assert "load average" in content
    assert "2 generated tweets" in content
    rows = [line for line in content.splitlines() if line.startswith("|")]
    for name in (str(tiny_checkpoint), "TF-IDF", "alt-profanity-check", "better-profanity"):
        assert len([row for row in rows if name in row]) >= 3  # one text, tweets, comments
    assert [path.name for path in tmp_path.iterdir()] == ["speed.md"]


def test_roofline_counts_operations(tiny_checkpoint: Path) -> None:
    shown = subprocess.run(
        [
            *(sys.executable, str(ROOFLINE), "--checkpoint", str(tiny_checkpoint)),
            *("--runs", "1", "--lengths", "8", "16"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    assert "peak, GOP/s" in shown
    assert "GB/s" in shown
    assert "| 8 | " in shown
    assert "| 16 | " in shown


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


RECIPE = """
name = "tiny"
task = "toxicity"
licence = "Apache-2.0"
labels = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
base = "minilm-l6"

[[sources]]
name = "ours"
reader = "jigsaw"
path = "train.csv"
validation = 0.5
"""


def test_peers_are_measured_on_the_same_texts(tiny_checkpoint: Path, tmp_path: Path) -> None:
    ends = [("stupid" if n % 2 else "kind", n % 2) for n in range(120)]
    rows = [f"you are {end} {n},{sign}" for n, (end, sign) in enumerate(ends[:40])]
    (tmp_path / "forum.csv").write_text("\n".join(["text,rude", *rows]), encoding="utf-8")
    (tmp_path / "suite.toml").write_text(
        '[[data]]\npath = "forum.csv"\nlabels.toxic = "rude"\n', encoding="utf-8"
    )
    header = "id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate"
    rows = [f"r{n},it is {end} {n}{f',{sign}' * 6}" for n, (end, sign) in enumerate(ends)]
    (tmp_path / "train.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    kept = tmp_path / "peers.json"
    shown = subprocess.run(
        [
            *(sys.executable, str(PEERS), "suite.toml", "--checkpoint", str(tiny_checkpoint)),
            *("--recipe", "recipe.toml", "--data-root", ".", "--output-json", str(kept)),
            *("--n-texts", "2", "--resamples", "20", "--skip-bert", "--threads", "1"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        cwd=tmp_path,
    ).stdout
    table = kept.with_suffix(".md").read_text(encoding="utf-8")
    assert table in shown
    found = json.loads(kept.read_text(encoding="utf-8"))
    hashes = {one["name"]: one["sha256"] for one in found["data"]}
    assert set(hashes) == {"forum", "ours"}
    names = [system["name"] for system in found["systems"]]
    assert names[0].startswith("tiny@")
    assert names[1:4] == ["alt-profanity-check", "better-profanity", "vaderSentiment, negative"]
    assert names[4].startswith("TF-IDF + logistic regression on ")
    for system in found["systems"]:
        figures = {(one["dataset"], one["name"]): one for one in system["figures"]}
        assert figures["forum", "roc_auc"]["n"] == 40
        for data, sha256 in hashes.items():
            figure = figures[data, "roc_auc"]
            assert figure["data_sha256"] == sha256
            assert f"{figure['value']:.3f} (" in table
        assert figures["", "texts_per_s"]["value"] > 0
    assert found["seed"] == 13
    assert "peers.py suite.toml" in found["command"]


def test_benchmarks_have_a_line_in_the_readme() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for script in (ROOT / "benchmarks").glob("*.py"):
        assert f"[{script.name}]({script.name})" in readme
