"""How an item is written on the sheet: w₁₂⁽¹⁾ or w₃, a or h, L or J. Names only; no number changes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from stepcalc.board.glyph_text import read_glyph
from stepcalc.board.nodes import Call, Deriv, Glyph, Node, Sym
from stepcalc.board.transform import Change, transform
from stepcalc.calculus.glyphs import default_glyph, distinct_glyphs
from stepcalc.graph import Graph
from stepcalc.items import Index, Item, item_id
from stepcalc.problem import NetworkProblem, Problem
from stepcalc.problem.written import Letter, subscript

LEARNING_RATE = "@learning_rate"
"""The id of the learning rate, which no name of a user's can be."""

_GREEK = {"\\alpha": "α", "\\eta": "η"}


def typed_glyph(text: str) -> Glyph:
    """A glyph as somebody types it, by :func:`read_glyph`; what it cannot read is a word."""
    return read_glyph(text) or Glyph(text, upright=True)


@dataclass(frozen=True)
class Notation:
    """The writing of one problem's items.

    ``sample`` is the one whose symbols do not say its number; ``updated`` stands above parameters after an update.
    """

    graph: Graph
    problem: Problem
    sample: int | None = None
    updated: str = "new"

    @cached_property
    def _rate(self) -> Glyph:
        """The learning rate's letter, or the other one where a name of the user's looks like it."""
        letter = _GREEK[self.problem.notation.learning_rate]
        named = self.problem.notation.names if self._network else self.graph.quantities
        taken = {self.glyph(name).base for name in named}
        return Glyph(next(other for other in (letter, *_GREEK.values(), "ε") if other not in taken))

    @cached_property
    def _own(self) -> dict[str, Glyph]:
        """The user's names of an expression problem that are not renamed, no two alike."""
        return distinct_glyphs([name for name in self.graph.quantities if name not in self.problem.notation.names])

    @property
    def _network(self) -> bool:
        return isinstance(self.problem, NetworkProblem)

    @property
    def layers(self) -> int:
        """The number of layers of a network; 0 for expressions."""
        return len(self.problem.layers) if isinstance(self.problem, NetworkProblem) else 0

    @property
    def partial(self) -> bool:
        """Whether derivatives are written with ∂: always, but for expressions of a single variable."""
        leaves = [q for q in self.graph.quantities.values() if q.op is None and q.name in self.graph.differentiable]
        return self._network or len(leaves) != 1

    def glyph(self, item: str) -> Glyph:
        """How a scalar (or an array, by its bare name) is written."""
        renamed = self.problem.notation.names.get(item)
        if renamed is not None:
            return typed_glyph(renamed)
        if item == LEARNING_RATE:
            return self._rate
        if not self._network:
            return self._own.get(item) or default_glyph(item)
        parsed = self.graph.read(item)
        if self.graph.canonical(parsed.name) not in self.graph.quantities:
            return default_glyph(item)
        return self._element(parsed)

    def _element(self, parsed: Item) -> Glyph:
        name = self.graph.canonical(parsed.name)
        samples = f"[{parsed.sample}]" if parsed.sample not in (None, self.sample) else ""
        return self._letters[name].glyph(self._subscript(name, parsed.index), samples)

    @property
    def _letters(self) -> Mapping[str, Letter]:
        return self.problem.items.letters

    def _subscript(self, name: str, index: Index) -> str:
        """The index without the axes that have a single element: w₁ in a one-unit layer, b without an index."""
        return subscript(self.graph[name].shape, index)

    @property
    def batch_rows(self) -> bool:
        """Whether a mini-batch is written as whole matrices, a sample a row: X W + b; not where samples are arrays."""
        vectors = all(len(quantity.shape) < 2 for quantity in self.graph.quantities.values() if quantity.per_sample)
        return self.graph.samples is not None and vectors and self.problem.notation.product == "xW"

    def array(self, name: str) -> Sym:
        """A whole vector or matrix: bold, W⁽¹⁾, x, h; capital where its rows are the samples of a mini-batch.

        One of a single element is written as that.
        """
        name = self.graph.canonical(name)
        quantity = self.graph[name]
        base, sup, hat, sub = self._letters[name]
        rows = self.batch_rows and quantity.per_sample
        renamed = self.problem.notation.names.get(item_id(name, (1,) * len(quantity.shape)))
        if renamed is not None and quantity.size == 1 and not rows:
            return Sym(typed_glyph(renamed), name)
        letter = base.upper() if rows or (len(quantity.shape) == 2 and quantity.size > 1) else base
        return Sym(Glyph(letter, sub, sup, hat=hat, bold=quantity.size > 1 or rows), name)

    def step(self, name: str, time: int | str, *, any_sample: bool = False) -> Sym:
        """One step of a sequence: the vector h₂, of a single element that; ``time`` may be a letter.

        ``any_sample``: of a sample n that stands for them all.
        """
        name = self.graph.canonical(name)
        steps, size = self.graph[name].shape
        if size == 1 and isinstance(time, int) and not any_sample and (self.graph.samples is None or self.sample):
            item = item_id(name, (time, 1), self.sample)
            return Sym(self.glyph(item), item)
        index = () if steps == 1 else (str(time),)
        base, sup, hat, sub = self._letters[name]
        mark = "[n]" if any_sample and self.graph.samples is not None else ""
        return Sym(Glyph(base, ",".join(filter(None, (sub, *index))), sup + mark, hat=hat, bold=size > 1), name)

    def step_derivative(self, name: str, time: int | str, *, any_sample: bool = False) -> Deriv:
        """∂L/∂h₂ for one step of a sequence."""
        cost = self.graph.cost
        wrt = self.step(name, time, any_sample=any_sample)
        return Deriv(Sym(self.glyph(cost), cost), wrt, self.partial, f"d{cost}/d{wrt.item}")

    def any_sample(self, name: str) -> Sym:
        """The vector of a sample n that stands for them all."""
        whole = self.array(name)
        per_sample = self.graph.samples is not None and self.graph[name].per_sample
        return Sym(replace(whole.glyph, sup=f"{whole.glyph.sup}[n]"), name) if per_sample else whole

    def array_updated(self, name: str) -> Sym:
        """A whole parameter after the update."""
        whole = self.array(name)
        return Sym(replace(whole.glyph, sup=whole.glyph.sup + self.updated), f"{name}_new")

    def symbol(self, item: str) -> Node:
        """The written form of any item id: a symbol, or a derivative."""
        if item == LEARNING_RATE:
            return Sym(self.glyph(item), item)
        parsed = self.graph.read(item)
        if parsed.of:
            return self.derivative(parsed.of, str(parsed.plain), item)
        if parsed.new:
            plain = self.glyph(str(parsed.plain))
            return Sym(replace(plain, sup=plain.sup + self.updated), item)
        return Sym(self.glyph(item), item)

    @cached_property
    def paths_differ(self) -> bool:
        """Whether some item stands in another directly and through a third: then ∂ along the link is not the whole."""
        if self._network:
            return False
        below: dict[str, set[str]] = {}
        for name in reversed(list(self.graph.quantities)):
            children = [child for child, _ in self.graph.children[name]]
            below[name] = set(children).union(*(below[child] for child in children)) if children else set()
            if any(child in below[other] for child in children for other in children):
                return True
        return False

    def derivative(self, of: str, wrt: str, item: str | None = None) -> Deriv:
        """The whole derivative of one scalar by another, along every path."""
        partial = self.partial and not self.paths_differ
        return Deriv(Sym(self.glyph(of), of), Sym(self.glyph(wrt), wrt), partial, item)

    def local_derivative(self, child: str, parent: str) -> Deriv:
        """The derivative along one link, from a scalar to one that it stands in."""
        partial = self.partial or self.paths_differ
        return Deriv(Sym(self.glyph(child), child), Sym(self.glyph(parent), parent), partial)

    def array_derivative(self, name: str, of: Sym | None = None) -> Deriv:
        """∂L/∂W for a whole array, or for the symbol ``of`` that stands for it."""
        cost = self.graph.cost
        return Deriv(Sym(self.glyph(cost), cost), of or self.array(name), self.partial, f"d{cost}/d{name}")

    def dress(self, node: Node) -> Node:
        """``node`` with every symbol that stands for an item written as this problem writes it."""
        return transform(node, self.redress)

    def redress(self, part: Node) -> Node | None:
        """One part in this problem's writing; None where it stays as it is."""
        if isinstance(part, Sym) and part.item is not None:
            return self.symbol(part.item)
        return self.logarithm(part, self.redress)

    def logarithm(self, part: Node, inside: Change | None = None) -> Node | None:
        """A logarithm under the problem's name for it."""
        if isinstance(part, Call) and part.name == "ln" and self.problem.notation.log != "ln":
            change = inside or self.logarithm
            return Call(self.problem.notation.log, tuple(transform(arg, change) for arg in part.args))
        return None
