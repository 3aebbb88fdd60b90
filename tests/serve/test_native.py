"""Our own API, spoken to over HTTP."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.serve.conftest import RunningServer, StartServer

from toxic_tweets.classifier import load
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.prediction import Match
from toxic_tweets.serve.bodies import MatchOut, PredictionOut
from toxic_tweets.store.audit import read_records
from toxic_tweets.store.feedback import read_feedback
from toxic_tweets.store.keys import create_key

TEXTS = ["you are kind", "you are an idiot", ""]


def test_scores_are_those_of_the_library(server: RunningServer, tiny_checkpoint: Path) -> None:
    answer = server.post("/v1/score", {"texts": TEXTS})
    assert answer.status_code == 200
    expected = [one.to_dict() for one in load(tiny_checkpoint).predict(TEXTS)]
    assert answer.json()["predictions"] == json.loads(json.dumps(expected))
    assert answer.json()["policy"] == "balanced"


def test_the_description_names_all_that_a_prediction_says(server: RunningServer) -> None:
    answer = server.post("/v1/score", {"texts": TEXTS, "explain": True}).json()
    for said in answer["predictions"]:
        assert PredictionOut.model_validate(said).model_dump() == said
        assert said.keys() == PredictionOut.model_fields.keys()
    assert any(said["spans"] for said in answer["predictions"])
    assert MatchOut.model_fields.keys() == Match("mine", "word", 0, 4, "block").to_dict().keys()


def test_answers_name_what_scored(server: RunningServer) -> None:
    answer = server.post("/v1/score", {"texts": ["hello"]})
    facts = server.core.classifier().checkpoint
    assert answer.headers["X-Toxic-Tweets-Checkpoint"] == facts.id == answer.json()["checkpoint"]
    calibration = answer.headers["X-Toxic-Tweets-Calibration"]
    assert re.fullmatch(r"[0-9a-f]{12}", calibration)
    assert answer.json()["calibration"] == calibration
    # Errors and machines' questions do so too.
    for path in ("/healthz", "/nowhere", "/v1/policies/none"):
        assert server.get(path).headers["X-Toxic-Tweets-Checkpoint"] == facts.id


def test_many_texts_come_back_in_order(server: RunningServer) -> None:
    texts = [f"you are {'kind' if number % 3 else 'an idiot'} {number}" for number in range(300)]
    rows = server.post("/v1/score", {"texts": texts}).json()["predictions"]
    alone = server.core.classifier().predict(texts)
    assert [row["scores"] for row in rows] == [dict(one.scores) for one in alone]


def test_labels_narrow_the_answer_and_the_policy(server: RunningServer) -> None:
    body = {"texts": ["you are an idiot"], "labels": ["threat", "obscene"]}
    (row,) = server.post("/v1/score", body).json()["predictions"]
    assert list(row["scores"]) == ["obscene", "threat"]
    assert row["verdict"] == "allow"
    assert row["flagged"] == []


def test_a_policy_by_name_or_in_full(server: RunningServer) -> None:
    text = "you are an idiot"
    named = server.post("/v1/score", {"texts": [text], "policy": "strict"}).json()
    assert named["policy"] == "strict"
    own = {"thresholds": {"insult": 1.0, "toxic": 1.0}, "labels": ["insult", "toxic"]}
    full = server.post("/v1/score", {"texts": [text], "policy": own}).json()
    assert full["policy"] == "custom"
    assert full["predictions"][0]["verdict"] == "allow"
    assert full["predictions"][0]["scores"] == named["predictions"][0]["scores"]


def test_word_lists_of_a_policy_decide(server: RunningServer) -> None:
    policy = {"lists": [{"name": "fruit", "items": ["banana"]}]}
    body = {"texts": ["a banana", "a nice day"], "policy": policy}
    for _ in range(2):  # compiled, then found compiled
        rows = server.post("/v1/score", body).json()["predictions"]
        assert [row["verdict"] for row in rows] == ["block", "allow"]
        assert rows[0]["matches"][0]["list"] == "fruit"


def test_which_words_did_it_is_said_on_request(server: RunningServer) -> None:
    body = {"texts": ["you are an idiot"], "explain": True}
    (row,) = server.post("/v1/score", body).json()["predictions"]
    spans = row["spans"]["insult"]
    assert any(span["start"] <= 11 < span["end"] for span in spans)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_request"),
        (b"{", 400, "invalid_request"),
        (b"[1]", 400, "invalid_request"),
        (b"\xff\xfe", 400, "invalid_request"),
        (b"[" * 100_000, 400, "invalid_request"),
        (b'{"texts": "one"}', 400, "invalid_request"),
        (b'{"texts": []}', 400, "invalid_request"),
        (b'{"texts": [1]}', 400, "invalid_request"),
        (b'{"texts": [null], "explain": "yes"}', 400, "invalid_request"),
        (b'{"texts": ["a"], "text": "b"}', 400, "invalid_request"),
        (b'{"texts": ["a"], "labels": []}', 400, "invalid_request"),
        (b'{"texts": ["a"], "labels": ["nice"]}', 400, "unknown_label"),
        (b'{"texts": ["a"], "policy": "nope"}', 404, "unknown_policy"),
        (b'{"texts": ["a"], "policy": {"preset": "nope"}}', 400, "invalid_policy"),
        (b'{"texts": ["a"], "policy": {"colour": 1}}', 400, "invalid_policy"),
        (b'{"texts": ["a"], "policy": {"labels": ["nice"]}}', 400, "unknown_label"),
        (b'{"texts": ["a"], "policy": {"lists": "a"}}', 400, "invalid_policy"),
        (b'{"texts": ["a"], "policy": {"lists": [{"name": "a"}]}}', 400, "invalid_policy"),
        (b'{"texts": ["a"], "policy": {"lists": [{"colour": "a"}]}}', 400, "invalid_policy"),
        (b'{"texts": ["a"], "policy": {"lists": [{"name": "a", "items": ["/(/"]}]}}', 400,
         "invalid_policy"),
        (b'{"texts": ["a"], "policy": {"labels": ["toxic"]}, "labels": ["threat"]}', 400,
         "invalid_policy"),
        (b'{"texts": ["a"], "model": "huge"}', 404, "unknown_model"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_a_name(
    server: RunningServer, body: bytes, status: int, code: str
) -> None:
    answer = server.client.post("/v1/score", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"].endswith(".")
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]


def test_errors_never_quote_a_text(server: RunningServer) -> None:
    secret = "xylophone"
    for body in (
        {"texts": [secret, 1]},
        {"texts": secret},
        {"texts": [secret], "explain": secret},
        {"texts": [secret], "policy": {"thresholds": secret}},
        {"texts": [secret * 5000]},
    ):
        answer = server.post("/v1/score", body)
        assert answer.status_code == 400, body.keys()
        assert secret not in answer.text


def test_half_a_surrogate_pair_is_scored(server: RunningServer) -> None:
    answer = server.client.post("/v1/score", content=b'{"texts": ["cut off \\ud83d"]}')
    assert answer.status_code == 200
    whole = server.post("/v1/score", {"texts": ["cut off \ufffd"]})
    assert answer.json()["predictions"] == whole.json()["predictions"]


def test_models_say_what_they_measure(server: RunningServer) -> None:
    (model,) = server.get("/v1/models").json()["models"]
    assert model["name"] == "tiny"
    assert [label["name"] for label in model["labels"]] == list(TOXICITY_NAMES)
    assert all(label["meaning"] for label in model["labels"])
    by_id = {"texts": ["a"], "model": model["checkpoint"]}
    assert server.post("/v1/score", by_id).json()["checkpoint"] == model["checkpoint"]


def test_a_second_model_can_be_asked_for(
    start_server: StartServer, tiny_checkpoint: Path, tiny_sentiment_checkpoint: Path
) -> None:
    names = (str(tiny_checkpoint), str(tiny_sentiment_checkpoint))
    with start_server(models=names, policy="profanity-ok") as running:
        answer = running.post("/v1/score", {"texts": ["a nice day"], "model": "tiny-sentiment"})
        assert set(answer.json()["predictions"][0]["scores"]) == {"negative", "neutral", "positive"}
        assert answer.headers["X-Toxic-Tweets-Checkpoint"].startswith("tiny-sentiment@")
        names_shown = {one["name"] for one in running.get("/v1/policies").json()["policies"]}
        assert names_shown == set(PRESETS)
        other = running.get("/v1/policies?model=tiny-sentiment").json()["policies"]
        assert "profanity-ok" not in {one["name"] for one in other}


def test_policies_show_their_thresholds(server: RunningServer) -> None:
    shown = {one["name"]: one for one in server.get("/v1/policies").json()["policies"]}
    assert set(shown) == set(PRESETS)
    assert shown["balanced"]["is_default"]
    cuts = server.core.classifier().thresholds
    assert shown["strict"]["flag_thresholds"]["toxic"] == min(
        cuts.recall_90["toxic"], cuts.best_f1["toxic"]
    )
    assert Policy.from_toml(shown["lenient"]["toml"]) == PRESETS["lenient"]
    one = server.get("/v1/policies/lenient").json()
    assert one == shown["lenient"]


def test_administrators_change_policies(start_server: StartServer) -> None:
    with start_server() as running:
        admin = create_key(running.core.database, "boss", is_admin=True)
        plain = create_key(running.core.database, "client")
        running.core.keys.refresh()
        own = {"preset": "lenient", "thresholds": {"insult": 0.9}}
        path = "/v1/policies/garden"
        assert running.client.put(path, json=own).status_code == 401
        assert running.client.put(path, json=own, headers=bearer("tt_0_x")).status_code == 401
        assert running.client.put(path, json=own, headers=bearer(plain)).status_code == 403
        answer = running.client.put(path, json=own, headers=bearer(admin))
        assert answer.status_code == 200
        assert answer.json()["flag_thresholds"]["insult"] == 0.9
        scored = running.post("/v1/score", {"texts": ["a"], "policy": "garden"})
        assert scored.json()["policy"] == "garden"
        for bad in ("/v1/policies/strict", "/v1/policies/a%20b"):
            assert running.client.put(bad, json={}, headers=bearer(admin)).status_code == 400
        wrong = running.client.put(path, json={"labels": ["nice"]}, headers=bearer(admin))
        assert wrong.json()["error"]["code"] == "unknown_label"
        other_name = running.client.put(path, json={"name": "x"}, headers=bearer(admin))
        assert other_name.status_code == 400
        assert running.client.delete(path, headers=bearer(admin)).status_code == 204
        assert running.client.delete(path, headers=bearer(admin)).status_code == 404
        assert running.get(path).status_code == 404
        actions = [one.action for one in read_records(running.core.database)]
        assert actions == ["key.create", "key.create", "policy.set", "policy.delete"]


def test_feedback_is_kept(start_server: StartServer) -> None:
    with start_server() as running:
        body = {
            "text": "you are an idiot \x00 \u2603",
            "targets": {"insult": 1, "toxic": 0.7},
            "community": "garden",
            "reference": "17",
        }
        answer = running.post("/v1/feedback", body).json()
        assert answer["stored"] is True
        (item,) = read_feedback(running.core.database)
        assert item.id == answer["id"]
        assert item.text == "you are an idiot \ufffd \u2603"
        assert item.targets == {"insult": 1, "toxic": 0.7}
        assert (item.community, item.reference, item.source) == ("garden", "17", "native")
        assert item.checkpoint == running.core.classifier().checkpoint.id
        assert running.read_metric('toxic_tweets_feedback_total{source="native"}') == 1


def test_do_not_store_keeps_nothing(start_server: StartServer) -> None:
    with start_server() as running:
        body = {"text": "hello", "targets": {"toxic": 0}, "do_not_store": True}
        answer = running.post("/v1/feedback", body)
        assert (answer.status_code, answer.json()["stored"], answer.json()["id"]) == (
            200,
            False,
            None,
        )
        assert list(read_feedback(running.core.database)) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "a", "targets": {}}, "invalid_request"),
        ({"text": "a", "targets": {"toxic": 2}}, "invalid_request"),
        ({"text": "a", "targets": {"nice": 1}}, "unknown_label"),
        ({"text": "", "targets": {"toxic": 1}}, "invalid_request"),
        ({"text": "a" * 20_481, "targets": {"toxic": 1}}, "text_too_long"),
    ],
)
def test_feedback_that_is_wrong_is_refused(
    server: RunningServer, body: dict[str, object], code: str
) -> None:
    answer = server.post("/v1/feedback", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_feedback_can_be_off(start_server: StartServer) -> None:
    with start_server(feedback=False) as running:
        answer = running.post("/v1/feedback", {"text": "a", "targets": {"toxic": 1}})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "feedback_off")


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
