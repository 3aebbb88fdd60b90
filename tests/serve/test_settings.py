"""Settings: from the environment, from options, checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve.settings import Settings, make_settings


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIC_TWEETS_PORT", "1234")
    monkeypatch.setenv("TOXIC_TWEETS_MODELS", "small, owner/name")
    monkeypatch.setenv("TOXIC_TWEETS_API_KEYS", "required")
    monkeypatch.setenv("TOXIC_TWEETS_FEEDBACK", "false")
    settings = make_settings(port=99)
    assert settings.port == 99  # what is given wins
    assert settings.models == ("small", "owner/name")
    assert settings.api_keys == "required"
    assert not settings.feedback


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": 70_000}, r"Setting port \(TOXIC_TWEETS_PORT\): .*65535"),
        ({"api_keys": "maybe"}, "'off', 'optional' or 'required'"),
        ({"models": ""}, "at least one checkpoint"),
        ({"models": "a,a"}, "each once"),
        ({"max_texts": 10, "max_waiting_texts": 5}, "must be at least max_texts"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ToxicTweetsError, match=message):
        make_settings(**values)


def test_a_wrong_value_is_not_repeated() -> None:
    with pytest.raises(ToxicTweetsError) as caught:
        make_settings(api_keys="tt_secret")
    assert "tt_secret" not in str(caught.value)


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_out_of_the_box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = make_settings()
    assert settings.api_keys == "off"
    assert settings.cors_origins == ()
    assert not settings.lenient
    assert settings.database_url.startswith("sqlite:///")
