"""Lay out what the documentation site is built from.

    python docs/lay_out.py FOLDER

The documents are written to be read on GitHub, where a link may lead anywhere in the repository.
For the site they are copied into one folder together with those that live beside the code
(`PAGES`), and links follow them there. A file that is no document becomes a download, a page of
HTML is taken along as it is. The lists of `index.md` become the navigation: a page that no list
names fails the build.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Documents that live elsewhere, by their place in the site.
PAGES = {
    "MODEL_CARD.md": "project/model-card.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "experiments/LOG.md": "project/log.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "deploy/README.md": "project/deploy.md",
}
CARDS = "src/toxic_tweets/checkpoints"
AS_IT_IS = "_as_it_is"  # named in conf.py as html_extra_path
DOWNLOADS = "_downloads"

_FENCED = re.compile(r"(^```.*?^```[ ]*$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_LISTED = re.compile(r"^- \[[^\]]*\]\(([^)\s#]+\.md)\)", re.MULTILINE)


def lay_out(folder: Path) -> None:
    """Fill a folder that Sphinx can build; what an earlier call left there goes.

    Raises:
        SystemExit: a link leads to a file that does not exist.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / AS_IT_IS).mkdir()
    shutil.copyfile(ROOT / "docs" / "conf.py", folder / "conf.py")
    shutil.copytree(ROOT / "docs" / "_static", folder / "_static")
    places = find_places()
    for source, place in places.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / source).read_text(encoding="utf-8")
        target.write_text(_turn_links(text, source, places, folder), encoding="utf-8")
    index = folder / "index.md"
    index.write_text(index.read_text(encoding="utf-8") + make_navigation(places), encoding="utf-8")


def find_places() -> dict[str, str]:
    """Return where each document stands in the site, by its path in the repository."""
    own = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md"))
    cards = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(f"{CARDS}/*/README.md"))
    return {
        **{source: source.removeprefix("docs/") for source in own},
        **{source: place for source, place in PAGES.items() if (ROOT / source).is_file()},
        **{source: f"project/card-{Path(source).parent.name}.md" for source in cards},
    }


def make_navigation(places: dict[str, str]) -> str:
    """Return the hidden tables of contents that belong at the end of `index.md`.

    Each section of the index is one, with the first link of each item; the last one holds the
    reports and what is about the project, whether the index names them or not.
    """
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    trees, listed = [], set()
    for section in text.split("\n## ")[1:]:
        pages = [page for page in _LISTED.findall(section) if not page.startswith("../")]
        listed |= set(pages)
        if pages:
            trees.append(_make_tree(section.partition("\n")[0], pages))
    others = sorted(
        place for place in places.values() if place.startswith(("project/", "reports/"))
    )
    return "".join([*trees, _make_tree("Project", [one for one in others if one not in listed])])


def _make_tree(caption: str, pages: list[str]) -> str:
    listed = "\n".join(page.removesuffix(".md") for page in pages)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


def _turn_links(text: str, source: str, places: dict[str, str], folder: Path) -> str:
    """Return a document with its links leading to where things are in the site."""

    def turn(link: re.Match[str]) -> str:
        words, target = link.groups()
        path, sign, anchor = target.partition("#")
        if "://" in target or not path or path.startswith("mailto:"):
            return link.group()
        meant = os.path.normpath(Path(source).parent / path)
        here = Path(places[source]).parent
        if meant in places:
            return f"[{words}]({os.path.relpath(places[meant], here)}{sign}{anchor})"
        if (ROOT / meant).is_dir():
            return words  # there is nothing to open here
        if not (ROOT / meant).is_file():
            raise SystemExit(f"{source} links to {target}, which is not a file of the repository.")
        if meant.endswith(".html"):
            kept = (
                f"pages/{meant.removeprefix('docs/')}"  # report.html is also what report.md becomes
            )
            _copy(meant, folder / AS_IT_IS / kept)
            return f'<a href="{os.path.relpath(kept, here)}">{words}</a>'
        if meant.endswith(".md"):
            raise SystemExit(f"{source} links to {target}, which the site lacks. Add it to PAGES.")
        if meant.startswith("docs/"):  # a picture, which stands beside as it does there
            _copy(meant, folder / meant.removeprefix("docs/"))
            return link.group()
        _copy(meant, folder / DOWNLOADS / meant)
        return f"[{words}]({os.path.relpath(Path(DOWNLOADS) / meant, here)})"

    # Drawing a diagram of Mermaid's takes a script from elsewhere: here its source is shown.
    parts = _FENCED.split(text.replace("```mermaid\n", "```text\n"))
    return "".join(part if part.startswith("```") else _LINK.sub(turn, part) for part in parts)


def _copy(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / source, target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Give the folder to fill, such as build/docs-source.")
    lay_out(Path(sys.argv[1]))
