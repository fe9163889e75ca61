"""Contour lines: on the level, all of it, in one piece."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from stepcalc.contours import Line, contours

Surface = Callable[[np.ndarray, np.ndarray], np.ndarray]
XS, YS = np.linspace(-2, 3, 51), np.linspace(-1, 2, 41)


def lines(surface: Surface, level: float, xs: np.ndarray = XS, ys: np.ndarray = YS) -> list[Line]:
    x, y = np.meshgrid(xs, ys)
    return contours(xs, ys, surface(x, y), level)


def test_a_circle_is_one_closed_line() -> None:
    (line,) = lines(lambda x, y: x**2 + y**2, 0.64)
    assert line[0] == line[-1]
    assert all(math.hypot(*point) == pytest.approx(0.8, abs=5e-3) for point in line)
    angles = np.unwrap([math.atan2(y, x) for x, y in line])
    assert abs(angles[-1] - angles[0]) == pytest.approx(2 * math.pi)


def test_the_level_of_a_plane_is_straight_from_border_to_border() -> None:
    (line,) = lines(lambda x, y: x + 2 * y, 0.55)
    assert all(x + 2 * y == pytest.approx(0.55) for x, y in line)
    assert sorted((line[0][0], line[-1][0])) == pytest.approx([-2, 2.55])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("level", [0.02, -0.02])
def test_a_saddle_has_two_lines_that_do_not_cross(sign: int, level: float) -> None:
    found = lines(lambda x, y: sign * x * y, level, np.linspace(-1, 1, 20), np.linspace(-1, 1, 20))
    assert len(found) == 2
    sides = [{(x > 0, y > 0) for x, y in line} for line in found]
    assert all(len(side) == 1 for side in sides)
    assert all(sign * x * y == pytest.approx(level, abs=5e-3) for line in found for x, y in line)


def test_every_crossing_of_the_grid_is_on_a_line() -> None:
    def surface(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.sin(3 * x) * np.cos(4 * y) + 0.1 * x

    heights = surface(*np.meshgrid(XS, YS))
    above = heights > 0.3
    crossed = np.sum(above[:, 1:] != above[:, :-1]) + np.sum(above[1:] != above[:-1])
    found = lines(surface, 0.3)
    assert sum(len(set(line)) for line in found) == crossed
    assert all(line[0] == line[-1] or (_at_border(line[0]) and _at_border(line[-1])) for line in found)
    assert all(abs(float(surface(*map(np.asarray, point))) - 0.3) < 0.03 for line in found for point in line)


def _at_border(point: tuple[float, float]) -> bool:
    return point[0] in (XS[0], XS[-1]) or point[1] in (YS[0], YS[-1])


def test_no_line_where_there_is_no_number() -> None:
    def surface(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x < 0, np.nan, np.where(y > 1.5, np.inf, x))

    found = lines(surface, 0.5)
    assert [all(x == pytest.approx(0.5) and y <= 1.5 for x, y in line) for line in found] == [True]


def test_nothing_beyond_the_heights() -> None:
    assert lines(lambda x, y: x**2 + y**2, 100.0) == []
