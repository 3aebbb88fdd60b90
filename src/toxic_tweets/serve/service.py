"""The one core behind all APIs: the models, the threads that run them, and what is kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.errors import StoreError, ToxicTweetsError
from toxic_tweets.model.schedule import count_cores
from toxic_tweets.policy import Policy
from toxic_tweets.prediction import Prediction
from toxic_tweets.serve.auth import KeyRing
from toxic_tweets.serve.errors import (
    TextTooLongError,
    TimedOutError,
    TooManyTextsError,
    UnknownModelError,
)
from toxic_tweets.serve.feedback import FeedbackBox
from toxic_tweets.serve.limits import Gate
from toxic_tweets.serve.metrics import Metrics
from toxic_tweets.serve.policies import Policies
from toxic_tweets.serve.pool import Pool
from toxic_tweets.serve.settings import Settings
from toxic_tweets.serve.versions import make_headers
from toxic_tweets.store.database import Database, open_database
from toxic_tweets.store.feedback import FeedbackItem, add_feedback, prune_feedback
from toxic_tweets.store.keys import ApiKey, read_good_keys
from toxic_tweets.store.policies import read_policies

Item = TypeVar("Item")
Result = TypeVar("Result")
_log = logging.getLogger(__name__)

_REFRESH_S = 5.0  # a key that was revoked is refused, and a policy that was changed counts, by then
_PRUNE_S = 3600.0
_MAX_COMPILED = 32


class Core:
    """Score texts outside the event loop; every API asks this object and no other.

    Attributes:
        settings: as the server was started.
        metrics: what is counted.
        keys: the API keys that are good.
        gate: lets a call in: key, rate, body.
        feedback: keeps what people say about a score.
        policies: policies by name.
        headers: name the default model; empty until it is loaded.
    """

    def __init__(self, settings: Settings) -> None:
        """Load nothing yet: `start` does.

        Raises:
            ToxicTweetsError: the settings name a rate limit or a storage that cannot be.
        """
        self.settings = settings
        self.metrics = Metrics()
        self.keys = KeyRing(settings.api_keys, self._read_keys)
        self.gate = Gate(settings, self.keys)
        self.feedback = FeedbackBox(self._write_feedback, is_on=settings.feedback)
        self.policies = Policies(settings.policy, self._read_policies)
        self.headers: dict[str, str] = {}
        self._models: dict[str, Classifier] = {}
        self._pool = Pool(
            settings.threads or max(1, count_cores() // settings.workers),
            settings.max_waiting_texts,
            self.metrics.waiting_texts.set,
        )
        self._compiled: dict[tuple[str, Policy], Classifier] = {}
        self._database: Database | None = None
        self._upkeep: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the models, open the database, start the threads.

        Raises:
            ToxicTweetsError: a model, the policy or the database is not what the settings say.
        """
        await asyncio.to_thread(self._open)
        self._pool.start()
        self.feedback.start()
        self._upkeep = asyncio.create_task(self._keep_up())

    async def stop(self) -> None:
        """Write what waits, and let go of everything; calls in flight have ended before."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, return_exceptions=True)
        await asyncio.to_thread(self._pool.stop)
        await asyncio.to_thread(self.feedback.stop)
        if self._database is not None:
            self._database.close()

    @property
    def models(self) -> Mapping[str, Classifier]:
        """Return the models by name, the default one first."""
        return self._models

    @property
    def database(self) -> Database:
        """Return the store.

        Raises:
            StoreError: the server has not started yet.
        """
        if self._database is None:
            raise StoreError("The server has not started yet. Try again.")
        return self._database

    def check_ready(self) -> None:
        """Refuse while a call could not be answered; blocks.

        Raises:
            StoreError: the server is starting, or its database does not answer.
        """
        if not self._models:
            raise StoreError("The server has not started yet. Try again.")
        self.database.check()

    def classifier(self, name: str | None = None) -> Classifier:
        """Return a model by its name or id; the default one for None.

        Raises:
            UnknownModelError: the server does not hold it; the message lists those it holds.
        """
        if name is None:
            return next(iter(self._models.values()))
        found = self._models.get(name)
        for classifier in self._models.values():
            if found is None and classifier.checkpoint.id == name:
                found = classifier
        if found is None:
            names = ", ".join(self._models)
            raise UnknownModelError(f"There is no such model here. Those there are: {names}.")
        return found

    async def score(
        self,
        texts: Sequence[str],
        *,
        model: str | None = None,
        policy: Policy | None = None,
        explain: bool = False,
        timeout_s: float | None = None,
    ) -> list[Prediction]:
        """Return one prediction per text. Cancelled, it scores no further text.

        Args:
            texts: up to the setting `max_texts`.
            model: name or id; None = the default one.
            policy: None = the one of the setting `policy`, where the model has labels it is about.
            explain: whether to say which words did it.
            timeout_s: None = the setting `call_timeout_s`.

        Raises:
            LabelError: the policy names a label that the model lacks.
            QueueFullError: too many texts wait already.
            TextTooLongError: a text has more bytes than `max_text_bytes`.
            TimedOutError: it took too long.
            TooManyTextsError: more texts than `max_texts`.
            UnknownModelError: the server does not hold the model.
        """
        self.check_texts(texts)
        classifier = self.classifier(model)
        if policy is not None:
            classifier = await self.with_policy(classifier, policy)
        work = partial(classifier.predict_one, explain=True) if explain else classifier.predict_one
        predictions = await self.run(work, texts, timeout_s=timeout_s)
        self.metrics.add_predictions(classifier.checkpoint.name, predictions)
        return predictions

    async def with_policy(self, classifier: Classifier, policy: Policy) -> Classifier:
        """Return a model with a policy; the lists of the policies used last stay compiled.

        Raises:
            LabelError: the policy names a label that the model lacks.
            PolicyError: an item of a list is not a pattern.
        """
        if policy == classifier.policy:
            return classifier
        if not policy.lists:
            return classifier.with_policy(policy)
        key = (classifier.checkpoint.id, policy)
        found = self._compiled.pop(key, None)
        if found is None:  # long lists take a while, and other calls should not wait for it
            found = await asyncio.to_thread(classifier.with_policy, policy)
        self._compiled[key] = found
        while len(self._compiled) > _MAX_COMPILED:
            self._compiled.pop(next(iter(self._compiled)))
        return found

    async def run(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        timeout_s: float | None = None,
    ) -> list[Result]:
        """Return `work(item)` of each item, in order, run on the threads.

        Raises:
            QueueFullError: too many wait already.
            TimedOutError: it took too long.
        """
        limit_s = self.settings.call_timeout_s if timeout_s is None else timeout_s
        start = time.perf_counter()
        try:
            async with asyncio.timeout(limit_s):
                return await self._pool.map(work, items)
        except TimeoutError:
            raise TimedOutError(
                f"The call took longer than {limit_s:g} s. Bring fewer or shorter texts.",
                retry_after_s=1,
            ) from None
        finally:
            self.metrics.scoring_seconds.observe(time.perf_counter() - start)

    def check_texts(self, texts: Sequence[str]) -> None:
        """Refuse too many or too long texts.

        Raises:
            TooManyTextsError: more texts than `max_texts`.
            TextTooLongError: a text has more bytes than `max_text_bytes`; its index is in details.
        """
        most, longest = self.settings.max_texts, self.settings.max_text_bytes
        if len(texts) > most:
            raise TooManyTextsError(
                f"The call brings {len(texts)} texts, but at most {most} are allowed. "
                "Spread them over several calls.",
                details={"n_texts": len(texts), "limit": most},
            )
        for index, text in enumerate(texts):
            if 4 * len(text) <= longest:  # no sign has more bytes in UTF-8
                continue
            size_bytes = len(text.encode("utf-8", "surrogatepass"))
            if size_bytes > longest:
                raise TextTooLongError(
                    f"The text at index {index} has {size_bytes} bytes, but at most {longest} are "
                    "allowed. Cut it into several texts.",
                    details={"index": index, "size_bytes": size_bytes, "limit_bytes": longest},
                )

    def _open(self) -> None:
        self._database = open_database(self.settings.database_url)
        self.keys.refresh()
        self.policies.refresh()
        default = self.policies.find(None)
        for name in self.settings.models:
            classifier = load(name, threads=1)
            facts = classifier.checkpoint
            if set(default.labels or ()) <= set(facts.labels):
                classifier = classifier.with_policy(default)
            self._models[facts.name] = classifier
            self.metrics.add_model(classifier)
        self.headers = make_headers(self.classifier())

    async def _keep_up(self) -> None:
        """Look at the store again and again: keys, policies, feedback that is too old."""
        pruned_at = -_PRUNE_S
        while True:
            try:
                if self.settings.retention_days and time.monotonic() - pruned_at >= _PRUNE_S:
                    pruned_at = time.monotonic()
                    await asyncio.to_thread(self._prune)
                await asyncio.sleep(_REFRESH_S)
                await asyncio.to_thread(self.keys.refresh)
                await asyncio.to_thread(self.policies.refresh)
            except ToxicTweetsError as error:
                _log.warning("store_down", extra={"error": type(error).__name__})
                await asyncio.sleep(_REFRESH_S)

    def _prune(self) -> None:
        n_deleted = prune_feedback(self.database, self.settings.retention_days, "server")
        if n_deleted:
            _log.info("feedback_pruned", extra={"deleted": n_deleted})

    def _read_keys(self) -> Mapping[str, ApiKey]:
        return read_good_keys(self.database)

    def _read_policies(self) -> Mapping[str, Policy]:
        return read_policies(self.database)

    def _write_feedback(self, items: Sequence[FeedbackItem]) -> list[int]:
        ids = add_feedback(self.database, items)
        for item in items:
            self.metrics.feedback.labels(item.source).inc()
        return ids
