"""What callers of the Perspective API ask for, checked in the order that the API checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toxic_tweets.serve.perspective_attributes import is_known
from toxic_tweets.serve.perspective_errors import (
    refuse_attribute,
    refuse_contexts,
    refuse_empty,
    refuse_json,
    refuse_long,
    refuse_no_attributes,
    refuse_score_type,
    refuse_type,
)
from toxic_tweets.serve.perspective_messages import read_message

# Twice what the API had, each with a few versions; more is a try at keeping the server busy.
_MAX_ATTRIBUTES = 100
_SCORE_TYPES = ("", "SCORE_TYPE_UNSPECIFIED", "PROBABILITY")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Name an attribute that is wanted, as the request does.

    Attributes:
        name: as in the request, with its version.
        threshold: scores below it are not returned.
    """

    name: str
    threshold: float = 0.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """Hold a request for scores.

    Attributes:
        text: what to score.
        wanted: which attributes.
        languages: of the text, as the request says; empty = detect them.
        has_spans: whether to score each sentence too.
        token: what the answer repeats; None where the request has none.
    """

    text: str
    wanted: tuple[Wanted, ...]
    languages: tuple[str, ...]
    has_spans: bool
    token: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold what a moderator says the scores of a text should be.

    Attributes:
        text: what was scored.
        scores: by attribute, as the request names it.
        languages: of the text, as the request says.
        community: where it was written.
        token: what the answer repeats; None where the request has none.
        is_kept: whether it may be kept.
    """

    text: str
    scores: Mapping[str, float]
    languages: tuple[str, ...]
    community: str
    token: str | None
    is_kept: bool


def read_analysis(body: bytes, max_bytes: int) -> Analysis:
    """Return what a body of `comments:analyze` asks for.

    Args:
        body: JSON.
        max_bytes: most bytes that a text may have.

    Raises:
        WireError: the body is malformed, or asks for what there is not.
    """
    given = read_message(body, "AnalyzeCommentRequest")
    text = _read_text(given, max_bytes)
    wanted = []
    requested = given.get("requestedAttributes", {})
    _check_number(requested)
    for name, parameters in requested.items():
        score_type = parameters.get("scoreType", "")
        if score_type not in _SCORE_TYPES:
            # A name that nobody knows is the worse mistake.
            raise refuse_score_type(score_type, name) if is_known(name) else refuse_attribute(name)
        wanted.append(Wanted(name, parameters.get("scoreThreshold", 0.0)))
    if not wanted:
        raise refuse_no_attributes()
    return Analysis(
        text,
        tuple(wanted),
        _read_languages(given),
        given.get("spanAnnotations", False),
        given.get("clientToken"),
    )


def read_suggestion(body: bytes, max_bytes: int) -> Suggestion:
    """Return what a body of `comments:suggestscore` says; arguments as for `read_analysis`.

    Raises:
        WireError: the body is malformed.
    """
    given = read_message(body, "SuggestCommentScoreRequest")
    text = _read_text(given, max_bytes)
    _check_number(given.get("attributeScores", {}))
    scores = {
        name: _read_score(name, one) for name, one in given.get("attributeScores", {}).items()
    }
    if not scores:
        raise refuse_no_attributes("attribute_scores")
    for name in scores:
        if not is_known(name):
            raise refuse_attribute(name)
    return Suggestion(
        text,
        scores,
        _read_languages(given),
        given.get("communityId", ""),
        given.get("clientToken"),
        not given.get("doNotStore", False),
    )


def choose_wanted(
    analysis: Analysis, measured: Sequence[str], *, lenient: bool
) -> tuple[Wanted, ...]:
    """Return the attributes to answer: all that are wanted, or the request is refused.

    Args:
        analysis: the request.
        measured: those of the wanted names that are measured.
        lenient: whether attributes that the API had but no model measures are left out instead.

    Raises:
        WireError: an attribute is not measured; with `lenient`, one that the API never had, or all
            of them.
    """
    missing = [one.name for one in analysis.wanted if one.name not in measured]
    if lenient and measured:
        missing = [name for name in missing if not is_known(name)]
    if missing:
        raise refuse_attribute(missing[0])
    return tuple(one for one in analysis.wanted if one.name in measured)


def _read_text(given: Mapping[str, Any], max_bytes: int) -> str:
    entry = given.get("comment", {})
    text: str = entry.get("text", "")
    if not text.strip():
        raise refuse_empty()
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > max_bytes:
        raise refuse_long(size_bytes, max_bytes)
    if entry.get("type") == "HTML":
        raise refuse_type()
    context = given.get("context", {})
    if "entries" in context and "articleAndParentComment" in context:
        raise refuse_contexts()
    return text


def _check_number(attributes: Mapping[str, Any]) -> None:
    if len(attributes) > _MAX_ATTRIBUTES:
        raise refuse_json(
            f"{len(attributes)} attributes were given, but at most {_MAX_ATTRIBUTES} are allowed."
        )


def _read_languages(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(code for code in given.get("languages", ()) if code)


def _read_score(name: str, given: Mapping[str, Any]) -> float:
    """Return the score of the whole text, else the highest of its pieces."""
    scores = [given["summaryScore"]] if "summaryScore" in given else []
    scores += [] if scores else [one.get("score", {}) for one in given.get("spanScores", ())]
    values = [one.get("value", 0.0) for one in scores]
    path = f"attributeScores['{name[:100]}']"
    if not values:
        raise refuse_json(f"Invalid value at '{path}': it has neither summaryScore nor spanScores.")
    for one in scores:
        if one.get("type", "") not in _SCORE_TYPES:
            raise refuse_score_type(one["type"], name)
    if not all(0.0 <= value <= 1.0 for value in values):
        raise refuse_json(f"Invalid value at '{path}': a score must be within [0, 1].")
    return float(max(values))
