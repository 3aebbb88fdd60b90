"""What can be proven of deploy/kubernetes-ray without a cluster and without a Docker engine."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from toxic_tweets.cli import app

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes-ray"


@pytest.fixture(scope="module")
def job() -> Any:
    return yaml.safe_load((FOLDER / "job.yaml").read_text(encoding="utf-8"))


def test_the_job_runs_a_command_that_exists(job: Any) -> None:
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    shell, option, script = shlex.split(job["spec"]["entrypoint"])
    assert (shell, option) == ("sh", "-c")
    name, command, *words = shlex.split(script)
    assert name == "toxic-tweets"
    group: Any = get_command(app)
    parameters = group.commands[command].params
    known = {name for parameter in parameters for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert words[words.index("--engine") + 1] == "ray"
    assert "--resume" in words, "a job that is tried again must go on"


def test_there_is_a_core_for_every_actor(job: Any) -> None:
    words = shlex.split(shlex.split(job["spec"]["entrypoint"])[2])
    n_actors = int(words[words.index("--workers") + 1])
    (group,) = job["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    (container,) = group["template"]["spec"]["containers"]
    cores = int(container["resources"]["limits"]["cpu"]) * group["replicas"]
    assert cores == n_actors
    head = job["spec"]["rayClusterSpec"]["headGroupSpec"]
    assert head["rayStartParams"]["num-cpus"] == "0"


def test_nodes_are_safe_and_send_nothing_home(job: Any) -> None:
    spec = job["spec"]["rayClusterSpec"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        (container,) = pod["containers"]
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        settings = {one["name"]: one.get("value") for one in container["env"]}
        assert settings["RAY_USAGE_STATS_ENABLED"] == "0"
        assert group["rayStartParams"]["disable-usage-stats"] == "true"


def test_manifest_image_and_pins_name_one_version(job: Any) -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    version = re.search(r"^ray==(.+)$", pins, re.MULTILINE)
    assert version is not None
    assert job["spec"]["rayClusterSpec"]["rayVersion"] == version[1]
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    for names in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        for source in names.split():
            assert (ROOT / source).exists(), source
