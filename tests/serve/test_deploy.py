"""What can be proven of deploy/ without a Docker engine and without a cluster."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from toxic_tweets.serve.metrics import Metrics
from toxic_tweets.serve.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KINDS = {".yaml", ".yml", ".json"}
FILES = sorted(path for path in DEPLOY.glob("*") if path.suffix in KINDS)
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_setting_that_is_set_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for path in [DEPLOY / "Dockerfile", *FILES, *MANIFESTS]:
        named = set(re.findall(rf"{PREFIX}[A-Z_]+", path.read_text(encoding="utf-8")))
        named = {name for name in named if not name.startswith(f"{PREFIX}WEB_")}  # the page's
        assert named <= known, path.name


def test_the_dashboard_asks_for_metrics_that_exist() -> None:
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    known = {next(iter(one.describe())).name for one in Metrics().all()}
    asked = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            asked |= set(re.findall(r"toxic_tweets_[a-z_]+", target["expr"]))
    bare = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked}
    assert bare == known


def test_the_image_is_safe_by_its_dockerfile() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    server = text.partition(" AS server")[2].partition("\nFROM ")[0]
    assert "\nUSER 10001:10001\n" in server
    assert "torch" not in re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    for name in re.findall(r"^COPY (?!--)(.+) \./?\S*$", text, re.MULTILINE):
        for source in name.split():
            assert (ROOT / source).exists(), source
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for source in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "src", "constraints.txt"):
        assert f"!{source}" in allowed


def test_compose_runs_what_the_dockerfile_builds() -> None:
    services = read(DEPLOY / "compose.yaml")["services"]
    server = services["server"]
    assert (DEPLOY / server["build"]["context"] / server["build"]["dockerfile"]).is_file()
    assert f" AS {server['build']['target']}" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert server["read_only"] is True
    assert set(server["depends_on"]) <= set(services)
    (target,) = read(DEPLOY / "prometheus.yml")["scrape_configs"][0]["static_configs"][0]["targets"]
    assert target == "server:8000"


def test_kubernetes_probes_ask_routes_that_exist(server: Any) -> None:
    deployment = read(DEPLOY / "kubernetes" / "deployment.yaml")
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert server.get(container[probe]["httpGet"]["path"]).status_code == 200
    assert spec["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    autoscaler = read(DEPLOY / "kubernetes" / "autoscaler.yaml")["spec"]
    assert autoscaler["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    for name in ("service", "disruption"):
        chosen = read(DEPLOY / "kubernetes" / f"{name}.yaml")["spec"]["selector"]
        assert chosen.get("matchLabels", chosen).items() <= labels


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="misses kubectl: kustomize was not run")
def test_kustomize_puts_the_manifests_together() -> None:
    shown = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    kinds = {one["kind"] for one in yaml.safe_load_all(shown)}
    assert kinds == {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
