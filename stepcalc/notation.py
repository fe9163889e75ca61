"""How an item is written on the sheet: w₁₂⁽¹⁾ or w₃, a or h, L or J. Names only; no number changes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stepcalc.board.glyph_text import read_glyph
from stepcalc.board.nodes import Call, Deriv, Glyph, Node, Sym
from stepcalc.board.transform import Change, transform
from stepcalc.calculus.glyphs import default_glyph, distinct_glyphs
from stepcalc.graph import Graph
from stepcalc.items import NEW, Index, Item, item_id
from stepcalc.ops.optimizer import Optimizer
from stepcalc.problem import NetworkProblem, Problem
from stepcalc.problem.written import Letter, subscript

LEARNING_RATE, UPDATE = "@learning_rate", "@update"
"""The ids of the learning rate and of the number of the update, which no name of a user's can be."""

_GREEK = {"\\alpha": "α", "\\eta": "η"}


def is_setting(item: str) -> bool:
    """Whether an id is that of something the optimizer has: the learning rate, β₁, the number of the update."""
    return item.startswith("@")


def setting(name: str) -> str:
    """The id of what an optimizer has under this name."""
    return f"@{name}"


def typed_glyph(text: str) -> Glyph:
    """A glyph as somebody types it, by :func:`read_glyph`; what it cannot read is a word."""
    return read_glyph(text) or Glyph(text, upright=True)


@dataclass(frozen=True)
class Notation:
    """The writing of one problem's items.

    ``sample`` is the one whose symbols do not say its number; ``updated`` stands above what an update makes anew.
    ``optimizer`` has the letters of what it needs and calculates.
    """

    graph: Graph
    problem: Problem
    sample: int | None = None
    updated: str = "new"
    optimizer: Optimizer | None = None

    @cached_property
    def _named(self) -> frozenset[str]:
        """The letters and words of the user's own names."""
        named = self.problem.notation.names if self._network else self.graph.quantities
        return frozenset(self.glyph(name).base for name in named)

    @cached_property
    def _settings(self) -> Mapping[str, Glyph]:
        """The letters of the learning rate and of what else an optimizer has, other ones where the user has them."""
        rate = _GREEK[self.problem.notation.learning_rate]
        wanted = {LEARNING_RATE: (rate, *_GREEK.values(), "ε"), UPDATE: ("t", "k", "τ")}
        others = self.optimizer.letters if self.optimizer else {}
        wanted |= {setting(name): (letter, name) for name, letter in others.items()}
        found: dict[str, Glyph] = {}
        for item, letters in wanted.items():
            glyphs = [*map(typed_glyph, letters), Glyph(item.removeprefix("@"), upright=True)]
            free = (glyph for glyph in glyphs if glyph.base not in self._named and glyph not in found.values())
            found[item] = next(free, glyphs[-1])
        return found

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
        if is_setting(item):
            return self._settings[item]
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
        letter = base.upper() if rows or (len(quantity.shape) > 1 and quantity.size > 1) else base
        return Sym(Glyph(letter, sub, sup, hat=hat, bold=quantity.size > 1 or rows), name)

    def map(self, name: str, which: Index, part: str = "") -> Sym:
        """One map of several channels, or one kernel of several filters: a bold capital with its number.

        Of a kernel maybe a ``part`` of its update.
        """
        quantity = self.graph[name]
        whole = replace(self._letters[quantity.name].glyph(subscript(quantity.shape[:-2], which)), bold=True)
        glyph = self._of_part(part, whole) if part else whole
        item = f"{quantity.name}_{part}" if part else None
        return Sym(replace(glyph, base=glyph.base.upper()), item)

    def anywhere(self, name: str, index: Sequence[str]) -> Sym:
        """An element at a place that stands for all: z with the index c, i+1, j, but for axes of a single element."""
        quantity = self.graph[name]
        shown = (mark for mark, length in zip(index, quantity.shape, strict=True) if length > 1)
        samples = "[n]" if quantity.per_sample and (self.graph.samples or 0) > 1 else ""
        return Sym(self._letters[quantity.name].glyph(",".join(shown), samples))

    def step(self, name: str, time: int | str, *, any_sample: bool = False) -> Sym:
        """One step of a sequence: the vector h₂, of a single element that; ``time`` may be a letter.

        ``any_sample``: of a sample n that stands for them all.
        """
        name = self.graph.canonical(name)
        steps, size = self.graph[name].shape
        if size == 1 and isinstance(time, int) and not any_sample and (self.graph.samples is None or self.sample):
            item = item_id(name, (time, 1), self.sample)
            return Sym(self.glyph(item), item)
        index: tuple[str, ...] = (str(time),)
        if steps == 1:  # then only what is before it has an index: h₀
            index = ("0",) if time in ("0", "t−1") else ()
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

    def array_part(self, name: str, part: str) -> Sym:
        """A whole parameter after the update, or another part of it; of a matrix in a capital letter."""
        whole = self.array(name).glyph
        glyph = self._of_part(part, whole)
        base = glyph.base.upper() if whole.base.isupper() else glyph.base
        return Sym(replace(glyph, base=base), f"{name}_{part}")

    def symbol(self, item: str) -> Node:
        """The written form of any item id: a symbol, or a derivative."""
        if is_setting(item):
            return Sym(self.glyph(item), item)
        parsed = self.graph.read(item)
        if parsed.by:
            return self.second_derivative(parsed.by, str(parsed.plain), item)
        if parsed.of:
            return self.derivative(parsed.of, str(parsed.plain), item)
        if parsed.part:
            return Sym(self._part(parsed), item)
        return Sym(self.glyph(item), item)

    def _part(self, parsed: Item) -> Glyph:
        """What an update calculates for a parameter: w after it, or v of w; "new" where there is an old one too."""
        return self._of_part(parsed.part, self.glyph(str(parsed.plain)), old=parsed.update is not None)

    def _of_part(self, part: str, plain: Glyph, old: bool = False) -> Glyph:
        if part == NEW:
            return replace(plain, sup=plain.sup + self.updated)
        letter, hat = part.removesuffix("_hat"), part.endswith("_hat")
        whose = Glyph(letter) if self._alone and letter not in self._named else Glyph(letter, plain.base + plain.sub)
        again = self.optimizer is not None and part in self.optimizer.remembered and not old
        sup = "" if self._alone else plain.sup
        return replace(whose, sup=sup + (self.updated if again else ""), hat=hat, bold=plain.bold)

    @cached_property
    def _alone(self) -> bool:
        """Whether there is a single parameter, so that nothing has to say whose v it is."""
        return sum(self.graph[name].size for name in self.graph.parameters) == 1

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

    def second_derivative(self, by: str, wrt: str, item: str | None = None) -> Deriv:
        """The derivative of the cost by one scalar and then by another."""
        first, second = (Sym(self.glyph(name), name) for name in (by, wrt))
        cost = Sym(self.glyph(self.graph.cost), self.graph.cost)
        return Deriv(cost, first, self.partial and not self.paths_differ, item, again=second)

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
