from __future__ import annotations

from pathlib import Path

import pytest

from toxic_tweets.bulk.places import find_inputs, find_place, is_among, read_ending
from toxic_tweets.errors import BulkError, DataError


@pytest.mark.parametrize(
    ("name", "kind", "compression", "suffix"),
    [
        ("a.csv", "csv", None, ".csv"),
        ("A.CSV.GZ", "csv", "gzip", ".csv.gz"),
        ("x/y.z/a.b.tsv.zst", "tsv", "zstd", ".tsv.zst"),
        ("a.ndjson", "jsonl", None, ".ndjson"),
        ("s3://bucket/a.parquet", "parquet", None, ".parquet"),
    ],
)
def test_the_ending_says_what_a_file_holds(
    name: str, kind: str, compression: str | None, suffix: str
) -> None:
    ending = read_ending(name)
    assert (ending.kind, ending.compression, ending.suffix) == (kind, compression, suffix)


@pytest.mark.parametrize("name", ["a", "a.txt", "a.gz", "a.parquet.gz", "csv", "a.csv.bz2"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"\.jsonl"):
        read_ending(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "a.csv", "_SUCCESS", "notes.txt", "sub/c.csv", ".hidden/d.csv"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text\nkind\n", encoding="utf-8")
    return tmp_path / "in"


def names_of(where: str) -> list[str]:
    return [Path(file.place.path).name for file in find_inputs(where)]


def test_a_folder_stands_for_its_data_files_by_name(folder: Path) -> None:
    assert names_of(str(folder)) == ["a.csv", "b.csv", "c.csv"]
    assert names_of(f"{folder}/") == ["a.csv", "b.csv", "c.csv"]


def test_a_glob_stands_for_what_it_matches(folder: Path) -> None:
    assert names_of(f"{folder}/*.csv") == ["a.csv", "b.csv"]
    assert names_of(f"{folder}/**/*.csv") == ["d.csv", "a.csv", "b.csv", "c.csv"]
    assert names_of(f"{folder.as_uri()}/[a]*.csv") == ["a.csv"]


def test_relative_paths_start_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert names_of("*.csv") == ["a.csv", "b.csv"]
    assert names_of("sub") == ["c.csv"]


def test_what_is_not_there_is_said(folder: Path) -> None:
    for where in (f"{folder}/z.csv", f"{folder}/*.parquet", "memory://nowhere/a.csv"):
        with pytest.raises(DataError, match="file"):
            find_inputs(where)
    with pytest.raises(BulkError, match="cannot be reached"):
        find_inputs("nosuchscheme://a/b.csv")


def test_files_of_several_formats_are_refused(folder: Path) -> None:
    (folder / "e.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match="csv and jsonl"):
        find_inputs(str(folder))


def test_the_output_must_not_be_among_the_input(folder: Path) -> None:
    inside, outside = find_place(f"{folder}/out.csv"), find_place(f"{folder.parent}/out.csv")
    for where in (f"{folder}/*.csv", f"{folder}/out.csv", str(folder), folder.as_uri()):
        assert is_among(inside, where), where
        assert not is_among(outside, where), where
    assert not is_among(find_place(f"{folder}x/out.csv"), str(folder))
    assert not is_among(find_place("memory://out.csv"), str(folder))


def test_places_of_other_file_systems_do_the_same() -> None:
    place = find_place("memory://bulk-places/folder/a.csv")
    assert not place.exists
    with place.open_output() as stream:
        stream.write(b"text\nkind\n")
    assert place.info.size == 10
    place.move_to(place.beside(".gone"))
    assert find_place("memory://bulk-places/folder").list_names() == ["a.csv.gone"]
    find_place("memory://bulk-places/folder").remove()
    assert not place.beside(".gone").exists
    assert find_place("memory://bulk-places/folder").list_names() == []
