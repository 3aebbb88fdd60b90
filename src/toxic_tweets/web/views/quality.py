"""The fourth view: how good the chosen model is, by the report beside it and by its card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from toxic_tweets.evaluate.markdown import make_rows
from toxic_tweets.evaluate.report import Report
from toxic_tweets.evaluate.summary import describe, explain_mismatch, list_tables, read_summary
from toxic_tweets.model.card import cut_section
from toxic_tweets.web.language_names import name_language
from toxic_tweets.web.scorers import Facts
from toxic_tweets.web.sidebar import choose

_PICTURES = (".png", ".svg", ".jpg")
# Pictures and links of a card: what is not a web page would be broken, and a picture from elsewhere
# would tell its host who looks.
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LOCAL_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://)[^)]*\)")
_AUC = re.compile(r"validation\.(?P<source>[\w-]+)\.(?P<label>\w+)\.auc")


def show() -> None:
    """Show the view."""
    st.header("How good is it?", anchor=False)
    chosen = choose(with_policy=False)
    facts = chosen.scorer.facts
    languages = ", ".join(map(name_language, facts.languages)) or "not said"
    st.markdown(
        f"**{chosen.model}** · {', '.join(label.replace('_', ' ') for label in facts.labels)}"
    )
    st.caption(f"{facts.id} · trained on: {languages} · licence: {facts.licence or 'not said'}")
    _show_report(facts)
    _show_pictures(facts.folder)
    if facts.card:
        st.markdown(clean_card(cut_section(facts.card)))
    st.markdown(
        "**Whatever the figures say:** the model sees a text, not what it answers to. It sorts; "
        "people decide. Do not punish anybody on a score alone."
    )


def clean_card(card: str) -> str:
    """Return a card whose links work here and whose pictures are not fetched from anywhere."""
    without_pictures = _IMAGE.sub("", card)
    without_title = re.sub(r"\A# .*\n", "", without_pictures)
    return _LOCAL_LINK.sub(r"\1", without_title)


def find_aucs(metrics: Mapping[str, float]) -> list[dict[str, object]]:
    """Return one row per held-out source and label that has a ROC AUC."""
    rows: list[dict[str, object]] = []
    for name, value in metrics.items():
        found = _AUC.fullmatch(name)
        if found and isinstance(value, int | float):
            rows.append(
                {
                    "held-out rows of": found["source"],
                    "type": found["label"].replace("_", " "),
                    "ROC AUC": round(float(value), 4),
                }
            )
    return rows


def find_report_aucs(report: Report) -> list[dict[str, object]]:
    """Return one row per dataset and label whose ROC AUC a report has."""
    return [
        {
            "held-out rows of": figure.dataset,
            "type": figure.label.replace("_", " "),
            "ROC AUC": round(figure.value, 4),
        }
        for figure in report.find(part="ranking", name="roc_auc")
        if figure.value is not None
    ]


def _show_report(facts: Facts) -> None:
    """Show the report that travels with the model, or say why none is shown."""
    report = None if facts.folder is None else read_summary(facts.folder)
    if report is None:
        st.info(
            "No trust report travels with this model: measure it before you rely on it. "
            "`toxic-tweets evaluate` makes a report, `toxic-tweets evaluate card` puts it here."
        )
        _show_chart(find_aucs(facts.metrics), facts.labels, "As the run that made it measured")
        return
    mismatch = explain_mismatch(report, facts.id)
    if mismatch:
        st.warning(mismatch)
        return
    _show_chart(find_report_aucs(report), facts.labels, "On texts it had not seen")
    st.caption(describe(report))
    for table in list_tables(report):
        st.subheader(table.title, anchor=False)
        st.markdown("\n".join(make_rows(table, len(table.rows))))


def _show_chart(rows: Sequence[Mapping[str, object]], labels: Sequence[str], title: str) -> None:
    if not rows:
        return
    import altair as alt

    st.subheader(title, anchor=False)
    st.caption(
        "ROC AUC: 1 sorts every text right, 0.5 is a coin. Each mark is one source of texts."
    )
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=90, opacity=0.8)
        .encode(
            x=alt.X(
                "ROC AUC:Q",
                scale=alt.Scale(domain=[0.5, 1.0]),
                axis=alt.Axis(values=[0.5, 0.6, 0.7, 0.8, 0.9, 1.0], format=".1f"),
            ),
            y=alt.Y("type:N", title=None, sort=[label.replace("_", " ") for label in labels]),
            color=alt.Color("held-out rows of:N", legend=alt.Legend(orient="bottom", columns=1)),
            tooltip=["held-out rows of:N", "type:N", "ROC AUC:Q"],
        )
        .properties(height=_find_height(rows))
    )
    st.altair_chart(chart, width="stretch")


def _find_height(rows: Sequence[Mapping[str, object]]) -> int:
    """Return the pixels that the marks of each type and the names of all sources need."""
    n_types = len({row["type"] for row in rows})
    return 100 + 30 * n_types + 20 * len({row["held-out rows of"] for row in rows})


def _show_pictures(folder: Path | None) -> None:
    if folder is None:
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _PICTURES and path.is_file():
            st.image(str(path), caption=path.stem.replace("-", " ").replace("_", " "))
