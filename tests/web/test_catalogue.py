from __future__ import annotations

from pathlib import Path

import huggingface_hub.constants
import pytest
from tests.fakes import FakeHub

from toxic_tweets.errors import CheckpointError, HubError, ToxicTweetsError
from toxic_tweets.web import catalogue
from toxic_tweets.web.catalogue import list_offers, open_scorer
from toxic_tweets.web.settings import PageSettings
from toxic_tweets.web.shelf import clear_shelf, take_scorer

ANY = PageSettings(any_model=True)


def test_what_is_here_is_offered_first() -> None:
    names = [offer.name for offer in list_offers(PageSettings())]
    assert names[-1] == "vader"
    assert "/" not in "".join(names), "nothing that would have to be fetched"
    assert set(names) <= {offer.name for offer in list_offers(ANY)}
    assert any("/" in offer.name for offer in list_offers(ANY))


def test_the_named_model_is_the_first(tiny_checkpoint: Path) -> None:
    settings = PageSettings(model=str(tiny_checkpoint))
    assert list_offers(settings)[0].name == str(tiny_checkpoint)
    assert open_scorer(str(tiny_checkpoint), settings).facts.id.startswith("tiny@")


def test_a_folder_is_opened_only_where_any_model_may_be(tiny_checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="--any-model"):
        open_scorer(str(tiny_checkpoint), PageSettings())
    facts = open_scorer(str(tiny_checkpoint), ANY).facts
    assert facts.is_toxicity
    assert facts.licence == "Apache-2.0"
    assert facts.folder == tiny_checkpoint


def test_a_folder_in_the_home_is_found(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tiny_checkpoint.parent))
    assert open_scorer(f"~/{tiny_checkpoint.name}", ANY).facts.id.startswith("tiny@")


def test_a_model_of_the_hub_is_fetched_with_progress(
    tiny_checkpoint: Path, fake_hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {path.name: path.read_bytes() for path in tiny_checkpoint.iterdir()}
    fake_hub.add("somebody/tiny", files)
    use_hub(fake_hub, tmp_path, monkeypatch)
    told: list[str] = []
    scorer = open_scorer("somebody/tiny", ANY, told.append)
    assert scorer.facts.is_toxicity
    assert told[-1].startswith("Fetching somebody/tiny: ")


def test_a_model_that_the_hub_lacks_is_a_sentence(
    fake_hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_hub(fake_hub, tmp_path, monkeypatch)
    with pytest.raises(HubError, match="There is no somebody/else on the Hub"):
        open_scorer("somebody/else", ANY)


def use_hub(hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from toxic_tweets.model import hub as model_hub

    def pull(repo_id: str) -> Path:
        return real(repo_id, endpoint=hub.endpoint, cache_folder=cache)

    real = model_hub.pull
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(model_hub, "pull", pull)
    monkeypatch.setattr(catalogue, "_POLL_S", 0.01)


def test_a_model_is_opened_once_and_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def count(name: str, settings: PageSettings, report: object) -> object:
        if name == "broken":
            raise ToxicTweetsError("broken")
        opened.append(name)
        return name

    monkeypatch.setattr("toxic_tweets.web.shelf.open_scorer", count)
    clear_shelf()
    try:
        for name in ("a", "a", "b", "c", "d", "a", "e", "b"):
            take_scorer(name, PageSettings())
        with pytest.raises(ToxicTweetsError, match="broken"):
            take_scorer("broken", PageSettings())
        assert opened == ["a", "b", "c", "d", "e", "b"]
    finally:
        clear_shelf()
