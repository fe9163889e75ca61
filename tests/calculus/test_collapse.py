"""Softmax with categorical cross-entropy, line by line."""

from __future__ import annotations

import random

import mpmath
import pytest

from stepcalc.calculus.collapse import explain_collapse
from stepcalc.calculus.symbols import symbol

HOT = [symbol(f"y[{k}]") for k in (1, 2, 3)]
OUT = [symbol(f"y_hat[{k}]") for k in (1, 2, 3)]


def lines(i: int):
    paths = [
        (-t / p, OUT[i] * (1 - OUT[i]) if k == i else -OUT[i] * p)
        for k, (t, p) in enumerate(zip(HOT, OUT, strict=True))
    ]
    return explain_collapse(paths, HOT)


def test_the_lines_of_the_first_class(text):
    assert [(text(line.expression), line.reason) for line in lines(0)][1:] == [
        ("(-[y1]/[~y^1~])·~y^1~·(1 - y^1) + (-[y2]/[~y^2~])·(-y^1·~y^2~) + (-[y3]/[~y^3~])·(-y^1·~y^3~)", "cancel"),
        ("-y1·(1 - y^1) + y2·y^1 + y3·y^1", "what is left"),
        ("-y1 + y1·y^1 + y2·y^1 + y3·y^1", "multiply out"),
        ("-y1 + y^1·(y1 + y2 + y3)", "factor out"),
        ("y^1 - y1", "the targets add up to 1"),
    ]


@pytest.mark.parametrize("i", [0, 1, 2])
def test_every_line_is_equal_for_targets_that_add_up_to_one(value, i):
    draw = random.Random(i)
    at = {p.name: mpmath.mpf(draw.uniform(0.1, 0.9)) for p in OUT}
    targets = [mpmath.mpf("0.2"), mpmath.mpf("0.5"), mpmath.mpf("0.3")]
    at |= {t.name: share for t, share in zip(HOT, targets, strict=True)}
    for line in lines(i):
        assert float(value(line.expression, at)) == pytest.approx(float(at[OUT[i].name] - at[HOT[i].name]))
