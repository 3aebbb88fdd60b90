"""The second view: many texts in a table, sorted, filtered, judged anew without scoring anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from toxic_tweets.web.download import make_columns, write_csv, write_parquet
from toxic_tweets.web.html import Row, make_rows
from toxic_tweets.web.judging import VERDICTS, Judged, Scored, choose_only, judge_all
from toxic_tweets.web.language_names import name_language
from toxic_tweets.web.samples import FEW, read_sample_tweets
from toxic_tweets.web.scoring import Work, make_key
from toxic_tweets.web.settings import current_settings
from toxic_tweets.web.sidebar import Chosen, choose
from toxic_tweets.web.upload import SUFFIXES, Upload, check_rows, read_upload, split_lines

_WORK, _PASTED, _UPLOAD, _STOPPED = "table_work", "table_pasted", "table_upload", "table_stopped"
_SAMPLE, _PASTE, _FILE = "Sample tweets", "Pasted lines", "A file"
_PER_PAGE = 50
_WORDS = {"allow": "allowed", "review": "for review", "block": "blocked"}
_AS_IS, _HIGHEST, _TYPE = "as they came", "highest score", "highest other than toxic"


def show() -> None:
    """Show the view."""
    st.header("A table of texts", anchor=False)
    chosen = choose()
    texts = _choose_texts()
    if not texts:
        return
    work = _find_work(texts, chosen)
    if not work.is_done and not _score(work, chosen):
        return
    scored = work.scored(chosen.scorer)
    facts = chosen.scorer.facts
    if facts.is_toxicity:
        judged = judge_all(scored, chosen.policy, facts.thresholds)
    else:
        judged = choose_only(scored)
    _show_counts(work, scored, judged, facts.is_toxicity)
    places = _filter_and_sort(scored, judged, chosen)
    _show_rows(texts, scored, judged, places, facts.is_toxicity)
    _show_downloads(texts, scored, judged, places)


def _choose_texts() -> Sequence[str]:
    source = st.segmented_control(
        "Texts",
        [_SAMPLE, _PASTE, _FILE],
        default=_SAMPLE,
        key="table_source",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    if source == _PASTE:
        with st.form("paste", border=False):
            lines = st.text_area("One text a line", FEW, key="table_lines", height=170)
            if st.form_submit_button("Score them", type="primary", shortcut="Mod+Enter"):
                st.session_state[_PASTED] = tuple(split_lines(lines))
                check_rows("the pasted lines", len(st.session_state[_PASTED]), _max_rows())
        pasted: tuple[str, ...] = st.session_state.get(_PASTED, ())
        return pasted
    if source == _FILE:
        return _choose_file()
    return read_sample_tweets()


def _choose_file() -> Sequence[str]:
    file = st.file_uploader(
        f"CSV, JSON lines, Parquet or plain text, up to {_max_rows():,} rows",
        type=list(SUFFIXES),
        key="table_file",
    )
    if file is None:
        st.session_state.pop(_UPLOAD, None)
        return ()
    kept: tuple[str, Upload] | None = st.session_state.get(_UPLOAD)
    if kept is None or kept[0] != file.file_id:
        kept = (file.file_id, read_upload(file.name, file.getvalue(), _max_rows()))
        st.session_state[_UPLOAD] = kept
    upload = kept[1]
    columns = list(upload.columns)
    column = columns[0]
    if len(columns) > 1:
        column = st.selectbox("Column", columns, columns.index(upload.likely), key="table_column")
    return upload.columns[column]


def _max_rows() -> int:
    return current_settings().max_rows


def _find_work(texts: Sequence[str], chosen: Chosen) -> Work:
    """Return the work on these texts, begun before or new."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    key = (digest.digest(), *make_key(chosen.model, chosen.scorer, chosen.policy))
    work: Work | None = st.session_state.get(_WORK)
    if work is None or work.key != key:
        work = Work(texts, key)
        st.session_state[_WORK] = work
        st.session_state.pop(_STOPPED, None)
    return work


def _score(work: Work, chosen: Chosen) -> bool:
    """Score what is left under a progress bar; return whether there is something to show."""
    n_texts = len(work.texts)
    if st.session_state.get(_STOPPED):
        st.info(f"Stopped after {len(work.done):,} of {n_texts:,} texts.")
        st.button("Go on", on_click=lambda: st.session_state.pop(_STOPPED, None))
        return bool(work.done)
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Starting …")
        if n_texts > _PER_PAGE:
            st.button("Stop", on_click=lambda: st.session_state.update({_STOPPED: True}))

        def report(n_done: int) -> None:
            speed = n_done / work.seconds if work.seconds else 0.0
            left = (
                f", {(n_texts - n_done) / speed:.0f} s left" if speed and n_done < n_texts else ""
            )
            bar.progress(n_done / n_texts, f"{n_done:,} of {n_texts:,} texts{left}")

        work.advance(chosen.scorer, chosen.policy, report)
    place.empty()
    return True


def _show_counts(work: Work, scored: Scored, judged: Judged, is_toxicity: bool) -> None:
    n_texts = len(scored.scores)
    speed = f"{n_texts / work.seconds:,.0f} texts/s" if work.seconds else ""
    if is_toxicity:
        counts = {
            _WORDS[verdict]: int((judged.verdicts == place).sum())
            for place, verdict in enumerate(VERDICTS)
        }
    else:
        counts = {
            label: int((judged.highest == place).sum()) for place, label in enumerate(scored.labels)
        }
    parts = [f"**{count:,}** {word}" for word, count in counts.items()]
    st.markdown(f"**{n_texts:,}** texts: {', '.join(parts)}")
    st.caption(f"{speed}, scored once: thresholds change the verdicts at no cost.")


def _filter_and_sort(scored: Scored, judged: Judged, chosen: Chosen) -> NDArray[np.int64]:
    """Show what can be filtered and sorted by, and return the places of the texts that stay."""
    labels = scored.labels
    keep = np.ones(len(scored.scores), dtype=bool)
    is_toxicity = chosen.scorer.facts.is_toxicity
    first, second, third = st.columns([2, 2, 1.4], vertical_alignment="top")
    with first:
        if is_toxicity:
            words = {word: place for place, word in enumerate(_WORDS.values())}
            wanted = st.pills(
                "Verdict", list(words), selection_mode="multi", key="table_verdicts", wrap=True
            )
            if wanted:
                keep &= np.isin(judged.verdicts, [words[word] for word in wanted])
    with second:
        name = "Flagged as" if is_toxicity else "Highest"
        types = st.pills(
            name,
            list(labels),
            selection_mode="multi",
            key=f"table_types_{len(labels)}",
            wrap=True,
            format_func=lambda label: label.replace("_", " "),
        )
        if types and is_toxicity:
            keep &= judged.flagged[:, [labels.index(label) for label in types]].any(axis=1)
        elif types:
            keep &= np.isin(judged.highest, [labels.index(label) for label in types])
    with third:
        orders = [_AS_IS, _HIGHEST, *([_TYPE] if is_toxicity else []), *labels]
        order = st.selectbox(
            "Sort by",
            orders,
            key=f"table_order_{len(labels)}",
            format_func=lambda name: name.replace("_", " "),
        )
    places = np.flatnonzero(keep)
    numbers = _find_order(scored, judged, order or _AS_IS)
    return places if numbers is None else places[np.argsort(-numbers[places], kind="stable")]


def _find_order(scored: Scored, judged: Judged, order: str) -> NDArray[np.float64] | None:
    """Return the numbers to sort by, the highest first."""
    if order == _AS_IS:
        return None
    rows = np.arange(len(scored.scores))
    if order == _HIGHEST:
        return scored.scores[rows, judged.highest]
    if order == _TYPE:
        return scored.scores[rows, judged.highest_type]
    return scored.scores[:, scored.labels.index(order)]


def _show_rows(
    texts: Sequence[str],
    scored: Scored,
    judged: Judged,
    places: NDArray[np.int64],
    is_toxicity: bool,
) -> None:
    if not len(places):
        st.info("No text is left with this filter.")
        return
    n_pages = -(-len(places) // _PER_PAGE)
    is_open = is_toxicity and st.toggle("Show hidden texts", key="table_open")
    page = 1
    if n_pages > 1:
        page = st.pagination(n_pages, key=f"table_page_{n_pages}")
    rows = [
        _make_row(texts, scored, judged, int(place), is_toxicity)
        for place in places[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    ]
    st.html(make_rows(rows, is_toxicity, is_veiled=not is_open))


def _make_row(
    texts: Sequence[str], scored: Scored, judged: Judged, place: int, is_toxicity: bool
) -> Row:
    top, kind = int(judged.highest[place]), int(judged.highest_type[place])
    language = name_language(scored.languages[place])
    return Row(
        number=place + 1,
        text=texts[place],
        highest=scored.labels[top],
        score=float(scored.scores[place, top]),
        highest_type=scored.labels[kind],
        type_score=float(scored.scores[place, kind]),
        verdict=VERDICTS[judged.verdicts[place]] if is_toxicity else None,
        language=f"{language}, not trained on" if scored.supported[place] is False else language,
    )


def _show_downloads(
    texts: Sequence[str], scored: Scored, judged: Judged, places: NDArray[np.int64]
) -> None:
    if not len(places):
        return
    wanted = places.tolist()

    def csv() -> bytes:
        return write_csv(make_columns(texts, scored, judged, wanted))

    def parquet() -> bytes:
        return write_parquet(make_columns(texts, scored, judged, wanted))

    with st.container(horizontal=True):
        for name, make in (("CSV", csv), ("Parquet", parquet)):
            st.download_button(
                f"Download {len(places):,} rows as {name}",
                make,
                file_name=f"toxic-tweets.{name.lower()}",
                on_click="ignore",
                key=f"table_{name}",
            )
    st.caption(
        "In the CSV an apostrophe stands before a text that a spreadsheet would take for a formula."
    )
