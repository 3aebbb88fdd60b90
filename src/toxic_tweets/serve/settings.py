"""Every setting of the server, each declared once: name, type, default, help.

The environment variable of a setting is its name in capitals after `TOXIC_TWEETS_`; the option of
`toxic-tweets serve` is its name with dashes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from toxic_tweets.errors import ToxicTweetsError

PREFIX = "TOXIC_TWEETS_"
Names = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Hold what can be set about the server; read from the environment, changed by options."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    # Where it listens
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for all.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=256, description="Processes; each loads the models.")
    threads: int = Field(
        0, ge=0, le=256, description="Texts scored at once per process; 0 = cores / workers."
    )
    public_url: str = Field(
        "", description="URL that callers use, behind a proxy; empty = as the request says."
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Proxies whose X-Forwarded-* headers count, comma-separated."
    )
    cors_origins: Names = Field(
        (), description="Web origins that may call, comma-separated; empty = none."
    )

    # What it scores with
    models: Names = Field(
        ("small", "sentiment"),
        description="Names, folders or Hub ids of the checkpoints to load, the default first.",
    )
    policy: str = Field("balanced", description="Policy where a call names none.")

    # The APIs it speaks for
    lenient: bool = Field(
        False, description="Drop Perspective attributes without a model instead of refusing them."
    )
    score_scale: Literal["perspective", "calibrated"] = Field(
        "perspective", description="Scale of the scores in the Perspective API."
    )

    # Limits
    max_body_bytes: int = Field(4_194_304, ge=1024, description="Largest body of a request.")
    max_texts: int = Field(1000, ge=1, description="Most texts in one call.")
    max_text_bytes: int = Field(20_480, ge=1, description="Longest text, in bytes of UTF-8.")
    max_waiting_texts: int = Field(
        2000, ge=1, description="Texts that may wait per process; more are refused at once."
    )
    call_timeout_s: float = Field(30.0, gt=0, description="Longest time for scoring one call.")
    body_timeout_s: float = Field(
        10.0, gt=0, description="Longest time for the headers or the body of a request to arrive."
    )
    max_connections: int = Field(1000, ge=1, description="Open connections per process.")
    stop_timeout_s: int = Field(
        30, ge=1, description="Longest wait for calls in flight when the server is stopped."
    )

    # Who may call, and how often
    api_keys: Literal["off", "optional", "required"] = Field(
        "off", description="off: keys are ignored; optional: a given key must be valid; required."
    )
    rate_limit: str = Field(
        "", description="Calls per key or address, such as 100/minute; empty = no limit."
    )
    rate_limit_url: str = Field(
        "memory://", description="Where calls are counted: memory:// (per process) or a Redis URL."
    )

    # What it keeps
    database_url: str = Field(
        "sqlite:///toxic-tweets.db", description="Database of feedback, keys, policies and audit."
    )
    feedback: bool = Field(True, description="Keep the feedback that is sent.")
    retention_days: int = Field(
        0, ge=0, description="Days after which feedback is deleted; 0 = kept."
    )

    # What it tells
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged."
    )
    docs: bool = Field(True, description="Serve /docs and /openapi.json.")

    @field_validator("models", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.models or len(set(self.models)) < len(self.models):
            raise ValueError("models must name at least one checkpoint, each once")
        if self.max_waiting_texts < self.max_texts:
            raise ValueError(
                f"max_waiting_texts is {self.max_waiting_texts}, but must be at least max_texts "
                f"({self.max_texts}): a full call would never be taken"
            )
        return self


def make_settings(**values: Any) -> Settings:
    """Read the settings from the environment, some of them given.

    Raises:
        ToxicTweetsError: a value is not one that the setting takes; the message names both.
    """
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        where = f"{name} ({PREFIX}{name.upper()}): " if name else ""
        raise ToxicTweetsError(f"Setting {where}{message}.") from error
