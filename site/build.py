"""Build the launch page with the documentation behind it, into a folder that any host can serve.

    python site/build.py --docs build/docs --output build/site

Every figure on the page is read from the files that hold the measurements, or measured now.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import shutil
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toxic_tweets import Classifier, load
from toxic_tweets.labels import TOXICITY_NAMES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "site" / "index.html"
MEDIA = ROOT / "site" / "media"
REPORT = ROOT / "docs" / "reports" / "small" / "metrics.json"
PEERS = ROOT / "docs" / "reports" / "peers.json"
SPECIMEN = "you are a total 1d10t, delete your account"

# Columns of the peers: what it is, on which texts, dataset, and the end of the figure's path.
PEER_COLUMNS = (
    ("ROC AUC of toxic", "Wikipedia comments", "jigsaw", "toxic/roc_auc"),
    ("Macro-F1 of offensive", "tweets", "tweeteval-offensive-val", "toxic/macro_f1"),
    ("ROC AUC of toxic", "implicit statements about groups", "toxigen", "toxic/roc_auc"),
    ("Texts per second", "this machine", "", "texts_per_s"),
)
# Rows of the report: which texts, what is measured, path of the figure.
REPORT_ROWS = (
    ("Wikipedia comments", "mean ROC AUC of six types", "ranking/jigsaw/mean_roc_auc"),
    ("Implicit statements about groups", "ROC AUC of toxic", "ranking/toxigen/toxic/roc_auc"),
    (
        "Sentences about 50 groups",
        "BPSN AUC of the worst group",
        "bias/bias_templates/toxic/worst_bpsn_auc",
    ),
    ("Tweets, offensive or not", "macro-F1", "domains/tweeteval-offensive-val/toxic/macro_f1"),
    ("Tweets, hateful or not", "macro-F1", "domains/tweeteval-hate-val/identity_hate/macro_f1"),
    (
        "Posts that demean by implication",
        "ROC AUC of toxic",
        "ranking/social-bias-frames/toxic/roc_auc",
    ),
    (
        "Texts with emoji, hateful or not",
        "ROC AUC of identity hate",
        "ranking/hatemoji-validation/identity_hate/roc_auc",
    ),
)
HEADER = ("Texts", "Measure", "Value")


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the launch page.")
    parser.add_argument("--docs", type=Path, help="the built documentation, to lie under docs/")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--peers", type=Path, default=PEERS, help="figures of benchmarks/peers.py")
    parser.add_argument("--source", default="", help="address of the repository, to be linked to")
    options = parser.parse_args()
    page = fill(PAGE.read_text(encoding="utf-8"), make_parts(options.source, options.peers))
    aside = options.output.with_name(f".{options.output.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    (aside / "index.html").write_text(page, encoding="utf-8")
    (aside / ".nojekyll").touch()  # or GitHub Pages leaves out what begins with an underscore
    shutil.copytree(MEDIA, aside / "media")
    if options.docs is not None:
        shutil.copytree(options.docs, aside / "docs")
    shutil.rmtree(options.output, ignore_errors=True)
    os.replace(aside, options.output)
    print(f"{options.output}/index.html")
    return 0


def fill(page: str, parts: Mapping[str, str]) -> str:
    """Put the parts where the page names them.

    Raises:
        KeyError: the page names a part that there is not.
        ValueError: a part is nowhere on the page.
    """
    names = set(re.findall(r"\{\{ (\w+) \}\}", page))
    if unused := set(parts) - names:
        raise ValueError(f"{PAGE.name} has no place for {sorted(unused)}.")
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: parts[found[1]], page)


def make_parts(source: str, peers: Path) -> dict[str, str]:
    """Return all that is measured or made, by its name on the page."""
    classifier = load()
    folder = classifier.checkpoint.folder
    size_bytes = sum(path.stat().st_size for path in folder.iterdir())
    metrics = json.loads((folder / "checkpoint.json").read_text(encoding="utf-8"))["metrics"]
    seconds = round(read_duration_s(MEDIA / "demo.mp4"))
    link = f'<a href="{html.escape(source)}">Source</a>' if source else ""
    return {
        "source_link": link,
        "size_mb": f"{size_bytes / 1e6:.0f}",
        "checkpoint": html.escape(classifier.checkpoint.id),
        "specimen_text": mark(classifier, SPECIMEN),
        "specimen_scores": make_scores(classifier, SPECIMEN),
        "perspective_n": f"{metrics['perspective.TOXICITY.texts']:.0f}",
        "perspective_rho": f"{metrics['perspective.TOXICITY.spearman']:.2f}",
        "video_length": f"{seconds // 60} min {seconds % 60} s",
        "video_minutes": f"{seconds / 60:.0f} minutes",
        "peers": make_peers(peers),
        "figures": make_figures(json.loads(REPORT.read_text(encoding="utf-8"))),
    }


def mark(classifier: Classifier, text: str) -> str:
    """Return a text with the words marked that read as an insult."""
    pieces, end = [], 0
    for span in classifier.explain(text, "insult"):
        pieces += [
            html.escape(text[end : span.start]),
            f"<mark>{html.escape(text[span.start : span.end])}</mark>",
        ]
        end = span.end
    return "".join([*pieces, html.escape(text[end:])])


def make_scores(classifier: Classifier, text: str) -> str:
    """Return the scores of a text as a table of bars."""
    prediction = classifier.predict_one(text)
    rows = []
    for label in TOXICITY_NAMES:
        score, threshold = prediction.scores[label], classifier.thresholds.best_f1[label]
        style = ' class="flagged"' if label in prediction.flagged else ""
        rows.append(
            f'<tr{style}><th scope="row">{label.replace("_", " ")}</th><td><span class="track">'
            f'<i style="width:{100 * score:.1f}%"></i><u style="left:{100 * threshold:.1f}%"></u>'
            f"</span></td><td>{score:.2f}</td></tr>"
        )
    return f'<table class="scores"><tbody>{"".join(rows)}</tbody></table>'


def make_peers(path: Path) -> str:
    """Return the table of all systems that were measured side by side, and what it rests on."""
    if not path.is_file():
        print(f"{path} is missing, so the page shows no peers. benchmarks/README.md makes it.")
        return '<p class="intro">Not measured yet for this checkpoint.</p>'
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = []
    sizes = {one["name"]: one["n_texts"] for one in found["data"]}
    for place, system in enumerate(found["systems"]):
        cells = [find_peer_figure(system["figures"], *column[2:]) for column in PEER_COLUMNS]
        name = html.escape(system["name"])
        rows.append(
            make_row("ours" if place == 0 else "", name, cells, [one[0] for one in PEER_COLUMNS])
        )
    header = ["System", *(f"{name}<small>{texts}</small>" for name, texts, _, _ in PEER_COLUMNS)]
    texts = ", ".join(f"{name} {sizes[name]:,}" for _, _, name, _ in PEER_COLUMNS if name)
    return make_table(header, rows) + make_note(found, f"Texts: {texts}.")


def find_peer_figure(
    figures: Sequence[Mapping[str, Any]], dataset: str, end: str
) -> Mapping[str, Any] | None:
    """Return the figure of a dataset whose path ends so; None where it was not measured."""
    for figure in figures:
        if (
            figure["dataset"] == dataset
            and figure["path"].endswith(end)
            and figure["value"] is not None
        ):
            return figure
    return None


def make_figures(report: Mapping[str, Any]) -> str:
    """Return the table of the checkpoint's own figures, and what it rests on."""
    figures = {one["path"]: one for one in report["figures"]}
    rows = [
        make_row(
            "",
            f"{texts}<small>{figures[path]['n']:,} texts</small>",
            [what, figures[path]],
            HEADER[1:],
        )
        for texts, what, path in REPORT_ROWS
    ]
    return make_table(HEADER, rows) + make_note(report["settings"], "")


def make_row(style: str, name: str, cells: Sequence[Any], labels: Sequence[str]) -> str:
    """Return a row; on a phone each cell carries the label of its column."""
    shown = [
        f'<td role="cell"><span class="label">{label}</span>{show(cell)}</td>'
        for cell, label in zip(cells, labels, strict=True)
    ]
    attribute = f' class="{style}"' if style else ""
    first = f'<th role="rowheader" scope="row">{name}</th>'
    return f'<tr role="row"{attribute}>{first}{"".join(shown)}</tr>'


def show(cell: Mapping[str, Any] | str | None) -> str:
    """Show a figure with its interval, words as they are, and what was not measured as a dash."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if cell["name"] == "texts_per_s":
        return f"{cell['value']:,.{0 if cell['value'] >= 10 else 1}f}"
    interval = (
        "" if cell["low"] is None else f"<small>({cell['low']:.3f}–{cell['high']:.3f})</small>"
    )
    return f"{cell['value']:.3f}{interval}"


def make_table(header: Sequence[str], rows: Sequence[str]) -> str:
    cells = "".join(f'<th role="columnheader" scope="col">{one}</th>' for one in header)
    head = f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead>'
    body = f'<tbody role="rowgroup">{"".join(rows)}</tbody>'
    return f'<table class="figures" role="table">{head}{body}</table>'


def make_note(facts: Mapping[str, Any], texts: str) -> str:
    """Say on which machine, when, with which seed and by which command it was measured."""
    machine = f"{html.escape(facts['machine'])}, {facts['cores']} cores"
    how = f"{facts['created'][:10]}, seed {facts['seed']}"
    command = f"<code>{html.escape(facts['command'])}</code>"
    return f'<p class="notes">{texts} {machine}; {how}. {command}</p>'


def read_duration_s(path: Path) -> float:
    """Return how long an MP4 film is, as its header says (ISO/IEC 14496-12, box mvhd).

    Raises:
        ValueError: the file has no such header.
    """
    content = path.read_bytes()
    place = content.find(b"mvhd")
    if place < 0:
        raise ValueError(f"{path} is not an MP4 film with a header. Record it: make video.")
    version = content[place + 4]
    if version == 0:
        scale, length = struct.unpack_from(">II", content, place + 16)
    else:
        scale, length = struct.unpack_from(">IQ", content, place + 24)
    return float(length / scale)


if __name__ == "__main__":
    sys.exit(main())
