"""The demo video as it is kept, and the camera that records it."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image
from tests.site.conftest import MEDIA, ROOT

VIDEO = ROOT / "site" / "video"


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return import_from_video("film", monkeypatch)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return import_from_video("terminal", monkeypatch)


def import_from_video(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(VIDEO))
    before = set(sys.modules)
    module = importlib.import_module(name)
    ours = {path.stem for path in VIDEO.glob("*.py")}
    for other in ours & (set(sys.modules) - before):  # names that others may have, too
        monkeypatch.delitem(sys.modules, other)
    return module


def read_cues(path: Path) -> list[tuple[float, float, str]]:
    head, *blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    assert head == "WEBVTT"
    cues = []
    for block in blocks:
        times, text = block.split("\n", 1)
        start, end = (
            60 * int(minutes) + float(seconds)
            for minutes, seconds in re.findall(r"(\d\d):(\d\d\.\d{3})", times)
        )
        cues.append((start, end, text))
    return cues


def test_the_video_is_short_and_small(builder: ModuleType) -> None:
    path = MEDIA / "demo.mp4"
    assert path.stat().st_size <= 10_000_000
    assert 60 <= builder.read_duration_s(path) <= 180
    with Image.open(MEDIA / "demo-poster.jpg") as poster:
        assert poster.width / poster.height == pytest.approx(16 / 9, abs=0.01)
        assert poster.width >= 1280


def test_the_captions_can_be_read_in_time(builder: ModuleType) -> None:
    seconds = builder.read_duration_s(MEDIA / "demo.mp4")
    cues = read_cues(MEDIA / "demo.vtt")
    assert len(cues) >= 10
    assert cues == sorted(cues)
    for (start, end, text), following in zip(cues, [*cues[1:], None], strict=True):
        assert 0 <= start < end <= seconds
        assert len(text) / (end - start) <= 21, f"too fast to read: {text}"
        assert following is None or end <= following[0]


def test_a_film_that_has_no_header_is_an_error(builder: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film")
    with pytest.raises(ValueError, match="make video"):
        builder.read_duration_s(path)


def test_a_film_lasts_as_long_as_its_pictures(
    film: ModuleType, builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "SCALE", 0.25)  # a small film is encoded in a second
    if shutil.which("ffmpeg") is None:
        pytest.skip("misses ffmpeg (Debian: apt install ffmpeg): nothing was filmed")
    size = (round(film.WIDTH * film.SCALE), round(film.HEIGHT * film.SCALE))
    Image.new("RGB", size, "white").save(tmp_path / "white.png")
    white = (tmp_path / "white.png").read_bytes()
    with film.Film(tmp_path / "film.mp4", lambda title, caption: white) as made:
        made.name("A title")
        made.say("One.")
        made.show(white)
        made.hold(1.0)
        made.say("Two.")
        made.move(100, 100, seconds=0.4)
        made.press()
    film.write_captions(made.cues, tmp_path / "film.vtt")
    assert builder.read_duration_s(tmp_path / "film.mp4") == pytest.approx(made.seconds, abs=0.2)
    one, two = read_cues(tmp_path / "film.vtt")
    assert one == (0.0, 1.0, "One.")
    assert (two[0], two[2]) == (1.0, "Two.")


def test_a_terminal_shows_what_a_shell_prints(terminal: ModuleType, tmp_path: Path) -> None:
    shell = terminal.Terminal(tmp_path, {})
    assert shell.is_ready
    shell.send("printf '\\033[1;31m%s\\033[0m <b>\\n' red\n")
    for _ in shell.wait():
        pass
    assert shell.lines[1] == "red <b>"
    drawn = shell.to_html()
    assert '<span style="color:#ff8b82;font-weight:700">r</span>' in drawn
    assert "&lt;b&gt;" in drawn
    shell.send("clear; seq 100000 | head -n 1\n")
    for _ in shell.wait():
        pass
    assert shell.lines[:2] == ["1", "$"], "what writes to a closed pipe complains"
    shell.send("false\n")
    with pytest.raises(TimeoutError, match=r"should show 'ready'"):
        list(shell.wait(until="ready", patience_s=30))
    shell.close()


def test_a_client_changes_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    story = import_from_video("story", monkeypatch)
    names = story.make_clients(tmp_path, "http://127.0.0.1:8000")
    before, after = ((tmp_path / name).read_text(encoding="utf-8").splitlines() for name in names)
    (changed,) = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed[1].strip() == (
        'discoveryServiceUrl="http://127.0.0.1:8000/$discovery/rest?version=v1alpha1",'
    )


def test_the_table_of_the_film_is_the_same_each_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    story = import_from_video("story", monkeypatch)
    (tmp_path / "other").mkdir()
    tables = [story.make_table(folder).read_bytes() for folder in (tmp_path, tmp_path / "other")]
    assert tables[0] == tables[1]
    assert tables[0].count(b"\n") == 1 + story.N_ROWS


def test_the_recorder_says_what_it_misses_and_installs_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(VIDEO / "record.py"), "--output", str(tmp_path / "out")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.endswith("apt install chromium curl ffmpeg git fontconfig\n")
    assert list(tmp_path.iterdir()) == []
