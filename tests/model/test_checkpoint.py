import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toxic_tweets.errors import CheckpointError
from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES
from toxic_tweets.model import checkpoint as module
from toxic_tweets.model.calibration import Calibration
from toxic_tweets.model.checkpoint import (
    check_files,
    embedded_names,
    file_sha256,
    find_checkpoint,
    is_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from toxic_tweets.policy import Thresholds
from toxic_tweets.text import normalize


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))


def change(folder: Path, changer: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "checkpoint.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    changer(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")


def test_read_gives_what_was_written(tiny_checkpoint: Path) -> None:
    checkpoint = read_checkpoint(tiny_checkpoint)
    assert checkpoint.folder == tiny_checkpoint
    assert checkpoint.labels == checkpoint.outputs == TOXICITY_NAMES
    assert (checkpoint.name, checkpoint.task, checkpoint.version) == ("tiny", "toxicity", "1")
    assert (checkpoint.activation, checkpoint.languages) == ("sigmoid", ("en",))
    assert (checkpoint.max_tokens, checkpoint.overlap_tokens) == (32, 8)
    assert checkpoint.calibration == Calibration.identity(6, "sigmoid")
    assert checkpoint.thresholds == Thresholds.make_untuned(TOXICITY_NAMES)
    assert checkpoint.metrics == {"mean_auc": 0.5}
    assert set(checkpoint.files) == {"model.onnx", "tokenizer.json"}
    assert checkpoint.size_bytes == sum(path.stat().st_size for path in tiny_checkpoint.iterdir())
    check_files(checkpoint)


def test_softmax_round_trip(tiny_sentiment_checkpoint: Path) -> None:
    checkpoint = read_checkpoint(tiny_sentiment_checkpoint)
    assert checkpoint.labels == SENTIMENT_NAMES
    assert checkpoint.calibration == Calibration.identity(3, "softmax")


def test_softmax_needs_no_thresholds(tiny_sentiment_checkpoint: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(tiny_sentiment_checkpoint, tmp_path / "copy"))
    change(copied, lambda raw: raw.update(thresholds={}))
    assert read_checkpoint(copied).thresholds == Thresholds.make_untuned(SENTIMENT_NAMES)


def test_write_takes_parts_beside_the_labels(folder: Path) -> None:
    before = read_checkpoint(folder)
    outputs = (*before.labels, "perspective:TOXICITY")
    after = write_checkpoint(
        folder,
        name="tiny",
        version="2",
        task=before.task,
        labels=before.labels,
        outputs=outputs,
        max_tokens=16,
        overlap_tokens=4,
        calibration=Calibration((2.0,) * 6, (-0.5,) * 6, "sigmoid"),
        thresholds=before.thresholds,
        languages=["en", "de"],
        licence="MIT",
        base="b",
        metrics={},
        parts={"perspective": {"slope": 1}},
    )
    assert after.outputs == outputs
    assert after.raw["parts"] == {"perspective": {"slope": 1}}
    assert after.calibration.slopes == (2.0,) * 6
    assert after.id != before.id
    assert [path.name for path in folder.iterdir() if "partial" in path.name] == []


def test_write_hashes_further_files_but_not_the_card(folder: Path) -> None:
    (folder / "README.md").write_text("card", encoding="utf-8")
    (folder / "extra.json").write_text("{}", encoding="utf-8")
    before = read_checkpoint(folder)
    after = write_checkpoint(
        folder,
        **{
            name: getattr(before, name)
            for name in ("name", "version", "task", "labels", "outputs", "max_tokens")
        },
        overlap_tokens=8,
        calibration=before.calibration,
        thresholds=before.thresholds,
        languages=before.languages,
        licence="",
        base="",
        metrics={},
    )
    assert set(after.files) == {"model.onnx", "tokenizer.json", "extra.json"}


def test_write_without_weights_is_refused(tmp_path: Path, folder: Path) -> None:
    before = read_checkpoint(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(CheckpointError, match=r"model.onnx is missing. Export it before"):
        write_checkpoint(
            folder,
            name="x",
            version="1",
            task="toxicity",
            labels=before.labels,
            outputs=before.outputs,
            max_tokens=16,
            overlap_tokens=4,
            calibration=before.calibration,
            thresholds=before.thresholds,
            languages=[],
            licence="",
            base="",
            metrics={},
        )


def test_id_follows_the_content_not_the_layout(folder: Path) -> None:
    before = read_checkpoint(folder).id
    name, digest = before.split("@")
    assert (name, len(digest)) == ("tiny", 12)
    change(folder, lambda raw: raw.update(dict(reversed(list(raw.items())))))
    assert read_checkpoint(folder).id == before
    change(folder, lambda raw: raw.update(version="2"))
    assert read_checkpoint(folder).id != before


def test_unknown_keys_are_kept_and_ignored(folder: Path) -> None:
    change(folder, lambda raw: raw.update(invented="later"))
    assert read_checkpoint(folder).raw["invented"] == "later"


@pytest.mark.parametrize(
    ("changer", "message"),
    [
        (lambda raw: raw.update(format=2), r"format 2, but .* reads format 1.*pip install --up"),
        (lambda raw: raw.pop("format"), "format is None, but must be 1"),
        (lambda raw: raw.update(labels=[]), "labels is"),
        (lambda raw: raw.update(labels=["toxic", "toxic"]), "each once"),
        (lambda raw: raw.update(labels="toxic"), "list of strings"),
        (lambda raw: raw.update(activation="relu"), "sigmoid or softmax"),
        (lambda raw: raw["outputs"].reverse(), "must begin with the labels"),
        (lambda raw: raw.pop("window"), "window is None"),
        (lambda raw: raw["window"].update(max_tokens=-1), "max_tokens is -1"),
        (lambda raw: raw["window"].update(max_tokens="many"), "whole number"),
        (lambda raw: raw["calibration"].pop("toxic"), "Calibrate the checkpoint again"),
        (lambda raw: raw["thresholds"].pop("best_f1"), "lack best_f1"),
        (lambda raw: raw["thresholds"]["best_f1"].pop("toxic"), "one number for each"),
        (lambda raw: raw["thresholds"]["best_f1"].update(toxic=2), r"toxic is 2"),
        (lambda raw: raw.update(name=1), "name is 1"),
        (lambda raw: raw["files"].pop("model.onnx"), "hash of model.onnx"),
        (lambda raw: raw["files"].update({"../x": "0"}), "plain file names"),
    ],
)
def test_what_cannot_be_is_refused(
    folder: Path, changer: Callable[[dict[str, Any]], object], message: str
) -> None:
    change(folder, changer)
    with pytest.raises(CheckpointError, match=message):
        read_checkpoint(folder)


def test_unreadable_json(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is not a checkpoint of Toxic Tweets"):
        read_checkpoint(tmp_path)
    for content in (b"{", b"\xff\xfe\xff", b"[]"):
        (tmp_path / "checkpoint.json").write_bytes(content)
        with pytest.raises(CheckpointError, match="JSON"):
            read_checkpoint(tmp_path)


def test_torn_file_is_found(folder: Path) -> None:
    weights = folder / "model.onnx"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(CheckpointError, match=r"model.onnx is not the file"):
        check_files(read_checkpoint(folder))
    weights.unlink()
    with pytest.raises(CheckpointError, match=r"model.onnx is missing"):
        check_files(read_checkpoint(folder))


def test_find_takes_names_then_folders_then_hub_ids(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = tmp_path / "embedded"
    shutil.copytree(tiny_checkpoint, embedded / "small")
    (embedded / "notes").mkdir()
    monkeypatch.setattr(module, "EMBEDDED", embedded)
    assert embedded_names() == ("small",)
    assert find_checkpoint("small") == embedded / "small"
    assert find_checkpoint(tiny_checkpoint) == tiny_checkpoint
    assert find_checkpoint(str(tiny_checkpoint)) == tiny_checkpoint
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert find_checkpoint("small") == embedded / "small"
    assert find_checkpoint(Path("small")) == Path("small")
    asked: list[tuple[str, str | None]] = []

    def pull(repo_id: str, revision: str | None) -> Path:
        asked.append((repo_id, revision))
        return tmp_path

    monkeypatch.setattr("toxic_tweets.model.hub.pull", pull)
    assert find_checkpoint("owner/name", "v1") == tmp_path
    assert asked == [("owner/name", "v1")]


@pytest.mark.parametrize("name", ["huge", "./owner/name", "/nowhere/at/all", "a b/c", "", "../x"])
def test_find_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match=r"an embedded name .* a hub id such as owner/name"):
        find_checkpoint(name)


def test_revision_of_a_folder_is_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="only hub ids have revisions"):
        find_checkpoint(tiny_checkpoint, "main")


def test_is_checkpoint(tiny_checkpoint: Path, tiny_hf_folder: Path) -> None:
    assert is_checkpoint(tiny_checkpoint)
    assert not is_checkpoint(tiny_hf_folder)


def test_file_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert file_sha256(tmp_path / "x").startswith("ba7816bf8f01cfea")


def test_the_normaliser_is_known_or_refused(folder: Path) -> None:
    assert (read_checkpoint(folder).normalizer, dict(read_checkpoint(folder).parts)) == (0, {})
    change(folder, lambda raw: raw.update(parts={"normalizer": {"version": 1}}))
    assert read_checkpoint(folder).normalizer == 1
    assert read_checkpoint(folder).parts["normalizer"] == {"version": 1}
    change(folder, lambda raw: raw.update(parts={"normalizer": {"version": 99}}))
    with pytest.raises(CheckpointError, match=r"version 99 of the normaliser.*pip install"):
        read_checkpoint(folder)


@pytest.mark.parametrize("parts", [[], {"normalizer": 1}, {"normalizer": {"version": "1"}}])
def test_parts_that_cannot_be(folder: Path, parts: object) -> None:
    change(folder, lambda raw: raw.update(parts=parts))
    with pytest.raises(CheckpointError, match="Re-export"):
        read_checkpoint(folder)


def test_a_checkpoint_from_before_parts_has_none(folder: Path) -> None:
    change(folder, lambda raw: raw.pop("parts"))
    assert read_checkpoint(folder).normalizer == 0


def test_the_package_has_the_normaliser_that_it_says() -> None:
    assert normalize.VERSION == module.NORMALIZER
