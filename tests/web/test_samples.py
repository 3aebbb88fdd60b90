from pathlib import Path

import pytest

from toxic_tweets.web import samples
from toxic_tweets.web.samples import FEW, ONE, read_sample_tweets


def test_the_sample_tweets_are_those_of_the_repository() -> None:
    texts = read_sample_tweets()
    assert len(texts) >= 20
    assert ONE not in texts


def test_without_the_file_there_is_still_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_PLACES", (tmp_path / "tweets.csv",))
    assert read_sample_tweets.__wrapped__() == tuple(FEW.splitlines())
