from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import jigsaw
from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]

HEADER = ("id", "comment_text", *TOXICITY_NAMES)
TRAIN = [
    HEADER,
    ("00a", "you are kind", 0, 0, 0, 0, 0, 0),
    ("00b", "you\nare, rude", 1, 0, 0, 0, 1, 0),
    ("00c", "who knows", 1, -1, -1, -1, -1, -1),
]
TEST = [("id", "comment_text"), ("a", "hello"), ("b", "never scored"), ("c", "bah")]
LABELS = [
    ("id", *TOXICITY_NAMES),
    ("a", 0, 0, 0, 0, 0, 0),
    ("b", -1, -1, -1, -1, -1, -1),
    ("c", 1, 0, 0, 0, 0, 0),
]


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def official(write_csv: WriteCsv) -> Path:
    for name, rows in (("train", TRAIN), ("test", TEST), ("test_labels", LABELS)):
        write_csv(f"official/{name}.csv", rows)
    return write_csv("official/sample_submission.csv", LABELS[:1]).parent


def test_train_rows_with_minus_one_as_unknown(official: Path) -> None:
    dataset = jigsaw.read(official / "train.csv")
    assert dataset.texts == ("you are kind", "you\nare, rude", "who knows")
    assert dataset.ids == ("00a", "00b", "00c")
    assert dataset.labels == TOXICITY_NAMES
    nan = np.nan
    expected = [[0] * 6, [1, 0, 0, 0, 1, 0], [1, nan, nan, nan, nan, nan]]
    np.testing.assert_array_equal(dataset.targets, expected)
    assert dataset.natural.all()


def test_natural_rows_are_those_of_the_list_beside(official: Path, write_csv: WriteCsv) -> None:
    write_csv("official/natural_sample_ids.csv", [("id",), ("00a",), ("00c",)])
    assert jigsaw.read(official / "train.csv").natural.tolist() == [True, False, True]
    assert jigsaw.read(official, natural_from="00b").natural.tolist() == [False, False, True]


@pytest.mark.parametrize("path", ["", "test.csv", "test_labels.csv"])
def test_test_rows_that_were_never_scored_are_dropped(official: Path, path: str) -> None:
    dataset = jigsaw.read(official / path, split="test")
    assert dataset.texts == ("hello", "bah")
    assert dataset.targets[:, 0].tolist() == [0, 1]
    assert dataset.natural.all()
    assert sum(dataset.report.n_dropped.values()) == 1
    assert dataset.report.n_read == 3


def test_a_folder_gives_training_rows_or_else_test_rows(official: Path) -> None:
    assert len(jigsaw.read(official)) == 3
    assert len(jigsaw.read(official, split="train+test")) == 5
    (official / "train.csv").unlink()
    assert jigsaw.read(official).texts == ("hello", "bah")
    assert jigsaw.read(official / "test.csv").texts == ("hello", "bah")


@pytest.mark.parametrize("nested", [True, False])
def test_the_zip_as_it_was_downloaded(official: Path, tmp_path: Path, nested: bool) -> None:
    members: dict[str, bytes] = {"__MACOSX/._train.csv": b"junk"}
    for file in official.iterdir():
        content = file.read_bytes()
        if nested:
            members[f"{file.name}.zip"] = zipped({file.name: content})
        else:
            members[f"jigsaw/{file.name}"] = content
    path = tmp_path / "challenge.zip"
    path.write_bytes(zipped(members))
    for split in (None, "train", "test"):
        found, expected = jigsaw.read(path, split), jigsaw.read(official, split)
        assert found.sha256 == expected.sha256
        assert found.ids == expected.ids


def test_a_folder_of_zips_and_a_zip_of_one_file(official: Path, tmp_path: Path) -> None:
    folder = tmp_path / "zips"
    folder.mkdir()
    for name in ("train.csv", "test.csv", "test_labels.csv"):
        (folder / f"{name}.zip").write_bytes(zipped({name: (official / name).read_bytes()}))
    assert jigsaw.read(folder, "train+test").sha256 == jigsaw.read(official, "train+test").sha256
    assert len(jigsaw.read(folder / "train.csv.zip")) == 3


def test_a_malformed_row_in_a_zip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "challenge.zip"
    path.write_bytes(zipped({"train.csv": ",".join(HEADER).encode() + b"\n1,a,0,0,0,0,7,0\n"}))
    with pytest.raises(DataError) as caught:
        jigsaw.read(path)
    assert caught.value.file == f"{path}/train.csv"
    assert (caught.value.row, caught.value.column) == (1, "insult")


def test_a_damaged_zip(official: Path, tmp_path: Path) -> None:
    path = tmp_path / "challenge.zip"
    content = zipped({"train.csv": (official / "train.csv").read_bytes()})
    path.write_bytes(content[:-30])
    with pytest.raises(DataError, match="damaged"):
        jigsaw.read(path)
    flipped = bytearray(content)
    flipped[60] ^= 0xFF
    path.write_bytes(flipped)
    with pytest.raises(DataError, match=r"damaged|no valid CSV|missing"):
        jigsaw.read(path)
    with pytest.raises(DataError, match="cannot be read"):
        jigsaw.read(tmp_path / "none.zip")


def test_a_zip_or_folder_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(zipped({"other.csv": b"a\n"}))
    with pytest.raises(DataError, match="neither"):
        jigsaw.read(path)
    with pytest.raises(DataError, match=r"there is no train\.csv"):
        jigsaw.read(path, split="train")
    with pytest.raises(DataError, match="neither"):
        jigsaw.read(tmp_path)
    with pytest.raises(DataError, match="'dev' is no split"):
        jigsaw.read(path, split="dev")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (("1", "text", 0, 2, 0, 0, 0, 0), "severe_toxic"),
        (("1", "text", 0, 0, 0, 0, 0, ""), "identity_hate"),
        (("1", "text", "yes", 0, 0, 0, 0, 0), "toxic"),
        (("1", "", 0, 0, 0, 0, 0, 0), "comment_text"),
    ],
)
def test_malformed_cells_are_named(
    write_csv: WriteCsv, cells: Sequence[object], column: str
) -> None:
    path = write_csv("train.csv", [HEADER, TRAIN[1], cells])
    with pytest.raises(DataError) as caught:
        jigsaw.read(path)
    assert (caught.value.file, caught.value.row) == (str(path), 2)
    assert caught.value.column == column
    assert "line 3" in str(caught.value)


def test_a_missing_label_column_is_named(write_csv: WriteCsv) -> None:
    path = write_csv("train.csv", [HEADER[:-1], TRAIN[1][:-1]])
    with pytest.raises(DataError, match=r"train\.csv, column 'identity_hate'"):
        jigsaw.read(path)


def test_texts_of_blanks_only_are_dropped_and_counted(write_csv: WriteCsv) -> None:
    path = write_csv("train.csv", [*TRAIN, ("00d", " \n", 0, 0, 0, 0, 0, 0)])
    assert jigsaw.read(path).report.n_dropped == {"texts of blanks only": 1}


def test_test_files_of_two_downloads_are_refused(official: Path, write_csv: WriteCsv) -> None:
    write_csv("official/test_labels.csv", LABELS[:-1])
    with pytest.raises(DataError, match=r"test\.csv, row 3, column 'id'"):
        jigsaw.read(official, "test")
    write_csv("official/test_labels.csv", [*LABELS, ("d", 0, 0, 0, 0, 0, 0)])
    with pytest.raises(DataError, match="1 ids"):
        jigsaw.read(official, "test")
    write_csv("official/test_labels.csv", [*LABELS, LABELS[1]])
    with pytest.raises(DataError, match="twice"):
        jigsaw.read(official, "test")
    (official / "test_labels.csv").unlink()
    with pytest.raises(DataError, match=r"test_labels\.csv"):
        jigsaw.read(official, "test")


def test_duplicates_and_contradictions_are_reported(write_csv: WriteCsv) -> None:
    rows = [
        *TRAIN,
        ("00d", "You are kind!", 0, 0, 0, 0, 0, 0),
        ("00e", "you are, RUDE", 0, 0, 0, 0, 1, 0),
    ]
    dataset = jigsaw.read(write_csv("train.csv", rows))
    assert (dataset.report.n_duplicates, dataset.report.n_contradictory) == (1, 1)
    assert dataset.targets[1].tolist() == [0.5, 0, 0, 0, 1, 0]


def test_the_real_files(shared_data: Path) -> None:
    dataset = jigsaw.read(shared_data / "jigsaw", natural_from="0816")
    assert dataset.report.n_read == 43_875
    natural = dataset.targets[dataset.natural]
    assert len(natural) > 9_000
    assert abs(natural[:, 0].mean() - 0.0958) < 0.005
