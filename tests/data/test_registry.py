from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from toxic_tweets.data.registry import READERS, guess_reader, read_source
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
SOURCES = sorted(READERS.keys() - {"hugging_face", "tweeteval"})
# Their files are for measuring elsewhere and are not among ours.
NOT_HERE = {"civil_comments", "hatecheck"}


def test_every_reader_has_a_card_with_reasons() -> None:
    for name, reader in READERS.items():
        assert reader.name == name
        assert reader.card.title
        assert reader.card.licence
        assert reader.card.url.startswith("https://")
        assert all(rule.source and rule.ours and rule.why for rule in reader.card.rules)


def test_unknown_readers_and_options_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'jigsow' is no reader, expected one of jigsaw"):
        read_source("jigsow", tmp_path)
    with pytest.raises(DataError, match="'part' is no option of the reader edos; it takes: split"):
        read_source("edos", tmp_path, part="train")


def test_options_reach_the_reader(write_csv: WriteCsv) -> None:
    path = write_csv(
        "edos_labelled_aggregated.csv",
        [("rewire_id", "text", "label_sexist", "split"), ("a", "kind", "not sexist", "dev")],
    )
    assert len(read_source("edos", path.parent, split="dev")) == 1
    assert len(read_source("edos", path.parent, split="train")) == 0


@pytest.mark.parametrize("name", [name for name in SOURCES if READERS[name].columns])
def test_a_file_is_told_by_its_columns(write_csv: WriteCsv, name: str) -> None:
    path = write_csv("any name.csv", [("other", *sorted(READERS[name].columns)), ()])
    assert guess_reader(path) == name
    assert guess_reader(path.parent) == name


def test_other_paths(tmp_path: Path, write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        guess_reader(tmp_path / "none")
    with pytest.raises(DataError, match="no reader knows these files"):
        guess_reader(tmp_path)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("train.csv", "id\n")
    assert guess_reader(tmp_path / "all.zip") == "jigsaw"
    for file, reader in (
        ("hate/train_text.txt", "tweeteval"),
        ("official/test.csv", "jigsaw"),
        ("saved/state.json", "hugging_face"),
    ):
        assert guess_reader(write_csv(file, [()]).parent) == reader
    # So the test suite is called on the Hugging Face Hub.
    cases = write_csv("suite/test.csv", [("case_id", "functionality", "test_case", "label_gold")])
    assert guess_reader(cases) == guess_reader(cases.parent) == "hatecheck"


@pytest.mark.parametrize("name", sorted(set(SOURCES) - NOT_HERE))
def test_the_real_files(shared_data: Path, name: str) -> None:
    path = shared_data / name
    assert guess_reader(path) == name
    if name == "jigsaw":
        return  # read in test_jigsaw.py
    dataset = read_source(name, path)
    assert dataset.report.n_kept == len(dataset) > 500
    assert all(text.strip() for text in dataset.texts)


@pytest.mark.parametrize("task", ["offensive", "hate"])
def test_the_real_tweets(shared_data: Path, task: str) -> None:
    assert guess_reader(shared_data / "tweeteval" / task) == "tweeteval"
    assert len(read_source("tweeteval", shared_data / "tweeteval", task=task)) > 8000
