"""`toxic-tweets score`, in this process and in pipes of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from toxic_tweets import load
from toxic_tweets.cli.score import make_policy
from toxic_tweets.errors import PolicyError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.checkpoint import embedded_names
from toxic_tweets.policy import PRESETS

ROOT = Path(__file__).resolve().parents[2]
POLICIES = sorted((ROOT / "examples" / "policies").glob("*.toml"))
TIMEOUT_S = 60


def test_arguments_become_rows(invoke: Any, tiny_checkpoint: Path) -> None:
    shown = invoke("score", "--model", tiny_checkpoint, "you are kind", "you idiot")
    assert shown.exit_code == 0
    header, kind, nasty = shown.output.splitlines()
    assert header.split() == ["text", "highest", "score", "verdict", "flagged"]
    assert "allow" in kind
    assert nasty.split()[-2:] == ["toxic", "insult"]
    assert "\x1b" not in shown.output  # this is no terminal


def test_lines_of_stdin_become_rows(invoke: Any, tiny_checkpoint: Path) -> None:
    for dash in ([], ["-"]):
        shown = invoke(
            "score", "--model", tiny_checkpoint, "--format", "jsonl", *dash, stdin="a\n\nb"
        )
        assert [json.loads(line)["text"] for line in shown.stdout.splitlines()] == ["a", "", "b"]


@pytest.mark.parametrize(
    ("form", "output"), [("table", ""), ("json", "[]\n"), ("jsonl", ""), ("csv", None)]
)
def test_no_lines_no_rows(
    invoke: Any, tiny_checkpoint: Path, form: str, output: str | None
) -> None:
    shown = invoke("score", "--model", tiny_checkpoint, "--format", form, stdin="")
    assert shown.exit_code == 0
    if output is None:
        assert shown.stdout.startswith("index,text,toxic,")
        assert shown.stdout.count("\n") == 1
    else:
        assert shown.stdout == output


def test_json_says_what_the_classifier_says(invoke: Any, tiny_checkpoint: Path) -> None:
    texts = ["you are kind", "you idiot", "hurt " * 100]
    shown = invoke("score", "--model", tiny_checkpoint, "--format", "json", *texts)
    expected = [
        {"index": index, "text": text, **prediction.to_dict()}
        for index, (text, prediction) in enumerate(
            zip(texts, load(tiny_checkpoint).predict(texts), strict=True)
        )
    ]
    assert json.loads(shown.stdout) == expected
    assert expected[2]["windows"] > 1
    assert list(expected[0]) == [
        "index",
        "text",
        "scores",
        "flagged",
        "verdict",
        "windows",
        "checkpoint",
        "language",
        "language_supported",
        "matches",
        "spans",
    ]


def test_csv_goes_out_and_in_again(invoke: Any, tiny_checkpoint: Path, tmp_path: Path) -> None:
    texts = ['a "b", c', "two\nlines\r", "", "= 1 + 1", "émoji 😀"]
    path = tmp_path / "texts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [["comment"], *([text] for text in texts)]
        )
    common = ("score", "--model", tiny_checkpoint, "--format", "csv", "--file")
    shown = invoke(*common, path, "--column", "comment")
    assert shown.exit_code == 0
    again = tmp_path / "again.csv"
    again.write_bytes(shown.stdout_bytes)
    assert invoke(*common, again).stdout_bytes == shown.stdout_bytes
    found = list(csv.DictReader(io.StringIO(shown.stdout_bytes.decode("utf-8"), newline="")))
    assert [row["text"] for row in found] == texts
    assert list(found[0]) == [
        *("index", "text", *TOXICITY_NAMES),
        *("flagged", "verdict", "windows", "checkpoint"),
        *("language", "language_supported", "matches"),
    ]


def test_explaining_shows_the_words(invoke: Any, tiny_checkpoint: Path) -> None:
    common = ("score", "--explain", "--model", tiny_checkpoint, "you are kind", "damn you idiot")
    lines = invoke(*common).output.splitlines()
    assert lines[-1] == "  words: damn, idiot"
    assert len(lines) == 4
    kind, nasty = map(json.loads, invoke(*common, "--format", "jsonl").stdout.splitlines())
    assert kind["words"] == kind["spans"] == {}
    assert nasty["words"]["insult"] == ["idiot"]
    assert nasty["words"]["toxic"] == ["damn", "idiot"]
    rows = list(csv.DictReader(io.StringIO(invoke(*common, "--format", "csv").stdout)))
    assert [row["words"] for row in rows] == ["", "damn | idiot"]


def test_a_foreign_language_is_never_passed_over(invoke: Any, tiny_checkpoint: Path) -> None:
    text = "Das ist schon das zweite Mal in dieser Woche."
    shown = invoke("score", "--model", tiny_checkpoint, text)
    assert shown.output.splitlines()[-1] == "  language: de (not trained on)"
    (row,) = json.loads(
        invoke("score", "--model", tiny_checkpoint, "--format", "json", text).stdout
    )
    assert (row["language"], row["language_supported"]) == ("de", False)


def test_lists_of_a_policy_file_are_heeded(
    invoke: Any, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[lists]]\nname = "mine"\nitems = ["nice day"]\n', encoding="utf-8")
    common = ("score", "--model", tiny_checkpoint, "--policy", path)
    shown = invoke(*common, "this is a nice day!").output.splitlines()
    assert "block" in shown[1]
    assert shown[2] == "  block list mine: nice day"
    row = json.loads(invoke(*common, "--format", "jsonl", "this is a nice day").stdout)
    assert row["matches"][0]["item"] == "nice day"


def test_sentiment_shows_its_top_label(invoke: Any, tiny_sentiment_checkpoint: Path) -> None:
    shown = invoke("score", "--model", tiny_sentiment_checkpoint, "this is good good good")
    header, line = shown.output.splitlines()
    assert header.split() == ["text", "highest", "score"]
    assert line.split()[-2] == "positive"


def test_labels_restrict_what_counts(invoke: Any, tiny_checkpoint: Path) -> None:
    shown = invoke(
        *("score", "--model", tiny_checkpoint, "--labels", "threat, insult", "--format", "jsonl"),
        "you idiot",
    )
    prediction = json.loads(shown.stdout)
    assert prediction["flagged"] == ["insult"]
    assert list(prediction["scores"]) == list(TOXICITY_NAMES)


def test_unknown_labels_are_named(invoke: Any, tiny_checkpoint: Path) -> None:
    shown = invoke("score", "--model", tiny_checkpoint, "--labels", "toxic,rude", "a secret text")
    assert shown.exit_code == 1
    assert shown.stderr.count("\n") == 1
    assert shown.stderr.startswith("error: Unknown label 'rude'.")
    assert "identity_hate" in shown.stderr
    assert "secret" not in shown.stderr


def test_policies_come_from_files(invoke: Any, tiny_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('labels = ["insult"]\n[block]\ninsult = 0.0\n', encoding="utf-8")
    shown = invoke(
        *("score", "--model", tiny_checkpoint, "--policy", path, "--format", "jsonl"), "you idiot"
    )
    assert json.loads(shown.stdout)["flagged"] == ["insult"]
    assert json.loads(shown.stdout)["verdict"] == "block"


def test_a_bad_policy_file_is_named(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[thresholds]\ninsult = 2\n", encoding="utf-8")
    shown = invoke("score", "--policy", path, "a")
    assert shown.exit_code == 1
    assert shown.stderr.startswith(f"error: {path}: ")
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(PolicyError, match="UTF-8"):
        make_policy(str(path))
    with pytest.raises(PolicyError, match="profanity-ok"):
        make_policy("no-such-preset")


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_the_example_policies_work(invoke: Any, tiny_checkpoint: Path, path: Path) -> None:
    shown = invoke("score", "--model", tiny_checkpoint, "--policy", path, "you are kind")
    assert shown.exit_code == 0
    assert make_policy(str(path)).name == path.stem


def test_the_example_policies_are_there() -> None:
    assert len(POLICIES) >= 3
    path = ROOT / "examples" / "policies" / "profanity-ok.toml"
    assert make_policy(str(path)) == PRESETS["profanity-ok"]


@pytest.mark.parametrize("arguments", [["--labels", ","], ["--model", "nope"]])
def test_errors_end_with_1(invoke: Any, arguments: list[str]) -> None:
    shown = invoke("score", *arguments, "a")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert shown.stderr.startswith("error: ")


def test_texts_and_a_file_exclude_each_other(invoke: Any) -> None:
    shown = invoke("score", "--file", "a.csv", "a")
    assert shown.exit_code == 2
    assert "Usage: " in shown.stderr
    assert "not both" in shown.stderr


def test_a_row_that_is_wrong_comes_after_those_before(
    invoke: Any, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("text\na\nb\nc,d\n", encoding="utf-8")
    shown = invoke("score", "--model", tiny_checkpoint, "--format", "jsonl", "--file", path)
    assert shown.exit_code == 1
    assert len(shown.stdout.splitlines()) == 2
    assert "row 3" in shown.stderr


def test_a_terminal_without_texts_is_told_how(tmp_path: Path) -> None:
    parent, child = pty.openpty()
    shown = subprocess.run(
        [sys.executable, "-m", "toxic_tweets", "score"],
        stdin=child,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    os.close(parent)
    os.close(child)
    assert shown.returncode == 2
    assert shown.stdout == b""
    assert b"Usage: toxic-tweets score" in shown.stderr
    assert b"error: give texts" in shown.stderr


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals(tiny_checkpoint: Path, no_color: str, is_coloured: bool) -> None:
    parent, child = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "toxic_tweets", "score", "--model", str(tiny_checkpoint), "hi"],
        stdout=child,
        env={**os.environ, "NO_COLOR": no_color, "TERM": "xterm"},
        timeout=TIMEOUT_S,
        check=True,
    )
    os.close(child)
    assert (b"\x1b[" in os.read(parent, 10_000)) is is_coloured
    os.close(parent)


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_reader_may_leave(tiny_checkpoint: Path, form: str) -> None:
    command = f"{sys.executable} -m toxic_tweets score --model '{tiny_checkpoint}' --format {form}"
    shown = subprocess.run(
        ["bash", "-c", f"yes hello | {command} | head -3; echo ${{PIPESTATUS[1]}}"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    assert shown.stderr == ""
    assert len(shown.stdout.splitlines()) == 4
    assert shown.stdout.splitlines()[-1] == "0"


def test_a_slow_stream_is_answered_line_by_line(start: Any, tiny_checkpoint: Path) -> None:
    with start("score", "--model", tiny_checkpoint, "--format", "jsonl") as process:
        for index in range(3):
            process.stdin.write(b"you are kind\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["index"] == index
        process.stdin.close()
        assert process.wait(TIMEOUT_S) == 0
        assert process.stderr.read() == b""


def test_ctrl_c_ends_quietly(start: Any, tiny_checkpoint: Path) -> None:
    with start("score", "--model", tiny_checkpoint, "--format", "jsonl") as process:
        process.stdin.write(b"you are kind\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 130
        assert process.stderr.read() == b""


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_bytes_in_any_encoding_out(
    start: Any, tiny_checkpoint: Path, form: str, encoding: str
) -> None:
    content = "héllo 😀 \x00 شكرا\n".encode() + b"\xff\xfe\xed\xa0\x80\n"
    process = start(
        "score", "--model", tiny_checkpoint, "--format", form, PYTHONIOENCODING=encoding
    )
    shown, errors = process.communicate(content, TIMEOUT_S)
    assert process.returncode == 0
    assert errors == b""
    text = shown.decode(encoding)
    if form == "jsonl":
        assert json.loads(text.splitlines()[0])["text"] == "héllo 😀 \x00 شكرا"
    if form == "json":
        assert len(json.loads(text)) == 2


def test_arguments_may_be_no_text(tiny_checkpoint: Path) -> None:
    command = [sys.executable, "-m", "toxic_tweets", "score", "--format", "jsonl", "--model"]
    shown = subprocess.run(
        [*map(os.fsencode, (*command, str(tiny_checkpoint))), b"a\xff"],
        capture_output=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    assert json.loads(shown.stdout)["text"] == "a\ufffd"


def test_a_full_disk_is_one_line(tiny_checkpoint: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        shown = subprocess.run(
            [sys.executable, "-m", "toxic_tweets", "score", "--model", str(tiny_checkpoint), "a"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert shown.returncode == 1
    assert shown.stderr == b"error: No space left on device\n"


def test_no_stdout_is_one_line(tiny_checkpoint: Path) -> None:
    command = f"{sys.executable} -m toxic_tweets score --model '{tiny_checkpoint}' a >&-"
    shown = subprocess.run(
        ["bash", "-c", command], capture_output=True, timeout=TIMEOUT_S, check=False
    )
    assert shown.returncode == 1
    assert shown.stderr.startswith(b"error: stdout is closed")
    assert shown.stderr.count(b"\n") == 1


def test_scoring_imports_no_torch(tiny_checkpoint: Path) -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from toxic_tweets.cli import app\n"
        f"shown = CliRunner().invoke(app, ['score', '--model', {str(tiny_checkpoint)!r}, 'a'])\n"
        "assert shown.exit_code == 0, shown.output\n"
        "print(*{'torch', 'transformers', 'fastapi', 'huggingface_hub', 'rich.console'} "
        "& set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []


@pytest.mark.skipif(
    "small" not in embedded_names(),
    reason="misses checkpoints/small: what the command says by default was not looked at",
)
def test_the_embedded_checkpoint_is_the_default(invoke: Any) -> None:
    shown = invoke("score", "--format", "jsonl", "You are kind.", "Shut up, you idiot.")
    kind, nasty = map(json.loads, shown.stdout.splitlines())
    assert kind["verdict"] == "allow"
    assert "insult" in nasty["flagged"]
    assert nasty["checkpoint"].startswith("small@")
