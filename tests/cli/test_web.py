from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("streamlit", reason="misses the extra web: the page was not started")

from tests.cli.conftest import Invoke

from toxic_tweets.web import launch
from toxic_tweets.web.settings import PageSettings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the page would have been started with."""
    found: dict[str, Any] = {}

    def keep(settings: PageSettings, **options: Any) -> None:
        found.update(options, settings=settings)

    monkeypatch.setattr(launch, "run_page", keep)
    return found


def test_the_page_is_for_this_machine_alone(invoke: Invoke, started: dict[str, Any]) -> None:
    assert invoke("web").exit_code == 0
    assert started["host"] == "127.0.0.1"
    assert started["port"] == 8501
    assert started["settings"] == PageSettings(any_model=True)
    assert not started["open_browser"]


def test_others_find_only_the_models_that_ship(invoke: Invoke, started: dict[str, Any]) -> None:
    assert invoke("web", "--host", "0.0.0.0", "--in-frame").exit_code == 0  # noqa: S104
    assert started["settings"] == PageSettings(any_model=False, in_frame=True)


def test_options_and_variables_reach_the_page(
    invoke: Invoke, started: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOXIC_TWEETS_WEB_API_KEY", "key")
    monkeypatch.setenv("TOXIC_TWEETS_WEB_MAX_ROWS", "7")
    result = invoke("web", "--port", 9000, "--server", "http://a.example/", "--fixed-models")
    assert result.exit_code == 0
    assert started["settings"] == PageSettings("http://a.example", "key", max_rows=7)
    assert started["port"] == 9000


def test_a_wrong_variable_is_one_line(
    invoke: Invoke, started: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOXIC_TWEETS_WEB_MAX_ROWS", "many")
    result = invoke("web")
    assert result.exit_code == 1
    assert "TOXIC_TWEETS_WEB_MAX_ROWS is 'many'" in result.output
    assert not started
