"""The launch page as `make site` builds it, without the documentation behind it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "site" / "build.py"
MEDIA = ROOT / "site" / "media"
NEEDS = (
    ROOT / "src" / "toxic_tweets" / "checkpoints" / "small" / "checkpoint.json",
    MEDIA / "demo.mp4",
)
EMPTY = ("area", "br", "img", "link", "meta", "source", "track")


class Parsed(HTMLParser):
    """The elements of a page: name, attributes and the text in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append("")
        if tag not in EMPTY:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open[-1]][0] == tag, f"</{tag}> closes something else"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for place in self._open:
            self.texts[place] += data

    def find(self, tag: str) -> list[tuple[dict[str, str], str]]:
        """Return the attributes and the text of every such element."""
        found = zip(self.elements, self.texts, strict=True)
        return [(attributes, text) for (name, attributes), text in found if name == tag]


@pytest.fixture(scope="session")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_build", BUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built page."""
    missing = [str(path.relative_to(ROOT)) for path in NEEDS if not path.is_file()]
    if missing:
        pytest.skip(f"misses {', '.join(missing)}: the launch page was not built")
    folder = tmp_path_factory.mktemp("site") / "site"
    subprocess.run([sys.executable, str(BUILD), "--output", str(folder)], check=True, timeout=120)
    return folder


@pytest.fixture(scope="session")
def page(built: Path) -> Parsed:
    return Parsed((built / "index.html").read_text(encoding="utf-8"))
