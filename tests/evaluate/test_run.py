from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from tests.evaluate.conftest import LABELS, make_dataset, make_templates, score

from toxic_tweets.classifier import Classifier
from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.report import Report, read_report
from toxic_tweets.evaluate.run import evaluate
from toxic_tweets.evaluate.system import System

QUICK = Options(changed_texts=40, swapped_texts=20, resamples=60)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """Evaluate a function on a forum and on templates, with all parts."""
    output = tmp_path_factory.mktemp("report")
    data: list[Annotated | Dataset] = [make_dataset(), make_templates()]
    report = evaluate(
        score, data, output, labels=LABELS, name="words", options=QUICK, command="typed"
    )
    return report, output


def test_all_parts_are_there(made: tuple[Report, Path]) -> None:
    report, _ = made
    parts = {figure.part for figure in report.figures}
    assert parts == set(QUICK.parts) - {"functional"}
    auc = report["ranking/forum/toxic/roc_auc"]
    dataset = make_dataset()
    known = dataset.column("toxic") >= 0.5
    assert auc.value == pytest.approx(roc_auc_score(known, score(dataset.texts)[:, 0]))
    assert report["bias/templates/toxic/worst_bpsn_auc"].value is not None
    assert not report.find(part="ranking", dataset="templates")
    with pytest.raises(KeyError):
        report["ranking/forum/toxic/auc"]


def test_every_figure_says_where_it_comes_from(made: tuple[Report, Path]) -> None:
    report, _ = made
    paths = [figure.path for figure in report.figures]
    assert len(paths) == len(set(paths)) > 100
    hashes = {one.name: one.sha256 for one in report.data}
    for figure in report.figures:
        assert figure.command == "typed"
        assert figure.data_sha256 == hashes.get(figure.dataset, "")
        assert figure.n >= 0
        assert figure.value is not None or figure.note, figure.path
        if figure.low is not None:
            assert figure.high is not None
            assert figure.low <= figure.high


def test_the_metrics_follow_their_schema(made: tuple[Report, Path]) -> None:
    report, output = made
    raw = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    assert raw["format"] == 1
    assert raw["system"]["labels"] == list(LABELS)
    assert raw["settings"]["command"] == "typed"
    assert {one["name"] for one in raw["data"]} == {"forum", "templates"}
    assert set(raw["figures"][0]) == set(report.figures[0].to_dict())
    read = read_report(output)
    assert read.figures == report.figures
    assert [one.name for one in read.scored] == ["forum", "templates"]


def test_no_file_holds_a_text(made: tuple[Report, Path]) -> None:
    _, output = made
    files = [path for path in output.rglob("*") if path.is_file()]
    assert len(files) >= 5
    for path in files:
        content = path.read_bytes()
        for piece in (b"The baker", b"neighbour", b"on day"):
            assert piece not in content, path.name


def test_every_text_is_scored_once() -> None:
    seen: list[str] = []

    def counting(texts: Sequence[str]) -> NDArray[np.float64]:
        seen.extend(texts)
        return score(texts)

    told: list[tuple[int, int]] = []
    evaluate(
        counting,
        [make_dataset(), make_dataset(name="again")],
        labels=LABELS,
        options=Options(parts=("ranking", "robustness"), changed_texts=8, resamples=0),
        progress=lambda done, total: told.append((done, total)),
    )
    assert len(seen) == len(set(seen))
    assert told[-1] == (len(seen), len(seen))


def test_a_checkpoint_is_cached_and_gives_the_same_figures(
    tiny_classifier: Classifier, tmp_path: Path
) -> None:
    options = Options(parts=("ranking", "decisions", "calibration"), resamples=30)
    data = [Annotated(make_dataset(60))]
    first = evaluate(tiny_classifier, data, tmp_path / "a", options=options, command="c")
    (cached,) = (tmp_path / "a" / "cache").iterdir()
    size = cached.stat().st_size
    again = evaluate(tiny_classifier, data, tmp_path / "a", options=options, command="c")
    assert again.figures == first.figures
    assert cached.stat().st_size == size
    elsewhere = tmp_path / "cache"
    evaluate(tiny_classifier, data, tmp_path / "b", options=options, cache=elsewhere)
    assert not (tmp_path / "b" / "cache").exists()
    assert len(list(elsewhere.iterdir())) == 1


def test_texts_are_limited_and_what_is_done_is_said() -> None:
    said: list[str] = []
    options = Options(parts=("ranking",), max_texts=50, resamples=0)
    report = evaluate(score, [make_dataset()], labels=LABELS, options=options, say=said.append)
    assert report.data[0].n_texts == 50
    assert said == ["50 texts of 1 datasets", "measuring"]


def test_a_system_of_which_one_label_fits() -> None:
    names = ("negative", "neutral", "positive")
    forum = make_dataset()
    sides = np.column_stack([forum.column("toxic") >= 0.5] * 3)
    sides[:, 1] = False
    sides[:, 2] = ~sides[:, 0]
    dataset = replace(forum, labels=names, targets=sides.astype(np.float32))

    def feel(texts: Sequence[str]) -> NDArray[np.float64]:
        bad = score(texts)[:, 0]
        return np.column_stack([bad, np.full(len(bad), 0.01), 1 - bad])

    system = System("feeling", names, feel, {}, activation="softmax")
    options = Options(changed_texts=8, resamples=20)
    report = evaluate(system, [dataset], options=options)
    assert (report["decisions/forum/exact_match"].value or 0) > 0.8
    assert report["domains/forum/negative/macro_f1"].value is not None
    assert not report.find(part="domains", label="anything")
    assert report["ranking/forum/neutral/roc_auc"].value is None


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(DataError, match="there is no dataset to evaluate on"):
        evaluate(score, [], labels=LABELS)
    with pytest.raises(DataError, match=r"no dataset has a target for a label of f \(threat\)"):
        evaluate(lambda texts: [0.5] * len(texts), [make_dataset()], labels=("threat",), name="f")


def test_torch_is_not_needed() -> None:
    code = (
        "import sys; from toxic_tweets.evaluate import run, compare, datasets, page; "
        "print(*{'torch', 'transformers', 'sklearn', 'scipy', 'fastapi'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []
