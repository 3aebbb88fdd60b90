"""The development container, as far as it can be checked without an engine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".devcontainer"


@pytest.fixture
def container() -> dict[str, Any]:
    values: dict[str, Any] = json.loads((FOLDER / "devcontainer.json").read_text(encoding="utf-8"))
    return values


@pytest.fixture
def service(container: dict[str, Any]) -> dict[str, Any]:
    compose = FOLDER / container["dockerComposeFile"]
    services = yaml.safe_load(compose.read_text(encoding="utf-8"))["services"]
    found: dict[str, Any] = services[container["service"]]
    return found


def test_every_key_is_one_that_dev_containers_know(container: dict[str, Any]) -> None:
    # Source: containers.dev, reference of devcontainer.json, keys for Docker Compose.
    known = {
        "name",
        "dockerComposeFile",
        "service",
        "workspaceFolder",
        "remoteUser",
        "postCreateCommand",
        "forwardPorts",
        "portsAttributes",
        "customizations",
    }
    assert set(container) == known
    assert {"dockerComposeFile", "service", "workspaceFolder"} <= set(container)


def test_the_ports_of_page_and_api_are_forwarded(container: dict[str, Any]) -> None:
    assert container["forwardPorts"] == [8501, 8000]
    assert set(container["portsAttributes"]) == {"8501", "8000"}


def test_the_clone_is_where_everything_looks_for_it(
    container: dict[str, Any], service: dict[str, Any]
) -> None:
    folder = container["workspaceFolder"]
    mounts = dict(volume.split(":") for volume in service["volumes"])
    assert mounts == {"..": folder, "venv": f"{folder}/.venv"}
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"] == f"{folder}/.venv/bin/python"
    assert settings["python.testing.pytestEnabled"] is True
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    assert f"WORKDIR {folder}" in dockerfile
    assert f"{folder}/.venv" in dockerfile


def test_nobody_is_root_in_it(container: dict[str, Any]) -> None:
    user = container["remoteUser"]
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(rf"useradd .*--uid 1000 .*\b{user}\b", dockerfile)
    assert re.findall(r"^USER (\w+)", dockerfile, re.MULTILINE)[-1] == user


def test_it_makes_itself_ready(container: dict[str, Any]) -> None:
    target = container["postCreateCommand"].removeprefix("make ")
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
