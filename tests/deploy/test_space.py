"""The Hugging Face Space: what it is built from, and how it is sent to a stand-in of the Hub."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "space" / "sync.py"
TOKEN = "hf_stand_in_token"
SPACE = "somebody/toxic-tweets"

needs_dockerfile = pytest.mark.skipif(
    not (ROOT / "deploy" / "Dockerfile").is_file(), reason="misses deploy/Dockerfile"
)


class SpaceHub:
    """Answer the requests by which huggingface_hub keeps a Space in step.

    Attributes:
        files: what the Space holds.
        requests: method, path and whether the token came along.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {".gitattributes": b"", "old.txt": b"left over"}
        self.large: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, bool]] = []
        self.messages: list[str] = []
        hub = self

        class Handler(_Handler):
            fake = hub

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.http.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    fake: SpaceHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""

    def do_GET(self) -> None:
        path = self._start()
        if re.fullmatch(rf"/api/spaces/{SPACE}(/revision/main)?", path):
            siblings = [{"rfilename": name} for name in self.fake.files]
            self._answer(200, {"id": SPACE, "sha": "0" * 40, "siblings": siblings, "tags": []})
        elif path.startswith(f"/api/spaces/{SPACE}/tree/"):
            rows = [
                {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                for name, content in self.fake.files.items()
            ]
            self._answer(200, rows)
        else:
            self._answer(404, {"error": "Not found"})

    def do_PUT(self) -> None:
        path = self._start(needs_token=False)
        self.fake.large[path.rpartition("/")[2]] = self._read()
        self._answer(200, {})

    def do_POST(self) -> None:
        path = self._start(needs_token=False)
        body = self._read()
        if not self._has_token():
            self._answer(401, {"error": "Invalid credentials in Authorization header"})
        elif path == "/api/validate-yaml":
            self._answer(200, {"warnings": [], "errors": []})
        elif path == "/api/repos/create":
            self._answer(409, {"error": "exists", "url": f"{self.fake.endpoint}/spaces/{SPACE}"})
        elif path == f"/api/spaces/{SPACE}/preupload/main":
            files = [self._choose_mode(one) for one in json.loads(body)["files"]]
            self._answer(200, {"files": files})
        elif path.endswith("/info/lfs/objects/batch"):
            self._answer(200, {"transfer": "basic", "objects": self._offer(json.loads(body))})
        elif path == f"/api/spaces/{SPACE}/commit/main":
            self._commit(body)
        else:
            self._answer(404, {"error": f"Not found: {path}"})

    def _start(self, needs_token: bool = True) -> str:
        path = unquote(urlsplit(self.path).path)
        self.fake.requests.append((self.command, self.path, self._has_token()))
        return path

    def _has_token(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _choose_mode(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Take large files apart from the others, as the Hub does from 10 MB on."""
        mode = "lfs" if one["size"] > 10_000_000 else "regular"
        return {"path": one["path"], "uploadMode": mode, "shouldIgnore": False, "oid": None}

    def _offer(self, wish: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "oid": one["oid"],
                "size": one["size"],
                "actions": {"upload": {"href": f"{self.fake.endpoint}/lfs/{one['oid']}"}},
            }
            for one in wish["objects"]
        ]

    def _commit(self, body: bytes) -> None:
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "header":
                self.fake.messages.append(value["summary"])
            elif line["key"] == "file":
                self.fake.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                self.fake.files[value["path"]] = self.fake.large[value["oid"]]
            elif line["key"] == "deletedFile":
                del self.fake.files[value["path"]]
        url = f"{self.fake.endpoint}/spaces/{SPACE}/commit/{'1' * 40}"
        self._answer(200, {"commitUrl": url, "commitOid": "1" * 40, "success": True})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def hub() -> Iterator[SpaceHub]:
    fake = SpaceHub()
    thread = threading.Thread(target=fake.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield fake
    fake.http.shutdown()
    fake.http.server_close()
    thread.join()


def run(
    *arguments: str, hub: SpaceHub | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    if hub is not None:
        environment["HF_ENDPOINT"] = hub.endpoint
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_front_matter_is_what_the_hub_takes() -> None:
    text = (ROOT / "deploy" / "space" / "README.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    values = yaml.safe_load(front)
    assert values["sdk"] == "docker"
    assert values["app_port"] == 8501
    assert len(values["short_description"]) <= 60
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {values["colorFrom"], values["colorTo"]} <= colours
    assert values["license"] == "apache-2.0"
    assert body.strip().startswith("# Toxic Tweets")


@needs_dockerfile
def test_everything_the_image_copies_is_sent(tmp_path: Path) -> None:
    done = run("--folder", str(tmp_path / "space"))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "space"
    dockerfile = (folder / "Dockerfile").read_text(encoding="utf-8")
    assert dockerfile.rstrip().splitlines()[-1] == "FROM space"
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("---\ntitle:")
    for line in re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (folder / source).exists(), f"The image copies {source}, which is not sent."
    for name in ("small", "sentiment"):
        assert (folder / "src" / "toxic_tweets" / "checkpoints" / name / "model.onnx").is_file()
    assert not list(folder.rglob("__pycache__"))


@needs_dockerfile
def test_the_space_is_in_step_afterwards(hub: SpaceHub, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    done = run(hub=hub, HF_TOKEN=TOKEN, HF_SPACE=SPACE, COMMIT="abcdef1234567890")
    assert done.returncode == 0, done.stderr
    run("--folder", str(tmp_path))
    expected = {
        str(path.relative_to(tmp_path)): path for path in tmp_path.rglob("*") if path.is_file()
    }
    assert set(hub.files) - {".gitattributes"} == set(expected)
    for name, path in expected.items():
        assert hub.files[name] == path.read_bytes(), name
    assert hub.messages == ["Sync with abcdef123456"]
    assert hub.large, "the weights go the way of large files"
    assert not any(TOKEN in path for _, path, _ in hub.requests)
    assert TOKEN not in done.stdout + done.stderr


@needs_dockerfile
def test_a_rejected_token_is_one_line_without_it(hub: SpaceHub) -> None:
    before = dict(hub.files)
    done = run(hub=hub, HF_TOKEN="hf_wrong_token", HF_SPACE=SPACE)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        f"The Hub does not take {SPACE} (HTTP status 401). Check HF_TOKEN and its right to write "
        "there."
    )
    assert "hf_wrong_token" not in done.stdout + done.stderr
    assert hub.files == before


@pytest.mark.parametrize(
    ("variables", "missing"),
    [({}, "HF_TOKEN"), ({"HF_TOKEN": TOKEN}, "HF_SPACE"), ({"HF_SPACE": SPACE}, "HF_TOKEN")],
)
def test_without_token_or_name_nothing_happens(
    hub: SpaceHub, variables: dict[str, str], missing: str
) -> None:
    done = run(hub=hub, **variables)
    assert done.returncode == 0
    assert done.stdout == f"{missing} is not set: nothing is sent.\n"
    assert hub.requests == []
