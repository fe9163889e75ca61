"""A chain on the board: the derivatives, each factor replaced in turn, what cancels, the short form, the number."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import sympy as sp

from stepcalc.board.nodes import Add, Box, Dots, Equation, Frac, Mul, Neg, Node, Num, Pow, Strike, Words
from stepcalc.calculus.collapse import explain_collapse
from stepcalc.calculus.differentiate import Line
from stepcalc.calculus.from_board import from_board
from stepcalc.calculus.prove import proved_equal
from stepcalc.calculus.shorthand import Product, struck
from stepcalc.calculus.to_board import to_board
from stepcalc.derive import Branch, Chain, Factor, Local, Upstream
from stepcalc.filling import MAX_TERMS
from stepcalc.items import derivative_id
from stepcalc.lines import LineError, Show, true_line
from stepcalc.steps import Scribe

MAX_BUILT = 8
"""Of a chain with more factors than this, not every line of its building is shown."""


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor: its name, its short form, and its number as an equation (None without numbers)."""

    name: Node
    short: Node
    numbers: Equation | None


@dataclass(frozen=True, slots=True)
class ChainLines:
    """The lines of a chain for ``left``.

    ``building``: one line a factor, the framed one to be replaced next, ⋮ for the middle of a long chain;
    ``factors`` one by one and ``multiplied``; ``struck``: all replaced, what cancels struck out (None where nothing
    does); ``replaced``: all replaced where the short form is another way to write that; ``short``: the short form,
    and ``numbers``: its line with numbers; ``value``: the factors' numbers multiplied, or its own result where rounded
    numbers are carried.
    """

    left: Node
    building: tuple[Equation, ...]
    factors: tuple[FactorRow, ...]
    multiplied: Equation | None
    struck: Equation | None
    replaced: Equation | None
    short: Equation
    numbers: Equation | None
    value: float | None


class ChainWriter:
    """Writes the chains of one trace."""

    def __init__(self, scribe: Scribe) -> None:
        self.scribe = scribe
        self.notation = scribe.notation
        self.cost = scribe.graph.cost

    def write(self, chain: Chain, contribution: str | None = None) -> ChainLines:
        """The lines of ``chain``; ``contribution`` marks the part of a gradient that it is: of a sample, of a place."""
        left: Node = self.notation.symbol(derivative_id(self.cost, chain.item))
        if contribution is not None:
            left = Pow(left, Words(contribution))
        chain = self.ordered(chain)
        names = tuple(self._name(factor) for factor in chain.factors)
        shorts = tuple(self._short(factor) for factor in chain.factors)
        rows = tuple(
            FactorRow(name, short, self._factor_numbers(self._single_name(factor, name), factor))
            for name, short, factor in zip(names, shorts, chain.factors, strict=True)
        )
        short, numbers = self._result(left, chain, whole=contribution is None)
        all_replaced = Equation((_times(shorts),), ("=",), continued=True)
        replaced = all_replaced if all_replaced.parts != short.parts and _forks(chain) else None
        building = self._building(left, names, shorts)
        multiplied, struck = self._multiplied(left, chain, whole=contribution is None), self._struck(chain)
        return ChainLines(left, building, rows, multiplied, struck, replaced, short, numbers, self._value(chain))

    def ordered(self, chain: Chain) -> Chain:
        """From the parameter out for a network, from the outside in for expressions: dz/dy · dy/dx."""
        if self.notation.layers:
            return chain
        last = len(chain.factors) - 1
        product = chain.product and replace(
            chain.product,
            factors=chain.product.factors[::-1],
            cancellations=tuple(
                replace(c, factors=(last - c.factors[0], last - c.factors[1])) for c in chain.product.cancellations
            ),
        )
        return replace(chain, factors=chain.factors[::-1], product=product)

    def _multiplied(self, left: Node, chain: Chain, whole: bool) -> Equation | None:
        """The product of the factors' numbers; ``whole``: it is all of the gradient."""
        values = [self._number(factor) for factor in chain.factors]
        scribe = self.scribe
        if len(values) < 2 or scribe.trace.rounding.carry or not scribe.trace.numeric:
            return None
        total = self._value(chain)

        def product(show: Show) -> Node:
            return Mul(tuple(scribe.too_large if value is None else show(value, None) for value in values), "dot")

        if total is None:
            several = (scribe.graph.samples or 0) > 1  # then the gradient is not this chain's alone
            known = scribe.number(derivative_id(self.cost, chain.item)) if whole and not several else None
            if known is None:
                return None
            return replace(scribe.bare(left, known, None), withheld=product(scribe.printed))
        try:
            return true_line([product], total, scribe.trace.rounding).equation(left)
        except LineError:
            return replace(scribe.bare(left, total, None), withheld=product(scribe.printed))

    def collapse(self, item: str) -> tuple[Equation, ...] | None:
        """The lines in which one-hot targets collapse the sum over all outputs; None where it is not that sum.

        No lines where the sum is too long to be written.
        """
        found = self.scribe.trace.derivation.collapse(item)
        if found is None:
            return None
        if len(found.paths) > MAX_TERMS:
            return ()
        left = self.notation.symbol(derivative_id(self.cost, item))
        first, *rest = explain_collapse(found.paths, found.targets)
        opening = Equation((left, self.notation.dress(first.expression)), ("=",), first.reason)
        return (opening, *(self._continued(line) for line in rest))

    def _continued(self, line: Line) -> Equation:
        return Equation((self.notation.dress(line.expression),), ("=",), line.reason, continued=True)

    def _building(self, left: Node, names: tuple[Node, ...], shorts: tuple[Node, ...]) -> tuple[Equation, ...]:
        """A line for each factor that is replaced; of a long chain the first few lines and the last."""
        replaced = [place for place in range(len(names)) if names[place] != shorts[place]] or [0]
        lines: list[Equation] = []
        for place in replaced if len(replaced) <= MAX_BUILT else (*replaced[: MAX_BUILT // 2], replaced[-1]):
            product = _times((*shorts[:place], Box(names[place]), *names[place + 1 :]))
            lines.append(Equation((product,), ("=",), continued=True) if lines else Equation((left, product), ("=",)))
        if len(replaced) > MAX_BUILT:
            lines.insert(-1, Equation((Dots("v"),), continued=True))
        return tuple(lines)

    def _name(self, factor: Factor) -> Node:
        """A factor before it is worked out: derivatives only."""
        if isinstance(factor, Local):
            return self.notation.local_derivative(factor.child, factor.parent)
        if isinstance(factor, Upstream):
            return self.notation.symbol(derivative_id(self.cost, factor.item))
        return Add(tuple(_times([self._name(f) for f in path.factors]) for path in factor.paths))

    def _single_name(self, factor: Factor, name: Node) -> Node:
        """The derivative that a factor is, however many paths it is the sum of."""
        return self.notation.symbol(derivative_id(self.cost, factor.item)) if isinstance(factor, Branch) else name

    def _short(self, factor: Factor) -> Node:
        """A factor worked out."""
        if isinstance(factor, Local):
            return self.notation.dress(to_board(factor.short))
        if isinstance(factor, Upstream):
            if factor.short is None:
                return self.notation.symbol(derivative_id(self.cost, factor.item))
            return self.notation.dress(to_board(factor.short))
        return Add(tuple(self._path(path) for path in factor.paths))

    def _path(self, path: Chain) -> Node:
        if path.product is not None:
            return self.notation.dress(to_board(path.product.short))
        return _times([self._short(factor) for factor in path.factors])

    def _struck(self, chain: Chain) -> Equation | None:
        if chain.product is None or not chain.product.cancellations:
            return None
        factors = tuple(self.notation.dress(node) for node in struck(chain.product))
        return Equation((_times(factors),), ("=",), continued=True)

    def _result(self, left: Node, chain: Chain, whole: bool) -> tuple[Equation, Equation | None]:
        shorts = [self._short(factor) for factor in chain.factors]
        ordered = _in_order(chain.product) if chain.product is not None and not _forks(chain) else None
        short = ordered or (to_board(chain.product.short) if chain.product is not None else _times(shorts))
        equation = Equation((self.notation.dress(short),), ("=",), continued=True)
        value = self._total(chain, whole)
        if value is None:
            known = short if chain.product is None else to_board(self.scribe.decided(chain.product.short))
            return equation, self.scribe.as_far_as_known(left, known)
        filled = short
        if _forks(chain):
            filled = _times([self._chosen(factor) for factor in chain.factors])
        elif chain.product is not None and ordered is None:
            filled = self._branch(chain.product.short)
        item = derivative_id(self.cost, chain.item) if whole else None
        if isinstance(short, Num):
            return equation, None
        chosen = chain.product is not None and self.scribe.has_branches(chain.product.short)
        return equation, replace(self.scribe.line(left, filled, value, item), chosen=chosen)

    def _chosen(self, factor: Factor) -> Node:
        """A factor worked out, of what has cases the one that the numbers choose."""
        if isinstance(factor, Branch):
            return Add(tuple(self._chosen_path(path) for path in factor.paths))
        return self._branch(factor.short) if isinstance(factor, Local) else self._short(factor)

    def _chosen_path(self, path: Chain) -> Node:
        return self._path(path) if path.product is None else self._branch(path.product.short)

    def _branch(self, short: sp.Expr) -> Node:
        """A short form with the branch that the numbers choose; slopes that have a name keep it: ReLU′(z)."""
        put_in = self.scribe.with_targets(short)
        chosen = self.scribe.active(put_in) if put_in.has(sp.Piecewise) else put_in
        return self.notation.dress(to_board(put_in if chosen is None else chosen))

    def _total(self, chain: Chain, whole: bool) -> float | None:
        """The gradient itself where the chain is all of it and nothing is rounded on the way, else the product."""
        if not whole or self.scribe.trace.rounding.carry:
            return self._value(chain)
        return self.scribe.number(derivative_id(self.cost, chain.item))

    def _value(self, chain: Chain) -> float | None:
        """The product of the factors; where rounded numbers are carried, the short form from those that it shows."""
        if self.scribe.trace.rounding.carry and chain.product is not None:
            return self.scribe.evaluated(chain.product.short)
        value = 1.0
        for factor in chain.factors:
            number = self._number(factor)
            if number is None:
                return None
            value *= number
        return value if math.isfinite(value) else None

    def _number(self, factor: Factor) -> float | None:
        if isinstance(factor, Local):
            return self.scribe.local_number(factor)
        if isinstance(factor, Upstream):
            return self.scribe.number(derivative_id(self.cost, factor.item))
        paths = [number for path in factor.paths if (number := self._value(path)) is not None]
        whole = len(paths) == len(factor.paths)
        return sum(paths) if whole else self.scribe.number(derivative_id(self.cost, factor.item))

    def _factor_numbers(self, name: Node, factor: Factor) -> Equation | None:
        value = self._number(factor)
        if value is None and not self.scribe.trace.numeric:
            return None
        if isinstance(factor, Local):
            return self.scribe.local_line(name, factor, value)
        if value is None:
            return Equation((name, self.scribe.too_large), ("=",))
        if isinstance(factor, Branch):
            return self.scribe.line(name, self._chosen(factor), value, None)
        return Equation((name, self.scribe.printed(value)), ("≈",))


def _times(factors: tuple[Node, ...] | list[Node]) -> Node:
    """The product of ``factors``, the ones that are 1 left out."""
    kept = tuple(factor for factor in factors if factor != Num("1"))
    if not kept:
        return Num("1")
    return kept[0] if len(kept) == 1 else Mul(kept, "dot")


def _forks(chain: Chain) -> bool:
    """Whether paths meet on the chain."""
    return any(isinstance(factor, Branch) for factor in chain.factors)


def _in_order(product: Product) -> Node | None:
    """What the strikes leave, in the order of the chain: x₁ · a₁(1 − a₁) · w₁ · (ŷ − y); None without strikes."""
    if not product.cancellations:
        return None
    left = _times([_unstruck(node) for node in struck(product)])
    return left if proved_equal(from_board(left), product.short) else None


def _unstruck(node: Node) -> Node:
    """A factor without what is struck out of it."""
    match node:
        case Strike():
            return Num("1")
        case Neg(arg):
            return Neg(_unstruck(arg))
        case Frac(num, den):
            above, below = _unstruck(num), _unstruck(den)
            return above if below == Num("1") else Frac(above, below)
        case Mul(factors):
            kept = tuple(left for factor in factors if (left := _unstruck(factor)) != Num("1"))
            return Mul(kept, node.style) if len(kept) > 1 else kept[0] if kept else Num("1")
    return node
