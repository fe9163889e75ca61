"""Every symbolic line is true as well: with the trace's numbers put in, each of its forms is the item it explains."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from stepcalc.board.evaluate import EvaluationError, NotScalarError, evaluate
from stepcalc.board.nodes import Call, Deriv, Node, Num, Sym
from stepcalc.board.transform import transform, walk
from stepcalc.steps import Scribe, Step
from stepcalc.trace import Trace
from tests.drawn import one_unit
from tests.printed import example, solved

EXAMPLES = [
    "cookie", "two_two_one", "house_prices", "alien_mood", "chain_rule", "chain_rule_two_links", "parabola",
    "perceptron_line", "multi_output", "matrix_deck", "matrix_deck_step",
]  # fmt: skip

SMOOTH_OR_NOT = ("tanh", "softplus", "elu", "leaky_relu", "relu")


def steps(trace: Trace) -> Iterator[Step]:
    scribe, graph = Scribe(trace), trace.graph
    for quantity in graph.quantities.values():
        for item in graph.items(quantity.name):
            if quantity.op is not None and quantity.name in graph.differentiable:
                yield scribe.forward(item)
            if quantity.name in graph.differentiable and quantity.name != graph.cost:
                yield scribe.backward(item)
    for name in graph.parameters if trace.updated else ():
        yield from (scribe.update(item) for item in graph.items(name))


def put_in(scribe: Scribe, node: Node) -> Node:
    """``node`` with exact numbers for its symbols, its derivatives whole and local, and its slopes."""

    def change(part: Node) -> Node | None:
        value: float | None = None
        if isinstance(part, Deriv) and part.item is None:
            child, parent = (end.item for end in (part.of, part.wrt) if isinstance(end, Sym))
            edge = next(e for e in scribe.trace.derivation.locals(parent or "") if e.child == child)
            value = scribe.local_number(edge)
        elif isinstance(part, (Sym, Deriv)) and part.item is not None:
            value = scribe.number(part.item)
        elif isinstance(part, Call) and part.primes:
            value = scribe.slope(part)
        return None if value is None else Num(repr(value))

    return transform(node, change)


def forms(scribe: Scribe, step: Step) -> Iterator[Decimal]:
    """The value of each form of the line that has one; a Σ over an index has none."""
    for part in step.formula.parts[1:]:
        try:
            yield evaluate(put_in(scribe, part))
        except NotScalarError:
            continue
        except EvaluationError:
            pytest.fail(f"{step.item}: a form without a value")


def check(trace: Trace) -> int:
    scribe, checked = Scribe(trace), 0
    for step in steps(trace):
        if step.value is None:
            continue
        for found in forms(scribe, step):
            assert float(found) == pytest.approx(step.value, rel=1e-9, abs=1e-13), step.item
            checked += 1
    return checked


@pytest.mark.parametrize("name", EXAMPLES)
def test_symbolic_lines_of_the_examples_are_true(name: str) -> None:
    trace = example(name)
    assert check(trace) >= len(trace.graph.differentiable)


def expression(**define: str) -> dict[str, Any]:
    return {"given": {"x": 1.5, "u": -0.75}, "define": define}


@pytest.mark.parametrize(
    "fields",
    [
        expression(y="x^2", z="y*x"),
        expression(g="x*u", f="g*x + exp(g) - u/x"),
        expression(a="3*x", b="a - u", c="a*b", f="c^2 + abs(b) + max(a, c)"),
        expression(s="sigmoid(x)*tanh(u)", f="ln(1 + s^2) + relu(u) + s*x"),
        *(
            one_unit("mse", kind, z)
            for kind in ("tanh", "softplus", "elu", "leaky_relu", "relu")
            for z in (-1.25, 0.75)
        ),
        *(one_unit(loss, "linear", 0.4, y=1) for loss in ("mse", "mae", "hinge", "huber")),
    ],
)
def test_symbolic_lines_of_other_problems_are_true(fields: dict[str, Any]) -> None:
    assert check(solved(**fields)) >= 4


@pytest.mark.parametrize("fields", [expression(y="x^2", z="y*x"), expression(a="3*x", f="a*x + a^2")])
def test_no_line_explains_a_derivative_by_itself(fields: dict[str, Any]) -> None:
    """Where an item leads on directly and through another, the whole derivative and the local one are two symbols."""
    for step in steps(solved(**fields)):
        left, *rest = step.formula.parts
        bare = [(n.of, n.wrt, n.partial) for part in rest for n in walk(part) if isinstance(n, Deriv)]
        if isinstance(left, Deriv) and len(rest) > 1:
            assert (left.of, left.wrt, left.partial) not in bare, step.item
