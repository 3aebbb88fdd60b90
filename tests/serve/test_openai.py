from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types import ModerationImageURLInputParam, ModerationTextInputParam
from tests.serve.wire import Server, serve

from toxic_tweets.serve.openai import CATEGORIES, LABELS, ModerationError, read_request

RUDE = "what an idiot"


@pytest.fixture(scope="module")
def server(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tiny_checkpoint, tmp_path_factory.mktemp("openai") / "store.db") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{server.url}/v1", api_key="anything", max_retries=0, timeout=20
    ) as one:
        yield one


def test_the_real_client_reads_one_text(server: Server, client: openai.OpenAI) -> None:
    answer = client.moderations.create(input=RUDE)
    (result,) = answer.results
    expected = server.core.classifier().predict_one(RUDE)
    assert result.category_scores.harassment == expected.scores["insult"]
    assert result.category_scores.hate == expected.scores["identity_hate"]
    assert result.category_scores.harassment_threatening == expected.scores["threat"]
    assert result.categories.harassment
    assert result.flagged
    assert answer.id.startswith("modr-")
    assert answer.model == server.core.classifier().checkpoint.id


def test_the_real_client_reads_texts_in_order(client: openai.OpenAI) -> None:
    texts = ["you are kind", RUDE, "this is a nice day"]
    answer = client.moderations.create(input=texts, model="omni-moderation-latest")
    assert [result.flagged for result in answer.results] == [False, True, False]


def test_parts_are_one_input(client: openai.OpenAI) -> None:
    answer = client.moderations.create(
        model="text-moderation-stable",
        input=[
            ModerationTextInputParam(type="text", text="what an"),
            ModerationTextInputParam(type="text", text="idiot"),
        ],
    )
    assert [result.flagged for result in answer.results] == [True]


def test_every_category_is_there_and_what_is_not_measured_says_so(client: openai.OpenAI) -> None:
    raw = client.moderations.with_raw_response.create(input=RUDE)
    (result,) = json.loads(raw.text)["results"]
    for part in ("categories", "category_scores", "category_applied_input_types"):
        assert list(result[part]) == list(CATEGORIES)
    for category in CATEGORIES:
        types = result["category_applied_input_types"][category]
        assert types == (["text"] if category in LABELS else [])
        if not types:
            assert result["category_scores"][category] == 0.0
            assert result["categories"][category] is False


def test_a_language_that_the_model_does_not_read_is_said(client: openai.OpenAI) -> None:
    texts = ["Das ist ein sehr schöner Tag, und wir gehen heute in den Garten.", "ok"]
    results = client.moderations.create(input=texts).results
    found = [(one.model_extra or {}) for one in results]
    assert [one["language"] for one in found] == ["de", None]
    assert [one["language_supported"] for one in found] == [False, None]


def test_the_schema_of_the_client_has_no_category_that_we_lack() -> None:
    from openai.types.moderation import Categories

    names = {field.alias or name for name, field in Categories.model_fields.items()}
    assert names == set(CATEGORIES)


def test_our_own_model_names_are_taken(server: Server, client: openai.OpenAI) -> None:
    assert client.moderations.create(input=RUDE, model="tiny").results[0].flagged
    with pytest.raises(openai.NotFoundError) as caught:
        client.moderations.create(input=RUDE, model="gpt-4o")
    assert caught.value.code == "model_not_found"
    assert caught.value.param == "model"


def test_images_are_refused_clearly(client: openai.OpenAI) -> None:
    image = ModerationImageURLInputParam(
        type="image_url", image_url={"url": "https://example.org/a.png"}
    )
    with pytest.raises(openai.BadRequestError, match="reads texts only") as caught:
        client.moderations.create(input=(ModerationTextInputParam(type="text", text=RUDE), image))
    assert caught.value.param == "input[1]"
    assert caught.value.type == "invalid_request_error"


def test_the_answer_names_the_calibration(server: Server, client: openai.OpenAI) -> None:
    raw = client.moderations.with_raw_response.create(input=RUDE)
    assert raw.headers["x-toxic-tweets-checkpoint"] == server.core.classifier().checkpoint.id
    assert raw.headers["x-toxic-tweets-calibration"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", ""),
        (b"[]", ""),
        (b'{"input": "a"', ""),
        (b"{}", "input"),
        (b'{"input": []}', "input"),
        (b'{"input": 5}', "input"),
        (b'{"input": [1, 2]}', "input[0]"),
        (b'{"input": ["a", {"type": "text", "text": "b"}]}', "input[0]"),
        (b'{"input": [{"type": "audio"}]}', "input[0].type"),
        (b'{"input": [{"type": "text"}]}', "input[0].text"),
        (b'{"input": "a", "model": 5}', "model"),
        (b"[" * 100_000, ""),
    ],
)
def test_malformed_requests_name_the_field(body: bytes, param: str) -> None:
    with pytest.raises(ModerationError) as caught:
        read_request(body)
    assert caught.value.param == param


def test_errors_have_the_form_of_openai(server: Server) -> None:
    response = server.post("/v1/moderations", {"input": []})
    assert response.status_code == 400
    assert response.json() == {
        "error": {
            "message": "`input` is an empty list. Give at least one text.",
            "type": "invalid_request_error",
            "param": "input",
            "code": "invalid_value",
        }
    }
    too_many = server.post("/v1/moderations", {"input": ["a"] * 1001})
    assert too_many.status_code == 400
    assert too_many.json()["error"]["code"] == "too_many_texts"


def test_keys_and_other_models(
    tiny_checkpoint: Path, tiny_sentiment_checkpoint: Path, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {
        "api_keys": "required",
        "models": (str(tiny_checkpoint), str(tiny_sentiment_checkpoint)),
    }
    with (
        serve(tiny_checkpoint, tmp_path / "store.db", **settings) as strict,
        openai.OpenAI(base_url=f"{strict.url}/v1", api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.moderations.create(input=RUDE)
    assert caught.value.code == "invalid_api_key"
    with serve(tiny_checkpoint, tmp_path / "b.db", models=settings["models"]) as both:
        refused = both.post("/v1/moderations", {"input": "a", "model": "tiny-sentiment"})
        assert refused.json()["error"]["param"] == "model"
