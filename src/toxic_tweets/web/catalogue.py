"""The models that a visitor can pick, and how each of them is opened."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toxic_tweets.errors import CheckpointError, ToxicTweetsError
from toxic_tweets.web.scorers import LocalScorer, Scorer, VaderScorer
from toxic_tweets.web.server import RemoteScorer, Server
from toxic_tweets.web.settings import PageSettings

VADER = "vader"
_ABOUT = {
    "small": "six types of toxicity",
    "cascade": "the same, several times as fast",
    "tiny": "the same, the fastest and coarsest",
    "sentiment": "negative, neutral, positive",
    VADER: "sentiment by a word list, the baseline",
}
# Well known on the Hub; they need torch (extra `train`), and only safetensors weights are opened.
WELL_KNOWN = {
    "unitary/toxic-bert": "toxicity, Jigsaw 2018",
    "unitary/unbiased-toxic-roberta": "toxicity, Jigsaw 2019",
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": "sentiment of reviews",
    "lxyuan/distilbert-base-multilingual-cased-sentiments-student": "sentiment, 12 languages",
}
_POLL_S = 0.3

Report = Callable[[str], None]
"""Takes one line about what is going on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Name a model that can be picked, with a few words about it."""

    name: str
    about: str

    @property
    def title(self) -> str:
        """Return what a list shows."""
        return f"{self.name} · {self.about}" if self.about else self.name


def list_offers(settings: PageSettings) -> list[Offer]:
    """Return the models to pick from, those that are here first.

    Raises:
        RemoteError: the server that the page was told to use does not answer.
    """
    if settings.server:
        models = Server(settings.server, settings.api_key).list_models()
        offers = [Offer(str(one["name"]), f"{one['task']}, on the server") for one in models]
    else:
        offers = [Offer(name, _ABOUT.get(name, "")) for name in _list_embedded()]
    if VADER not in {offer.name for offer in offers}:
        offers.append(Offer(VADER, _ABOUT[VADER]))
    if settings.any_model and not settings.server:
        offers += [Offer(name, f"{about}, from the Hub") for name, about in WELL_KNOWN.items()]
    named = settings.model
    if named and named not in {offer.name for offer in offers}:
        offers.insert(0, Offer(named, ""))
    return offers


def open_scorer(name: str, settings: PageSettings, report: Report = lambda line: None) -> Scorer:
    """Open a model by the name that a visitor picked, typed, or has in an address.

    Args:
        name: an offer, or where the page allows any model a folder or a hub id.
        settings: those of the page.
        report: is told how far a model is that has to be fetched.

    Raises:
        ToxicTweetsError: there is no such model, it is not allowed here, or it cannot be opened.
    """
    if name == VADER:
        return VaderScorer()
    if settings.server:
        return RemoteScorer(Server(settings.server, settings.api_key), name)
    allowed = {*_list_embedded(), settings.model}
    if name not in allowed and not settings.any_model:
        raise CheckpointError(
            f"This page offers no model {name!r}, only {', '.join(sorted(allowed - {''}))} and "
            f"{VADER}. Pick one of these, or start the page with --any-model."
        )
    from toxic_tweets.classifier import load

    if name not in allowed and not Path(name).is_dir() and "/" in name and name[0] not in "./~":
        return LocalScorer(load(_fetch(name, report)))
    return LocalScorer(load(str(Path(name).expanduser()) if name.startswith("~") else name))


def _list_embedded() -> list[str]:
    """Return the embedded checkpoints, `small` first."""
    from toxic_tweets.model.checkpoint import embedded_names

    return sorted(embedded_names(), key=lambda name: (name != "small", name == "sentiment", name))


def _fetch(repo_id: str, report: Report) -> Path:
    """Fetch a repository of the Hub in a thread, and tell meanwhile how much of it is here.

    Raises:
        HubError: the Hub does not give it.
    """
    from huggingface_hub.constants import HF_HUB_CACHE

    from toxic_tweets.model.hub import pull

    outcome: list[Path | ToxicTweetsError] = []

    def work() -> None:
        try:
            outcome.append(pull(repo_id))
        except ToxicTweetsError as error:
            outcome.append(error)

    blobs = Path(HF_HUB_CACHE) / f"models--{repo_id.replace('/', '--')}" / "blobs"
    before = _size_bytes(blobs)
    thread = threading.Thread(target=work, daemon=True, name=f"fetch {repo_id}")
    thread.start()
    start = time.monotonic()
    while thread.is_alive():
        thread.join(_POLL_S)
        fetched = max(0, _size_bytes(blobs) - before) / 1e6
        report(f"Fetching {repo_id}: {fetched:.0f} MB after {time.monotonic() - start:.0f} s")
    if not outcome:
        raise CheckpointError(f"{repo_id} could not be fetched. Try again, or give a folder.")
    if isinstance(outcome[0], ToxicTweetsError):
        raise outcome[0]
    return outcome[0]


def _size_bytes(folder: Path) -> int:
    """Return what the files in a folder take; those that go away meanwhile count as nothing."""
    size = 0
    try:
        for path in folder.iterdir():
            size += path.stat().st_size
    except OSError:
        return size
    return size
