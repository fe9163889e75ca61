"""The quality report as people read it, and as data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stepcalc.drawing.report import Coinciding, Histogram, Refused, Report, Spread, _counts, report_json, report_text

MANY = Report(
    2,
    1234,
    (Refused("zero", 1200, "an answer is 0"), Refused("unchanged", 32, "as it was")),
    (("z1[1]", "a1[1]"),),
    (Coinciding("L", (("error_sign", "sign_lost"),), ("bias_forgotten",), ("factor_lost", "term_forgotten")),),
    Spread(3, 4, 5.5),
    (Histogram("z1[1]", -1.5, 20.0, (1, 0, 8, 4)), Histogram("L", 0.1, 0.1, (0, 2, 0, 0))),
)
TEXT = """\
1,234 candidates were looked at for 2 variants. Refused:
  1,200  zero       an answer is 0
     32  unchanged  as it was

a1[1] is the same number as z1[1] in every draw.
L: these mistakes give the same answer in every draw and count as one: error_sign, sign_lost.
L: these mistakes give the right answer in every draw: bias_forgotten.
L: these mistakes give the right answer or that of another mistake, whatever is drawn: factor_lost, term_forgotten.

Difficulty (operations, digits, signs): from 3 to 5.5, the middle one 4.

Answers, from the least to the greatest:
  z1[1]  -1.5  ▁ █▄   20
  L       0.1   █    0.1
"""


def test_the_report_for_people() -> None:
    assert report_text(MANY) == TEXT


def test_one_is_told_as_one() -> None:
    alone = Report(1, 1, (), (), (), Spread(3, 3, 3), (Histogram("L", 0.1, 0.1, (0, 1)),))
    assert report_text(alone).startswith("1 candidate was looked at for 1 variant. Refused:\n\nDifficulty")


@pytest.mark.parametrize(
    ("numbers", "counts"),
    [
        ([0.0, 1.0, 11.9, 12.0], (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)),
        ([5.0, 5.0], (0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0)),
        ([0.3, 0.1 + 0.2], (0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0)),
        ([1e17], (0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)),
        ([-0.0], (0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)),
    ],
)
def test_answers_that_are_as_good_as_the_same_are_in_one_bin(numbers: list[float], counts: tuple[int, ...]) -> None:
    assert _counts(np.array(numbers), min(numbers), max(numbers)) == counts


def test_the_report_as_data() -> None:
    found = json.loads(report_json(MANY))
    assert found["format"] == "stepcalc-quality/1"
    assert (found["variants"], found["candidates"], found["difficulty"]["greatest"]) == (2, 1234, 5.5)
    assert found["answers"][0] == {"item": "z1[1]", "least": -1.5, "greatest": 20.0, "counts": [1, 0, 8, 4]}
