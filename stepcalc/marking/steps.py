"""Every item's own step: the formula that gives it from the items before it, in their symbols.

A forward step is the definition; a gradient is the sum over the edges out of an item, ∂L/∂child · ∂child/∂item; an
update is the optimizer's formula. In a later update the symbols carry its number (``z1[1]#2``), and its parameters are
the new ones of the update before. ``others`` are the same step in other right ways: ŷ − y for the last layer's ∂L/∂z.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.derive import Local
from stepcalc.items import NEW, Item, derivative_id, second_derivative_id
from stepcalc.notation import is_setting, setting
from stepcalc.ops.base import Quantity
from stepcalc.ops.optimizer import OLD, UPDATE, G, Part, W
from stepcalc.trace import Trace

Phase = Literal["forward", "backward", "update"]
PHASES: tuple[Phase, ...] = ("forward", "backward", "update")

MOST_BETWEEN = 5000
"""Up to this many scalars, given ones among them, are looked at; of larger problems what was not asked is the key's."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way on from an item: ∂cost/∂child, as an id (None where the child is the cost), and ∂child/∂item."""

    child: str
    upstream: str | None
    local: Local
    slope: sp.Expr

    @property
    def share(self) -> sp.Expr:
        """What comes back along this edge."""
        return self.slope if self.upstream is None else symbol(self.upstream) * self.slope


@dataclass(frozen=True, slots=True)
class System:
    """p of H p = g: the ids of H row by row and of g, and which scalar of p this is."""

    matrix: tuple[tuple[str, ...], ...]
    right: tuple[str, ...]
    place: int


@dataclass(frozen=True)
class OwnStep:
    """How one scalar is found from others: by a ``formula``, from a ``system``, or only the key knows it."""

    item: str
    parsed: Item
    quantity: Quantity
    phase: Phase
    formula: sp.Expr | None
    edges: tuple[Edge, ...] = ()
    part: Part | None = None
    system: System | None = None
    others: tuple[sp.Expr, ...] = ()

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The ids of the items that it is found from."""
        if self.system is not None:
            return tuple(dict.fromkeys((*(item for row in self.system.matrix for item in row), *self.system.right)))
        return () if self.formula is None else names(self.formula)

    @cached_property
    def branches_on(self) -> frozenset[str]:
        """The items whose side of a corner decides which slope counts."""
        return frozenset() if self.formula is None or self.phase != "backward" else _deciding(self.formula)


def names(formula: sp.Expr) -> tuple[str, ...]:
    """The ids in a formula, in an order of their own."""
    return tuple(sorted(s.name for s in formula.free_symbols))


def _deciding(formula: sp.Expr) -> frozenset[str]:
    corners: set[sp.Basic] = set()
    for part in formula.atoms(sp.Piecewise):
        corners |= {condition for _, condition in part.args}
    corners |= formula.atoms(sp.sign) | formula.atoms(sp.Heaviside)
    return frozenset(s.name for corner in corners for s in corner.free_symbols)


class Steps:
    """The own steps of one problem's items, made when they are asked for."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.graph, self.derivation = trace.graph, trace.derivation
        self._made: dict[str, OwnStep | None] = {}
        self._canonical: dict[str, str] = {}

    @cached_property
    def decided(self) -> Mapping[sp.Symbol, sp.Expr]:
        """The targets that are 0 or 1: what they take out of a loss is not calculated, not even ln 0."""
        targets = (name for name, quantity in self.graph.quantities.items() if quantity.role == "target")
        items = [item for name in targets for item in self.graph.items(name)]
        return {symbol(item): sp.Integer(int(y)) for item in items if (y := self.trace.value(item)) in (0, 1)}

    def canonical(self, item: str) -> str:
        """The one spelling under which a scalar is calculated with: y_hat[1] for a2[1], the first update unnumbered.

        Settings of the optimizer keep their ids.
        """
        if item not in self._canonical:
            self._canonical[item] = item if is_setting(item) else self._respelled(self.graph.read(item))
        return self._canonical[item]

    def _respelled(self, item: Item) -> str:
        fixed = self.graph[item.name].role in ("input", "target") and not item.of
        later = None if fixed or item.update == 1 else item.update
        return str(replace(item, name=self.graph.canonical(item.name), update=later))

    def step(self, item: str) -> OwnStep | None:
        """The own step of a scalar by its canonical id; None for what is given, and for settings."""
        if is_setting(item):
            return None
        if item not in self._made:
            self._made[item] = self._make(item)
        return self._made[item]

    def _make(self, item: str) -> OwnStep | None:
        parsed = self.graph.read(item)
        quantity = self.graph[parsed.name]
        update, plain = parsed.update or 1, str(parsed.plain)
        if parsed.by:
            return self._bend(item, parsed, quantity)
        if parsed.of:
            return self._gradient(item, parsed, quantity, plain)
        if parsed.part:
            return self._move(item, parsed, quantity)
        if quantity.op is not None:
            formula = self.derivation.define(plain)
            return OwnStep(item, parsed, quantity, "forward", self.dated(formula, update))
        if quantity.role == "parameter" and update > 1:
            before = str(replace(parsed.updated(NEW), update=update - 1 if update > 2 else None))
            return OwnStep(item, parsed, quantity, "forward", symbol(before))
        return None

    def _gradient(self, item: str, parsed: Item, quantity: Quantity, plain: str) -> OwnStep:
        cost, update = self.graph.cost, parsed.update or 1
        edges = []
        for local in self.derivation.locals(plain):
            upstream = None if local.child == cost else self.date(derivative_id(cost, local.child), update)
            edges.append(Edge(local.child, upstream, local, self.dated(local.cases, update)))
        formula = sp.Add(*(edge.share for edge in edges))
        others = tuple(other for other in self._past_the_output(plain, edges, update) if other != formula)
        return OwnStep(item, parsed, quantity, "backward", formula, tuple(edges), others=others)

    def _past_the_output(self, plain: str, edges: Sequence[Edge], update: int) -> tuple[sp.Expr, ...]:
        """∂L/∂z of the last layer straight from the output, ŷ − y, with all that cancels on the way left out."""
        outputs = self.graph[self.graph.cost].parents
        if not edges or any(self.graph.locate(edge.child)[0].name not in outputs for edge in edges):
            return ()
        short = self.derivation.short(plain)
        return () if short is None else (self.dated(self._spelled_out(short), update),)

    def _spelled_out(self, formula: sp.Expr) -> sp.Expr:
        """A formula with what its named slopes stand for."""
        return formula.xreplace({name: cases for name, cases in self.derivation.slopes.items() if formula.has(name)})

    def _move(self, item: str, parsed: Item, quantity: Quantity) -> OwnStep | None:
        optimizer = self.trace.optimizer
        if optimizer is None:
            return None
        part = next(known for known in optimizer.plan if known.name == parsed.part)
        if part.formula is None:
            return OwnStep(item, parsed, quantity, "update", None, part=part, system=self._system(parsed))
        return OwnStep(item, parsed, quantity, "update", self.filled(part.formula, parsed), part=part)

    def filled(self, formula: sp.Expr, whose: Item) -> sp.Expr:
        """A formula in the names of the optimizer's plan, for the parameter and in the update of an item."""
        optimizer, plain, update = self.trace.optimizer, whose.plain, whose.update or 1
        assert optimizer is not None
        known: dict[str, sp.Expr] = {
            W: symbol(self.date(str(plain), update)),
            G: symbol(self.date(derivative_id(self.graph.cost, str(plain)), update)),
            UPDATE: sp.Integer(update),
        }
        for part in optimizer.plan:
            known[part.name] = symbol(self.date(str(plain.updated(part.name)), update))
            known[OLD + part.name] = self._before(plain.updated(part.name), update)
        for name in {s.name for s in formula.free_symbols} - set(known):
            known[name] = self.setting(name)
        return formula.xreplace({s: known[s.name] for s in formula.free_symbols})

    def setting(self, name: str) -> sp.Expr:
        """What the optimizer has under this name: its number, or its symbol where there is none."""
        number = getattr(self.trace.optimizer, name)
        return symbol(setting(name)) if number is None else sp.Rational(repr(number))

    def _before(self, remembered: Item, update: int) -> sp.Expr:
        """What the step before left; 0 at the first."""
        return sp.S.Zero if update == 1 else symbol(self.date(str(remembered), update - 1))

    def _system(self, parsed: Item) -> System:
        cost, update, items = self.graph.cost, parsed.update or 1, self.trace.curvature.items
        matrix = tuple(
            tuple(self.date(second_derivative_id(cost, *sorted((one, two), key=items.index)), update) for two in items)
            for one in items
        )
        right = tuple(self.date(derivative_id(cost, one), update) for one in items)
        return System(matrix, right, items.index(str(parsed.plain)))

    def _bend(self, item: str, parsed: Item, quantity: Quantity) -> OwnStep:
        formula = self.trace.curvature.bend(str(parsed.plain), parsed.by)
        dated = None if formula is None else self.dated(formula, parsed.update or 1)
        return OwnStep(item, parsed, quantity, "update", dated)

    def date(self, item: str, update: int) -> str:
        """The id of an item in an update: ``z1[1]#2``; what no update changes has no number."""
        return self.canonical(str(replace(self.graph.read(item), update=update)))

    def dated(self, formula: sp.Expr, update: int) -> sp.Expr:
        """A formula in the symbols of an update."""
        known = {s: symbol(self.date(s.name, update)) for s in formula.free_symbols} if update > 1 else {}
        return formula.xreplace({**known, **self.decided})

    def is_backward(self, item: str) -> bool:
        """Whether an item is a gradient."""
        step = self.step(item)
        return step is not None and step.phase == "backward"

    def order(self, asked: Iterable[str]) -> tuple[str, ...]:
        """Those ``asked`` (canonical ids) and all that they are found from, each after what it needs.

        Without what they are found from where that is more than ``MOST_BETWEEN`` scalars.
        """
        ends = sorted(asked, key=self.place)
        found: dict[str, None] = {}
        for item in ends:
            for reached in self._below(item, found):
                found[reached] = None
                if len(found) > MOST_BETWEEN:
                    return tuple(dict.fromkeys(ends))
        return tuple(found)

    def _below(self, item: str, known: Container[str]) -> Iterator[str]:
        waiting, done = [(item, False)], set[str]()
        while waiting:
            at, ready = waiting.pop()
            if at in done or at in known:
                continue
            step = self.step(at)
            if ready or step is None:
                done.add(at)
                yield at
                continue
            waiting.append((at, True))
            waiting += ((need, False) for need in reversed(step.needs))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.graph.quantities)}

    def place(self, item: str) -> tuple[int, ...]:
        """Where an item stands in the calculation: update, phase, quantity, element."""
        parsed = self.graph.read(item)
        quantity = self.graph[parsed.name]
        step = self.step(item)
        phase = 0 if step is None else PHASES.index(step.phase)
        place = self._places[quantity.name]
        along = -place if phase == 1 else place
        moves = [part.name for part in self.trace.optimizer.plan] if self.trace.optimizer else []
        part = moves.index(parsed.part) if parsed.part in moves else -1
        return (parsed.update or 1, phase, part if phase == 2 else 0, along, parsed.sample or 0, *parsed.index)
