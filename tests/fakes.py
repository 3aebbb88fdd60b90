"""Stand-ins for foreign systems, real enough to be spoken to over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass
class FakeRepository:
    """Hold every commit of one repository, the last one being main."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: bool = False

    @property
    def main(self) -> str:
        return next(reversed(self.commits))

    def find(self, revision: str) -> str | None:
        if revision == "main" and self.commits:
            return self.main
        return revision if revision in self.commits else None

    def commit(self, files: dict[str, bytes]) -> str:
        before = self.commits[self.main] if self.commits else {}
        after = {**before, **files}
        state = repr((len(self.commits), sorted(after.items()))).encode()
        oid = hashlib.sha1(state, usedforsecurity=False).hexdigest()
        self.commits[oid] = after
        return oid


class FakeHub:
    """Answer the few requests by which huggingface_hub 2.4 fetches and publishes a model.

    Attributes:
        repositories: what it holds, by hub id.
        requests: "METHOD path" of every request so far.
        token: the token that writing needs.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, FakeRepository] = {}
        self.requests: list[str] = []
        self.token = "hf_test"
        hub = self

        class Handler(_Handler):
            fake = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, repo_id: str, files: dict[str, bytes]) -> str:
        """Commit files to a repository and return the commit."""
        return self.repositories.setdefault(repo_id, FakeRepository()).commit(files)

    def __enter__(self) -> FakeHub:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""

    def do_GET(self) -> None:
        self._read(send_body=True)

    def do_HEAD(self) -> None:
        self._read(send_body=False)

    def do_POST(self) -> None:
        path = self._start()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != f"Bearer {self.fake.token}":
            self._answer(401, {"error": "Unauthorized"})
        elif path == "/api/validate-yaml":
            self._answer(200, {"warnings": [], "errors": []})
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/preupload/([^/]+)", path):
            files = json.loads(body)["files"]
            modes = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": None}
                for one in files
            ]
            self._answer(200, {"files": modes})
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/([^/]+)", path):
            self._commit(match[1], body)
        else:
            self._answer(404, {"error": "Not found"})

    def _start(self) -> str:
        path = unquote(urlsplit(self.path).path)
        self.fake.requests.append(f"{self.command} {path}")
        return path

    def _create(self, wish: dict[str, Any]) -> None:
        repo_id = f"{wish['organization']}/{wish['name']}"
        url = f"{self.fake.endpoint}/{repo_id}"
        if repo_id in self.fake.repositories:
            self._answer(409, {"error": "You already created this model repo", "url": url})
            return
        is_private = wish.get("visibility") == "private"
        self.fake.repositories[repo_id] = FakeRepository(private=is_private)
        self._answer(200, {"url": url, "name": repo_id})

    def _commit(self, repo_id: str, body: bytes) -> None:
        lines = [json.loads(line) for line in body.splitlines()]
        files = {
            line["value"]["path"]: base64.b64decode(line["value"]["content"])
            for line in lines
            if line["key"] == "file"
        }
        oid = self.fake.add(repo_id, files)
        url = f"{self.fake.endpoint}/{repo_id}/commit/{oid}"
        self._answer(200, {"commitUrl": url, "commitOid": oid, "success": True})

    def _read(self, send_body: bool) -> None:
        path = self._start()
        patterns = (
            r"/api/models/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)",
            r"/api/models/(?P<repo>[^/]+/[^/]+)/(?P<tree>tree)/(?P<revision>[^/]+)",
            r"/api/models/(?P<repo>[^/]+/[^/]+)",
            r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)",
        )
        match = next(filter(None, (re.fullmatch(pattern, path) for pattern in patterns)), None)
        parts = match.groupdict() if match else {}
        repository = self.fake.repositories.get(parts.get("repo") or "")
        if repository is None:
            self._answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
            return
        commit = repository.find(parts.get("revision") or "main")
        if commit is None:
            code = {"X-Error-Code": "RevisionNotFound"}
            self._answer(404, {"error": "Invalid rev id"}, code)
            return
        files = repository.commits[commit]
        if "file" in parts:
            self._send_file(files.get(parts["file"]), commit, send_body)
        elif "tree" in parts:
            self._answer(200, [_describe(name, content) for name, content in files.items()])
        else:
            siblings = [{"rfilename": name} for name in files]
            facts = {"id": parts["repo"], "sha": commit, "siblings": siblings, "tags": []}
            self._answer(200, {**facts, "private": repository.private, "downloads": 0, "likes": 0})

    def _send_file(self, content: bytes | None, commit: str, send_body: bool) -> None:
        if content is None:
            self._answer(404, {"error": "No such file"}, {"X-Error-Code": "EntryNotFound"})
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{_oid(content)}"')
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if send_body:
            self.wfile.write(content)

    def _answer(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _oid(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _describe(name: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": name, "size": len(content), "oid": _oid(content)}
