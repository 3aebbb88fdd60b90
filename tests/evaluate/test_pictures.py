from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from toxic_tweets.evaluate.pictures import Dot, Line, draw_dots, draw_lines


def read_svg(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314


def test_lines_stay_in_the_picture_and_are_thinned() -> None:
    x = np.linspace(0, 1, 20_000)
    lines = [Line("a < b", x, x**2), Line("dots", np.array([0.0, 1.0]), np.ones(2), True)]
    picture = draw_lines("Curves & more", "x", "y", lines, has_diagonal=True)
    figure = read_svg(picture)
    assert figure.tag == "figure"
    assert len(picture) < 10_000
    assert "a &lt; b" in picture
    assert picture.count("<circle") == 2
    curve = re.findall(r'class="curve c0" d="M([^"]+)"', picture)[0]
    points = np.array([[float(n) for n in point.split()] for point in curve.split("L")])
    assert points.min() >= 0
    assert points.max() <= 300
    assert (np.diff(points[:, 0]) >= 0).all()


def test_a_line_without_points_is_left_out() -> None:
    empty = np.empty(0)
    read_svg(draw_lines("Nothing", "x", "y", [Line("none", empty, empty)]))


@pytest.mark.parametrize("start", [0.0, 0.9])
def test_dots_with_an_interval(start: float) -> None:
    dots = [Dot("old", (0.95, 0.99), 0.92, 0.97), Dot("young", (0.1, 1.0))]
    picture = draw_dots("Bias", ("one", "other"), dots, start)
    read_svg(picture)
    places = [float(x) for x in re.findall(r'r="4" cx="([\d.]+)" cy="(?:3|5)\d', picture)]
    assert all(190 <= place <= 500 for place in places)
    assert picture.count('class="curve c0"') == 1
