"""What machines ask a server: is it alive, is it ready, what are its numbers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from toxic_tweets.errors import StoreError
from toxic_tweets.serve.metrics import CONTENT_TYPE
from toxic_tweets.serve.native import ERRORS, render_error

if TYPE_CHECKING:
    from toxic_tweets.serve.service import Core
    from toxic_tweets.serve.settings import Settings

PATHS = ("/healthz", "/readyz", "/metrics")
__all__ = ["PATHS", "make_router", "render_error"]

_READY_S = 2.0


def make_router(core: Core, settings: Settings) -> APIRouter:
    """Return the routes, which no key and no rate limit is asked for."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Is the process alive?", operation_id="healthz")
    async def healthz() -> JSONResponse:
        """Answer as long as the process can answer at all."""
        return JSONResponse({"status": "alive"})

    @router.get(
        "/readyz",
        summary="Would a call be answered?",
        operation_id="readyz",
        responses={503: ERRORS[503]},
    )
    async def readyz() -> JSONResponse:
        """Answer 200 once the models are loaded and the database answers, 503 otherwise."""
        try:
            await asyncio.wait_for(asyncio.to_thread(core.check_ready), _READY_S)
        except TimeoutError:
            raise StoreError("The database does not answer in time. Try again.") from None
        return JSONResponse({"status": "ready", "models": list(core.models)})

    @router.get(
        "/metrics",
        summary="Numbers for Prometheus",
        operation_id="metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics() -> Response:
        """Return counts, times and scores, in the text format of Prometheus."""
        content = await asyncio.to_thread(core.metrics.render)
        return Response(content, media_type=CONTENT_TYPE)

    return router
