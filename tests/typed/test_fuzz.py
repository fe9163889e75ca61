"""Damaged answers for a few seconds: what reads them says what they are, or where they go wrong, and is quick.

``STEPCALC_FUZZ_SECONDS`` sets for how long each reader is tried; the answers come in the same order every time.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Iterator

import pytest
import sympy as sp

from stepcalc.calculus.syntax import Refused
from stepcalc.notation import Notation
from stepcalc.typed.formulas import Formula, read_formula
from stepcalc.typed.names import Names
from stepcalc.typed.numbers import INVALID, READ, read_numbers
from tests.printed import example

SECONDS = float(os.environ.get("STEPCALC_FUZZ_SECONDS", "2"))
SLOWEST = 2.0
"""No answer may take longer, on a busy machine."""
SEED = 2026
ANSWERS = (
    "0.907", "9.07×10^-1", "−0,5", r"\frac{1}{3}", "1 234,5", "1e400", "½", "0.6(3) + 0.1(5)", "9^9^9^9", "(" * 80,
    "-x_1 w_1 a_1 (1-a_1)(y-\\hat y)", "-x[1]*W2[1,1]*a1[1]*(1 - a1[1])", "σ(z_1)", r"\sigma'\left(z_1\right) x_1",
    "dL/dw_11 + ∂L/∂z_1", "e^{-z}", "w_11^{new}", "__import__('os').system('x')", r"\sqrt{\frac{x_1}{2}}^{-2}", "|x_1|",
)  # fmt: skip
PIECES = (*"0123456789.,+-*/^()[]{}_'\\$ =|@#eEσ∂ŷ²₁½−\u0302\u200b\ud800\0", "\\frac", "\\left(", "1e9", "ln", "^{")


def damaged() -> Iterator[str]:
    """Answers with pieces put in, taken out, said twice, and with parts of other answers in them."""
    draw = random.Random(SEED)
    while True:
        text = draw.choice(ANSWERS)
        for _ in range(draw.randint(1, 6)):
            at = draw.randint(0, len(text))
            end = min(len(text), at + draw.randint(0, 6))
            put = (draw.choice(PIECES), text[at:end] * draw.randint(2, 40), draw.choice(ANSWERS), "")
            text = text[:at] + draw.choice(put) + text[end:]
        yield text[:5000]


def as_number(text: str) -> None:
    numbers = read_numbers([text])
    state, value = int(numbers.state[0]), float(numbers.value[0])
    assert math.isfinite(value) == (state == READ)
    assert bool(numbers.reasons.get(0)) == (state == INVALID)


def as_formula(text: str) -> None:
    found = formula_or_fault(text)
    if isinstance(found, Refused):
        assert found.message
        assert found.offset <= len(text)
    else:
        assert not found.expression.has(sp.nan, sp.zoo, sp.oo)


def formula_or_fault(text: str) -> Formula | Refused:
    try:
        return read_formula(text, NAMES)
    except Refused as refused:
        return refused


NAMES = Names(Notation(example("two_two_one").graph, example("two_two_one").problem))


@pytest.mark.parametrize("read", [as_number, as_formula])
def test_damaged_answers(read: Callable[[str], None]) -> None:
    end, tried = time.monotonic() + SECONDS, 0
    for text in damaged():
        started = time.process_time()
        try:
            read(text)
        except Exception as error:
            raise AssertionError(f"answer {tried + 1}: {text!r}") from error
        assert time.process_time() - started < SLOWEST, text
        tried += 1
        if time.monotonic() > end:
            break
    assert tried > 100
