"""The documentation site, built for real: no warning, no dead link, nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import toxic_tweets
from docs import lay_out

ROOT = Path(__file__).resolve().parents[2]
# What a browser fetches by itself, by tag and attribute; a link that is clicked is not among them.
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "embed": "src",
    "source": "src",
    "video": "src",
    "object": "data",
    "link": "href",
    "use": "href",
}
_IN_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@dataclass
class Seen(HTMLParser):
    """Note what a page loads, where it links to, and which places it has."""

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    css: list[str] = field(default_factory=list)
    _is_in_style: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self._is_in_style = tag == "style"
        self.places |= {facts[name] for name in ("id", "name") if name in facts}
        if tag in LOADED and facts.get(LOADED[tag]):
            self.loads.append(facts[LOADED[tag]])
        if tag == "a" and facts.get("href"):
            self.links.append(facts["href"])
        self.css.append(facts.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self._is_in_style:
            self.css.append(data)


def look_at(page: Path) -> Seen:
    seen = Seen()
    seen.feed(page.read_text(encoding="utf-8"))
    return seen


def is_foreign(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https", "ws", "wss")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site."""
    for package in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(package, reason="misses the extra docs: the site was not built")
    folder = tmp_path_factory.mktemp("site")
    source, built = folder / "source", folder / "built"
    lay_out.lay_out(source)
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q"]
    done = subprocess.run(
        [*sphinx, "-d", folder / "doctrees", source, built],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return built


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Seen]:
    """Return what was seen on each page; reports, which have a test of their own, left out."""
    return {path: look_at(path) for path in site.rglob("*.html") if "pages" not in path.parts}


def test_every_document_has_a_page(site: Path) -> None:
    for place in lay_out.find_places().values():
        assert (site / place).with_suffix(".html").is_file(), place


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Seen]) -> None:
    loaded = {address for seen in pages.values() for address in seen.loads}
    styles = [css for seen in pages.values() for css in seen.css]
    styles += [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    loaded |= {first or second for css in styles for first, second in _IN_CSS.findall(css)}
    assert loaded
    assert {address for address in loaded if is_foreign(address)} == set()


def test_every_link_leads_somewhere(site: Path, pages: dict[Path, Seen]) -> None:
    broken = []
    for path, seen in pages.items():
        for address in [*seen.links, *seen.loads]:
            if urlsplit(address).scheme or address.startswith("//"):
                continue
            file, _, place = unquote(address).partition("#")
            target = (path.parent / file.partition("?")[0]).resolve() if file else path
            is_missing = place and target in pages and place not in pages[target].places
            if is_missing or not target.is_file():
                broken.append(f"{path.relative_to(site)} → {address}")
    assert broken == []


def test_the_door_is_documented_with_anchors(site: Path, pages: dict[Path, Seen]) -> None:
    places = pages[site / "reference" / "python.html"].places
    names = set(toxic_tweets.__all__) - {"__version__"}
    assert {name for name in names if f"toxic_tweets.{name}" not in places} == set()
    for method in ("predict", "predict_one", "predict_iter", "explain", "with_policy"):
        assert f"toxic_tweets.Classifier.{method}" in places
    assert "toxic_tweets.compat.Detoxify.predict" in places


def test_the_navigation_follows_the_index() -> None:
    shown = lay_out.make_navigation(lay_out.find_places())
    assert re.findall(r":caption: (.+)", shown) == [
        "Tutorials",
        "How to",
        "Reference",
        "Explanation",
        "Project",
    ]
    assert "\ntutorial/first-texts\n" in shown
    assert "\nproject/model-card\n" in shown


@pytest.fixture
def small_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one page, a log beside docs/, a script and a report."""
    root = tmp_path / "repository"
    (root / "docs" / "_static").mkdir(parents=True)
    (root / "docs" / "conf.py").write_text("", encoding="utf-8")
    (root / "docs" / "report.html").write_text("<p>", encoding="utf-8")
    (root / "docs" / "dot.svg").write_text("<svg/>", encoding="utf-8")
    (root / "MODEL_CARD.md").write_text("# Card\n[docs](docs/index.md#top)\n", encoding="utf-8")
    (root / "run.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(lay_out, "ROOT", root)
    return root


def lay_out_index(root: Path, text: str) -> str:
    (root / "docs" / "index.md").write_text(text, encoding="utf-8")
    lay_out.lay_out(root / "source")
    return (root / "source" / "index.md").read_text(encoding="utf-8").partition("\n```{toctree}")[0]


def test_links_follow_what_they_lead_to(small_repository: Path) -> None:
    laid_out = lay_out_index(
        small_repository,
        "[a](../MODEL_CARD.md#b) [c](../run.py)\n[d](report.html) ![e](dot.svg) [f](../docs)\n"
        "[g](https://example.org) [h](#h)\n\n```md\n[i](../run.py)\n```\n",
    )
    assert laid_out.splitlines() == [
        "[a](project/model-card.md#b) [c](_downloads/run.py)",
        '<a href="pages/report.html">d</a> ![e](dot.svg) f',
        "[g](https://example.org) [h](#h)",
        "",
        "```md",
        "[i](../run.py)",
        "```",
    ]
    source = small_repository / "source"
    card = (source / "project" / "model-card.md").read_text(encoding="utf-8")
    assert card == "# Card\n[docs](../index.md#top)\n"
    for name in ("_downloads/run.py", "_as_it_is/pages/report.html", "dot.svg", "conf.py"):
        assert (source / name).is_file(), name


def test_a_diagram_needs_no_script(small_repository: Path) -> None:
    assert "```text\nflowchart" in lay_out_index(
        small_repository, "# A\n\n```mermaid\nflowchart LR\n```\n"
    )


@pytest.mark.parametrize(
    ("link", "said"),
    [("nothing.md", "which is not a file"), ("../README.md", "which the site lacks")],
)
def test_a_link_that_leads_nowhere_stops_it(small_repository: Path, link: str, said: str) -> None:
    (small_repository / "README.md").write_text("# Read me\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=said):
        lay_out_index(small_repository, f"[here]({link})\n")


def test_it_starts_from_nothing(small_repository: Path) -> None:
    lay_out_index(small_repository, "# A\n")
    (small_repository / "source" / "old.md").write_text("# Old\n", encoding="utf-8")
    lay_out_index(small_repository, "# A\n")
    assert not (small_repository / "source" / "old.md").exists()
