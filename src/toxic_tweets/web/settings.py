"""What whoever starts the page can set about it, as opposed to what a visitor chooses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from toxic_tweets.errors import ToxicTweetsError

PREFIX = "TOXIC_TWEETS_WEB_"
_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class PageSettings:
    """Hold what can be set; each is an environment variable, too: its name after `PREFIX`.

    Attributes:
        server: URL of a server that scores, or empty to score in this process.
        api_key: the key that the server asks for.
        model: the model that a visitor finds chosen; empty = the first one.
        any_model: visitors may name folders of this machine and repositories of the Hub.
        in_frame: the page is shown inside another site, as on Hugging Face.
        max_rows: most rows of an uploaded file.
        max_upload_mb: largest file that can be uploaded.
    """

    server: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""
    any_model: bool = False
    in_frame: bool = False
    max_rows: int = 100_000
    max_upload_mb: int = 100


def read_settings(environment: Mapping[str, str] = os.environ) -> PageSettings:
    """Return the settings that the environment names, and the defaults of the others.

    Raises:
        ToxicTweetsError: a variable is not what it must be.
    """
    return PageSettings(
        server=_get(environment, "SERVER").rstrip("/"),
        api_key=_get(environment, "API_KEY"),
        model=_get(environment, "MODEL"),
        any_model=_read_switch(environment, "ANY_MODEL"),
        in_frame=_read_switch(environment, "IN_FRAME"),
        max_rows=_read_number(environment, "MAX_ROWS", 100_000),
        max_upload_mb=_read_number(environment, "MAX_UPLOAD_MB", 100),
    )


_settings: PageSettings | None = None


def use_settings(settings: PageSettings | None) -> None:
    """Keep the settings for the page of this process; None = read the environment again."""
    global _settings
    _settings = settings


def current_settings() -> PageSettings:
    """Return the settings of the page of this process."""
    return read_settings() if _settings is None else _settings


def _get(environment: Mapping[str, str], name: str) -> str:
    return environment.get(f"{PREFIX}{name}", "").strip()


def _read_switch(environment: Mapping[str, str], name: str) -> bool:
    value = _get(environment, name).lower()
    if value not in _WORDS:
        raise ToxicTweetsError(f"{PREFIX}{name} is {value!r}, but must be true or false.")
    return _WORDS[value]


def _read_number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = _get(environment, name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ToxicTweetsError(f"{PREFIX}{name} is {value!r}, but must be a whole number from 1.")
    return int(value)
