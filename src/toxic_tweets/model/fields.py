"""Take typed values out of JSON, naming the file and the key when they are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toxic_tweets.errors import CheckpointError


class Fields:
    """Read the keys of one JSON object; each raises a `CheckpointError` for a wrong value."""

    def __init__(self, raw: Mapping[str, Any], path: Path) -> None:
        self._raw = raw
        self.path = path

    def wrong(self, key: str, expected: str) -> CheckpointError:
        """Build the error about a key."""
        return CheckpointError(
            f"{self.path}: {key} is {self._raw.get(key)!r}, but must be {expected}. "
            "Re-export the checkpoint."
        )

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._raw.get(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def number(self, key: str) -> int:
        """Return a whole number from 0."""
        value = self._raw.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(key, "a whole number from 0")
        return value

    def table(self, key: str) -> dict[str, Any]:
        """Return an object."""
        value = self._raw.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, "an object")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of at least one name, each once."""
        value = self._raw.get(key)
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.wrong(key, "a list of strings")
        if not value or len(set(value)) < len(value):
            raise self.wrong(key, "a list of at least one name, each once")
        return tuple(value)
