from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.serve.wire import Server, make_checkpoint, serve

from toxic_tweets.model.scales import read_scales
from toxic_tweets.serve.perspective import MAX_SENTENCES
from toxic_tweets.store.feedback import read_feedback

TEXT = "what an idiot"


@pytest.fixture(scope="module")
def server(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("perspective")
    checkpoint = make_checkpoint(tiny_checkpoint, folder / "tiny")
    with serve(checkpoint, folder / "store.db") as running:
        yield running


def ask(text: str = TEXT, *attributes: str, **more: Any) -> dict[str, Any]:
    names = attributes or ("TOXICITY",)
    return {"comment": {"text": text}, "requestedAttributes": {name: {} for name in names}, **more}


def analyze(server: Server, body: Any, query: str = "") -> dict[str, Any]:
    response = server.analyze(body, query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_an_answer_has_the_recorded_form(server: Server) -> None:
    found = analyze(server, ask(clientToken="abc", languages=["en"]))
    score = found["attributeScores"]["TOXICITY"]["summaryScore"]
    assert found == {
        "attributeScores": {
            "TOXICITY": {
                "spanScores": [{"begin": 0, "end": 13, "score": score}],
                "summaryScore": score,
            }
        },
        "languages": ["en"],
        "detectedLanguages": ["en"],
        "clientToken": "abc",
    }
    assert score["type"] == "PROBABILITY"
    assert 0.5 < score["value"] < 1


def test_values_are_on_the_scale_of_the_checkpoint(server: Server) -> None:
    classifier = server.core.classifier()
    logits = classifier.logits([TEXT])
    scales = read_scales(classifier.checkpoint)
    names = ("TOXICITY", "PROFANITY", "SEXUALLY_EXPLICIT", "OBSCENE", "INSULT")
    found = analyze(server, ask(TEXT, *names))["attributeScores"]
    values = {name: found[name]["summaryScore"]["value"] for name in names}
    for name in names[:3]:
        expected = scales[name].apply(logits, classifier.checkpoint.outputs)[0]
        assert values[name] == pytest.approx(expected, abs=1e-6)
    assert values["OBSCENE"] == values["PROFANITY"]
    # No scale was fitted for it: the calibrated score.
    assert values["INSULT"] == pytest.approx(
        classifier.predict_one(TEXT).scores["insult"], abs=1e-6
    )


def test_values_are_the_shortest_decimals_of_32_bits(server: Server) -> None:
    value = analyze(server, ask())["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    assert len(str(value).removeprefix("0.")) <= 9


def test_versions_and_twins_are_answered_by_the_name_that_was_asked_for(server: Server) -> None:
    names = ("TOXICITY@6", "TOXICITY_EXPERIMENTAL", "THREAT")
    assert list(analyze(server, ask(TEXT, *names))["attributeScores"]) == list(names)


def test_sentences_are_spans_in_utf16_units(server: Server) -> None:
    text = "😀 you are kind. You are an idiot! "
    found = analyze(server, ask(text, spanAnnotations=True))["attributeScores"]["TOXICITY"]
    places = [(one["begin"], one["end"]) for one in found["spanScores"]]
    units = text.encode("utf-16-le")
    pieces = [units[2 * begin : 2 * end].decode("utf-16-le") for begin, end in places]
    assert pieces == ["😀 you are kind.", "You are an idiot!"]
    kind, rude = (one["score"]["value"] for one in found["spanScores"])
    assert kind < 0.3 < rude
    alone = analyze(server, ask("You are an idiot!"))["attributeScores"]["TOXICITY"]
    assert alone["summaryScore"]["value"] == rude


def test_the_whole_text_is_one_span_without_spans(server: Server) -> None:
    text = " 😀😀 idiot \n"
    found = analyze(server, ask(text))["attributeScores"]["TOXICITY"]["spanScores"]
    assert [(one["begin"], one["end"]) for one in found] == [(0, 13)]


def test_very_many_sentences_are_put_together(server: Server) -> None:
    text = "Hello there. " * 1000
    found = analyze(server, ask(text, spanAnnotations=True, languages=["en"]))
    spans = found["attributeScores"]["TOXICITY"]["spanScores"]
    assert 100 < len(spans) <= MAX_SENTENCES
    assert spans[-1]["end"] == len(text) - 1


def test_scores_below_the_threshold_are_left_out(server: Server) -> None:
    body = ask()
    body["requestedAttributes"] = {"TOXICITY": {"scoreThreshold": 0.1}}
    assert "TOXICITY" in analyze(server, body)["attributeScores"]
    body["requestedAttributes"] = {"TOXICITY": {"scoreThreshold": "0.999999"}}
    assert analyze(server, body) == {"languages": ["en"], "detectedLanguages": ["en"]}


def test_snake_case_nulls_and_unknown_parameters_are_taken(server: Server) -> None:
    body = {
        "comment": {"text": TEXT, "type": None},
        "requested_attributes": {"TOXICITY": {"score_type": "PROBABILITY"}},
        "do_not_store": True,
        "session_id": "s",
        "community_id": "c",
        "client_token": "",
        "context": {"entries": [{"text": "before", "type": "PLAIN_TEXT"}]},
        "languages": [],
    }
    found = analyze(server, body, "?key=anything&quotaUser=me&$.xgafv=2&alt=json&nobody=knows")
    assert found["clientToken"] == ""


def test_context_does_not_change_scores(server: Server) -> None:
    context = {"articleAndParentComment": {"article": {"text": "a"}, "parentComment": {}}}
    assert analyze(server, ask(context=context)) == analyze(server, ask())


def test_a_broken_half_of_an_emoji_is_no_error(server: Server) -> None:
    body = b'{"comment":{"text":"idiot \\ud83d"},"requestedAttributes":{"TOXICITY":{}},'
    found = analyze(server, body + b'"clientToken":"\\ud83d"}')
    assert found["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == 7


def test_short_english_is_not_taken_for_another_language(server: Server) -> None:
    for text in ("lol", "yo hamburger", "???", "🤬🤬", "no u", "ok", "12345", "gg ez"):
        assert analyze(server, ask(text))["detectedLanguages"] == ["en"], text


def test_regional_codes_are_taken(server: Server) -> None:
    for code in ("en-US", "EN", "en_GB"):
        assert analyze(server, ask(languages=[code]))["languages"] == [code]


def test_answers_have_line_breaks_unless_told_otherwise(server: Server) -> None:
    pretty = server.analyze(ask())
    assert pretty.text.startswith('{\n  "attributeScores": {\n    "TOXICITY"')
    assert pretty.headers["Content-Type"] == "application/json; charset=UTF-8"
    plain = server.analyze(ask(), "?prettyPrint=false")
    assert "\n" not in plain.text
    assert plain.json() == pretty.json()


def test_answers_name_the_checkpoint_and_the_calibration(server: Server) -> None:
    headers = server.analyze(ask()).headers
    assert headers["X-Toxic-Tweets-Checkpoint"] == server.core.classifier().checkpoint.id
    assert headers["X-Toxic-Tweets-Calibration"]


def test_fields_choose_a_part_of_the_answer(server: Server) -> None:
    found = analyze(server, ask(), "?fields=attributeScores/TOXICITY/summaryScore/type")
    assert found == {"attributeScores": {"TOXICITY": {"summaryScore": {"type": "PROBABILITY"}}}}


def test_a_callback_wraps_the_answer(server: Server) -> None:
    response = server.analyze(ask(), "?callback=show.me&prettyPrint=false")
    assert response.headers["Content-Type"] == "text/javascript; charset=UTF-8"
    assert response.text.startswith("// API callback\nshow.me({")
    assert response.text.endswith("});")


def test_a_suggestion_is_kept_as_feedback(server: Server) -> None:
    body = {
        "comment": {"text": "you are vermin"},
        "attributeScores": {
            "TOXICITY": {"summaryScore": {"value": 1}},
            "SEVERE_TOXICITY": {
                "spanScores": [{"begin": 0, "end": 3, "score": {"value": 0.25}}],
            },
            "SPAM": {"summaryScore": {"value": 0}},
        },
        "communityId": "Coral:https://example.org",
        "clientToken": "comment:17",
        "languages": ["en"],
    }
    response = server.post("/v1alpha1/comments:suggestscore", body, "?key=k&alt=json")
    assert response.status_code == 200, response.text
    assert response.json() == {
        "detectedLanguages": ["en"],
        "clientToken": "comment:17",
        "requestedLanguages": ["en"],
    }
    (kept,) = (
        item for item in read_feedback(server.core.database) if item.text == "you are vermin"
    )
    assert kept.targets == {"toxic": 1.0, "severe_toxic": 0.25, "perspective:SPAM": 0.0}
    assert kept.source == "perspective"
    assert kept.community == "Coral:https://example.org"
    assert kept.reference == "comment:17"


def test_nothing_is_kept_where_the_caller_says_so(server: Server) -> None:
    body = {
        "comment": {"text": "a secret"},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
        "doNotStore": True,
    }
    assert server.post("/v1alpha1/comments:suggestscore", body).status_code == 200
    server.analyze(ask("a secret"))
    assert all(item.text != "a secret" for item in read_feedback(server.core.database))


def test_curl(server: Server) -> None:
    done = subprocess.run(
        [
            "curl",
            "--silent",
            "--fail",
            f"{server.url}/v1alpha1/comments:analyze?key=k",
            "--data",  # curl says it is a form
            '{comment: "x"}'.replace("comment", '"comment"').replace('"x"', '{"text": "idiot"}')[
                :-1
            ]
            + ', "requestedAttributes": {"TOXICITY": {}}}',
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    assert '"summaryScore"' in done.stdout


def test_unmeasured_attributes_can_be_dropped(tiny_checkpoint: Path, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tiny_checkpoint, tmp_path / "tiny", {})
    with serve(checkpoint, tmp_path / "store.db", lenient=True) as lenient:
        found = analyze(lenient, ask(TEXT, "FLIRTATION", "TOXICITY", "SEXUALLY_EXPLICIT"))
        assert list(found["attributeScores"]) == ["TOXICITY"]
        for names in (("TOXICITY", "TOXICITIE"), ("FLIRTATION",)):
            refused = lenient.analyze(ask(TEXT, *names))
            assert refused.json()["error"]["message"] == f"Unknown requested attribute: {names[-1]}"
            assert refused.status_code == 400


def test_calibrated_scores_are_those_of_the_other_apis(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    checkpoint = make_checkpoint(tiny_checkpoint, tmp_path / "tiny")
    with serve(checkpoint, tmp_path / "store.db", score_scale="calibrated") as calibrated:
        expected = calibrated.core.classifier().predict_one(TEXT).scores["toxic"]
        found = analyze(calibrated, ask())["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
        assert found == pytest.approx(expected, abs=1e-6)
        # On that scale nobody ever measured it.
        assert calibrated.analyze(ask(TEXT, "SEXUALLY_EXPLICIT")).status_code == 400


def test_it_is_counted_like_any_other_call(server: Server) -> None:
    analyze(server, ask())
    metrics = requests.get(f"{server.url}/metrics", timeout=10).text
    assert 'route="/v1alpha1/comments:analyze"' in metrics
