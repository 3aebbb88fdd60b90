"""How a source's labels become ours: rules with a reason each, written beside every reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the label table: what the source says, what we make of it, and why."""

    source: str
    ours: str
    why: str


@dataclass(frozen=True, slots=True)
class SourceCard:
    """What is worth knowing about a source before it is trained on.

    Attributes:
        title: what the source is called.
        url: where it is published.
        licence: of texts and labels.
        rules: how its labels become ours.
        measure_only: a test that says nothing about a model that was trained on it.
    """

    title: str
    url: str
    licence: str
    rules: tuple[Rule, ...]
    measure_only: bool = False
