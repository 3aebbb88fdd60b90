"""The first view: one text, its verdict, and the words that caused it."""

from __future__ import annotations

import streamlit as st

from toxic_tweets.prediction import Span
from toxic_tweets.web.choice import find_cuts
from toxic_tweets.web.html import Bar, make_answer, make_banner, make_bars, make_marked
from toxic_tweets.web.judging import VERDICTS, Judged, Scored, choose_only, judge_all
from toxic_tweets.web.language_names import name_language
from toxic_tweets.web.samples import ONE
from toxic_tweets.web.scoring import Work, make_key
from toxic_tweets.web.sidebar import Chosen, choose

_TEXT, _WORK, _SPANS = "try_submitted", "try_work", "try_spans"
_KEY = (
    '<div class="tt-key"><span><i class="tt-mark"></i>flagged from here</span>'
    '<span><i class="tt-mark tt-mark-block"></i>blocked from here</span></div>'
)


def show() -> None:
    """Show the view."""
    st.header("How toxic is a text?", anchor=False)
    st.caption(
        "Type or paste one and press Submit. It is scored right here, and neither logged nor kept."
    )
    chosen = choose()
    with st.form("try", border=False):
        text = st.text_area("Text", ONE, key="try_text", height=110)
        if st.form_submit_button("Submit", type="primary", shortcut="Mod+Enter"):
            st.session_state[_TEXT] = text
    submitted: str | None = st.session_state.get(_TEXT)
    if submitted is None:
        st.info(
            f"The model is «{chosen.model}». Another model, other types and other thresholds are "
            "in the side bar."
        )
    elif not submitted.strip():
        st.warning("There is no text yet. Type one, then press Submit.")
    else:
        _show_result(submitted, chosen)


def _show_result(text: str, chosen: Chosen) -> None:
    work = _score(text, chosen)
    scored = work.scored(chosen.scorer)
    facts = chosen.scorer.facts
    is_toxicity = facts.is_toxicity
    judged = (
        judge_all(scored, chosen.policy, facts.thresholds) if is_toxicity else choose_only(scored)
    )
    _show_verdict(scored, judged, is_toxicity)
    if scored.supported[0] is False:
        st.warning(
            f"This looks like {name_language(scored.languages[0])}, which {chosen.model} was not "
            "trained on: the scores mean little."
        )
    left, right = st.columns(2, gap="large")
    with right:
        st.html(make_bars(_make_bars(chosen, scored, judged)) + (_KEY if is_toxicity else ""))
    with left:
        words = st.empty()
        words.html(make_marked(text, ()))
        _show_facts(work, scored, chosen)
    label = _find_cause(scored, judged, is_toxicity)
    if label is not None:  # after all else, for on a long text this takes a while
        spans = _find_spans(text, label, chosen)
        words.html(make_marked(text, spans))
        with left:
            name = label.replace("_", " ")
            found = (
                f"Marked: what reads as {name}." if spans else f"No single word reads as {name}."
            )
            st.caption(found)


def _score(text: str, chosen: Chosen) -> Work:
    """Score the text, unless that was done and only a threshold has changed."""
    key = make_key(chosen.model, chosen.scorer, chosen.policy)
    work: Work | None = st.session_state.get(_WORK)
    if work is None or work.key != key or work.texts[0] != text:
        work = Work((text,), key)
        work.advance(chosen.scorer, chosen.policy)
        st.session_state[_WORK] = work
        st.session_state[_SPANS] = {}
    return work


def _show_verdict(scored: Scored, judged: Judged, is_toxicity: bool) -> None:
    labels, scores = scored.labels, scored.scores[0]
    top, kind = int(judged.highest[0]), int(judged.highest_type[0])
    if not is_toxicity:
        st.html(make_answer(labels[top], f"score {scores[top]:.2f}"))
        return
    sentence = f"Highest type: {labels[top].replace('_', ' ')} {scores[top]:.2f}"
    if kind != top:
        sentence += f", then {labels[kind].replace('_', ' ')} {scores[kind]:.2f}"
    lists = sorted({match.list for match in scored.matches[0] if match.kind == "block"})
    if lists:
        sentence += f". On a list: {', '.join(lists)}"
    st.html(make_banner(VERDICTS[judged.verdicts[0]], f"{sentence}."))


def _make_bars(chosen: Chosen, scored: Scored, judged: Judged) -> list[Bar]:
    policy, thresholds = chosen.policy, chosen.scorer.facts.thresholds
    bars = []
    for place, label in enumerate(scored.labels):
        score = float(scored.scores[0, place])
        if not chosen.scorer.facts.is_toxicity:
            bars.append(Bar(label, score))
            continue
        flag, block = find_cuts(policy, label, thresholds)
        is_counted = policy.labels is None or label in policy.labels
        bars.append(Bar(label, score, flag, block, bool(judged.flagged[0, place]), is_counted))
    return bars


def _show_facts(work: Work, scored: Scored, chosen: Chosen) -> None:
    windows = scored.windows[0]
    facts = [
        name_language(scored.languages[0]),
        f"scored by {scored.checkpoint} in {work.seconds * 1000:.0f} ms",
    ]
    if windows > 1:
        facts.append(f"a long text, read as {windows} overlapping pieces")
    if chosen.scorer.facts.is_toxicity:
        facts.append(f"policy «{chosen.policy.name}»")
    st.caption(" · ".join(facts))


def _find_cause(scored: Scored, judged: Judged, is_toxicity: bool) -> str | None:
    """Return the label whose words are worth marking: the highest flagged one, `toxic` last."""
    if not is_toxicity:
        return scored.labels[int(judged.highest[0])]
    for place in (int(judged.highest_type[0]), int(judged.highest[0])):
        if judged.flagged[0, place]:
            return scored.labels[place]
    flagged = [
        label for label, is_on in zip(scored.labels, judged.flagged[0], strict=True) if is_on
    ]
    return flagged[0] if flagged else None


def _find_spans(text: str, label: str, chosen: Chosen) -> tuple[Span, ...]:
    known: dict[str, tuple[Span, ...]] = st.session_state[_SPANS]
    if label not in known:
        with st.spinner("Looking for the words that did it …", show_time=True):
            known[label] = chosen.scorer.find_spans(text, label, chosen.policy)
    return known[label]
