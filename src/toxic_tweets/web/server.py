"""Talk to a Toxic Tweets server, in the words of its own API."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

from toxic_tweets.errors import RemoteError
from toxic_tweets.policy import Policy, Thresholds
from toxic_tweets.prediction import Prediction, Span
from toxic_tweets.web.scorers import Facts, make_prediction

# Small enough that a progress bar moves and no usual limit is met, large enough that the way there
# does not count.
_TEXTS_PER_CALL = 64
_TIMEOUT_S = 60.0
_TRIES = 5
_LONGEST_PAUSE_S = 10.0
_LARGEST_ANSWER_BYTES = 50_000_000


class Server:
    """Ask one server; each call has a connection of its own, so any thread may."""

    def __init__(self, url: str, api_key: str = "") -> None:
        """Remember where it is.

        Raises:
            RemoteError: the URL is none that can be called.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RemoteError(
                f"--server is {url!r}, but must be the URL of a server, such as "
                "http://127.0.0.1:8000."
            )
        self.url = url.rstrip("/")
        self._parts = parts
        self._api_key = api_key

    def list_models(self) -> list[dict[str, Any]]:
        """Return what the server says about each of its models, the default one first."""
        return list(self._ask("GET", "/v1/models")["models"])

    def find_thresholds(self, model: str) -> Thresholds:
        """Return cuts from which every preset gets the thresholds that the server has for it."""
        answer = self._ask("GET", f"/v1/policies?model={quote(model, safe='')}")
        policies = {one["name"]: one for one in answer["policies"]}
        try:
            return Thresholds(
                best_f1=policies["balanced"]["flag_thresholds"],
                precision_90=policies["balanced"]["block_thresholds"],
                recall_90=policies["strict"]["flag_thresholds"],
            )
        except KeyError as error:
            raise self._odd_answer() from error

    def score(
        self, texts: list[str], model: str, explain: bool = False, flag: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the server's predictions.

        Args:
            texts: what to score.
            model: with which model.
            explain: also say which words did it, for each label that is flagged.
            flag: a label that is flagged whatever its score, and no other.
        """
        body: dict[str, Any] = {"texts": texts, "model": model, "explain": explain}
        if flag is not None:
            body["policy"] = {"labels": [flag], "thresholds": {flag: 0.0}}
        predictions = list(self._ask("POST", "/v1/score", body)["predictions"])
        if len(predictions) != len(texts):
            raise self._odd_answer()
        return predictions

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of an answer, after a pause where the server asks for one."""
        for left in reversed(range(_TRIES)):
            status, headers, content = self._send(method, path, body)
            if status in (429, 503) and left:
                time.sleep(_find_pause(headers.get("Retry-After", "")))
                continue
            break
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise self._odd_answer() from error
        if status != 200:
            raise RemoteError(self._explain(status, answer))
        return answer

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request. Redirects are not followed: they could carry the key elsewhere."""
        host, port = self._parts.hostname or "", self._parts.port
        connection: http.client.HTTPConnection
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                host, port, timeout=_TIMEOUT_S, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._api_key:
            headers["Authorization"] = f"Bearer {self._api_key}"
        content = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, content, headers)
            answer = connection.getresponse()
            # No header names a key: what is kept of them is Retry-After.
            return answer.status, dict(answer.getheaders()), answer.read(_LARGEST_ANSWER_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RemoteError(
                f"The server {self.url} does not answer ({type(error).__name__}). Check that it "
                "runs, and the address given to --server."
            ) from error
        finally:
            connection.close()

    def _explain(self, status: int, answer: Any) -> str:
        if status in (401, 403):
            return (
                f"The server {self.url} does not take the API key (HTTP status {status}). Give a "
                "valid one with TOXIC_TWEETS_WEB_API_KEY."
            )
        message = ""
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            message = f": {answer['error'].get('message', '')}"
        return f"The server {self.url} answers with HTTP status {status}{message}"

    def _odd_answer(self) -> RemoteError:
        return RemoteError(
            f"{self.url} does not answer as a Toxic Tweets server does. Check the address given to "
            "--server, and that page and server have the same version."
        )


class RemoteScorer:
    """Score with one model of a server."""

    def __init__(self, server: Server, model: str) -> None:
        """Ask the server what the model is.

        Raises:
            RemoteError: the server does not answer, or has no such model.
        """
        self._server = server
        described = {str(one["name"]): one for one in server.list_models()}
        if model not in described:
            raise RemoteError(
                f"The server {server.url} has no model {model!r}. It has: {', '.join(described)}."
            )
        one = described[model]
        is_single_choice = one["activation"] == "softmax"
        labels = tuple(str(label["name"]) for label in one["labels"])
        self._model = model
        self._facts = Facts(
            id=str(one["checkpoint"]),
            labels=labels,
            is_single_choice=is_single_choice,
            thresholds=Thresholds.make_untuned(labels)
            if is_single_choice
            else server.find_thresholds(model),
            languages=tuple(one.get("languages", ())),
            licence=str(one.get("licence", "")),
            metrics=one.get("metrics", {}),
        )

    @property
    def facts(self) -> Facts:
        """See `Scorer`."""
        return self._facts

    def predict_iter(self, texts: Iterable[str], policy: Policy) -> Iterator[Prediction]:
        """See `Scorer`. Lists of a policy are not sent: they stay on this side."""
        left = iter(texts)
        while some := list(islice(left, _TEXTS_PER_CALL)):
            yield from map(make_prediction, self._server.score(some, self._model))

    def find_spans(self, text: str, label: str, policy: Policy) -> tuple[Span, ...]:
        """See `Scorer`."""
        # Where exactly one label fits, nothing is flagged, and the server explains the highest.
        flag = None if self._facts.is_single_choice else label
        answer = self._server.score([text], self._model, explain=True, flag=flag)
        spans = make_prediction(answer[0]).spans or {}
        return tuple(spans.get(label, ()))


def _find_pause(retry_after: str) -> float:
    """Return how long to wait before calling again."""
    try:
        return min(max(float(retry_after), 0.1), _LONGEST_PAUSE_S)
    except ValueError:  # none given, or a date
        return 1.0
