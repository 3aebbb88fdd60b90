"""A cascade of two tiny checkpoints that differ by a shift: it tells which of them answered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import tiny

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.errors import CheckpointError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.cascade import CascadeBackend
from toxic_tweets.model.checkpoint import read_checkpoint

KIND, NASTY = "you are a nice day", "you are an idiot"
LONG = " ".join([KIND] * 6 + [NASTY] + [KIND] * 6)


def change(folder: Path, changer: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "checkpoint.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    changer(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")


@pytest.fixture
def cascade(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """Return a cascade with both of its stages beside it."""
    stages = [tiny.copy_stage(tiny_checkpoint, tmp_path / name).id for name in ("quick", "better")]
    return tiny.save_cascade(tmp_path / "cascade", stages).folder


def test_the_quick_stage_settles_what_is_innocent_and_the_better_one_reads_the_rest(
    cascade: Path, tiny_classifier: Classifier
) -> None:
    kind, nasty = load(cascade).logits([KIND, NASTY])
    plain_kind, plain_nasty = tiny_classifier.logits([KIND, NASTY])
    np.testing.assert_array_equal(kind, plain_kind + np.float32(tiny.SHIFT))
    np.testing.assert_array_equal(nasty, plain_nasty)


def test_the_cut_decides(
    tiny_checkpoint: Path, tmp_path: Path, tiny_classifier: Classifier
) -> None:
    stages = [tiny.copy_stage(tiny_checkpoint, tmp_path / name).id for name in ("quick", "better")]
    never = load(tiny.save_cascade(tmp_path / "cascade", stages, cut=-100.0).folder)
    np.testing.assert_array_equal(never.logits([KIND]), tiny_classifier.logits([KIND]))


def test_each_window_of_a_long_text_is_settled_by_itself(
    cascade: Path, tiny_classifier: Classifier
) -> None:
    texts = load(cascade).predict([LONG])
    assert texts[0].windows > 1
    assert texts[0].scores == tiny_classifier.predict([LONG])[0].scores  # the nasty window's


def test_a_text_scores_the_same_alone_in_a_list_and_on_many_threads(cascade: Path) -> None:
    texts = [KIND, NASTY, LONG, "", "damn", "a good day", "this is sad"] * 8
    alone = [load(cascade, threads=1).predict_one(text) for text in texts]
    shared = load(cascade, threads=4)
    assert shared.predict(texts) == alone
    assert shared.predict(texts[:20]) + shared.predict(texts[20:]) == alone
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.predict_one, texts)) == alone


def test_a_run_of_several_windows_judges_each_by_itself(cascade: Path) -> None:
    classifier = load(cascade)
    backend = classifier._backend
    assert isinstance(backend, CascadeBackend)
    rows = [[2, word, 3] for word in range(5, 60)]
    alone = [backend.run(np.array([row], dtype=np.int64)) for row in rows]
    np.testing.assert_array_equal(
        backend.run(np.array(rows, dtype=np.int64)), np.concatenate(alone)
    )


def test_words_are_explained_by_the_better_stage(
    cascade: Path, tiny_classifier: Classifier
) -> None:
    for text in (KIND, NASTY, LONG):
        assert load(cascade).explain(text, "insult") == tiny_classifier.explain(text, "insult")


def test_its_id_hangs_on_the_stages_and_their_files(cascade: Path, tmp_path: Path) -> None:
    before = read_checkpoint(cascade)
    assert before.files == {}
    assert before.stages == tuple(read_checkpoint(tmp_path / x).id for x in ("quick", "better"))
    change(cascade, lambda raw: raw["parts"]["cascade"]["cuts"].update(toxic=0.5))
    assert read_checkpoint(cascade).id != before.id


def test_another_stage_of_the_same_name_is_refused(cascade: Path, tmp_path: Path) -> None:
    change(tmp_path / "better", lambda raw: raw.update(version="2"))
    with pytest.raises(CheckpointError, match=r"was made for better@\w+, but .* is better@"):
        load(cascade)


def test_a_stage_whose_weights_were_changed_is_refused(cascade: Path, tmp_path: Path) -> None:
    with (tmp_path / "quick" / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(CheckpointError, match=r"its SHA-256 differs"):
        load(cascade)


def test_a_missing_stage_is_named(cascade: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "quick")
    with pytest.raises(CheckpointError, match=r"needs quick@\w+, which is neither in"):
        load(cascade)


def test_stages_that_read_texts_otherwise_are_refused(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    tiny.copy_stage(tiny_checkpoint, tmp_path / "quick")
    change(tmp_path / "quick", lambda raw: raw["window"].update(max_tokens=16))
    quick = read_checkpoint(tmp_path / "quick").id
    better = tiny.copy_stage(tiny_checkpoint, tmp_path / "better").id
    with pytest.raises(CheckpointError, match=r"cannot be joined: they differ in"):
        load(tiny.save_cascade(tmp_path / "cascade", [quick, better]).folder)


@pytest.mark.parametrize("stages", [["quick@0123"], ["../x@01", "y@23"], "quick@01", [1, 2]])
def test_stages_must_be_two_ids(cascade: Path, stages: object) -> None:
    change(cascade, lambda raw: raw["parts"]["cascade"].update(stages=stages))
    with pytest.raises(CheckpointError, match="stages is"):
        read_checkpoint(cascade)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("cuts", {}, "a cut for some label"),
        ("scale", {}, "a slope and an intercept for some output"),
        (
            "scale",
            {name: {"slope": 0.0, "intercept": 0.0} for name in TOXICITY_NAMES},
            "must be above 0",
        ),
        ("cuts", dict.fromkeys(TOXICITY_NAMES, float("inf")), "finite"),
    ],
)
def test_impossible_numbers_are_refused(
    cascade: Path, key: str, value: object, message: str
) -> None:
    change(cascade, lambda raw: raw["parts"]["cascade"].update({key: value}))
    with pytest.raises(CheckpointError, match=message):
        load(cascade)
