"""The kit for clients whose host name is hard-coded, with the real proxy and real clients.

Only the name server is pretended: what /etc/hosts would do is done in the client's process.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tests.serve.wire import make_checkpoint, serve

KIT = Path(__file__).resolve().parents[2] / "deploy" / "perspective-override"
HOST = "commentanalyzer.googleapis.com"

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="misses openssl: no certificate was made"
)
needs_caddy = pytest.mark.skipif(
    shutil.which("caddy") is None, reason="misses caddy: the override kit was not run"
)
needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="misses node: the override kit was not tried with Node"
)

# What a script does that has the host name hard-coded.
PYTHON = """
import socket, sys, requests
plain, port = socket.getaddrinfo, int(sys.argv[1])
socket.getaddrinfo = lambda host, *more, **named: plain("127.0.0.1", port, *more[1:], **named)
answer = requests.post(
    "https://commentanalyzer.googleapis.com/v1alpha1/comments:analyze?key=k",
    json={"comment": {"text": "what an idiot"}, "requestedAttributes": {"TOXICITY": {}}},
    timeout=20,
)
print(answer.status_code, list(answer.json()["attributeScores"]))
"""
NODE = """
const tls = require("tls");
const connect = tls.connect;
const port = Number(process.argv[2]);
tls.connect = (options, ...more) =>
  connect({ ...options, host: "127.0.0.1", port, servername: options.host }, ...more);
const body = JSON.stringify(
  { comment: { text: "what an idiot" }, requestedAttributes: { TOXICITY: {} } });
const request = require("https").request(
  "https://commentanalyzer.googleapis.com/v1alpha1/comments:analyze?key=k",
  { method: "POST", headers: { "Content-Type": "application/json" } },
  (answer) => {
    let text = "";
    answer.on("data", (piece) => { text += piece; });
    answer.on("end", () => console.log(
      answer.statusCode, JSON.stringify(Object.keys(JSON.parse(text).attributeScores))));
  });
request.on("error", (error) => { console.log(error.code); });
request.end(body);
"""


@dataclass(frozen=True)
class Proxy:
    port: int
    certificates: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run(["sh", KIT / "make-certificates.sh", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def proxy(
    certificates: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("override")
    checkpoint = make_checkpoint(tiny_checkpoint, folder / "tiny")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serve(checkpoint, folder / "store.db") as server:
        environment = {
            **os.environ,
            "PORT": str(port),
            "CERTIFICATES": str(certificates),
            "UPSTREAM": server.url.removeprefix("http://"),
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        command: list[str | Path] = ["caddy", "run"]
        command += ["--config", KIT / "Caddyfile", "--adapter", "caddyfile"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            yield Proxy(port, certificates)
        finally:
            process.terminate()
            process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1000):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "caddy ended at once."
        time.sleep(0.02)
    raise AssertionError("caddy does not listen.")


def run(command: list[str | Path], **environment: str | Path) -> str:
    values = {name: str(value) for name, value in environment.items()}
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(
        command, env={**kept, **values}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


@needs_openssl
@needs_caddy
def test_requests(proxy: Proxy) -> None:
    command: list[str | Path] = [sys.executable, "-c", PYTHON, str(proxy.port)]
    answer = run(command, REQUESTS_CA_BUNDLE=proxy.certificates / "bundle.pem")
    assert answer == "200 ['TOXICITY']\n"
    assert "CERTIFICATE_VERIFY_FAILED" in run(command)


@needs_openssl
@needs_caddy
@needs_node
def test_node(proxy: Proxy, tmp_path: Path) -> None:
    script = tmp_path / "client.js"
    script.write_text(NODE)
    command: list[str | Path] = ["node", script, str(proxy.port)]
    answer = run(command, NODE_EXTRA_CA_CERTS=proxy.certificates / "ca.pem")
    assert answer == '200 ["TOXICITY"]\n'
    assert "UNABLE_TO_VERIFY" in run(command) or "SELF_SIGNED" in run(command)


@needs_openssl
@needs_caddy
def test_curl_finds_our_address_in_the_discovery_document(proxy: Proxy) -> None:
    answer = run(
        [
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            "--connect-to",
            f"{HOST}:443:127.0.0.1:{proxy.port}",
            f"https://{HOST}/$discovery/rest?version=v1alpha1&fields=rootUrl",
        ],
        CURL_CA_BUNDLE=proxy.certificates / "bundle.pem",
    )
    assert f'"rootUrl": "https://{HOST}/"' in answer


@needs_openssl
def test_the_authority_is_good_for_one_name_only(certificates: Path) -> None:
    text = run(["openssl", "x509", "-in", certificates / "ca.pem", "-noout", "-text"])
    assert "X509v3 Name Constraints: critical" in text
    assert f"DNS:{HOST}" in text
    assert sorted(path.name for path in certificates.iterdir()) == [
        "bundle.pem",
        "ca.pem",
        "server.key",
        "server.pem",
    ]
    assert (certificates / "server.key").stat().st_mode & 0o077 == 0
    context = ssl.create_default_context(cafile=str(certificates / "bundle.pem"))
    assert context.cert_store_stats()["x509_ca"] >= 1


def test_compose_gives_the_name_to_the_proxy() -> None:
    services = yaml.safe_load((KIT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["proxy"]["networks"]["perspective"]["aliases"] == [HOST]
    assert "perspective" not in services["server"]["networks"]
    for volume in services["proxy"]["volumes"]:
        source = volume.split(":")[0]
        assert source == "./certificates" or (KIT / source).is_file()
