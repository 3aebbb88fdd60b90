"""Policies by name: those that ship, and those that administrators keep in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.serve.errors import UnknownPolicyError


class Policies:
    """Know the policies, as the store had them a few seconds ago."""

    def __init__(self, default: str, read: Callable[[], Mapping[str, Policy]]) -> None:
        """Know only the presets yet: `refresh` reads the others.

        Args:
            default: name of the policy where a call names none.
            read: returns the policies in the store; blocks.
        """
        self.default = default
        self._read = read
        self._kept: Mapping[str, Policy] = {}

    def refresh(self) -> None:
        """Read the store anew; blocks."""
        self._kept = self._read()

    def all(self) -> dict[str, Policy]:
        """Return every policy by its name, the presets first."""
        return {**PRESETS, **self._kept}

    def get(self, name: str | None) -> Policy | None:
        """Return a policy, None if there is none of that name."""
        return PRESETS.get(name or "") or self._kept.get(name or "")

    def find(self, name: str | None = None) -> Policy:
        """Return a policy; the default one for None.

        Raises:
            UnknownPolicyError: there is none of that name; the message lists those there are.
        """
        found = self.get(self.default if name is None else name)
        if found is None:
            names = ", ".join(self.all())
            raise UnknownPolicyError(f"There is no such policy. Those there are: {names}.")
        return found
