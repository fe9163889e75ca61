"""Formulas beside their values: what SymPy is let work on, and which names are to be used."""

from __future__ import annotations

import pytest
import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.marking.forms import is_in_form, is_tame
from stepcalc.marking.judge import PROVED
from stepcalc.notation import Notation
from stepcalc.problem.sections import WantedForm
from stepcalc.typed.formulas import read_formula
from stepcalc.typed.names import Names
from tests.made import trace_of
from tests.marking.students import one

U, V = symbol("u"), symbol("v")


@pytest.mark.parametrize(
    ("formula", "tame"),
    [
        (U * V**4 + sp.exp(U) / 1000, True),
        (U**V, True),
        (U**5, False),
        (U**-5, False),
        (U ** sp.sqrt(2), False),
        (1001 * U, False),
        (U / 1001, False),
        (sp.Add(*(U * symbol(f"v{i}") for i in range(80))), False),
    ],
)
def test_sympy_works_on_small_formulas_only(formula: sp.Expr, tame: bool) -> None:
    assert is_tame(formula) == tame


@pytest.mark.parametrize(("text", "proved"), [("1000 (yhat - y)/1000", True), ("1001 (yhat - y)/1001", False)])
def test_what_sympy_is_not_let_work_on_is_right_all_the_same(text: str, proved: bool) -> None:
    mark = one(trace_of("two_two_one_symbolic"), {"dL/dz2": text}).items[0]
    assert (mark.verdict, bool(mark.remarks & PROVED)) == ("correct", proved)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("a_1 (yhat - y)", True), ("a_1 (σ(z) - y)", False), ("yhat", False), ("a_1 - alpha yhat", True)],
)
def test_all_names_that_are_wanted_have_to_be_used(text: str, wanted: bool) -> None:
    trace = trace_of("two_two_one_symbolic")
    names = Names(Notation(trace.graph, trace.problem, optimizer=trace.optimizer))
    form = WantedForm(using=["a2", "a1"])
    assert is_in_form(form, trace.problem.items, read_formula(text, names)) == wanted
