"""What the launch page says and where it leads, as it is built."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from tests.site.conftest import ROOT, Parsed

from toxic_tweets import load

LOADS = {"href": ("link",), "src": ("img", "script", "source", "track", "video", "iframe")}
REPORT = ROOT / "docs" / "reports" / "small" / "metrics.json"


def find_loads(page: Parsed) -> list[str]:
    """Return everything that a browser fetches by itself, or on play."""
    found = []
    for tag, attributes in page.elements:
        found += [
            attributes[name] for name, tags in LOADS.items() if tag in tags and name in attributes
        ]
        found += [attributes[name] for name in ("poster", "data") if name in attributes]
        found += [one.split()[0] for one in attributes.get("srcset", "").split(",") if one.strip()]
    return found


def test_nothing_is_loaded_from_elsewhere(page: Parsed, built: Path) -> None:
    loads = find_loads(page)
    assert "media/demo.mp4" in loads
    for address in loads:
        assert not urlsplit(address).scheme, address
        assert not urlsplit(address).netloc, address
        assert (built / address).is_file(), f"{address} is not in the built site."
    for _, code in page.find("style") + page.find("script"):
        assert not re.search(r"url\(|@import|https?:|fetch\(|XMLHttpRequest|\bimport\b", code)
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]


def test_links_lead_somewhere(page: Parsed, built: Path) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    documents = find_documents()
    for attributes, text in page.find("a"):
        target = attributes["href"]
        if target.startswith("#"):
            assert target[1:] in ids, target
        elif target.startswith("docs/"):
            assert target.removeprefix("docs/") in documents, target
        else:
            assert (built / target).is_file(), target
        assert text.strip()


def find_documents() -> set[str]:
    """Return the pages of the documentation site, as `make docs` lays them out."""
    spec = importlib.util.spec_from_file_location("lay_out", ROOT / "docs" / "lay_out.py")
    assert spec is not None
    assert spec.loader is not None
    lay_out = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lay_out)
    pages = {place.removesuffix(".md") + ".html" for place in lay_out.find_places().values()}
    as_they_are = ROOT.glob("docs/**/*.html")
    return pages | {path.relative_to(ROOT / "docs").as_posix() for path in as_they_are}


def test_pages_say_what_they_are(page: Parsed) -> None:
    assert page.elements[0] == ("html", {"lang": "en"})
    assert [name for name, _ in page.elements].count("main") == 1
    assert len(page.find("h1")) == 1
    for attributes, _ in page.find("img"):
        assert "alt" in attributes
        assert {"width", "height"} <= set(attributes), "without a size the page jumps"
    for attributes, _ in page.find("nav"):
        assert attributes["aria-label"]
    (track,) = page.find("track")
    assert track[0]["kind"] == "captions"


def test_commands_exist(page: Parsed) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    said = [text for _, text in page.find("code")]
    targets = {
        found for text in said for found in re.findall(r"^make ([\w-]+)", text, re.MULTILINE)
    }
    assert {"run", "test", "video"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


def test_the_python_example_runs(page: Parsed, built: Path) -> None:
    (code,) = [text for _, text in page.find("code") if text.startswith("from toxic_tweets")]
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(code, "index.html", "exec"), {})  # noqa: S102
    assert [line.split()[0] for line in shown.getvalue().splitlines()] == ["allow", "block"]


def test_what_changes_for_clients_is_what_the_documents_say(page: Parsed) -> None:
    guide = (ROOT / "docs" / "how-to" / "leave-perspective.md").read_text(encoding="utf-8")
    (curl,) = [text for _, text in page.find("code") if text.startswith("curl")]
    assert re.sub(r"\s*\\\n\s*", " ", curl) in guide
    ((_, new),) = page.find("ins")
    ((_, old),) = page.find("del")
    assert new.strip() in guide
    assert old.replace("https://commentanalyzer.googleapis.com", "http://HOST:8000") == new


def test_figures_are_those_of_the_report(page: Parsed, builder: ModuleType) -> None:
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    figures = {one["path"]: one for one in report["figures"]}
    shown = page.texts[[attributes.get("id") for _, attributes in page.elements].index("figures")]
    for texts, _, path in builder.REPORT_ROWS:
        one = figures[path]
        row = rf"{texts}{one['n']:,}.*?{one['value']:.3f}\({one['low']:.3f}–{one['high']:.3f}\)"
        assert re.search(row, shown), path
    assert report["settings"]["machine"] in shown
    assert f"seed {report['settings']['seed']}" in shown


def test_peers_are_those_of_the_benchmark(page: Parsed, builder: ModuleType) -> None:
    if not builder.PEERS.is_file():
        pytest.skip("misses docs/reports/peers.json: no figures of peers were compared")
    found = json.loads(builder.PEERS.read_text(encoding="utf-8"))
    rows = [text for _, text in page.find("tr")]
    for system in found["systems"]:
        (row,) = [text for text in rows if text.startswith(system["name"])]
        for one in system["figures"]:
            if one["path"] == "ranking/jigsaw/toxic/roc_auc" and one["value"] is not None:
                assert f"{one['value']:.3f}({one['low']:.3f}–{one['high']:.3f})" in row
    ours = next(text for text in rows if text.startswith(found["systems"][0]["name"]))
    assert len(re.findall(r"\d\.\d{3}\(", ours)) == 3, "a figure of ours is missing"


def test_the_specimen_is_scored_as_it_says(page: Parsed, builder: ModuleType) -> None:
    prediction = load().predict_one(builder.SPECIMEN)
    rows = [text for _, text in page.find("tr")]
    for label, score in prediction.scores.items():
        assert f"{label.replace('_', ' ')}{score:.2f}" in rows
    ((_, marked),) = page.find("mark")
    assert marked == "1d10t"


def test_peers_that_were_not_measured_are_not_shown(builder: ModuleType, tmp_path: Path) -> None:
    assert "Not measured yet" in builder.make_peers(tmp_path / "peers.json")


def test_a_place_without_a_part_is_an_error(builder: ModuleType) -> None:
    assert builder.fill("<b>{{ one }}</b>", {"one": "1"}) == "<b>1</b>"
    with pytest.raises(KeyError):
        builder.fill("{{ one }} {{ two }}", {"one": "1"})
    with pytest.raises(ValueError, match="no place"):
        builder.fill("{{ one }}", {"one": "1", "two": "2"})
