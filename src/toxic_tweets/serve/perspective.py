"""The Perspective API: analyze, suggestscore, batch and the discovery document.

Source: the wire facts that were gathered from its documents and from recorded answers; which is
which stands in docs/how-to/leave-perspective.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.prediction import Prediction, Span
from toxic_tweets.serve.auth import Caller, find_key
from toxic_tweets.serve.errors import ClientGoneError, Problem, make_problem
from toxic_tweets.serve.limits import finish
from toxic_tweets.serve.perspective_attributes import (
    Attributes,
    check_languages,
    detect_languages,
    find_label,
    measured_labels,
)
from toxic_tweets.serve.perspective_batch import Part, PartAnswer, read_parts, write_answers
from toxic_tweets.serve.perspective_discovery import VERSION, make_document
from toxic_tweets.serve.perspective_errors import WireError, make_body
from toxic_tweets.serve.perspective_fields import answer, read_style, select
from toxic_tweets.serve.perspective_openapi import describe
from toxic_tweets.serve.perspective_request import (
    Analysis,
    Wanted,
    choose_wanted,
    read_analysis,
    read_suggestion,
)
from toxic_tweets.serve.versions import make_headers
from toxic_tweets.store.feedback import FeedbackItem
from toxic_tweets.text.offsets import to_utf16
from toxic_tweets.text.sentences import split_sentences

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier
    from toxic_tweets.serve.service import Core
    from toxic_tweets.serve.settings import Settings

ANALYZE = f"/{VERSION}/comments:analyze"
SUGGEST = f"/{VERSION}/comments:suggestscore"
DISCOVERY = "/$discovery/rest"
DISCOVERY_ALIAS = "/discovery/v1/apis/commentanalyzer/{version}/rest"
BATCH = "/batch"
PATHS = (f"/{VERSION}/", "/$discovery/", "/discovery/", BATCH)

# Neighbours are put together beyond it: 20 kB may hold thousands of sentences of one letter.
MAX_SENTENCES = 200
# Parts of a batch that are worked on at once: enough to keep the threads busy, and few enough that
# a batch of 1,000 does not fill the queue that all callers share.
_PARTS_AT_ONCE = 16

_Handle = Callable[[Request, bytes, Caller], Awaitable[Response]]


def render_error(request: Request, problem: Problem) -> Response:
    """Return the body of an error as the API words it."""
    status, body = make_body(problem)
    return answer(body, read_style(request, strict=False), status)


def make_router(core: Core, settings: Settings) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["Perspective API"])
    facade = _Facade(core, settings)
    _add_calls(router, core, facade)
    _add_discovery(router, settings)
    return router


def _add_calls(router: APIRouter, core: Core, facade: _Facade) -> None:
    @router.post(ANALYZE, **describe("analyze"))
    async def analyze(request: Request) -> Response:
        """Return the scores of the attributes that are asked for."""
        admitted = await core.gate.admit(request)
        return await finish(request, facade.analyze(request, admitted.body, admitted.caller))

    @router.post(SUGGEST, **describe("suggestscore"))
    async def suggestscore(request: Request) -> Response:
        """Keep what a moderator says about a text; it is on disk once this is answered."""
        admitted = await core.gate.admit(request)
        return await facade.suggest(request, admitted.body, admitted.caller)

    @router.post(BATCH, **describe("batch"))
    async def batch(request: Request) -> Response:
        """Answer many requests at once."""
        body = await core.gate.read(request)
        parts = read_parts(request.headers.get("content-type", ""), body)
        return await finish(request, facade.answer_batch(request, parts))


def _add_discovery(router: APIRouter, settings: Settings) -> None:
    def find(request: Request, version: str) -> Response:
        if version != VERSION:
            raise WireError("Discovery document not found", status=404, google="NOT_FOUND")
        root = settings.public_url or str(request.base_url)
        return answer(make_document(f"{root.rstrip('/')}/"), read_style(request))

    @router.get(DISCOVERY, **describe("discovery"))
    async def discovery(request: Request) -> Response:
        """Return the document that Google's clients build themselves from."""
        return find(request, request.query_params.get("version", VERSION))

    @router.get(DISCOVERY_ALIAS, **describe("discovery_alias"))
    async def discovery_alias(request: Request, version: str) -> Response:
        """Return the same document where Google's own directory had it."""
        return find(request, version)


class _Facade:
    """Answer the calls; each takes a request, its body and who calls."""

    def __init__(self, core: Core, settings: Settings) -> None:
        self._core = core
        self._settings = settings
        self._model: tuple[Classifier, Attributes] | None = None
        self._calls: dict[tuple[str, str], _Handle] = {
            ("POST", ANALYZE): self.analyze,
            ("POST", SUGGEST): self.suggest,
        }

    async def analyze(self, request: Request, body: bytes, caller: Caller) -> Response:
        """Score a text, and its sentences where the request asks for it.

        Raises:
            ToxicTweetsError: the request is refused, or too much waits already.
        """
        style = read_style(request)
        wish = read_analysis(body, self._settings.max_text_bytes)
        classifier, attributes = self._find_model()
        measured = [one.name for one in wish.wanted if attributes.is_measured(one.name)]
        wanted = choose_wanted(wish, measured, lenient=self._settings.lenient)
        detected = await self._detect(wish.text, attributes)
        check_languages(wish.languages, detected, attributes.languages, wanted[0].name)
        spans = await asyncio.to_thread(_find_spans, wish) if wish.has_spans else []
        texts = [wish.text, *(wish.text[span.start : span.end] for span in spans)]
        names = tuple(one.name for one in wanted)
        rows = await self._core.run(partial(attributes.score, names), texts)
        self._count(classifier, rows[0].measured)
        scores = _make_scores(wish, wanted, spans, [row.scores for row in rows])
        found: dict[str, Any] = {"attributeScores": scores} if scores else {}
        found["languages"] = list(wish.languages) or detected[:1]
        found["detectedLanguages"] = detected
        if wish.token is not None:
            found["clientToken"] = wish.token
        response = answer(select(found, style.fields, "AnalyzeCommentResponse"), style)
        response.headers.update(make_headers(classifier))
        return response

    async def suggest(self, request: Request, body: bytes, caller: Caller) -> Response:
        """Keep what a moderator says about a text, unless asked not to.

        Raises:
            ToxicTweetsError: the request is refused, or the text cannot be kept.
        """
        style = read_style(request)
        wish = read_suggestion(body, self._settings.max_text_bytes)
        classifier, attributes = self._find_model()
        detected = await self._detect(wish.text, attributes, is_refused=False)
        targets = measured_labels(wish.scores)
        targets |= {
            f"perspective:{name}": score
            for name, score in wish.scores.items()
            if find_label(name) is None
        }
        if wish.is_kept:
            await self._core.feedback.keep(
                FeedbackItem(
                    wish.text,
                    targets,
                    "perspective",
                    wish.community,
                    wish.token or "",
                    caller.key_id,
                    classifier.checkpoint.id,
                )
            )
        found: dict[str, Any] = {"detectedLanguages": detected}
        if wish.token is not None:
            found["clientToken"] = wish.token
        if wish.languages:
            found["requestedLanguages"] = list(wish.languages)
        response = answer(select(found, style.fields, "SuggestCommentScoreResponse"), style)
        response.headers.update(make_headers(classifier))
        return response

    async def answer_batch(self, request: Request, parts: list[Part]) -> Response:
        """Answer a batch in its order; one refusal spoils no other answer."""
        turn = asyncio.Semaphore(_PARTS_AT_ONCE)

        async def answer_one(part: Part) -> PartAnswer:
            async with turn:
                response = await self._answer_part(request, part)
            headers = {
                name.title(): value
                for name, value in response.headers.items()
                if name != "content-length"
            }
            headers["Content-Length"] = str(len(response.body))
            return PartAnswer(part.content_id, response.status_code, headers, bytes(response.body))

        async with asyncio.TaskGroup() as group:  # one that fails, or is cancelled, ends them all
            tasks = [group.create_task(answer_one(part)) for part in parts]
        content_type, content = write_answers(task.result() for task in tasks)
        return Response(content, headers={"Content-Type": content_type})

    async def _answer_part(self, outer: Request, part: Part) -> Response:
        """Answer one request of a batch as if it had come alone."""
        request = _make_request(outer, part)
        try:
            handle = self._calls.get((part.method, part.path))
            if handle is None:
                raise WireError("Method not found.", status=404, google="NOT_FOUND")
            key = find_key(request) or find_key(outer)
            caller = await self._core.keys.check(key)
            await self._core.gate.charge(outer, caller)
            return await handle(request, part.body, caller)
        except ClientGoneError:
            raise
        except ToxicTweetsError as error:
            problem = make_problem(error)
            self._core.metrics.rejected.labels(problem.code).inc()
            response = render_error(request, problem)
            if problem.retry_after_s is not None:
                response.headers["Retry-After"] = str(problem.retry_after_s)
            return response

    def _find_model(self) -> tuple[Classifier, Attributes]:
        """Return the first model that measures an attribute, else the default one."""
        if self._model is None:
            models = [
                (one, Attributes(one, self._settings.score_scale))
                for one in self._core.models.values()
            ]
            able = [one for one in models if one[1].names]
            self._model = (able or models)[0]
        return self._model

    async def _detect(
        self, text: str, attributes: Attributes, *, is_refused: bool = True
    ) -> list[str]:
        try:
            return await asyncio.to_thread(detect_languages, text, attributes.languages)
        except WireError:
            if is_refused:
                raise
            return ["und"]

    def _count(self, classifier: Classifier, logits: NDArray[np.floating[Any]]) -> None:
        """Count a score as the other APIs do, so that drift is seen."""
        values = classifier.checkpoint.calibration.apply_one(logits[0].tolist())
        scores = dict(zip(classifier.labels, values, strict=True))
        flagged, verdict = classifier.policy.judge(scores, classifier.thresholds)
        facts = classifier.checkpoint
        prediction = Prediction(scores, flagged, verdict, 1, facts.id)
        self._core.metrics.add_predictions(facts.name, [prediction])


def _find_spans(wish: Analysis) -> list[Span]:
    """Return the sentences, neighbours put together where there are too many."""
    found = split_sentences(wish.text)
    size = -(-len(found) // MAX_SENTENCES) or 1
    groups = [found[start : start + size] for start in range(0, len(found), size)]
    return [Span(group[0][0], group[-1][1], 0.0) for group in groups]


def _make_scores(
    wish: Analysis,
    wanted: tuple[Wanted, ...],
    spans: list[Span],
    rows: Sequence[Mapping[str, float]],
) -> dict[str, Any]:
    """Return `attributeScores`; what is below its threshold is left out.

    Args:
        wish: the request.
        wanted: attributes that are measured.
        spans: sentences of the text; none = one span over all of it.
        rows: scores by attribute of the text, then of its sentences.
    """
    places = to_utf16(wish.text, spans or [Span(0, len(wish.text), 0.0)])
    scores: dict[str, Any] = {}
    for one in wanted:
        values = [row[one.name] for row in rows]
        pieces = values[1:] if spans else values
        found = [
            {"begin": place.start, "end": place.end, "score": _make_score(value)}
            for place, value in zip(places, pieces, strict=True)
            if value >= one.threshold
        ]
        facts: dict[str, Any] = {"spanScores": found} if found else {}
        if values[0] >= one.threshold:
            facts["summaryScore"] = _make_score(values[0])
        if facts:
            scores[one.name] = facts
    return scores


def _make_score(value: float) -> dict[str, Any]:
    return {"value": value, "type": "PROBABILITY"}


def _make_request(outer: Request, part: Part) -> Request:
    """Return the request of a part; its body is handed on beside it."""
    headers = [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in part.headers.items()
    ]
    return Request(
        {
            "type": "http",
            "method": part.method,
            "path": part.path,
            "query_string": part.query.encode("latin-1", "replace"),
            "headers": headers,
            "client": outer.scope.get("client"),
            "state": outer.scope.get("state", {}),
        }
    )
