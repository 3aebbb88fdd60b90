"""The bodies of our own API: what goes in, what comes out, with an example of each."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from toxic_tweets.errors import PolicyError
from toxic_tweets.policy import Policy, WordList
from toxic_tweets.serve.errors import RequestError
from toxic_tweets.text.normalize import replace_surrogates

Model = TypeVar("Model", bound=BaseModel)

_NAME_LENGTH = 100
_Target = Annotated[float, Field(ge=0, le=1)]
_Fields = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {"type": "object", "description": "A policy in full: the keys of its TOML file."}
    ),
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class ScoreIn(_In):
    """Texts to score, and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"texts": ["you are kind", "what an idiot"]},
                {"texts": ["what an idiot"], "labels": ["insult"], "policy": "strict"},
                {
                    "texts": ["what an idiot"],
                    "policy": {"preset": "lenient", "thresholds": {"insult": 0.7}},
                },
            ]
        }
    )
    texts: list[str] = Field(min_length=1, description="The texts, in any number up to max_texts.")
    labels: list[str] | None = Field(
        None, min_length=1, description="Labels that are wanted and count; default: all."
    )
    policy: str | _Fields | None = Field(
        None, description="Name of a policy, or a policy in full; default: the server's."
    )
    model: str | None = Field(None, description="Name or id of a model; default: the first one.")
    explain: bool = Field(False, description="Say which words did it, where the model can.")


class FeedbackIn(_In):
    """What a person says a text is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "what an idiot", "targets": {"toxic": 1, "insult": 1}}]
        }
    )
    text: str = Field(min_length=1, description="The text.")
    targets: dict[str, _Target] = Field(
        min_length=1, description="Per label 1 (it is), 0 (it is not) or a fraction of people."
    )
    model: str | None = Field(None, description="The model whose score it is about.")
    community: str = Field("", max_length=500, description="Where the text was written.")
    reference: str = Field("", max_length=500, description="What you call the text.")
    do_not_store: bool = Field(False, description="Check the call, but keep nothing of it.")


class PolicyIn(_In):
    """A policy in full, without its name."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"preset": "lenient", "thresholds": {"insult": 0.7}}]},
    )


class SpanOut(_Out):
    """A piece of the text, in code points."""

    start: int
    end: int = Field(description="After its last code point.")
    weight: float = Field(description="How sure it is that the piece causes the label, in [0, 1].")


class MatchOut(_Out):
    """Where an item of a list of the policy stands in the text, in code points."""

    list: str
    item: str = Field(description="The word or pattern, as the list has it.")
    start: int
    end: int
    kind: Literal["block", "allow"]


class PredictionOut(_Out):
    """All about one text."""

    scores: dict[str, float] = Field(description="Score in [0, 1] per label.")
    flagged: list[str] = Field(description="Labels at or over their threshold.")
    verdict: Literal["allow", "review", "block"]
    windows: int = Field(description="Into how many pieces a long text was cut.")
    checkpoint: str
    language: str | None = Field(description="Its code; null if it cannot be told.")
    language_supported: bool | None = Field(
        description="Whether the model was trained on that language; null if that cannot be told."
    )
    matches: list[MatchOut] = Field(description="What the lists of the policy found.")
    spans: dict[str, list[SpanOut]] | None = Field(
        description="Per flagged label the pieces that cause it; null unless explain was asked for."
    )


class ScoreOut(_Out):
    """Predictions, in the order of the texts."""

    model: str
    checkpoint: str
    calibration: str
    policy: str
    predictions: list[PredictionOut]


class ModelOut(_Out):
    """One model that the server holds."""

    name: str
    checkpoint: str
    calibration: str
    version: str
    task: str
    labels: list[dict[str, str]]
    activation: str
    languages: list[str]
    licence: str
    max_tokens: int
    metrics: dict[str, float]


class ModelsOut(_Out):
    """The models, the default one first."""

    models: list[ModelOut]


class PolicyOut(_Out):
    """One policy, with its thresholds for a model."""

    name: str
    preset: str
    is_default: bool
    is_preset: bool
    flag_thresholds: dict[str, float] = Field(description="Score from which a label is flagged.")
    block_thresholds: dict[str, float] = Field(description="Score from which it blocks the text.")
    toml: str


class PoliciesOut(_Out):
    """The policies, the presets first."""

    model: str
    checkpoint: str
    calibration: str
    policies: list[PolicyOut]


class FeedbackOut(_Out):
    """Whether it was kept."""

    stored: bool
    id: int | None = Field(description="Its number; null where nothing was to be kept.")
    checkpoint: str
    calibration: str


class ErrorFacts(_Out):
    """What went wrong."""

    code: str = Field(description="A stable name, see docs/reference/server.md.")
    message: str
    request_id: str
    details: dict[str, Any]


class ErrorOut(BaseModel):
    """Every error has this form."""

    error: ErrorFacts


def parse(model: type[Model], body: bytes) -> Model:
    """Return what a body says.

    Raises:
        RequestError: it is not JSON, or a field is missing, unknown or of the wrong type.
    """
    try:
        if b"\\u" in body:  # a half of a surrogate pair is not a text, but common where one is cut
            return model.model_validate(_clean(_load(body)))
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _refuse(error) from None


def make_policy(wanted: dict[str, Any], name: str = "custom") -> Policy:
    """Return a policy from the keys of its TOML file.

    Raises:
        PolicyError: a key is unknown, or a value impossible.
    """
    _check_keys("A policy", wanted, Policy)
    lists = wanted.get("lists", [])
    if not isinstance(lists, list) or not all(isinstance(one, dict) for one in lists):
        raise PolicyError("lists must be a list of objects, each with a name and items.")
    for one in lists:
        _check_keys("A list", one, WordList)
        if not {"name", "items"} <= set(one):
            raise PolicyError("lists: each needs a name and items.")
    return Policy(**{"name": name, **wanted, "lists": tuple(WordList(**one) for one in lists)})


def _check_keys(what: str, given: dict[str, Any], kind: type[Policy | WordList]) -> None:
    known = [field.name for field in fields(kind)]
    if not set(given) <= set(known):
        raise PolicyError(f"{what} has an unknown key. The keys are: {', '.join(known)}.")


def describe_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says about a request whose body we read ourselves."""
    schema = model.model_json_schema()
    examples = schema.pop("examples", [])
    named = {f"example {number}": {"value": one} for number, one in enumerate(examples, start=1)}
    content = {"application/json": {"schema": schema, "examples": named}}
    return {"requestBody": {"required": True, "content": content}}


def _load(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError("The body is not JSON. Send a JSON object in UTF-8.") from None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {replace_surrogates(key): _clean(one) for key, one in value.items()}
    return value


def _refuse(error: ValidationError) -> RequestError:
    """Name the first wrong field, and never its value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return RequestError("The body is not JSON. Send a JSON object in UTF-8.")
    place = ".".join(str(part)[:_NAME_LENGTH] for part in first["loc"])[: 3 * _NAME_LENGTH]
    where = f"{place}: " if place else ""
    return RequestError(f"{where}{first['msg']}.", details={"field": place})
