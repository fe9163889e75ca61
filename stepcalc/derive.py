"""The derivation: for every edge its local derivative, for every quantity its gradient, for a parameter its chain.

No numbers. Everything is found when it is asked for, so that deriving costs what is printed, not what is in
the network; local derivatives of the same shape are found once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import sympy as sp

from stepcalc.calculus.functions import link, sigmoid, slope
from stepcalc.calculus.order import natural_key
from stepcalc.calculus.parts import differentiate_part
from stepcalc.calculus.prove import squashing
from stepcalc.calculus.shorthand import Product, collapse_sum, product, tidy
from stepcalc.calculus.symbols import symbol
from stepcalc.graph import Graph
from stepcalc.items import Index, derivative_id, item_id
from stepcalc.ops.activation import Activation
from stepcalc.ops.base import Operation, Place
from stepcalc.ops.each_step import EachStep
from stepcalc.ops.losses import OUTPUT, TARGET, Loss

MAX_PATHS = 8
"""More paths than this from a quantity to the cost, and its short form goes through the next layer's gradients."""
MAX_FACTORS = 12
"""A chain with more factors than this ends in the gradient of a quantity on the way."""
MAX_IN_FORK = 12
"""So does one that forks into paths of more factors together: more do not fit a line."""


@dataclass(frozen=True, slots=True)
class Local:
    """∂child/∂parent for two scalars: ``derivative`` as SymPy finds it, ``cases`` in the outputs' own terms.

    ``short`` is the same as ``cases``, but a name where that has cases: ReLU′(z), or ∂L/∂ŷ itself.
    """

    child: str
    parent: str
    derivative: sp.Expr
    cases: sp.Expr
    short: sp.Expr


@dataclass(frozen=True, slots=True)
class Gradient:
    """∂cost/∂item = Σ over ``locals`` of ∂cost/∂child · ∂child/∂item.

    ``through`` is that sum with ∂cost/∂child as symbols; ``short`` the same with those written out in full and
    simplified, or None when too many paths lead to the cost.
    """

    item: str
    locals: tuple[Local, ...]
    through: sp.Expr
    short: sp.Expr | None


@dataclass(frozen=True, slots=True)
class Upstream:
    """The end of a chain that is known already: ∂cost/∂item, found in a step of its own."""

    item: str
    short: sp.Expr | None


@dataclass(frozen=True, slots=True)
class Branch:
    """Where paths meet: ∂cost/∂item as the sum over ``paths``, each a chain that starts at an edge out of item."""

    item: str
    paths: tuple[Chain, ...]


Factor = Local | Branch | Upstream

Edge = tuple[str, int, str]
"""A scalar that an item stands in: its id, the position of the item's quantity there, and its own quantity."""


@dataclass(frozen=True, slots=True)
class Collapse:
    """A sum over all outputs that the one-hot ``targets`` collapse by Σy = 1: its ``paths``, and its ``short`` form."""

    paths: tuple[tuple[sp.Expr, sp.Expr], ...]
    targets: tuple[sp.Symbol, ...]
    short: sp.Expr


@dataclass(frozen=True, slots=True)
class Chain:
    """One product of factors from an item to the cost, nearest factor first, and what cancels in it.

    ``product`` is None when a factor cannot be written out. ``time`` is the step of a sequence whose share of the
    gradient it is, where the item is used at every step.
    """

    item: str
    factors: tuple[Factor, ...]
    product: Product | None
    time: int | None = None


class Derivation:
    """Lazily derived and remembered: ``define``, ``locals``, ``gradient`` and ``chain`` of any item of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.slopes: dict[sp.Expr, sp.Expr] = {}
        """What the named slopes met so far stand for."""
        self._locals: dict[str, tuple[Local, ...]] = {}
        self._short: dict[str, sp.Expr | None] = {}

    @cached_property
    def one_hot(self) -> dict[tuple[int | None, Index], tuple[sp.Symbol, ...]]:
        """The targets known to sum to 1, by their sample and all but the last of their indices (the time step)."""
        cost = self.graph[self.graph.cost]
        if not (isinstance(cost.op, Loss) and cost.op.one_hot):
            return {}
        target = self.graph.operand(cost.parents[TARGET])
        found: dict[tuple[int | None, Index], tuple[sp.Symbol, ...]] = {}
        for sample in self.graph.sample_numbers(target.name):
            for index in target.indices():
                found[sample, index[:-1]] = (*found.get((sample, index[:-1]), ()), target(*index, sample=sample))
        return found

    def define(self, item: str) -> sp.Expr:
        """The defining formula of a computed scalar."""
        quantity, index, sample = self.graph.locate(item)
        assert quantity.op is not None, f"{item} is not computed"
        return quantity.op.define(index, self.graph.operands(quantity.name), sample)

    def edges(self, item: str) -> Iterator[Edge]:
        """The scalars that ``item`` stands in: their ids, the position of item's quantity there, their quantity."""
        quantity, index, sample = self.graph.locate(item)
        for child, slot in self.graph.children[quantity.name]:
            if child not in self.graph.differentiable:
                continue
            below = self.graph[child]
            assert below.op is not None
            for reached in below.op.reaches(slot, index, self.graph.parent_shapes(child)):
                samples = (sample,) if sample is not None or not below.per_sample else self.graph.sample_numbers(child)
                for n in samples:
                    yield item_id(child, reached, n if below.per_sample else None), slot, child

    def locals(self, item: str) -> tuple[Local, ...]:
        """The local derivatives on all edges out of ``item``; an item that stands twice in one scalar counts once."""
        if item not in self._locals:
            self._locals[item] = tuple(self.each_local(item))
        return self._locals[item]

    def each_local(self, item: str) -> Iterator[Local]:
        """The same one by one, for an item that stands in so many scalars that not all are looked at."""
        return (self._local(child, slot, name, item) for child, slot, name in _once(self.edges(item)))

    def first_links(self, item: str, sample: int | None) -> Iterator[Local]:
        """Those that the chain of ``item`` can begin with: in ``sample``, and of a sequence at its last step."""
        last = self._times(item)[-1:]
        for child, slot, name in _once(self.edges(item)):
            _, index, of = self.graph.locate(child)
            if (sample is None or of in (sample, None)) and (not last or index[0] == last[0]):
                yield self._local(child, slot, name, item)

    def _local(self, child: str, slot: int, name: str, parent: str) -> Local:
        _, index, sample = self.graph.locate(child)
        _, parent_index, parent_sample = self.graph.locate(parent)
        op, operands = self.graph[name].op, self.graph.operands(name)
        assert op is not None
        at = Place(slot, parent_index, parent_sample if parent_sample is not None else sample)
        part = op.part(index, operands, sample, at)
        recall = op.recall(index, operands, sample, at, self.graph.operand(name))
        if child == self.graph.cost:  # a result that is a sigmoid is written with the sign it has, σ
            recall = {output: formula for output, formula in recall.items() if squashing(formula) is not sigmoid}
        wrt = operands[slot](*parent_index, sample=at.sample)
        derivative, cases = differentiate_part(part, wrt, recall)
        return Local(child, parent, derivative, cases, self._named(op, child, wrt, cases))

    def _named(self, op: Operation, child: str, wrt: sp.Symbol, cases: sp.Expr) -> sp.Expr:
        """A name for a derivative that has cases, so that products with it stay products."""
        if not cases.has(sp.Piecewise):
            return cases
        if isinstance(op.core, Activation):
            named = slope(op.core.function, wrt)
            self.slopes[named] = cases
            return named
        if op.core.many_cases:
            named = link(symbol(child), wrt)
            self.slopes[named] = cases
            return named
        alone = child == self.graph.cost and len(self.graph.children[self.graph.locate(wrt.name)[0].name]) == 1
        return symbol(derivative_id(child, wrt.name)) if alone else cases

    def few_paths(self, item: str) -> bool:
        """Whether at most ``MAX_PATHS`` paths of at most ``MAX_FACTORS`` edges lead from ``item`` to the cost."""
        found, ends = 0, [(item, 0)]
        while ends:
            at, edges = ends.pop()
            found += at == self.graph.cost
            if found + len(ends) > MAX_PATHS or edges > MAX_FACTORS:
                return False
            ends += ((child, edges + 1) for child, _, _ in islice(self.edges(at), MAX_PATHS + 1))
        return True

    def gradient(self, item: str) -> Gradient:
        """∂cost/∂item through the scalars that it stands in."""
        edges = self.locals(item)
        through = sp.Add(*(self._upstream(edge.child) * edge.short for edge in edges))
        return Gradient(item, edges, through, self.short(item))

    def _upstream(self, item: str) -> sp.Expr:
        cost = self.graph.cost
        return sp.S.One if item == cost else symbol(derivative_id(cost, item))

    def short(self, item: str) -> sp.Expr | None:
        """∂cost/∂item written out and simplified: (ŷ − y)·w·a(1 − a)·x; None when there are too many paths."""
        if item == self.graph.cost:
            return sp.S.One
        if item not in self._short:
            self._short[item] = self._written_out(item)
        return self._short[item]

    def _written_out(self, item: str) -> sp.Expr | None:
        collapsed = self.collapse(item)
        if collapsed is not None:
            return collapsed.short
        if not self.few_paths(item) or len(self._times(item)) > 1:
            return None
        terms = []
        for edge in self.locals(item):
            rest = self.short(edge.child)
            if rest is None:
                return None
            terms.append(product((edge.short, rest)).short)
        return terms[0] if len(terms) == 1 else tidy(sp.Add(*terms))

    def collapse(self, item: str) -> Collapse | None:
        """The sum over all outputs of a one-hot loss, where Σy = 1 collapses it; None when it is not that sum."""
        cost = self.graph[self.graph.cost]
        if not self.one_hot or next((child for _, _, child in self.edges(item)), None) != cost.parents[OUTPUT]:
            return None
        if len(edges := self.locals(item)) < 2:
            return None
        _, index, sample = self.graph.locate(edges[0].child)
        targets = tuple(sorted(self.one_hot[sample, index[:-1]], key=natural_key))
        paths = tuple((self.locals(edge.child)[0].short, edge.short) for edge in edges)
        return Collapse(paths, targets, collapse_sum([product(path).short for path in paths], targets))

    def chain(self, item: str, sample: int | None = None, through: str | None = None) -> Chain:
        """The product of factors from ``item`` to the cost, in ``sample`` where the item stands in several.

        ``through`` is the one scalar that the chain goes on to, of several that the item stands in.
        Of a parameter that is used at every step of a sequence, it is the chain from the last step, the shortest one.
        Where one scalar leads on to several, the chain goes on in a :class:`Branch`; where that would be too many
        paths or factors, or too many on all paths, or the sum has a form of its own (softmax), it ends in an
        :class:`Upstream`.
        """
        if through is not None:
            return self._path(next(edge for edge in self.each_local(item) if edge.child == through), sample)
        factors: list[Factor] = []
        at, times = item, self._times(item)
        while at != self.graph.cost:
            edges = list(self.first_links(at, sample) if at == item else self.locals(at))
            goes_on = len(factors) == MAX_FACTORS - 1 and self.graph.cost not in (e.child for e in edges)
            if goes_on or len(edges) != 1:
                factors.append(Upstream(at, None) if goes_on else self._fork(at, edges, sample))
                break
            factors += edges
            at = edges[0].child
        return Chain(item, tuple(factors), self._multiply(factors), times[-1] if len(times) > 1 else None)

    def _times(self, item: str) -> tuple[int, ...]:
        """The steps of a sequence at which a parameter is used; none where it is not used step by step."""
        quantity = self.graph.locate(item)[0]
        children = (self.graph[child] for child, _ in self.graph.children[quantity.name])
        if quantity.role != "parameter" or not any(isinstance(child.op, EachStep) for child in children):
            return ()
        return tuple(sorted({self.graph.locate(child)[1][0] for child, _, _ in self.edges(item)}))

    def _fork(self, at: str, edges: list[Local], sample: int | None) -> Branch | Upstream:
        if not edges or not self.few_paths(at) or self.collapse(at) is not None:
            return Upstream(at, self.short(at))
        forked = Branch(at, tuple(self._path(edge, sample) for edge in edges))
        return forked if _links(forked) <= MAX_IN_FORK else Upstream(at, None)

    def _path(self, edge: Local, sample: int | None) -> Chain:
        rest = self.chain(edge.child, sample)
        factors = (edge, *rest.factors)
        return Chain(edge.parent, factors, self._multiply(list(factors)))

    def _multiply(self, factors: list[Factor]) -> Product | None:
        shorts = [self._factor_short(factor) for factor in factors]
        known = [short for short in shorts if short is not None]
        return product(tuple(known)) if len(known) == len(shorts) else None

    def _factor_short(self, factor: Factor) -> sp.Expr | None:
        if isinstance(factor, Local | Upstream):
            return factor.short
        paths = [path.product for path in factor.paths]
        return None if any(path is None for path in paths) else tidy(sp.Add(*(p.short for p in paths if p)))


def _once(edges: Iterable[Edge]) -> Iterator[Edge]:
    """``edges`` without repetitions, one by one: there may be too many to look at all."""
    seen = set()
    for edge in edges:
        if edge not in seen:
            seen.add(edge)
            yield edge


def _links(factor: Factor) -> int:
    """How many derivatives a factor is made of, on all its paths together."""
    if isinstance(factor, Branch):
        return sum(_links(link) for path in factor.paths for link in path.factors)
    return 1
