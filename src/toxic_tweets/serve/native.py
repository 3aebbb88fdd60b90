"""Our own API: /v1/score, /v1/models, /v1/policies, /v1/feedback."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from toxic_tweets.errors import LabelError, PolicyError
from toxic_tweets.labels import SENTIMENT, TOXICITY, check_labels
from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.serve.bodies import (
    ErrorOut,
    FeedbackIn,
    FeedbackOut,
    ModelsOut,
    PoliciesOut,
    PolicyIn,
    PolicyOut,
    ScoreIn,
    ScoreOut,
    describe_body,
    make_policy,
    parse,
)
from toxic_tweets.serve.errors import Problem, RequestError, ServeError, UnknownPolicyError
from toxic_tweets.serve.limits import finish
from toxic_tweets.serve.versions import find_calibration, make_headers
from toxic_tweets.store.feedback import FeedbackItem
from toxic_tweets.store.policies import delete_policy, set_policy

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier
    from toxic_tweets.prediction import Prediction
    from toxic_tweets.serve.service import Core
    from toxic_tweets.serve.settings import Settings

PATHS = ("/v1/score", "/v1/models", "/v1/policies", "/v1/feedback")

_WORDS = {
    400: "The request is malformed, or over a limit.",
    401: "A key is missing or not valid.",
    403: "The key may not do this, or the server keeps no feedback.",
    404: "There is no such model or policy.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    429: "Too many calls; Retry-After says when to call again.",
    503: "Too much waits already, or it took too long; Retry-After says when to call again.",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "model": ErrorOut} for status, words in _WORDS.items()
}
_MEANINGS = {label.name: label.meaning for label in (*TOXICITY, *SENTIMENT)}


def render_error(request: Request, problem: Problem) -> Response:
    """Return the body of an error in our own API."""
    error = problem.error
    facts = {
        "code": problem.code,
        "message": problem.message,
        "request_id": request.scope.get("state", {}).get("request_id", ""),
        "details": error.details if isinstance(error, ServeError) else {},
    }
    return _answer({"error": facts}, problem.status)


def make_router(core: Core, settings: Settings) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["native"])
    _add_score(router, core)
    _add_models(router, core)
    _add_policies(router, core)
    _add_policy_changes(router, core)
    _add_feedback(router, core)
    return router


def _add_score(router: APIRouter, core: Core) -> None:
    @router.post(
        "/v1/score",
        summary="Score texts",
        operation_id="score",
        response_model=ScoreOut,
        responses=ERRORS,
        openapi_extra=describe_body(ScoreIn),
    )
    async def score(request: Request) -> Response:
        """Return the scores, the flagged labels and the verdict of each text, in order."""
        admitted = await core.gate.admit(request)
        wanted = parse(ScoreIn, admitted.body)
        classifier = core.classifier(wanted.model)
        policy = _choose_policy(core, classifier, wanted)
        work = core.score(wanted.texts, model=wanted.model, policy=policy, explain=wanted.explain)
        predictions = await finish(request, work)
        body = {
            **_versions(classifier),
            "policy": policy.name,
            "predictions": [_make_row(one, wanted.labels) for one in predictions],
        }
        return _answer(body, headers=make_headers(classifier))


def _add_models(router: APIRouter, core: Core) -> None:
    @router.get(
        "/v1/models",
        summary="List the models",
        operation_id="models",
        response_model=ModelsOut,
        responses=_some(401, 429),
    )
    async def models(request: Request) -> Response:
        """Return what each model measures, in which languages, and how good it is."""
        await core.gate.admit(request)
        return _answer({"models": [_describe_model(one) for one in core.models.values()]})


def _add_policies(router: APIRouter, core: Core) -> None:
    @router.get(
        "/v1/policies",
        summary="List the policies",
        operation_id="policies",
        response_model=PoliciesOut,
        responses=_some(401, 404, 429),
    )
    async def policies(request: Request, model: str | None = None) -> Response:
        """Return every policy with its thresholds for a model, by default the first one."""
        await core.gate.admit(request)
        classifier = core.classifier(model)
        rows = [
            _describe_policy(core, classifier, name, policy)
            for name, policy in core.policies.all().items()
            if _fits(policy, classifier)
        ]
        return _answer(
            {**_versions(classifier), "policies": rows}, headers=make_headers(classifier)
        )

    @router.get(
        "/v1/policies/{name}",
        summary="Show a policy",
        operation_id="policy",
        response_model=PolicyOut,
        responses=_some(400, 401, 404, 429),
    )
    async def policy(request: Request, name: str, model: str | None = None) -> Response:
        """Return one policy with its thresholds for a model."""
        await core.gate.admit(request)
        classifier = core.classifier(model)
        found = core.policies.find(name)
        found.check_labels(classifier.labels)
        return _answer(
            _describe_policy(core, classifier, name, found), headers=make_headers(classifier)
        )


def _add_policy_changes(router: APIRouter, core: Core) -> None:
    @router.put(
        "/v1/policies/{name}",
        summary="Make or replace a policy (administrators)",
        operation_id="set_policy",
        response_model=PolicyOut,
        responses=_some(400, 401, 403, 408, 413, 429, 503),
        openapi_extra=describe_body(PolicyIn),
    )
    async def set_one(request: Request, name: str) -> Response:
        """Keep a policy; every process of the server knows it within seconds."""
        caller = await core.keys.require_admin(request)
        admitted = await core.gate.admit(request)
        wanted = make_policy(parse(PolicyIn, admitted.body).model_extra or {}, name)
        if wanted.name != name:
            raise RequestError("name: The name in the body is not the one in the path.")
        await core.with_policy(core.classifier(), wanted)  # whether it can be used
        await asyncio.to_thread(set_policy, core.database, wanted, caller.key_id or "")
        await asyncio.to_thread(core.policies.refresh)
        return _answer(_describe_policy(core, core.classifier(), name, wanted))

    @router.delete(
        "/v1/policies/{name}",
        summary="Delete a policy (administrators)",
        operation_id="delete_policy",
        status_code=204,
        responses=_some(401, 403, 404, 429, 503),
    )
    async def delete_one(request: Request, name: str) -> Response:
        """Forget a policy; the presets stay."""
        caller = await core.keys.require_admin(request)
        await core.gate.admit(request)
        if not await asyncio.to_thread(delete_policy, core.database, name, caller.key_id or ""):
            raise UnknownPolicyError("There is no such policy that could be deleted.")
        await asyncio.to_thread(core.policies.refresh)
        return Response(status_code=204)


def _add_feedback(router: APIRouter, core: Core) -> None:
    @router.post(
        "/v1/feedback",
        summary="Say what a text is",
        operation_id="feedback",
        response_model=FeedbackOut,
        responses=ERRORS,
        openapi_extra=describe_body(FeedbackIn),
    )
    async def feedback(request: Request) -> Response:
        """Keep what a person says about a text; it is on disk once this is answered."""
        admitted = await core.gate.admit(request)
        wanted = parse(FeedbackIn, admitted.body)
        core.check_texts([wanted.text])
        classifier = core.classifier(wanted.model)
        check_labels(wanted.targets, classifier.labels)
        number = None
        if not wanted.do_not_store:
            item = FeedbackItem(
                wanted.text,
                wanted.targets,
                "native",
                wanted.community,
                wanted.reference,
                admitted.caller.key_id,
                classifier.checkpoint.id,
            )
            number = await core.feedback.keep(item)
        body = {"stored": number is not None, "id": number, **_versions(classifier)}
        return _answer(body, headers=make_headers(classifier))


def _choose_policy(core: Core, classifier: Classifier, wanted: ScoreIn) -> Policy:
    """Return the policy that is meant, narrowed to the labels that are wanted."""
    if wanted.policy is None:
        chosen = classifier.policy
    elif isinstance(wanted.policy, str):
        chosen = core.policies.find(wanted.policy)
    else:
        chosen = make_policy(wanted.policy)
    if wanted.labels is None:
        return chosen
    check_labels(wanted.labels, classifier.labels)
    counted = chosen.labels or classifier.labels
    both = tuple(label for label in classifier.labels if label in {*wanted.labels} & {*counted})
    if not both:
        raise PolicyError("None of the labels counts in this policy. Ask for one that does.")
    return dataclasses.replace(chosen, labels=both)


def _make_row(prediction: Prediction, labels: list[str] | None) -> dict[str, Any]:
    row = prediction.to_dict()
    if labels is not None:
        row["scores"] = {name: score for name, score in row["scores"].items() if name in labels}
    return row


def _describe_model(classifier: Classifier) -> dict[str, Any]:
    facts = classifier.checkpoint
    labels = [{"name": name, "meaning": _MEANINGS.get(name, "")} for name in facts.labels]
    return {
        "name": facts.name,
        "checkpoint": facts.id,
        "calibration": find_calibration(classifier),
        "version": facts.version,
        "task": facts.task,
        "labels": labels,
        "activation": facts.activation,
        "languages": list(facts.languages),
        "licence": facts.licence,
        "max_tokens": facts.max_tokens,
        "metrics": dict(facts.metrics),
    }


def _describe_policy(
    core: Core, classifier: Classifier, name: str, policy: Policy
) -> dict[str, Any]:
    counted = policy.labels or classifier.labels
    cuts = classifier.thresholds
    return {
        "name": name,
        "preset": policy.preset,
        "is_default": name == core.policies.default,
        "is_preset": name in PRESETS,
        "flag_thresholds": {label: policy.flag_threshold(label, cuts) for label in counted},
        "block_thresholds": {label: policy.block_threshold(label, cuts) for label in counted},
        "toml": policy.to_toml(),
    }


def _fits(policy: Policy, classifier: Classifier) -> bool:
    try:
        policy.check_labels(classifier.labels)
    except LabelError:
        return False
    return True


def _versions(classifier: Classifier) -> dict[str, str]:
    return {
        "model": classifier.checkpoint.name,
        "checkpoint": classifier.checkpoint.id,
        "calibration": find_calibration(classifier),
    }


def _some(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: ERRORS[status] for status in statuses}


def _answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )
    return Response(content, status, headers, "application/json")
