"""The third view: several models side by side on the same texts."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.policy import Policy
from toxic_tweets.web.html import Cell, make_comparison
from toxic_tweets.web.judging import VERDICTS, Scored, choose_only, fit_policy, judge_all
from toxic_tweets.web.samples import FEW
from toxic_tweets.web.scorers import Scorer
from toxic_tweets.web.settings import current_settings
from toxic_tweets.web.shelf import take_scorer
from toxic_tweets.web.sidebar import current_choice, find_offers
from toxic_tweets.web.upload import check_rows, split_lines

_TEXTS = "compare_texts"
_MOST_TEXTS = 200


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Hold what one model says about all texts, how long one takes, how many it cannot read."""

    cells: list[Cell]
    ms_per_text: float
    n_foreign: int


def show() -> None:
    """Show the view."""
    st.header("Compare models", anchor=False)
    st.caption("Each scores the same texts; toxicity and sentiment are different questions.")
    settings = current_settings()
    policy = current_choice(settings).policy
    names = [offer.name for offer in find_offers(settings)]
    models = st.multiselect(
        "Models",
        names,
        default=names[: min(3, len(names))],
        key="compare_models",
        accept_new_options=settings.any_model and not settings.server,
        max_selections=5,
        persist_state="session",
    )
    with st.form("compare", border=False):
        lines = st.text_area("One text a line", FEW, key="compare_lines", height=170)
        if st.form_submit_button("Compare", type="primary", shortcut="Mod+Enter"):
            st.session_state[_TEXTS] = tuple(split_lines(lines))
            check_rows("the pasted lines", len(st.session_state[_TEXTS]), _MOST_TEXTS)
    texts: tuple[str, ...] = st.session_state.get(_TEXTS, ())
    if not texts or not models:
        return
    outcomes = {}
    for model in models:
        outcome = _score(model, texts, policy)
        if outcome is not None:
            outcomes[model] = outcome
    if outcomes:
        st.html(
            make_comparison(
                texts,
                {model: outcome.cells for model, outcome in outcomes.items()},
                {model: _describe(one) for model, one in outcomes.items()},
            )
        )
        st.caption(
            f"The highest type of each model, and the verdict of the policy «{policy.name}»."
        )


def _score(model: str, texts: tuple[str, ...], policy: Policy) -> _Outcome | None:
    """Return what a model says; one that cannot be opened must not hide the others."""
    note = st.empty()

    def report(line: str) -> None:
        note.info(line)

    try:
        scorer = take_scorer(model, current_settings(), report)
        fitted = fit_policy(policy, scorer.facts.labels)
        list(scorer.predict_iter(texts[:1], fitted))  # the first run of a model is slower
        start = time.perf_counter()
        predictions = list(scorer.predict_iter(texts, fitted))
        elapsed_s = time.perf_counter() - start
    except ToxicTweetsError as error:
        note.error(f"{model}: {error}")
        return None
    note.empty()
    scored = Scored.from_predictions(predictions, scorer.facts.labels)
    return _Outcome(
        _make_cells(scored, scorer, fitted),
        1000 * elapsed_s / len(texts),
        sum(one is False for one in scored.supported),
    )


def _describe(outcome: _Outcome) -> str:
    """Return what stands below the name of a model."""
    speed = f"{outcome.ms_per_text:.1f} ms per text"
    if not outcome.n_foreign:
        return speed
    return f"{speed}; texts in a language it was not trained on: {outcome.n_foreign}"


def _make_cells(scored: Scored, scorer: Scorer, policy: Policy) -> list[Cell]:
    facts = scorer.facts
    is_toxicity = facts.is_toxicity
    judged = judge_all(scored, policy, facts.thresholds) if is_toxicity else choose_only(scored)
    cells = []
    for row, place in enumerate(judged.highest.tolist()):
        verdict = VERDICTS[judged.verdicts[row]] if is_toxicity else None
        cells.append(Cell(scored.labels[place], float(scored.scores[row, place]), verdict))
    return cells
