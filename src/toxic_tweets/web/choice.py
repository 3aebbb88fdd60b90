"""What a visitor chose, and how it stands in the address of the page.

Model, preset, types and thresholds are in the address, so that a setting can be shared. Texts never
are, and neither are the lists of a policy file: addresses end up in logs and histories.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from toxic_tweets.policy import PRESETS, Policy, Thresholds

MODEL, PRESET, TYPES, FLAG, BLOCK = "model", "policy", "types", "flag.", "block."
_DEFAULT = "balanced"


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold what a visitor chose.

    Attributes:
        model: name of the model; empty = the page's own default.
        policy: what counts, and from which score.
        base: the preset that the policy began as; empty for one that came from a file.
    """

    model: str = ""
    policy: Policy = PRESETS[_DEFAULT]
    base: str = _DEFAULT

    @property
    def is_changed(self) -> bool:
        """Tell whether the policy is no longer the preset it began as."""
        return self.policy != PRESETS.get(self.base)


def read_choice(parameters: Mapping[str, str], model: str = "") -> Choice:
    """Return what an address says; what makes no sense in it is passed over.

    Args:
        parameters: the query of the address.
        model: the model where it names none.
    """
    base = parameters.get(PRESET, _DEFAULT)
    if base not in PRESETS:
        base = _DEFAULT
    policy = PRESETS[base]
    types = tuple(dict.fromkeys(filter(None, parameters.get(TYPES, "").split(","))))
    if types:
        policy = replace(policy, name="custom", labels=types)
    flags, blocks = _read_cuts(parameters, FLAG), _read_cuts(parameters, BLOCK)
    if flags or blocks:
        policy = replace(policy, name="custom", thresholds=flags, block=blocks)
    return Choice(parameters.get(MODEL, model), policy, base)


def write_choice(choice: Choice) -> dict[str, str]:
    """Return the query of an address that `read_choice` reads back; only what is not usual."""
    parameters = {}
    if choice.model:
        parameters[MODEL] = choice.model
    start = PRESETS.get(choice.base, PRESETS[_DEFAULT])
    base = choice.base if choice.base in PRESETS else choice.policy.preset
    if base != _DEFAULT:
        parameters[PRESET] = base
    if choice.policy.labels != start.labels and choice.policy.labels is not None:
        parameters[TYPES] = ",".join(choice.policy.labels)
    for prefix, cuts in ((FLAG, choice.policy.thresholds), (BLOCK, choice.policy.block)):
        parameters |= {f"{prefix}{label}": f"{cut:g}" for label, cut in cuts.items()}
    return parameters


def choose_preset(choice: Choice, base: str) -> Choice:
    """Return the choice with a preset in place of its policy; lists from a file stay."""
    policy = PRESETS[base]
    if choice.policy.lists:
        policy = replace(policy, name="custom", lists=choice.policy.lists)
    return replace(choice, policy=policy, base=base)


def choose_types(choice: Choice, types: tuple[str, ...], known: tuple[str, ...]) -> Choice:
    """Return the choice with other types that count; none chosen means all do."""
    start = PRESETS.get(choice.base, choice.policy)
    is_all = not types or set(types) >= set(known)
    labels = None if is_all else tuple(label for label in known if label in types)
    return _with_policy(choice, replace(choice.policy, labels=labels), start)


def choose_cuts(
    choice: Choice, label: str, cuts: tuple[float, float], thresholds: Thresholds
) -> Choice:
    """Return the choice with other thresholds of a label.

    Args:
        choice: what was chosen so far.
        label: the label.
        cuts: scores from which it is flagged and from which it blocks.
        thresholds: the cuts that were fitted for the model; a number that rounds to what the preset
            gives is no change of it.
    """
    start = PRESETS.get(choice.base, PRESETS[choice.policy.preset])
    usual = find_cuts(start, label, thresholds)
    flags, blocks = dict(choice.policy.thresholds), dict(choice.policy.block)
    for numbers, cut, before in ((flags, cuts[0], usual[0]), (blocks, cuts[1], usual[1])):
        if round(before, 2) == round(cut, 2):
            numbers.pop(label, None)
        else:
            numbers[label] = round(cut, 2)
    return _with_policy(choice, replace(choice.policy, thresholds=flags, block=blocks), start)


def find_cuts(policy: Policy, label: str, thresholds: Thresholds) -> tuple[float, float]:
    """Return the scores from which a label is flagged and blocks; the second is never lower.

    Nothing blocks that is not flagged, so a lower one would mean the same.
    """
    flag = policy.flag_threshold(label, thresholds)
    return flag, max(flag, policy.block_threshold(label, thresholds))


def _with_policy(choice: Choice, policy: Policy, start: Policy) -> Choice:
    """Return the choice with a policy that bears its preset's name only while it is that one."""
    if replace(policy, name=start.name) == start:
        return replace(choice, policy=start)
    name = "custom" if policy.name in PRESETS else policy.name
    return replace(choice, policy=replace(policy, name=name))


def _read_cuts(parameters: Mapping[str, str], prefix: str) -> dict[str, float]:
    cuts = {}
    for key, value in parameters.items():
        try:
            cut = float(value) if key.startswith(prefix) else math.nan
        except ValueError:
            continue
        if 0 <= cut <= 1:  # not a number is neither
            cuts[key.removeprefix(prefix)] = cut
    return cuts
