"""The side bar: the model, what counts, and from which score; kept in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from toxic_tweets.errors import PolicyError, ToxicTweetsError
from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.web.catalogue import Offer, list_offers
from toxic_tweets.web.choice import (
    Choice,
    choose_cuts,
    choose_preset,
    choose_types,
    find_cuts,
    read_choice,
    write_choice,
)
from toxic_tweets.web.judging import fit_policy
from toxic_tweets.web.scorers import Scorer
from toxic_tweets.web.settings import PageSettings, current_settings
from toxic_tweets.web.shelf import take_scorer

_CHOICE, _PROBLEM, _RENEWED = "choice", "policy_problem", "renewed"
_PRESET, _TYPES, _CUTS = "preset", "types", "cuts"
_ABOUT_PRESETS: Mapping[str, str] = {
    "lenient": "flags only what is sure",
    "balanced": "misses and false alarms in balance",
    "strict": "finds nine in ten, with more false alarms",
    "profanity-ok": "swearing is fine, attacks are not",
}
_LARGEST_POLICY_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Hold what the side bar says.

    Attributes:
        model: name of the model.
        scorer: the model itself.
        policy: what counts, without labels that the model lacks.
    """

    model: str
    scorer: Scorer
    policy: Policy


def choose(with_policy: bool = True) -> Chosen:
    """Show the side bar and return what is chosen in it.

    Raises:
        ToxicTweetsError: the model cannot be opened; the side bar is there to pick another.
    """
    settings = current_settings()
    choice = current_choice(settings)
    with st.sidebar:
        model = _choose_model(choice, find_offers(settings), settings)
    note = st.empty()

    def report(line: str) -> None:
        note.info(line)

    scorer = take_scorer(model, settings, report)
    note.empty()
    if with_policy and scorer.facts.is_toxicity:
        with st.sidebar:
            _choose_policy(current_choice(settings), scorer)
    choice = current_choice(settings)
    _show_in_address(choice)
    return Chosen(model, scorer, fit_policy(choice.policy, scorer.facts.labels))


def current_choice(settings: PageSettings) -> Choice:
    """Return what the visitor chose so far; at first what the address says."""
    if _CHOICE not in st.session_state:
        st.session_state[_CHOICE] = read_choice(st.query_params.to_dict(), settings.model)
    choice: Choice = st.session_state[_CHOICE]
    return choice


def find_offers(settings: PageSettings) -> list[Offer]:
    """Return the models to pick from, asked for once in half a minute."""
    return _find_offers(settings.server, settings.model, settings.any_model, settings)


@st.cache_data(ttl=30, show_spinner=False)
def _find_offers(server: str, model: str, any_model: bool, _settings: PageSettings) -> list[Offer]:
    return list_offers(_settings)


def _choose_model(choice: Choice, offers: list[Offer], settings: PageSettings) -> str:
    titles = {offer.name: offer.title for offer in offers}
    model = choice.model or offers[0].name
    titles.setdefault(model, model)
    accepts_more = settings.any_model and not settings.server
    names = list(titles)
    st.selectbox(
        "Model",
        names,
        names.index(model),
        key="model_box",
        format_func=lambda name: titles.get(name, name),
        on_change=_take_model,
        accept_new_options=accepts_more,
        help="Type the path of a checkpoint folder or a Hub name such as owner/name to use another."
        if accepts_more
        else None,
    )
    return model


def _choose_policy(choice: Choice, scorer: Scorer) -> None:
    key = _make_key(_PRESET)
    start = choice.base if choice.base in PRESETS else None
    st.pills(
        "How strict", list(PRESETS), default=start, key=key, on_change=_take_preset, args=(key,)
    )
    if choice.base in PRESETS:
        changed = " (changed below)" if choice.is_changed else ""
        st.caption(f"{choice.base}{changed}: {_ABOUT_PRESETS[choice.base]}")
    else:
        st.caption(f"from the file «{choice.policy.name}»")
    labels = scorer.facts.labels
    policy = fit_policy(choice.policy, labels)
    counted = [label for label in labels if policy.labels is None or label in policy.labels]
    key = _make_key(_TYPES)
    st.pills(
        "Types that count",
        list(labels),
        selection_mode="multi",
        default=counted,
        key=key,
        format_func=lambda label: label.replace("_", " "),
        on_change=_take_types,
        args=(key, labels),
    )
    with st.expander("Thresholds", expanded=bool(policy.thresholds or policy.block)):
        st.caption("Left handle: flagged for review from this score. Right handle: blocked.")
        for label in counted:
            _choose_cuts(policy, label, scorer)
    with st.expander("Save or load a policy"):
        _keep_policy(choice)
    if _PROBLEM in st.session_state:
        st.error(st.session_state[_PROBLEM])


def _choose_cuts(policy: Policy, label: str, scorer: Scorer) -> None:
    flag, block = find_cuts(policy, label, scorer.facts.thresholds)
    key = f"{_make_key(_CUTS)}_{label}"
    st.slider(
        label.replace("_", " "),
        0.0,
        1.0,
        (round(flag, 2), round(block, 2)),
        step=0.01,
        key=key,
        on_change=_take_cuts,
        args=(key, label, scorer),
    )


def _keep_policy(choice: Choice) -> None:
    st.download_button(
        "Save as policy.toml",
        choice.policy.to_toml(),
        file_name="policy.toml",
        mime="application/toml",
        on_click="ignore",
        width="stretch",
    )
    st.file_uploader(
        "Load a policy file", type="toml", key="policy_file", on_change=_take_policy_file
    )
    if choice.policy.lists:
        names = ", ".join(words.name for words in choice.policy.lists)
        place = "not part of the address"
        if current_settings().server:  # which words a community looks for is its own business
            place = "not sent to the server, so nothing is looked for"
        st.caption(f"Lists: {names}. They are {place}.")


def _take_model() -> None:
    choice = _now()
    model = (st.session_state["model_box"] or "").strip()
    _keep(Choice(model or choice.model, choice.policy, choice.base), _TYPES, _CUTS)


def _take_preset(key: str) -> None:
    base = st.session_state[key]
    choice = _now()
    if base is None:  # a click on the chosen one takes back what was changed
        base = choice.base if choice.base in PRESETS else "balanced"
        _renew(_PRESET)
    _keep(choose_preset(choice, base), _TYPES, _CUTS)


def _take_types(key: str, known: tuple[str, ...]) -> None:
    types = tuple(st.session_state[key])
    if not types:  # none that counts makes no sense: all do
        _renew(_TYPES)
    _keep(choose_types(_now(), types, known))


def _take_cuts(key: str, label: str, scorer: Scorer) -> None:
    _keep(choose_cuts(_now(), label, st.session_state[key], scorer.facts.thresholds))


def _take_policy_file() -> None:
    st.session_state.pop(_PROBLEM, None)
    file = st.session_state["policy_file"]
    if file is None:
        return
    try:
        if file.size > _LARGEST_POLICY_BYTES:
            raise PolicyError("The policy file is larger than 1 MB. Give one that is a policy.")
        policy = Policy.from_toml(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        st.session_state[_PROBLEM] = "The policy file is not UTF-8. Save it as UTF-8 first."
    except ToxicTweetsError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        _keep(Choice(_now().model, policy, ""), _PRESET, _TYPES, _CUTS)


def _now() -> Choice:
    choice: Choice = st.session_state[_CHOICE]
    return choice


def _keep(choice: Choice, *changed: str) -> None:
    """Keep a choice; widgets that have to show something else because of it are made anew."""
    st.session_state.pop(_PROBLEM, None)
    st.session_state[_CHOICE] = choice
    for name in changed:
        _renew(name)


def _renew(name: str) -> None:
    """Have a widget made anew, with the value that it has to show as its start.

    Setting the value of one that is there would get lost where a click cuts its run short.
    """
    times: dict[str, int] = st.session_state.setdefault(_RENEWED, {})
    times[name] = times.get(name, 0) + 1


def _make_key(name: str) -> str:
    """Return the key of a widget, another one each time it is made anew."""
    return f"{name}_{st.session_state.get(_RENEWED, {}).get(name, 0)}"


def _show_in_address(choice: Choice) -> None:
    parameters = write_choice(choice)
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)
