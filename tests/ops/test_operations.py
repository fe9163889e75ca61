"""Each registered operation against its own definition, against finite differences and against PyTorch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
import sympy as sp

from stepcalc.calculus.functions import Named
from stepcalc.calculus.parts import differentiate_part
from stepcalc.calculus.symbols import symbol
from stepcalc.items import item_id
from stepcalc.ops import registry
from tests import oracle
from tests.ops.cases import Case, every_case

CASES = every_case()
each_operation = pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)


def forward(case: Case, arrays: tuple[Any, ...] | None = None, xp: Any = np) -> Any:
    return case.op.forward(xp, *(arrays or case.arrays))


def gradients(case: Case, upstream: Any, arrays: tuple[Any, ...] | None = None, xp: Any = np) -> Any:
    arrays = arrays or case.arrays
    return called(case.op.backward(xp, upstream, forward(case, arrays, xp), *arrays))


def called(found: Any) -> list[Any]:
    """Gradients, those calculated that are given as functions."""
    return [gradient() if callable(gradient) else gradient for gradient in found]


def upstream_of(case: Case, rng: np.random.Generator | None = None) -> np.ndarray:
    rng = rng or np.random.default_rng(11)
    return np.asarray(rng.normal(size=np.shape(forward(case))))


def number(expression: sp.Expr, at: dict[sp.Symbol, sp.Float]) -> float:
    return float(expression.xreplace(at).replace(lambda e: isinstance(e, Named), lambda e: e.definition(e.args[0])))


@pytest.mark.parametrize("family", registry.FAMILIES)
def test_every_operation_has_an_oracle(family: str) -> None:
    missing = [name for name in registry.names(family) if name not in oracle.TABLES[family]]
    assert not missing, (
        f"add the PyTorch counterpart of {', '.join(missing)} to the table of each {family} in tests/oracle.py"
    )


@each_operation
def test_the_kernel_calculates_the_definition(case: Case) -> None:
    at, found = case.numbers(), forward(case)
    for index, sample, place in case.results():
        assert found[place] == pytest.approx(number(case.definitions[index, sample], at), rel=1e-14)


@each_operation
def test_the_backward_kernel_is_the_derivative_of_the_definition(case: Case) -> None:
    at, upstream = case.numbers(), upstream_of(case)
    sent = {(index, sample): upstream[place] for index, sample, place in case.results()}
    terms: dict[sp.Symbol, float] = {}
    for edge in case.edges:
        terms[edge.wrt] = terms.get(edge.wrt, 0.0) + sent[edge.index, edge.sample] * number(edge.derivative, at)
    found = gradients(case, upstream)
    for slot in case.differentiable:
        for index, sample, place in case.elements(slot):
            wrt = symbol(item_id(case.names[slot], index, sample))
            assert found[slot][place] == pytest.approx(terms.get(wrt, 0.0), rel=1e-13, abs=1e-14)


@each_operation
def test_the_backward_kernel_agrees_with_finite_differences(case: Case) -> None:
    upstream, found, step = upstream_of(case), gradients(case, upstream_of(case)), 1e-5
    for slot in case.differentiable:
        for place in np.ndindex(case.arrays[slot].shape):
            costs = []
            for sign in (1, -1):
                moved = [array.copy() for array in case.arrays]
                moved[slot][place] += sign * step
                costs.append(np.sum(upstream * forward(case, tuple(moved))))
            assert found[slot][place] == pytest.approx((costs[0] - costs[1]) / (2 * step), rel=1e-6, abs=1e-8)


def by_torch(case: Case) -> tuple[Any, list[Any]]:
    """PyTorch's result, and the leaves it came from."""
    leaves = [oracle.tensor(array) for array in case.arrays]
    if case.family == "layer":
        name, letter, product = case.layer
        named = dict(zip(case.names, leaves, strict=True))
        sliding = {key: case.table[key] for key in ("size", "stride", "padding") if key in case.table}
        return oracle.LAYERS[name][letter](named, product, **sliding), leaves
    parameters = {name: getattr(case.op, name) for name in registry.parameters(case.family, case.op.name)}
    if case.family == "activation":
        return oracle.ACTIVATIONS[case.op.name](*leaves, **parameters), leaves
    return oracle.cost(case.op.name, parameters, leaves[0], leaves[1].detach()), leaves


@each_operation
def test_pytorch_agrees(case: Case) -> None:
    result, leaves = by_torch(case)
    np.testing.assert_allclose(forward(case), result.detach().numpy(), rtol=1e-13, atol=1e-15)
    upstream = upstream_of(case)
    result.backward(oracle.torch.tensor(upstream))
    for slot in case.differentiable:
        np.testing.assert_allclose(gradients(case, upstream)[slot], leaves[slot].grad.numpy(), rtol=1e-12, atol=1e-14)


@each_operation
def test_a_part_has_the_derivative_of_the_whole(case: Case) -> None:
    at = case.numbers()
    for edge in case.edges:
        part = case.op.part(edge.index, case.operands, edge.sample, edge.place)
        known = at | opaque_parts(part, edge.whole, at)
        expected = number(edge.derivative, at)
        assert number(sp.diff(part, edge.wrt), known) == pytest.approx(expected, rel=1e-13, abs=1e-15)


def opaque_parts(part: sp.Expr, whole: sp.Expr, at: dict[sp.Symbol, sp.Float]) -> dict[sp.Symbol, sp.Float]:
    """What is left out of a part stands there as a symbol that makes it equal to the whole."""
    known = part.xreplace(at)
    if not known.free_symbols:
        return {}
    (rest,) = known.free_symbols
    (value,) = sp.solve(known - whole.xreplace(at), rest)
    return {rest: value}


@each_operation
def test_it_says_which_elements_an_element_reaches(case: Case) -> None:
    standing = {at: whole.free_symbols for at, whole in case.definitions.items()}
    for slot in range(len(case.arrays)):
        for element, sample, _ in case.elements(slot):
            wrt = symbol(item_id(case.names[slot], element, sample))
            reached = {index for (index, _), symbols in standing.items() if wrt in symbols}
            assert set(case.op.reaches(slot, element, case.shapes)) == reached


@each_operation
def test_local_derivatives_and_their_short_forms_are_right(case: Case) -> None:
    at = case.numbers()
    results = forward(case)
    outputs = {symbol(item_id("out", i, s)): sp.Float(float(results[place]), 30) for i, s, place in case.results()}
    for edge in case.edges:
        part = case.op.part(edge.index, case.operands, edge.sample, edge.place)
        recall = case.op.recall(edge.index, case.operands, edge.sample, edge.place, case.output())
        derivative, short = differentiate_part(part, edge.wrt, recall)
        known = at | opaque_parts(part, edge.whole, at) | outputs
        expected = number(edge.derivative, at)
        assert number(derivative, known) == pytest.approx(expected, rel=1e-13, abs=1e-15)
        assert number(short, known) == pytest.approx(expected, rel=1e-12, abs=1e-14)
        assert not short.free_symbols - set(at) - set(outputs), "an opaque symbol is left in what a student reads"


@each_operation
def test_the_array_api_is_all_that_the_kernels_need(case: Case) -> None:
    arrays = tuple(strict.asarray(array) for array in case.arrays)
    upstream = upstream_of(case)
    output = forward(case, arrays, strict)
    np.testing.assert_allclose(np.asarray(output), forward(case), rtol=1e-14, atol=1e-300)
    expected = gradients(case, upstream)
    for kernel in (case.op.backward, case.op.backward_as_printed):
        found = called(kernel(strict, strict.asarray(upstream), output, *arrays))
        for slot in case.differentiable:
            assert found[slot].dtype == strict.float64
            np.testing.assert_allclose(np.asarray(found[slot]), expected[slot], rtol=1e-10, atol=1e-14)


@each_operation
def test_single_precision_stays_single(case: Case) -> None:
    arrays = tuple(array.astype(np.float32) for array in case.arrays)
    output, upstream = forward(case, arrays), upstream_of(case).astype(np.float32)
    assert output.dtype == np.float32
    np.testing.assert_allclose(output, forward(case), rtol=2e-5, atol=2e-6)
    for kernel in (case.op.backward, case.op.backward_as_printed):
        found = called(kernel(np, upstream, output, *arrays))
        assert {found[slot].dtype for slot in case.differentiable} == {np.dtype(np.float32)}


@each_operation
def test_leading_axes_are_problems_of_their_own(case: Case) -> None:
    rng = np.random.default_rng(5)
    rows = [case.varied(rng, 3), case.varied(rng, 3)]
    stacked = tuple(
        np.array([[rows[i][j][slot] for j in range(3)] for i in range(2)]) for slot in range(len(case.arrays))
    )
    results = forward(case, stacked)
    upstream = rng.normal(size=np.shape(results))
    found = gradients(case, upstream, stacked)
    for i, j in np.ndindex(2, 3):
        np.testing.assert_allclose(results[i, j], forward(case, rows[i][j]), rtol=1e-13, atol=1e-15)
        alone = gradients(case, upstream[i, j], rows[i][j])
        for slot in case.differentiable:
            np.testing.assert_allclose(found[slot][i, j], alone[slot], rtol=1e-13, atol=1e-15)


@each_operation
def test_problems_may_share_a_parent(case: Case) -> None:
    rng = np.random.default_rng(6)
    others = case.varied(rng, 3)
    for varying in range(len(case.arrays)):
        arrays = tuple(
            np.array([other[slot] for other in others]) if slot == varying else array
            for slot, array in enumerate(case.arrays)
        )
        results = np.broadcast_to(forward(case, arrays), (3, *np.shape(forward(case))))
        for problem, other in enumerate(others):
            alone = tuple(other[slot] if slot == varying else array for slot, array in enumerate(case.arrays))
            np.testing.assert_allclose(results[problem], forward(case, alone), rtol=1e-13, atol=1e-15)


@each_operation
def test_its_words_and_parameters_are_in_order(case: Case) -> None:
    assert (case.layer[0] or case.op.name) in registry.names(case.family)
    assert case.op.rule
    assert replace(case.op) == case.op
    for index, sample, _ in case.results():
        assert case.op.written(index, case.operands, sample)


def test_a_mini_batch_is_averaged_and_outputs_are_summed() -> None:
    y_hat, y = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 0.0]]), np.zeros((3, 2))
    assert registry.make("loss", "mse", {"scale": 0.5}).forward(np, y_hat, y) == pytest.approx(0.5 * 39 / 3)
