"""Formulas beside their values: in which form is one written, and is it proved to be the key's?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import sympy as sp
from sympy.printing.str import StrPrinter

from stepcalc.calculus.functions import is_slope, slope_name
from stepcalc.calculus.prove import proved_equal
from stepcalc.items import Item
from stepcalc.marking.steps import Steps
from stepcalc.problem.items import Items
from stepcalc.problem.sections import WantedForm
from stepcalc.typed.form import is_factored
from stepcalc.typed.formulas import Formula
from stepcalc.typed.names import Names

CHEAP, SMALL, LOW = 80, 1000, 4
"""A proof is tried for formulas of up to so many operations, with no larger numbers and no higher powers: SymPy may
take hours over a short line that somebody types to see what happens."""


def is_in_form(form: WantedForm, items: Items, formula: Formula) -> bool:
    """Whether a formula is written as it is wanted."""
    if form.factored and not is_factored(formula.tree):
        return False
    names = {Item.parse(item).plain.name for item in formula.names if not item.startswith("@")}
    wanted = {items.aliases.get(name, name) for name in (Item.parse(item).name for item in _scalars(items, form))}
    return wanted <= {items.aliases.get(name, name) for name in names}


def _scalars(items: Items, form: WantedForm) -> Iterator[str]:
    for typed in form.using:
        yield items.scalar(typed) or items.array(typed) or typed


def is_proved(steps: Steps, item: str, formula: sp.Expr) -> bool:
    """Whether a formula is proved to be the right one; that it is not says nothing."""
    step = steps.step(item)
    if step is None or step.formula is None or not is_tame(formula):
        return False
    ways = (step.formula, *step.others, _short(steps, item))
    return any(way is not None and way.count_ops() <= CHEAP and proved_equal(formula, way) for way in ways)


def is_tame(formula: sp.Expr) -> bool:
    """Whether SymPy may work on a formula that somebody typed."""
    parts = list(islice(sp.preorder_traversal(formula), 2 * CHEAP + 1))
    numbers = (part for part in parts if part.is_Number)
    powers = (part.exp for part in parts if part.is_Pow and part.exp.is_number)
    small = all(abs(number.p) <= SMALL and number.q <= SMALL for number in numbers if number.is_Rational)
    return len(parts) <= 2 * CHEAP and small and all(power.is_Rational and abs(power) <= LOW for power in powers)


def typed_forms(steps: Steps, item: str, names: Names) -> Iterator[str]:
    """The right formula as a student may type it, the shortest way first; whether it is read as meant is not said."""
    step = steps.step(item)
    ways = () if step is None else (_short(steps, item), step.formula)
    for way in ways:
        for spelled in (names.typed, str):
            if way is not None:
                printed = {s: sp.Symbol(spelled(s.name)) for s in way.free_symbols}
                yield str(_Typed({"order": "none"}).doprint(way.xreplace(printed)))


class _Typed(StrPrinter):  # type: ignore[misc]
    """Writes formulas with the functions that can be typed."""

    def _print_Function(self, expr: sp.Expr) -> str:
        name = f"{slope_name(expr)}'" if is_slope(expr) else expr.func.__name__.lower()
        return f"{name}({self.stringify(expr.args, ', ')})"

    _print_Abs = _print_LatticeOp = _print_Function


def _short(steps: Steps, item: str) -> sp.Expr | None:
    """The short form of a gradient of the first update."""
    parsed = steps.graph.read(item)
    if not parsed.of or parsed.by or parsed.update is not None:
        return None
    return steps.derivation.short(str(parsed.plain))
