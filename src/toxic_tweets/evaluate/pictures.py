"""Pictures of a report: SVG that stands inside the page and follows its colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

_SIZE, _LEFT, _BOTTOM, _TOP = 300, 52, 40, 12
_INNER = _SIZE - _LEFT - 12
# A curve of more points than this looks the same and weighs more.
_MAX_POINTS = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name and its points, both axes in [0, 1]."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    has_dots: bool = False


def draw_lines(
    title: str, x_title: str, y_title: str, lines: Sequence[Line], has_diagonal: bool = False
) -> str:
    """Draw curves over the unit square.

    Args:
        title: what is shown, for people who do not see the picture.
        x_title: what the horizontal axis is.
        y_title: what the vertical axis is.
        lines: the curves; at most six, as many as there are colours.
        has_diagonal: also draw the line on which both axes are equal.
    """
    parts = [_open(title, _SIZE, _SIZE + 16 * ((len(lines) + 1) // 2)), _axes(x_title, y_title)]
    if has_diagonal:
        parts.append(f'<path class="faint" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>')
    for number, line in enumerate(lines):
        points = [
            f"{_x(float(x)):.1f} {_y(float(y)):.1f}" for x, y in zip(*_thin(line), strict=True)
        ]
        if points:
            parts.append(f'<path class="curve c{number % 6}" d="M{"L".join(points)}"/>')
        if line.has_dots:
            parts += [
                f'<circle class="dot c{number % 6}" r="2.5" cx="{x}" cy="{y}"/>'
                for x, y in (point.split() for point in points)
            ]
        x, y = 8 + 146 * (number % 2), _SIZE + 12 + 16 * (number // 2)
        parts.append(f'<path class="curve c{number % 6}" d="M{x} {y - 4}h16"/>')
        parts.append(f'<text x="{x + 22}" y="{y}">{escape(line.name)}</text>')
    return "".join([*parts, _close(title)])


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a dot picture: its name, its values in [0, 1] and their interval."""

    name: str
    values: tuple[float, ...]
    low: float | None = None
    high: float | None = None


def draw_dots(title: str, names: Sequence[str], dots: Sequence[Dot], start: float) -> str:
    """Draw a row of dots per name on a scale from `start` to 1, with the first one's interval.

    Args:
        title: what is shown, for people who do not see the picture.
        names: what the values of each row are.
        dots: the rows.
        start: the left end of the scale.
    """
    width, left, row_height, top = 520, 190, 18, 26
    height = top + row_height * len(dots) + 40
    inner = width - left - 20

    def place(value: float) -> float:
        return left + inner * (min(max(value, start), 1.0) - start) / (1 - start)

    parts = [_open(title, width, height)]
    for tick in np.linspace(start, 1.0, 5):
        x = place(float(tick))
        parts.append(f'<path class="grid" d="M{x:.1f} {top - 6}V{height - 34}"/>')
        parts.append(f'<text class="mid" x="{x:.1f}" y="14">{tick:.4g}</text>')
    for number, dot in enumerate(dots):
        y = top + row_height * number + 6
        parts.append(f'<text class="end" x="{left - 8}" y="{y + 4}">{escape(dot.name)}</text>')
        if dot.low is not None and dot.high is not None:
            parts.append(
                f'<path class="curve c0" d="M{place(dot.low):.1f} {y}H{place(dot.high):.1f}"/>'
            )
        for series, value in enumerate(dot.values):
            parts.append(f'<circle class="dot c{series}" r="4" cx="{place(value):.1f}" cy="{y}"/>')
    for series, name in enumerate(names):
        x = left + 110 * series
        parts.append(f'<circle class="dot c{series}" r="4" cx="{x}" cy="{height - 12}"/>')
        parts.append(f'<text x="{x + 8}" y="{height - 8}">{escape(name)}</text>')
    return "".join([*parts, _close(title)])


def _open(title: str, width: int, height: int) -> str:
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" style="max-width:{width * 1.3:.0f}px" '
        f'role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
    )


def _close(title: str) -> str:
    return f"</svg><figcaption>{escape(title)}</figcaption></figure>"


def _axes(x_title: str, y_title: str) -> str:
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _x(tick), _y(tick)
        parts.append(f'<path class="grid" d="M{x} {_y(0)}V{_y(1)}M{_x(0)} {y}H{_x(1)}"/>')
        parts.append(f'<text class="mid" x="{x}" y="{_y(0) + 14}">{tick:g}</text>')
        parts.append(f'<text class="end" x="{_LEFT - 5}" y="{y + 4}">{tick:g}</text>')
    middle = _y(0.5)
    parts.append(f'<text class="mid" x="{_x(0.5)}" y="{_y(0) + 30}">{escape(x_title)}</text>')
    parts.append(
        f'<text class="mid" transform="rotate(-90 12 {middle})" x="12" y="{middle}">'
        f"{escape(y_title)}</text>"
    )
    return "".join(parts)


def _x(value: float) -> float:
    return round(_LEFT + _INNER * value, 1)


def _y(value: float) -> float:
    return round(_TOP + (_SIZE - _TOP - _BOTTOM) * (1 - value), 1)


def _thin(line: Line) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Leave out points that the eye cannot tell apart, evenly along the curve."""
    if len(line.x) <= _MAX_POINTS:
        return line.x, line.y
    steps = np.hypot(np.diff(line.x), np.diff(line.y))
    along = np.append(0.0, np.cumsum(steps))
    wanted = np.linspace(0, along[-1], _MAX_POINTS)
    places = np.unique(np.minimum(np.searchsorted(along, wanted), len(line.x) - 1))
    return line.x[places], line.y[places]
