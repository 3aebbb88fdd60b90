"""Whole runs: every format into every other, stopped anywhere, never a row lost or doubled."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.bulk.conftest import SIZES, Score, make_texts, read_rejects

from toxic_tweets.bulk.places import Place, find_place
from toxic_tweets.bulk.run import Report, State
from toxic_tweets.bulk.scoring import Opening
from toxic_tweets.classifier import Classifier
from toxic_tweets.errors import BulkError, CheckpointError, DataError
from toxic_tweets.policy import PRESETS

KINDS = ("csv", "tsv", "jsonl", "parquet", "csv.gz", "jsonl.zst")
ROWS = [{"id": f"{n:04d}", "text": text} for n, text in enumerate(make_texts(65))]


def write_rows(path: Path, rows: list[dict[str, str]] = ROWS) -> Path:
    kind = path.name.partition(".")[2]
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    if kind.startswith("jsonl"):
        text = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        sign = "\t" if kind == "tsv" else ","
        text = "".join(f"{sign.join(row)}\n" for row in (["id", "text"], *map(dict.values, rows)))
    compression = {"gz": "gzip", "zst": "zstd"}.get(kind.rpartition(".")[2])
    with pa.OSFile(str(path), "wb") as file:
        stream = pa.CompressedOutputStream(file, compression) if compression else file
        stream.write(text.encode())
        stream.close()
    return path


def read_rows(path: Path) -> list[dict[str, Any]]:
    kind = path.name.partition(".")[2]
    if kind == "parquet":
        return list(pq.read_table(path).to_pylist())
    with pa.input_stream(path, compression="detect") as stream:
        lines = stream.read().decode().splitlines()
    if kind.startswith("jsonl"):
        return [json.loads(line) for line in lines]
    return list(csv.DictReader(lines, delimiter="\t" if kind == "tsv" else ","))


@pytest.mark.parametrize("into", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_becomes_every_other(
    tmp_path: Path, score: Score, tiny_classifier: Classifier, kind: str, into: str
) -> None:
    source, output = write_rows(tmp_path / f"in.{kind}"), tmp_path / f"out.{into}"
    totals = score(source, output)
    assert totals is not None
    assert (totals.rows, totals.rejected) == (len(ROWS), 0)
    found = read_rows(output)
    assert [{"id": row["id"], "text": row["text"]} for row in found] == ROWS
    predictions = tiny_classifier.predict(row["text"] for row in ROWS)
    for row, one in zip(found, predictions, strict=True):
        assert {label: float(row[label]) for label in one.scores} == one.scores
        assert row["verdict"] == one.verdict
        flagged = row["flagged"]
        assert (flagged.split() if isinstance(flagged, str) else flagged) == list(one.flagged)
        supported = {True: "true", False: "false", None: ""}[one.language_supported]
        assert row["language_supported"] in (one.language_supported, supported)
        assert (row["language"] or None) == one.language
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, output.name])


@pytest.mark.parametrize("url", ["memory://bulk-run/{}", "file://{}"])
def test_urls_are_read_and_written(tmp_path: Path, score: Score, url: str) -> None:
    where = url.format("" if "memory" in url else tmp_path)
    source, output = f"{where.rstrip('/')}/in.csv.gz", f"{where.rstrip('/')}/out.jsonl"
    with find_place(source).open_output("gzip") as stream:
        stream.write(b"text\nyou are kind\n\xff\nyou are stupid\n")
    totals = score(source, output, overwrite=True)
    assert totals is not None
    assert totals.rejected == 1
    for name, n_lines in ((output, 2), (f"{output}.rejected.jsonl", 1)):
        place = find_place(name)
        with place.system.open_input_stream(place.path) as stream:
            assert stream.read().count(b"\n") == n_lines
    assert not find_place(f"{output}.work").exists
    folder = f"{where.rstrip('/')}/parts/"
    score(source, folder, overwrite=True)
    assert find_place(folder).list_names() == ["part-000000.csv.gz"]


def test_many_files_become_one_in_order(tmp_path: Path, score: Score) -> None:
    (tmp_path / "in").mkdir()
    for number, start in enumerate(range(0, 65, 13)):
        write_rows(tmp_path / "in" / f"{number}.csv", ROWS[start : start + 13])
    with (tmp_path / "in" / "2.csv").open("ab") as file:
        file.write(b"x,\n")
    score(f"{tmp_path}/in/*.csv", tmp_path / "out.csv")
    score(write_rows(tmp_path / "all.csv"), tmp_path / "one.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    (reject,) = read_rejects(tmp_path / "out.csv")
    assert (Path(reject["file"]).name, reject["row"]) == ("2.csv", 14)


@pytest.mark.parametrize("kind", ["csv", "jsonl.zst", "parquet"])
def test_a_folder_gets_parts_that_stand_alone(tmp_path: Path, score: Score, kind: str) -> None:
    source = write_rows(tmp_path / f"in.{kind}")
    score(source, f"{tmp_path}/out/")
    names = [f"part-{n:06d}.{kind}" for n in range(4)]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    found = [row for name in names for row in read_rows(tmp_path / "out" / name)]
    assert [row["id"] for row in found] == [row["id"] for row in ROWS]
    with pytest.raises(BulkError, match="exists"):
        score(source, f"{tmp_path}/out/")
    score(source, f"{tmp_path}/out/", overwrite=True, sizes=replace(SIZES, part_rows=50))
    assert len(list((tmp_path / "out").iterdir())) == 2


class KilledError(Exception):
    pass


class Death:
    """End a run as a kill would: after so many changes to the disk, nothing more is written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        for name in ("move_to", "remove", "open_output"):
            self._wrap(monkeypatch, name)

    def _wrap(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        original = getattr(Place, name)

        def change(*arguments: Any, **options: Any) -> Any:
            if self.left is not None:
                if self.left == 0:
                    raise KilledError
                self.left -= 1
            return original(*arguments, **options)

        monkeypatch.setattr(Place, name, change)


@pytest.mark.parametrize("output", ["out.csv", "out.parquet", "out/"])
def test_a_run_that_ends_at_any_point_goes_on(
    tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    source = write_rows(tmp_path / "in.csv")
    with source.open("ab") as file:
        file.write(b"x,\n")
    whole = f"{tmp_path}/whole/{output}"
    (tmp_path / "whole").mkdir()
    score(source, whole)
    death = Death(monkeypatch)
    for n_changes in range(1000):
        folder = tmp_path / str(n_changes)
        folder.mkdir()
        death.left = n_changes
        try:
            score(source, f"{folder}/{output}")
        except KilledError:
            for left in (2, 3, None):  # killed twice more while it goes on
                death.left = left
                try:
                    score(source, f"{folder}/{output}", resume=True)
                except KilledError:
                    continue
        else:
            break
        files = [path for path in folder.rglob("*") if path.is_file()]
        expected = [path for path in (tmp_path / "whole").rglob("*") if path.is_file()]
        assert len(files) == len(expected), n_changes
        for path in expected:
            same = folder / path.relative_to(tmp_path / "whole")
            assert same.read_bytes() == path.read_bytes(), (n_changes, path)
        shutil.rmtree(folder)
    assert n_changes > 15, "the run was killed at many points"


def test_what_is_finished_is_not_scored_again(
    tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = [{**row, "note": "x" * 1000} for row in ROWS]  # more than what is read at once
    source, output = write_rows(tmp_path / "in.jsonl", long), tmp_path / "out.csv"

    def stop(state: State) -> None:
        if state.rows > 45:
            raise KilledError

    with pytest.raises(KilledError):
        score(source, output, report=Report(lambda line: None, stop))
    states: list[State] = []
    said: list[str] = []
    score(source, output, resume=True, report=Report(said.append, states.append))
    assert {state.rows_before for state in states} == {40}
    assert states[0].rows == 47
    assert states[-1].rows == 65
    assert 0 < states[0].done_before < states[0].done < states[-1].done == 1
    assert any("2 parts are finished" in line for line in said)


def test_a_run_does_not_go_on_with_something_else(
    tmp_path: Path, score: Score, tiny_sentiment_checkpoint: Path, opening: Opening
) -> None:
    source, output = write_rows(tmp_path / "in.csv"), tmp_path / "out.csv"

    def stop(state: State) -> None:
        raise KilledError

    def kill() -> None:
        with pytest.raises(KilledError):
            score(source, output, overwrite=True, report=Report(lambda line: None, stop))

    kill()
    strict = replace(opening, policy=PRESETS["strict"])
    other = Opening(str(tiny_sentiment_checkpoint), PRESETS["balanced"])
    changes: dict[str, dict[str, Any]] = {
        "the prefix": {"prefix": "p_"},
        "the text column": {"text_column": "id"},
        "the policy": {"opening": strict},
        "the checkpoint": {"opening": other},
        "the size of parts": {"sizes": replace(SIZES, part_rows=10)},
    }
    for changed, options in changes.items():
        with pytest.raises(BulkError, match=changed):
            score(source, output, resume=True, **options)
    with pytest.raises(BulkError, match="--resume goes on"):
        score(source, output)
    source.write_bytes(source.read_bytes().replace(b"0001,", b"9001,"))
    with pytest.raises(BulkError, match="the input"):
        score(source, output, resume=True)
    score(source, output, overwrite=True)
    assert read_rows(output)[1]["id"] == "9001"


def test_an_output_that_exists_is_not_replaced_unasked(tmp_path: Path, score: Score) -> None:
    source, output = write_rows(tmp_path / "in.csv"), tmp_path / "out.csv"
    output.write_text("mine", encoding="utf-8")
    with pytest.raises(BulkError, match="--overwrite"):
        score(source, output)
    said: list[str] = []
    report = Report(said.append, lambda state: None)
    assert score(source, output, resume=True, report=report) is None
    assert "nothing of it is unfinished" in said[0]
    assert output.read_text(encoding="utf-8") == "mine"
    rejected = tmp_path / "out.csv.rejected.jsonl"
    rejected.write_text("old", encoding="utf-8")
    score(source, output, overwrite=True)
    assert not rejected.exists()
    assert len(read_rows(output)) == len(ROWS)


def test_fail_fast_stops_at_the_first_bad_row(tmp_path: Path, score: Score) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"id,text\n" + b"1,kind\n" * 30 + b"secretword,\n2,nice\n3\n")
    with pytest.raises(DataError, match=r"in\.csv, row 31: the text is missing\.") as caught:
        score(source, output, fail_fast=True)
    assert "secretword" not in str(caught.value)
    assert not output.exists()
    totals = score(source, output, resume=True)
    assert totals is not None
    assert (totals.rows, totals.rejected) == (33, 2)


def test_names_that_are_there_are_refused_before_anything_is_written(
    tmp_path: Path, score: Score
) -> None:
    (tmp_path / "in.csv").write_bytes(b"id,comment_text,toxic,insult\n1,you are kind,0,0\n")
    with pytest.raises(BulkError, match="toxic, insult"):
        score(tmp_path / "in.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv.work").exists()
    score(tmp_path / "in.csv", tmp_path / "out.csv", prefix="ours_")
    (row,) = read_rows(tmp_path / "out.csv")
    assert row["toxic"] == "0"
    assert float(row["ours_toxic"]) > 0


def test_wrong_names_cost_nothing(tmp_path: Path, score: Score) -> None:
    source = write_rows(tmp_path / "in.csv")
    with pytest.raises(BulkError, match="among the files"):
        score(f"{tmp_path}/*.csv", tmp_path / "out.csv")
    with pytest.raises(DataError, match="must end in"):
        score(source, tmp_path / "out.xlsx")
    with pytest.raises(CheckpointError):
        score(source, tmp_path / "out.csv", opening=Opening("nowhere", PRESETS["balanced"]))
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_gzip_of_several_parts_is_read_by_other_programs(tmp_path: Path, score: Score) -> None:
    score(write_rows(tmp_path / "in.csv"), tmp_path / "out.csv.gz")
    with gzip.open(tmp_path / "out.csv.gz", "rt", encoding="utf-8") as file:
        assert len(file.readlines()) == 1 + len(ROWS)
