"""`toxic-tweets evaluate`: from arguments to a report; measuring itself has tests of its own."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

ROWS = [
    ("a nice day", 0),
    ("you are an idiot", 1),
    ("this is good", 0),
    ("you are stupid", 1),
    ("it is a sad day", 0),
    ("the damn day", 1),
]
SUITE = """
[[data]]
name = "forum"
path = "forum.csv"
text = "body"
id = "key"
labels.toxic = "bad"
"""
QUICK = ("--resamples", 40, "--changed-texts", 8, "--swapped-texts", 5, "--threads", 1)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    with (tmp_path / "forum.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("key", "body", "bad"))
        writer.writerows((f"id{n}", f"{ROWS[n % 6][0]} {n}", ROWS[n % 6][1]) for n in range(60))
    path = tmp_path / "suite.toml"
    path.write_text(SUITE, encoding="utf-8")
    return path


def test_a_report_and_a_comparison_with_itself(
    invoke: Any, suite: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    output = tmp_path / "report"
    shown = invoke(
        *("evaluate", suite, "--output", output, "--model", tiny_checkpoint, *QUICK),
        *("--parts", "ranking,decisions,robustness", "--base-rate", "toxic=0.1"),
    )
    assert shown.exit_code == 0, shown.output
    assert "report.html" in shown.stdout
    assert "60 texts of 1 datasets" in shown.stderr
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    figures = {one["path"]: one for one in metrics["figures"]}
    assert figures["ranking/forum/toxic/roc_auc"]["value"] > 0.5
    assert metrics["settings"]["base_rates"] == {"toxic": 0.1}
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "stupid" not in page
    shown = invoke("evaluate", "compare", output, output, "--resamples", 40)
    assert shown.exit_code == 0, shown.output
    assert "No difference beyond noise." in shown.stdout
    checkpoint = tmp_path / "tiny"
    shutil.copytree(tiny_checkpoint, checkpoint)
    shown = invoke("evaluate", "card", output, "--model", checkpoint)
    assert shown.exit_code == 0, shown.output
    assert "The main figures are in" in shown.stdout
    assert "### Ranking: ROC AUC" in (checkpoint / "README.md").read_text(encoding="utf-8")
    shown = invoke("evaluate", "card", output, "--model", "sentiment")
    assert shown.exit_code == 1
    assert "The report is of tiny@" in shown.stderr


def test_a_regression_ends_with_exit_code_1(invoke: Any, suite: Path, tmp_path: Path) -> None:
    reports = []
    for name, sign in (("good", 1), ("bad", -1)):
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("id", "toxic"))
            writer.writerows(
                (f"id{n}", 0.5 + sign * (0.3 if ROWS[n % 6][1] else -0.3)) for n in range(60)
            )
        output = tmp_path / name
        shown = invoke("evaluate", suite, "--output", output, "--scores", path, *QUICK)
        assert shown.exit_code == 0, shown.output
        reports.append(output)
    compare = ("evaluate", "compare", *reports, "--resamples", 40)
    shown = invoke(*compare)
    assert shown.exit_code == 1
    assert "ranking/forum/toxic/roc_auc" in shown.stdout
    assert "regression: ranking/forum/toxic/roc_auc: worse by 1.0000" in shown.stderr
    assert invoke(*compare, "--max-drop", 1).exit_code == 0
    bars = tmp_path / "bars.toml"
    bars.write_text('[[bar]]\npath = "ranking/*/roc_auc"\nmin = 0.9\n', encoding="utf-8")
    shown = invoke(*compare, "--bars", bars)
    assert shown.exit_code == 1
    assert "is below 0.9" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "DATA and --output are needed"),
        (["data.csv"], "DATA and --output are needed"),
        (["compare", "one"], "compare needs two reports"),
        (["card"], "card needs one report"),
        (["--held-out", "small", "--output", "x"], "--held-out needs --data-root"),
        (["d.csv", "--output", "x", "--base-rate", "toxic"], "must look like toxic=0.1"),
        (["d.csv", "--output", "x", "--base-rate", "toxic=many"], "must look like toxic=0.1"),
    ],
)
def test_wrong_usage_is_said(invoke: Any, arguments: list[str], message: str) -> None:
    shown = invoke("evaluate", *arguments)
    assert shown.exit_code == 2
    assert message in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.csv", "--output", "x"], "no such file or folder"),
        (["none.csv", "--output", "x", "--parts", "rank"], "rank is no part of a report"),
        (["compare", "none", "none"], "there is no report here"),
    ],
)
def test_an_error_is_one_line(
    invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = invoke("evaluate", *arguments)
    assert shown.exit_code == 1
    assert message in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_rows_that_a_recipe_holds_out(
    invoke: Any, suite: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    rows = [f'r{n},"{ROWS[n % 6][0]} {n}",{ROWS[n % 6][1]},0,0,0,0,0' for n in range(120)]
    header = "id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate"
    (tmp_path / "train.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        """
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
""",
        encoding="utf-8",
    )
    output = tmp_path / "report"
    shown = invoke(
        *("evaluate", "--held-out", recipe, "--data-root", tmp_path, "--output", output),
        *("--model", tiny_checkpoint, "--parts", "ranking", "--threads", 1),
    )
    assert shown.exit_code == 0, shown.output
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in metrics["data"]] == ["ours"]
    assert 40 <= metrics["data"][0]["n_texts"] <= 80
