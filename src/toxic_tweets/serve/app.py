"""Put the server together."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve import health, native, openai, perspective
from toxic_tweets.serve.errors import make_http_problem
from toxic_tweets.serve.observe import REQUEST_ID_HEADER, Observe, Render, render_problem
from toxic_tweets.serve.service import Core
from toxic_tweets.serve.settings import Settings, make_settings
from toxic_tweets.serve.versions import CALIBRATION_HEADER, CHECKPOINT_HEADER

# Each has `make_router`, `render_error` and `PATHS`: what the paths begin with that are its own.
_APIS: tuple[Any, ...] = (native, health, perspective, openai)
_log = logging.getLogger(__name__)

DESCRIPTION = """\
Scores texts for six kinds of toxicity and for sentiment. Three APIs give the same scores: this
one, the Perspective API (`/v1alpha1/comments:analyze`) and OpenAI's moderation endpoint
(`/v1/moderations`). Every answer names the checkpoint and the calibration that made it.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app; its models are loaded when it starts.

    Args:
        settings: None = from the environment.

    Raises:
        ToxicTweetsError: a setting is not what it must be.
    """
    settings = settings or make_settings()
    core = Core(settings)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        try:
            await core.start()
            yield
        except ToxicTweetsError as error:
            app.state.failure = error
            raise
        except Exception:
            _log.exception("start_failed")
            raise
        finally:
            await core.stop()

    app = FastAPI(
        title="Toxic Tweets",
        version=version("toxic-tweets"),
        description=DESCRIPTION,
        lifespan=live,
        openapi_url="/openapi.json" if settings.docs else None,
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.core = core
    app.state.failure = None  # why it did not start
    for module in _APIS:
        app.include_router(module.make_router(core, settings))
    app.add_exception_handler(HTTPException, _refuse)
    app.add_middleware(Observe, core=core, find_render=_find_render)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID_HEADER, CHECKPOINT_HEADER, CALIBRATION_HEADER],
        )
    return app


def _find_render(path: str) -> Render:
    """Return what makes the body of an error in the form of the API at a path."""
    for module in _APIS:
        if path.startswith(module.PATHS):
            render: Render = module.render_error
            return render
    return native.render_error


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer what no route takes in the form of the API that the path belongs to."""
    status, message = 500, ""
    if isinstance(error, HTTPException):
        status, message = error.status_code, str(error.detail)
    problem = make_http_problem(status, message, error)
    response = render_problem(request, problem, _find_render(request.url.path))
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    return response
