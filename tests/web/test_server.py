from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.web.conftest import SMALL, OpenPage, find_html

from toxic_tweets.classifier import load
from toxic_tweets.errors import RemoteError
from toxic_tweets.policy import PRESETS
from toxic_tweets.web import server as module
from toxic_tweets.web.catalogue import list_offers, open_scorer
from toxic_tweets.web.judging import VERDICTS, Scored, judge_all
from toxic_tweets.web.server import RemoteScorer, Server
from toxic_tweets.web.settings import PageSettings

TEXTS = ["You are kind.", "Shut up, you fool.", "A table has four legs.", ""]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a real server."""
    pytest.importorskip("fastapi", reason="misses the extra serve: no real server was asked")
    if not SMALL.is_file():
        pytest.skip("misses checkpoints/small: no real server was asked")
    from tests.serve.wire import serve

    database = tmp_path_factory.mktemp("store") / "store.db"
    with serve(Path("small"), database, models=("small", "sentiment")) as running:
        yield running.url


class Answers:
    """Hold what a stand-in answers, and what it was asked."""

    def __init__(self, *answers: tuple[int, bytes, dict[str, str]]) -> None:
        self.left = list(answers)
        self.keys: list[str | None] = []


@contextmanager
def stand_in(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.keys.append(self.headers.get("Authorization"))
            status, body, headers = answers.left.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - its name there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def test_a_server_scores_as_this_process_does(real: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TEXTS_PER_CALL", 3)
    scorer = RemoteScorer(Server(real), "small")
    here = load("small")
    predictions = list(scorer.predict_iter(TEXTS, PRESETS["balanced"]))
    for one, expected in zip(predictions, here.predict(TEXTS), strict=True):
        assert one.scores == pytest.approx(expected.scores)
        assert one.language == expected.language
    assert scorer.facts.id == here.checkpoint.id
    assert scorer.facts.labels == here.labels
    assert scorer.facts.licence == "Apache-2.0"
    text = TEXTS[1]
    spans = scorer.find_spans(text, "threat", PRESETS["balanced"])
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    sentiment = RemoteScorer(Server(real), "sentiment")
    text = "What a lovely, happy day!"
    spans = sentiment.find_spans(text, "positive", PRESETS["balanced"])
    assert spans == load("sentiment").explain(text, "positive")


@pytest.mark.parametrize("preset", PRESETS)
def test_thresholds_of_a_server_give_the_same_verdicts(real: str, preset: str) -> None:
    scorer = RemoteScorer(Server(real), "small")
    here = load("small", policy=preset)
    predictions = here.predict(TEXTS)
    scored = Scored.from_predictions(predictions, here.labels)
    judged = judge_all(scored, PRESETS[preset], scorer.facts.thresholds)
    assert [VERDICTS[place] for place in judged.verdicts] == [one.verdict for one in predictions]


def test_the_page_shows_what_the_server_has(real: str, open_page: OpenPage) -> None:
    settings = PageSettings(server=real)
    assert [offer.name for offer in list_offers(settings)] == ["small", "sentiment", "vader"]
    facts = open_scorer("sentiment", settings).facts
    assert facts.is_single_choice
    page = open_page(settings=settings)
    page.text_area(key="try_text").set_value(TEXTS[1])
    page.button[0].click()
    page.run()
    assert not page.error
    assert "tt-banner tt-block" in find_html(page)


def test_an_unknown_model_is_a_sentence(real: str) -> None:
    with pytest.raises(RemoteError, match=r"no model 'large'\. It has: small, sentiment"):
        open_scorer("large", PageSettings(server=real))


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:8000", "http://"])
def test_a_url_that_is_none_is_a_sentence(url: str) -> None:
    with pytest.raises(RemoteError, match="must be the URL of a server"):
        Server(url)


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(RemoteError, match=r"does not answer \(ConnectionRefusedError\)"):
        Server("http://127.0.0.1:9").list_models()


def test_the_key_is_sent_and_never_told() -> None:
    answers = Answers((401, b'{"error": {"message": "no"}}', {}))
    with stand_in(answers) as url, pytest.raises(RemoteError) as error:
        Server(url, "secret-key").list_models()
    assert answers.keys == ["Bearer secret-key"]
    assert "does not take the API key" in str(error.value)
    assert "secret-key" not in str(error.value)


def test_a_redirect_is_not_followed_with_the_key() -> None:
    answers = Answers((302, b"{}", {"Location": "http://127.0.0.1:9/elsewhere"}))
    with stand_in(answers) as url, pytest.raises(RemoteError, match="HTTP status 302"):
        Server(url, "secret-key").list_models()
    assert len(answers.keys) == 1


def test_a_busy_server_is_asked_again() -> None:
    busy = (429, b"{}", {"Retry-After": "0"})
    answers = Answers(busy, busy, (200, b'{"models": []}', {}))
    with stand_in(answers) as url:
        assert Server(url).list_models() == []
    assert len(answers.keys) == 3


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, b"<html>", "does not answer as a Toxic Tweets server does"),
        (400, json.dumps({"error": {"message": "Too many texts."}}).encode(), "Too many texts."),
        (500, b"{}", "HTTP status 500"),
    ],
)
def test_an_odd_answer_is_a_sentence(status: int, body: bytes, message: str) -> None:
    with stand_in(Answers((status, body, {}))) as url, pytest.raises(RemoteError, match=message):
        Server(url).list_models()


def test_too_few_predictions_are_no_answer() -> None:
    body: dict[str, Any] = {"predictions": []}
    answers = Answers((200, json.dumps(body).encode(), {}))
    with stand_in(answers) as url, pytest.raises(RemoteError, match="does not answer as"):
        Server(url).score(["a"], "small")
