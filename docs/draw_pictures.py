"""Draw the pictures of the documentation that are made of boxes and arrows.

    python docs/draw_pictures.py        draws them into docs/images (make reference)

The layers are those that `lint-imports` checks, read from pyproject.toml.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"

# Read well on a light and on a dark page: the picture brings its own paper.
_PAPER, _BOX, _EDGE, _INK, _SOFT, _MARK = (
    "#f7f8fa",
    "#ffffff",
    "#c3c9d4",
    "#1d2530",
    "#566273",
    "#2f6f9f",
)
_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

DUTIES = {
    "cli": "arguments, stdout, exit codes",
    "serve": "three HTTP APIs",
    "web": "the page",
    "compat": "Detoxify's interface",
    "train": "recipe to checkpoint",
    "evaluate": "the trust report",
    "bulk": "whole files, clusters",
    "store": "the database",
    "data": "readers, label mappings, splits",
    "classifier": "texts in, predictions out",
    "explain": "which words did it",
    "reading": "what is read of one text",
    "model": "checkpoint, backends, calibration",
    "text": "disguises, languages, windows, lists",
    "policy": "which labels count, verdicts",
    "prediction": "all about one text",
    "labels": "names and meanings",
    "errors": "one tree",
    "memory": "words met lately",
}
STEPS = (
    ("text", "as it was written", ""),
    ("normalised", "disguises undone", "text/normalize.py"),
    ("windows", "256 tokens, overlapping", "text/windows.py"),
    ("logits", "int8 graph, one window a run", "model/onnx_backend.py"),
    ("scores", "calibrated, in [0, 1]", "model/calibration.py"),
    ("verdict", "allow, review or block", "policy.py"),
)


def draw_architecture() -> str:
    """Draw the layers of the package, what is imported below what imports it."""
    parts, top, width = [], 20, 780
    for layer in read_layers():
        gap = 12
        each = (width - 40 - gap * (len(layer) - 1)) / len(layer)
        for place, name in enumerate(layer):
            left = 20 + place * (each + gap)
            parts += _box(left, top, each, 50, name, DUTIES.get(name, ""))
        top += 62
    parts.append(
        _words(
            20,
            top + 10,
            "Imports point down only; what stands in one row does not import "
            "each other (policy and prediction, labels and errors may).",
            _SOFT,
            12,
        )
    )
    return _picture(width, top + 26, "The layers of the package", parts)


def read_layers() -> list[tuple[str, ...]]:
    """Return the names of each layer, the top one first."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    layers: Sequence[str] = next(one for one in contracts if one["id"] == "layers")["layers"]
    return [tuple(re.findall(r"\w+", layer)) for layer in layers]


def draw_path() -> str:
    """Draw the way of one text through the classifier."""
    parts: list[str] = []
    each, width = 190, 3 * 190 + 2 * 50 + 40
    for place, (name, words, file) in enumerate(STEPS):
        row, column = divmod(place, 3)
        left, top = 20 + column * (each + 50), 20 + row * 118
        parts += _box(left, top, each, 64, name, words, file)
        if column:
            parts.append(_arrow(left - 46, top + 32, left - 6, top + 32))
    parts.append(
        _arrow(
            width - 20 - each / 2,
            86,
            width - 20 - each / 2,
            110,
            20 + each / 2,
            110,
            20 + each / 2,
            134,
        )
    )
    return _picture(width, 20 + 118 + 64 + 20, "From a text to a verdict", parts)


def draw_space() -> str:
    """Draw the four steps to a Space of one's own; a sketch, not a picture of those sites."""
    panels = (
        (
            "1  A token",
            "huggingface.co",
            ("Settings → Access Tokens", "→ fine-grained", "write to one Space"),
        ),
        (
            "2  Secret and variable",
            "github.com",
            ("Settings → Secrets and …", "secret HF_TOKEN", "variable HF_SPACE"),
        ),
        (
            "3  First sync",
            "GitHub Actions",
            ("workflow «space»", "tests pass → sync.py", "makes the Space"),
        ),
        (
            "4  The page",
            "your Space",
            ("builds for some minutes", "then: type a text,", "press Submit"),
        ),
    )
    parts: list[str] = []
    for place, (name, where, lines) in enumerate(panels):
        row, column = divmod(place, 2)
        left, top = 16 + column * 284, 16 + row * 176
        parts += _box(left, top, 244, 140, "", "")
        parts.append(_words(left + 14, top + 28, name, _INK, 17, bold=True))
        parts.append(_words(left + 14, top + 50, where, _MARK, 14))
        parts += [
            _words(left + 14, top + 80 + 22 * number, line, _SOFT, 14)
            for number, line in enumerate(lines)
        ]
        if column:
            parts.append(_arrow(left - 36, top + 70, left - 4, top + 70))
    parts.append(_arrow(422, 158, 422, 174, 138, 174, 138, 190))
    return _picture(560, 348, "From a fork to a Space", parts)


def _picture(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" font-family="{_FONT}">'
    )
    arrow = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="{_MARK}"/></marker></defs>'
    )
    paper = f'<rect width="100%" height="100%" rx="10" fill="{_PAPER}"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", arrow, paper, *parts, "</svg>", ""])


def _box(
    left: float, top: float, width: float, height: float, name: str, words: str, file: str = ""
) -> list[str]:
    frame = (
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="7" '
        f'fill="{_BOX}" stroke="{_EDGE}"/>'
    )
    lines = [_words(left + 12, top + 21, name, _INK, 14, bold=True)]
    lines.append(_words(left + 12, top + 38, words, _SOFT, 11))
    if file:
        lines.append(_words(left + 12, top + 54, file, _MARK, 10.5))
    return [frame, *(line for line in lines if not line.endswith("></text>"))]


def _words(
    left: float, top: float, words: str, colour: str, size: float, *, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{left:g}" y="{top:g}" font-size="{size:g}" fill="{colour}"{weight}>'
        f"{escape(words)}</text>"
    )


def _arrow(*points: float) -> str:
    """Draw a line through points, given as x, y, x, y …, with a tip at its end."""
    way = " ".join(f"{point:g}" for point in points)
    return (
        f'<path d="M{way}" stroke="{_MARK}" stroke-width="1.6" fill="none" marker-end="url(#tip)"/>'
    )


PICTURES: Mapping[str, Callable[[], str]] = {
    "architecture.svg": draw_architecture,
    "path-of-a-text.svg": draw_path,
    "publish-a-space.svg": draw_space,
}


def main() -> None:
    """Draw every picture, aside first, so that none is ever half there."""
    for name, draw in PICTURES.items():
        aside = IMAGES / f".{name}.partial"
        aside.write_text(draw(), encoding="utf-8")
        os.replace(aside, IMAGES / name)


if __name__ == "__main__":
    main()
