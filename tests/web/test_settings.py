import pytest

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.web.settings import (
    PREFIX,
    PageSettings,
    current_settings,
    read_settings,
    use_settings,
)


def test_without_variables_the_page_keeps_to_itself() -> None:
    settings = read_settings({})
    assert settings == PageSettings()
    assert not settings.any_model
    assert not settings.server


def test_every_setting_is_a_variable() -> None:
    values = {
        "SERVER": "http://127.0.0.1:8000/",
        "API_KEY": "k",
        "MODEL": "sentiment",
        "ANY_MODEL": "true",
        "IN_FRAME": "1",
        "MAX_ROWS": "10",
        "MAX_UPLOAD_MB": "5",
    }
    settings = read_settings({f"{PREFIX}{name}": value for name, value in values.items()})
    assert settings == PageSettings("http://127.0.0.1:8000", "k", "sentiment", True, True, 10, 5)
    assert len(values) == len(PageSettings.__dataclass_fields__)


@pytest.mark.parametrize(("name", "value"), [("ANY_MODEL", "perhaps"), ("MAX_ROWS", "-1")])
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ToxicTweetsError, match=f"{PREFIX}{name} is '{value}'"):
        read_settings({f"{PREFIX}{name}": value})


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(PageSettings(api_key="secret"))


def test_settings_of_the_process_go_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"{PREFIX}MODEL", "sentiment")
    assert current_settings().model == "sentiment"
    use_settings(PageSettings(model="vader"))
    try:
        assert current_settings().model == "vader"
    finally:
        use_settings(None)
    assert current_settings().model == "sentiment"
