"""Deep problems: long chains stay readable and true, and their cost grows with what is printed."""

from __future__ import annotations

import time
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

import stepcalc
from stepcalc.board.nodes import Dots
from stepcalc.board.text import text
from stepcalc.chains import MAX_BUILT, ChainWriter
from stepcalc.derive import MAX_FACTORS, Local, Upstream
from stepcalc.lines import is_true
from stepcalc.sheet import render
from stepcalc.sheet.story import compose
from stepcalc.steps import Scribe
from stepcalc.trace import Trace
from tests.printed import formulas, solved


@cache
def layers(count: int) -> Trace:
    """So many sigmoid layers of one unit."""
    stack = [{"type": "dense", "activation": "sigmoid", "W": [[0.7 + 0.1 * (n % 4)]], "b": [0.1]} for n in range(count)]
    descent = {"type": "gradient_descent", "learning_rate": 0.1}
    return solved(loss="binary_cross_entropy", data={"x": [0.5], "y": 1}, layers=stack, optimizer=descent)


@cache
def definitions(count: int) -> Trace:
    """So many definitions, each of the one before."""
    kinds = ("sigmoid({}) + 1", "sin({})", "1.1*{} - 0.2", "{}^2 + 0.1")
    define = {f"f{n}": kinds[n % 4].format(f"f{n - 1}" if n > 1 else "x") for n in range(1, count + 1)}
    return solved(given={"x": 0.5}, define=define, differentiate={"of": f"f{count}"})


def writer(trace: Trace) -> ChainWriter:
    return ChainWriter(Scribe(trace))


@pytest.mark.parametrize("count", [1, 4, 5, 6, 12])
def test_a_chain_is_written_out_up_to_a_limit_and_ends_in_a_gradient_beyond(count: int) -> None:
    chain = layers(count).derivation.chain("W1[1,1]")
    assert len(chain.factors) == min(2 * count + 1, MAX_FACTORS)
    assert isinstance(chain.factors[-1], Upstream if 2 * count + 1 > MAX_FACTORS else Local)
    assert (chain.product is None) == (2 * count + 1 > MAX_FACTORS)
    places = [(factor.parent, factor.child) for factor in chain.factors if isinstance(factor, Local)]
    assert all(child == parent for (_, child), (parent, _) in pairwise(places))


@pytest.mark.parametrize("count", [5, 6, 20])
def test_the_chain_of_a_deep_network_gives_the_gradient(count: int) -> None:
    trace = layers(count)
    lines = writer(trace).write(trace.derivation.chain("W1[1,1]"))
    assert lines.value == pytest.approx(trace.gradients["W1"][0, 0], rel=1e-9)
    assert len(lines.building) <= MAX_BUILT


def test_the_middle_of_a_long_chain_is_left_out() -> None:
    lines = writer(layers(20)).write(layers(20).derivation.chain("W1[1,1]"))
    written = [text(line, inline=True) for line in lines.building]
    assert [line.parts for line in lines.building].count((Dots("v"),)) == 1
    assert written[0].startswith("∂L/∂w⁽¹⁾ = ⟦∂z⁽¹⁾/∂w⁽¹⁾⟧ · ∂a⁽¹⁾/∂z⁽¹⁾ · ")
    assert written[1].startswith("= x · ⟦∂a⁽¹⁾/∂z⁽¹⁾⟧ · ")
    assert written[-1].endswith("· a⁽⁵⁾(1 − a⁽⁵⁾) · ⟦∂z⁽⁶⁾/∂a⁽⁵⁾⟧ · ∂L/∂z⁽⁶⁾")


def test_a_long_chain_of_definitions_is_written_in_legs() -> None:
    page = render(definitions(30), "txt")
    headings = [line.split("  ")[-1] for line in page.splitlines() if "The chain rule for" in line]
    assert headings == ["The chain rule for df₃₀/df₂₂", "The chain rule for df₃₀/df₁₁", "The chain rule for df₃₀/dx"]


@pytest.mark.parametrize("trace", [layers(12), definitions(30)], ids=["layers", "definitions"])
def test_every_line_of_a_deep_sheet_is_true(trace: Trace) -> None:
    lines = [line for block in formulas(compose(trace)) for line in block.lines]
    assert [text(line, inline=True) for line in lines if not is_true(line, trace.rounding)] == []


@pytest.mark.parametrize("wide", [1, 2])
def test_gradients_on_the_way_have_no_endless_short_form(wide: int) -> None:
    stack = [{"type": "dense", "activation": "tanh", "units": wide} for _ in range(40)]
    derivation = solved(loss="mse", data={"inputs": wide}, layers=stack).derivation
    assert derivation.short("W1[1,1]") is None
    assert derivation.short("W40[1,1]") is not None
    assert len(derivation.chain("W1[1,1]").factors) <= MAX_FACTORS


def seconds(trace: Trace, output: str) -> float:
    fresh: Any = stepcalc.solve(trace.problem)
    start = time.process_time()
    render(fresh, output)
    return time.process_time() - start


@pytest.mark.parametrize("make", [layers, definitions])
def test_a_deep_sheet_costs_what_is_printed(make: Any) -> None:
    assert seconds(make(40), "txt") < 10  # a second and a half; with quartic growth it would be minutes


@pytest.mark.slow
@pytest.mark.parametrize(("make", "count"), [(layers, 100), (definitions, 200)])
def test_hundreds_in_a_row(make: Any, count: int) -> None:
    assert seconds(make(count), "json") < 15
