"""The workflows of GitHub, as far as they can be checked without GitHub."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def read(path: Path) -> dict[str, Any]:
    values: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["on"] = values.pop(True, values.get("on"))  # YAML 1.1 takes `on` for true
    return values


def find_steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def test_the_workflows_are_there() -> None:
    assert [path.stem for path in WORKFLOWS] == ["pages", "release", "space", "tests"]


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.compose-spec", [ROOT / ".devcontainer" / "compose.yaml"]),
    ],
    ids=["workflows", "compose"],
)
def test_files_follow_their_schema(schema: str, paths: list[Path]) -> None:
    pytest.importorskip("check_jsonschema", reason="misses check-jsonschema: no schema was tried")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_hash_and_say_their_version(path: Path) -> None:
    lines = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert lines
    for line in lines:
        action, _, version = line.partition(" # ")
        if action.startswith("./"):
            assert (ROOT / action).is_file()
        else:
            assert PINNED.fullmatch(action), f"{path.name}: {action} is not pinned by its hash."
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), f"{path.name}: which version is it?"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_rights_are_as_few_as_can_be(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    more = {
        name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job
    }
    allowed = {
        "release": {"github": {"contents": "write"}, "pypi": {"id-token": "write"}},
        "pages": {"publish": {"pages": "write", "id-token": "write"}},
    }
    assert more == allowed.get(path.stem, {})
    for step in find_steps(workflow):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    for name, job in workflow["jobs"].items():
        assert "uses" in job or "timeout-minutes" in job, f"{path.name}: {name} may run for hours."


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_from_outside_becomes_a_command(path: Path) -> None:
    for step in find_steps(read(path)):
        assert "${{" not in step.get("run", ""), f"{path.name}: {step} runs what others wrote."


def test_the_space_is_synced_from_main_after_the_tests() -> None:
    workflow = read(ROOT / ".github" / "workflows" / "space.yml")
    assert workflow["on"]["push"] == {"branches": ["main"]}
    assert workflow["jobs"]["sync"]["needs"] == "tests"
    (step,) = [step for step in find_steps(workflow) if "sync.py" in step.get("run", "")]
    assert "HF_TOKEN" not in step["run"]
    assert step["env"]["HF_TOKEN"] == "${{ secrets.HF_TOKEN }}"


def test_the_site_is_published_from_main_after_the_tests() -> None:
    workflow = read(ROOT / ".github" / "workflows" / "pages.yml")
    assert workflow["on"]["push"] == {"branches": ["main"]}
    jobs = workflow["jobs"]
    assert (jobs["build"]["needs"], jobs["publish"]["needs"]) == ("tests", "build")
    steps = jobs["build"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["make site"]
    (sent,) = [step for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    assert sent["with"]["path"] == "build/site"


def test_commands_of_the_workflows_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in WORKFLOWS:
        for step in find_steps(read(path)):
            for target in re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE):
                assert re.search(rf"^{target}:", makefile, re.MULTILINE)
            for script in re.findall(r"^python (\S+\.py)", step.get("run", ""), re.MULTILINE):
                assert (ROOT / script).is_file()


def test_a_release_is_checked_and_built_as_make_release_does_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    workflow = read(ROOT / ".github" / "workflows" / "release.yml")
    commands = [step["run"] for step in workflow["jobs"]["build"]["steps"] if "run" in step]
    check, tools, build = commands[:3]
    assert check == 'python deploy/release.py --tag "$TAG"'
    assert f"$(BIN)/{build} " in makefile
    assert f"$(BIN)/{check.partition(' --')[0]}\n" in makefile
    assert tools.startswith("python -m pip install --constraint constraints.txt ")
