"""Around every request: an id, a time, a count, a line in the log, and the answer to an error."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toxic_tweets.serve.errors import ClientGoneError, Problem, make_problem
from toxic_tweets.serve.logs import find_places
from toxic_tweets.serve.versions import CALIBRATION_HEADER, CHECKPOINT_HEADER

if TYPE_CHECKING:
    from toxic_tweets.serve.service import Core

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,100}")
_log = logging.getLogger("toxic_tweets.serve")

Render = Callable[[Request, Problem], Response]


class Observe:
    """Wrap the whole app; the only place where an error becomes an answer."""

    def __init__(self, app: ASGIApp, core: Core, find_render: Callable[[str], Render]) -> None:
        """Keep what is wrapped.

        Args:
            app: the app.
            core: its settings, metrics and models.
            find_render: returns, for a path, what makes the error body of the API there.
        """
        self._app = app
        self._core = core
        self._find_render = find_render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        request_id = _choose_id(scope)
        scope_state(scope)["request_id"] = request_id
        watch = _Watch(send, self._core.headers, request_id)
        try:
            await self._app(scope, receive, watch.send)
        except Exception as error:
            await self._answer(error, Request(scope, receive), watch, request_id)
        finally:
            self._report(scope, watch, time.perf_counter() - start, request_id)

    async def _answer(
        self, error: Exception, request: Request, watch: _Watch, request_id: str
    ) -> None:
        problem = make_problem(error)
        if problem.status == 500:
            places = find_places(error.__traceback__)
            facts = {"request_id": request_id, "error": type(error).__name__, "trace": places}
            _log.error("bug", extra=facts)
        if isinstance(error, ClientGoneError):
            watch.status = problem.status
            scope_state(request.scope)["error_code"] = problem.code
            return
        if watch.status:  # too late for another answer: the connection is cut
            raise error
        response = render_problem(request, problem, self._find_render(request.url.path))
        await response(request.scope, request.receive, watch.send)

    def _report(self, scope: Scope, watch: _Watch, elapsed_s: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "") or "none"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics = self._core.metrics
        metrics.requests.labels(route, method, str(watch.status or 500)).inc()
        metrics.request_seconds.labels(route).observe(elapsed_s)
        code = scope_state(scope).get("error_code")
        if code:
            metrics.rejected.labels(code).inc()
        level = logging.DEBUG if route in _QUIET else logging.INFO
        if _log.isEnabledFor(level):
            facts = {
                "request_id": request_id,
                "method": method,
                "route": route,
                "status": watch.status,
                "latency_ms": round(1000 * elapsed_s, 2),
                **({"code": code} if code else {}),
            }
            _log.log(level, "request", extra=facts)


_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
# Asked for every few seconds by machines.
_QUIET = frozenset(("/healthz", "/readyz", "/metrics"))


def render_problem(request: Request, problem: Problem, render: Render) -> Response:
    """Return the answer to an error, with what every API adds."""
    response = render(request, problem)
    scope_state(request.scope)["error_code"] = problem.code
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.status in (408, 413):  # the rest of the body is not wanted
        response.headers["Connection"] = "close"
    return response


def scope_state(scope: Scope) -> dict[str, Any]:
    """Return what one request carries along: `request_id`, and `error_code` once there is one."""
    state: dict[str, Any] = scope.setdefault("state", {})
    return state


class _Watch:
    """Pass an answer on, and remember its status."""

    def __init__(self, send: Send, headers: dict[str, str], request_id: str) -> None:
        self._send = send
        self._headers = headers
        self._request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass one message on; the head says the id and the model too."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_HEADER] = self._request_id
            for name in (CHECKPOINT_HEADER, CALIBRATION_HEADER):
                if name in self._headers:
                    headers.setdefault(name, self._headers[name])
        await self._send(message)


def _choose_id(scope: Scope) -> str:
    """Return the caller's own id where it is harmless, else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
