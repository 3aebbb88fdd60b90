from __future__ import annotations

import csv
import random
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from tests.bulk.conftest import make_texts
from tests.cli.conftest import Invoke, Start

from toxic_tweets.classifier import Classifier
from toxic_tweets.cli.bulk import _show_time


def write_rows(path: Path, n_rows: int) -> Path:
    rows = "".join(f"{number:05d},{text}\n" for number, text in enumerate(make_texts(n_rows)))
    path.write_text(f"id,tweet\n{rows}", encoding="utf-8")
    return path


def test_bulk_says_what_it_does(
    tmp_path: Path,
    invoke: Invoke,
    tiny_checkpoint: Path,
    tiny_classifier: Classifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("toxic_tweets.cli.bulk._LINE_EVERY_S", 0)
    source = write_rows(tmp_path / "in.csv", 40)
    with source.open("a", encoding="utf-8") as file:
        file.write("x,\n")
    output = tmp_path / "out.csv"
    command = ("bulk", source, output, "--model", tiny_checkpoint, "--workers", 1)
    shown = invoke(*command, "--labels", "insult", "--policy", "strict")
    assert shown.exit_code == 0, shown.stderr
    assert "from the column 'tweet' (guessed by its name)" in shown.stderr
    assert "100.0 %: 41 rows, 1 rejected, " in shown.stderr
    assert " rows/s, 0 s left" in shown.stderr
    assert f"40 rows scored into {output}" in shown.stderr
    assert f"1 rows could not be scored: {output}.rejected.jsonl" in shown.stderr
    assert shown.stdout == ""
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["flagged"] for row in rows} == {"", "insult"}
    score = tiny_classifier.predict_one(rows[7]["tweet"]).scores["toxic"]
    assert rows[7]["toxic"] == repr(score)

    again = invoke(*command)
    assert again.exit_code == 1
    assert "--overwrite" in again.stderr
    assert invoke(*command, "--resume").exit_code == 0
    assert invoke(*command, "--resume", "--overwrite").exit_code == 2

    monkeypatch.setenv("FORCE_COLOR", "1")  # as if stderr were a terminal
    shown = invoke(*command, "--overwrite")
    assert shown.exit_code == 0, shown.stderr
    assert "100%" in shown.stderr
    assert f"40 rows scored into {output}" in shown.stderr


def test_time_is_shown_as_people_say_it() -> None:
    assert _show_time(9.6) == "10 s"
    assert _show_time(61) == "1 min 1 s"
    assert _show_time(3600 * 1234 + 120) == "1,234 h 2 min"


def test_bulk_without_its_extra_says_what_to_type(
    tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tiny_checkpoint: Path
) -> None:
    source = write_rows(tmp_path / "in.csv", 3)
    command = ("bulk", source, tmp_path / "out.csv", "--model", tiny_checkpoint)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "ray", None)
        patch.delitem(sys.modules, "toxic_tweets.bulk.ray", raising=False)
        shown = invoke(*command, "--engine", "ray")
    assert shown.exit_code == 1
    assert 'pip install "toxic-tweets[bulk]"' in shown.stderr
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        for name in [name for name in sys.modules if name.startswith("toxic_tweets.bulk.")]:
            patch.delitem(sys.modules, name)
        shown = invoke(*command)
    assert shown.exit_code == 1
    assert 'pip install "toxic-tweets[bulk]"' in shown.stderr


def test_a_run_that_is_killed_at_any_time_ends_whole(
    tmp_path: Path, start: Start, tiny_checkpoint: Path
) -> None:
    source = write_rows(tmp_path / "in.csv", 3000)
    options = ("--model", tiny_checkpoint, "--part-rows", "125", "--workers", "2")
    whole, output = tmp_path / "whole.csv", tmp_path / "out.csv"
    process = start("bulk", source, whole, *options)
    assert process.communicate()[1]
    assert process.returncode == 0
    parts = tmp_path / "out.csv.work" / "parts"
    draw = random.Random(13)
    for n_kills in range(1, 4):
        process = start("bulk", source, output, *options, "--resume")
        deadline_s = time.monotonic() + 120
        while len(list(parts.glob("*.csv"))) < 4 * n_kills:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline_s
            time.sleep(0.002)
        time.sleep(0.05 * draw.random())
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not output.exists()
        psutil.wait_procs(workers, timeout=60)
        assert not [one for one in workers if one.is_running()], "a worker outlives its parent"
    process = start("bulk", source, output, *options, "--resume")
    said = process.communicate()[1].decode()
    assert process.returncode == 0, said
    assert "parts are finished" in said
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "whole.csv"]
