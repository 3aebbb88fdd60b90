"""The wheel and the source distribution: what is in them, and that the wheel works by itself."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tests.test_house import list_tracked, read_pyproject, walk_requirements

from toxic_tweets.classifier import load
from toxic_tweets.model.checkpoint import embedded_names

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "src/toxic_tweets/"
TEXTS = ["You are kind.", "Shut up, you 1d10t."]

# Whoever asks for a name or an address of the network is refused, in every process of the new
# environment.
SITE = """\
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise PermissionError(f"{event} of {arguments[-1]!r}: the network is not to be asked.")

sys.addaudithook(refuse)
"""


@pytest.fixture(scope="session")
def tracked() -> set[str]:
    """Return the files of the repository, listed before anything is built."""
    return {path.relative_to(ROOT).as_posix() for path in list_tracked()}


@pytest.fixture(scope="session")
def built(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both files, made as `make build` makes them."""
    (command,) = re.findall(r"-m build .*?(?= --outdir)", read("Makefile"))
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, *command.split(), "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


class Environment:
    """A new virtual environment that holds the wheel and what it says it needs, and no source.

    What it needs is linked from this environment, distribution by distribution, so that no index
    is asked, and whatever the wheel forgot to require cannot be imported.
    """

    def __init__(self, folder: Path, wheel: Path, extras: Sequence[str] = ()) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin" / "python"
        (self.site,) = folder.glob("lib/python*/site-packages")
        install = ["install", "--quiet", "--no-index", "--no-deps", str(wheel)]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "--python", str(self.python), *install], check=True)
        (self.site / "sitecustomize.py").write_text(SITE, encoding="utf-8")
        (one,) = importlib.metadata.distributions(name="toxic-tweets", path=[str(self.site)])
        for name in find_needed(one.requires or (), extras):
            self.link(name)

    def link(self, name: str) -> None:
        """Link the files of an installed distribution."""
        one = importlib.metadata.distribution(name)
        assert one.files, f"{name} does not say which files it has. Install it with pip."
        for top in {file.parts[0] for file in one.files} - {"..", "__pycache__"}:
            target = self.site / top
            if not target.exists():
                target.symlink_to(str(one.locate_file(top)))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in an empty folder, with an environment that knows nothing of ours."""
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        return subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=empty,
            env={"HOME": str(empty), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment with the base install."""
    return Environment(tmp_path_factory.mktemp("clean") / "venv", wheel)


def find_needed(lines: Iterable[str], extras: Sequence[str]) -> set[str]:
    """Name all that the lines require, and what those require in turn."""
    needed: set[str] = set()
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": x}) for x in extras or ("",)):
            needed |= set(walk_requirements(requirement.name, frozenset(requirement.extras)))
    return {name for name in needed if is_installed(name)}


def is_installed(name: str) -> bool:
    """Tell whether this platform has a distribution at all: some are for others."""
    return bool([*importlib.metadata.distributions(name=name)])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path, tracked: set[str]) -> None:
    ours = {name.removeprefix("src/") for name in tracked if name.startswith(PACKAGE)}
    found = names_in(wheel)
    info = {name for name in found if ".dist-info/" in name}
    assert found - info == ours | {"toxic_tweets/web/tweets.csv"}
    assert {name.partition("/")[2] for name in info} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt"),
        *("licenses/LICENSE", "licenses/NOTICE"),
    }


@pytest.mark.parametrize(
    "pattern",
    [
        *(rf"checkpoints/{name}/checkpoint\.json" for name in embedded_names()),
        *(rf"checkpoints/{name}/model\.onnx" for name in ("small", "tiny", "sentiment")),
        r"checkpoints/small/(checkpoint|tokenizer)\.json",
        r"store/migrations/versions/m\d+_\w+\.py",
        r"text/\w+\.txt",
        r"train/recipes/\w+\.toml",
        r"web/(icon\.svg|style\.css|tweets\.csv|app\.py)",
        r"py\.typed",
    ],
)
def test_what_is_no_code_is_in_the_wheel(wheel: Path, pattern: str) -> None:
    assert [name for name in names_in(wheel) if re.fullmatch(f"toxic_tweets/{pattern}", name)]


def test_the_source_distribution_holds_all_that_is_tracked(built: Path, tracked: set[str]) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        found = {one.name.partition("/")[2] for one in archive if one.isfile()}
    assert found == tracked | {"PKG-INFO"}


def test_the_wheel_scores_texts_where_nothing_else_is(clean: Environment) -> None:
    done = clean.run("toxic-tweets", "score", "--format", "json", *TEXTS)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    expected = load().predict(TEXTS)
    assert [one["scores"] for one in found] == [dict(one.scores) for one in expected]
    assert [one["verdict"] for one in found] == ["allow", "block"]


def test_the_wheel_is_what_is_imported(clean: Environment) -> None:
    code = "import sys, toxic_tweets; print(toxic_tweets.__file__, toxic_tweets.__version__)"
    shown = clean.run("python", "-c", code + "; print(*sys.path, sep='\\n')").stdout
    file, version = shown.splitlines()[0].split()
    assert file == str(clean.site / "toxic_tweets" / "__init__.py")
    assert version == read_pyproject()["project"]["version"]
    assert str(ROOT / "src") not in shown.splitlines()


def test_the_network_is_really_refused(clean: Environment) -> None:
    code = "import urllib.request as r; r.urlopen('http://localhost:9')"
    assert "the network is not to be asked" in clean.run("python", "-c", code).stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [(["train", "small", "--data", ".", "--output", "x"], "train"), (["web"], "web")],
    ids=["train", "web"],
)
def test_a_missing_extra_is_named(clean: Environment, command: list[str], extra: str) -> None:
    done = clean.run("toxic-tweets", *command)
    assert done.returncode == 1
    assert f'pip install "toxic-tweets[{extra}]"' in done.stderr


def test_the_server_of_the_wheel_makes_its_tables(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("serve")
    server = Environment(folder / "venv", wheel, extras=("serve",))
    database = f"sqlite:///{folder / 'server.db'}"
    done = server.run("toxic-tweets", "keys", "create", "forum", "--database-url", database)
    assert done.returncode == 0, done.stderr
    listed = server.run("toxic-tweets", "keys", "list", "--database-url", database).stdout
    assert "forum" in listed
    shutil.rmtree(folder)


def test_the_size_that_is_stated_is_the_size(wheel: Path) -> None:
    stated = [
        (name, float(size))
        for name in ("README.md", "docs/how-to/release.md")
        for size in re.findall(r"wheel\D{1,40}?(\d+) MB", read(name))
    ]
    assert "docs/how-to/release.md" in dict(stated)
    found = wheel.stat().st_size / 1e6
    for name, size in stated:
        assert abs(found - size) <= 1, f"{name} says {size:g} MB, the wheel has {found:.1f} MB."
