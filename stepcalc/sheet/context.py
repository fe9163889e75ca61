"""What every part of the story needs: the trace, its writers, the words, the view, and the running number of steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count, islice

from stepcalc.board import nodes
from stepcalc.board.nodes import Equation, Mul, Node, Num
from stepcalc.board.plain import clean
from stepcalc.chains import ChainWriter
from stepcalc.derive import Branch, Chain, Local, Upstream
from stepcalc.filling import MAX_TERMS
from stepcalc.items import item_id
from stepcalc.notation import Notation
from stepcalc.problem import Problem
from stepcalc.sheet.arrays import Arrays
from stepcalc.sheet.blocks import Formula, Heading, Inline, Prose
from stepcalc.sheet.chosen import chosen_chains, chosen_layers
from stepcalc.sheet.words import Words, joined, words
from stepcalc.steps import Scribe
from stepcalc.trace import Trace

LOOKED_AT = 200
"""So many places are looked at for one that is fed."""
LARGE = 1000
"""A network with more parameters than this is large."""


@dataclass
class Context:
    """One sheet in the making. In a mini-batch, ``sample`` is the one written out in full.

    ``scribe`` writes about that sample without saying its number, ``whole`` about all of them.
    """

    trace: Trace
    view: str
    chains_asked: str | None = None
    words: Words = field(default_factory=words)
    steps: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._said: set[str] = set()
        self._in_full: set[str] = set()
        self.graph = self.trace.graph
        self.sample: int | None = 1 if self.graph.samples else None
        self.scribe = self.scribe_of(self.trace)
        self.whole = self.scribe_of(self.trace, None) if (self.graph.samples or 0) > 1 else self.scribe
        self.arrays = Arrays(self.scribe, self.sample)
        self.chains = ChainWriter(self.scribe)
        self.chain_items = chosen_chains(self.scribe, self.chains_asked)

    def scribe_of(self, trace: Trace, sample: int | None = 1) -> Scribe:
        """A writer of steps in this sheet's words, for this trace or that of a later update."""
        shown = self.sample if sample else None
        missing = self.words.plain("numbers.too_large"), self.words.plain("numbers.undefined")
        return Scribe(trace, shown, self.words.updated, *missing)

    @property
    def notation(self) -> Notation:
        """The writing of items, the sample written out in full being understood."""
        return self.scribe.notation

    @property
    def scalars(self) -> bool:
        """Whether single numbers are written out."""
        return self.view in ("scalar", "both")

    @property
    def matrices(self) -> bool:
        """Whether whole arrays are written."""
        return self.view in ("matrix", "both")

    @property
    def large(self) -> bool:
        """Whether the network is looked at for its size, and not for what it shares with small ones."""
        return self.trace.parameter_count > LARGE

    @cached_property
    def staged(self) -> bool:
        """Whether the network has maps, and is drawn as a row of stages."""
        return any(len(quantity.shape) > 2 for quantity in self.graph.quantities.values())

    @property
    def output(self) -> str:
        """The name of what the network says, from which the cost is calculated."""
        return self.graph[self.graph.cost].parents[0]

    @property
    def layers(self) -> int:
        """The number of layers."""
        return self.notation.layers

    def items(self, name: str) -> list[str]:
        """The ids of a quantity's scalars in the sample written out in full."""
        quantity = self.graph[name]
        sample = self.sample if quantity.per_sample else None
        return [item_id(quantity.name, index, sample) for index in quantity.indices()]

    @cached_property
    def on_path(self) -> frozenset[str]:
        """The items on the path of the chain that is written in full, the first if there are several."""
        chain = self.chain(self.chain_items[0])
        return frozenset({chain.item, *self._along(chain)})

    def chain(self, item: str) -> Chain:
        """The chain of a parameter, in the sample and, of a kernel's weight, at the place written out in full."""
        return self.trace.derivation.chain(item, self.sample, self.place(item))

    def place(self, item: str) -> str | None:
        """Of the places at which a kernel is used the one written out in full: the first that is fed; None elsewhere.

        Only the problem's own numbers are looked at: the choice stands on sheets to be filled in as well.
        """
        used_by = self.graph[self.graph.children[self.graph.locate(item)[0].name][0][0]]
        if len(used_by.shape) < 3:
            return None
        edges = self.trace.derivation.each_local(item)
        own = (edge for edge in edges if self.graph.locate(edge.child)[2] == self.sample)
        first = next(own)
        return next(
            (edge.child for edge in chain((first,), islice(own, LOOKED_AT)) if self.scribe.is_fed(edge)), first.child
        )

    def _along(self, chain: Chain) -> Iterator[str]:
        """The items on the paths of a chain; through a softmax, that of the unit itself."""
        for factor in chain.factors:
            match factor:
                case Local(child, parent):
                    yield from (parent, child)
                case Branch(paths=paths):
                    for path in paths:
                        yield from self._along(path)
                case Upstream(item):
                    yield item
                    if self.trace.derivation.collapse(item) is not None:
                        yield from (item_id(self.output, self.graph.read(item).index, self.sample), self.graph.cost)

    @cached_property
    def drawn_layers(self) -> frozenset[int]:
        """The layers with a place in the diagram and figures of their own: those at the ends of a deep network."""
        return chosen_layers(self.layers, self._layers_of(self.chain_items[:1]), self._bare_layers)

    @cached_property
    def written_layers(self) -> frozenset[int]:
        """The layers whose steps are written out; where scalars are asked for, all are."""
        if self.view == "scalar":
            return frozenset(range(1, self.layers + 1))
        return chosen_layers(self.layers, self._layers_of(self.chain_items), self._bare_layers)

    @property
    def _bare_layers(self) -> set[int]:
        """The layers that have no parameters."""
        quantities = self.graph.quantities.values()
        learning = {quantity.layer for quantity in quantities if quantity.role == "parameter"}
        return set(range(1, self.layers + 1)) - learning

    def _layers_of(self, items: tuple[str, ...]) -> set[int]:
        layers = {self.graph.locate(item)[0].layer for item in items}
        return {layer for layer in layers if layer is not None}

    def step_items(self, name: str, time: int) -> list[str]:
        """The ids of a sequence's scalars at one time step."""
        quantity = self.graph[name]
        sample = self.sample if quantity.per_sample else None
        return [item_id(quantity.name, (time, unit), sample) for unit in range(1, quantity.shape[1] + 1)]

    def element(self, name: str, time: int | None = None) -> str:
        """The element that is written out where only one is, of a quantity or of one time step of a sequence.

        It is the first one on the path of the chain, or else the first.
        """
        quantity = self.graph[name]
        first = (1,) * len(quantity.shape) if time is None else (time, *(1,) * (len(quantity.shape) - 1))
        on_path = (index for known, index, _ in map(self.graph.locate, self.on_path) if known is quantity)
        index = min((index for index in on_path if time in (None, index[0])), default=first)
        return item_id(quantity.name, index, self.sample if quantity.per_sample else None)

    def listed(self, items: list[str]) -> tuple[Inline, ...]:
        """The items in running text; of many the first, and how many more there are."""
        named = joined([self.symbol(item) for item in items[:MAX_TERMS]])
        more = len(items) - MAX_TERMS
        return self.words.say("numbers.more", items=named, count=more) if more > 0 else named

    def heading(self, key: str, level: int = 2, **parts: Inline | int) -> Heading:
        """A section's heading, or (level 2) that of the next numbered step."""
        return Heading(self.words.say(f"headings.{key}", **parts), level, next(self.steps) if level == 2 else None, key)

    def layer_heading(self, key: str, layer: int, **parts: Inline | int) -> Heading:
        """A step's heading; a network of one layer needs not say which."""
        if self.layers == 1:
            return self.heading(f"{key}_single", 2, **parts)
        return self.heading(key, 2, layer=layer, **parts)

    def prose(self, key: str, kind: str = "plain", **parts: Inline | int | tuple[Inline, ...]) -> Prose:
        """A sentence as a paragraph."""
        return Prose(self.words.say(key, **parts), kind)

    def finding(self, key: str, kind: str = "insight", **parts: Inline | int | tuple[Inline, ...]) -> Prose:
        """A sentence that stands here because of the numbers that were found, and gives them away."""
        return Prose(self.words.say(key, **parts), kind, reveals=True)

    def once(self, key: str, **parts: Inline | int | tuple[Inline, ...]) -> Iterator[Prose]:
        """A sentence as a paragraph, the first time it is due; a sheet that repeats itself is not read."""
        if key not in self._said:
            self._said.add(key)
            yield Prose(self.words.say(key, **parts))

    def first(self, what: str) -> bool:
        """Whether ``what`` comes here first."""
        first = what not in self._in_full
        self._in_full.add(what)
        return first

    def in_full(self, what: str) -> bool:
        """Whether ``what`` is written out here: in a large network, only where it comes first."""
        return self.first(what) or not self.large

    def symbol(self, item: str) -> Node:
        """An item as it is written."""
        return self.notation.symbol(item)

    def named(self, item: str) -> Node:
        """Any item as it is written where nothing else says of which update it is: wⁿᵉʷ (update 2)."""
        parsed = self.graph.read(self.trace.problem.items.scalar(item) or item)
        symbol, update = self.whole.notation.symbol(str(replace(parsed, update=None))), parsed.update or 1
        if update == 1:
            return symbol
        return Mul((symbol, nodes.Words(self.words.plain("numbers.in_update", update=update))))

    def given(self, value: float) -> Node:
        """A number of the problem itself, as it was written there."""
        return Num(self.trace.rounding.exact(value))

    def number(self, value: float, item: str | None = None) -> Node:
        """A number as it is printed."""
        return self.scribe.printed(value, item)


def title(problem: Problem, words: Words) -> str:
    """The problem's title, else its file's name; neither may have a letter that can be shown."""
    named = (clean(name).strip() for name in (problem.title or "", problem.source_name))
    return next(filter(None, named), words.plain("headings.given"))


def continued(equation: Equation) -> Equation:
    """The equation without its left side, going on from the line above."""
    return replace(equation, parts=equation.parts[1:], continued=True)


def going_on(*lines: Equation | None) -> list[Equation]:
    """The lines that there are, each as going on from the one before where both have the same left side."""
    known = [line for line in lines if line is not None]
    return [
        continued(line) if place and line.parts[0] == known[place - 1].parts[0] else line
        for place, line in enumerate(known)
    ]


def formula(*lines: Equation | None) -> Formula:
    """Display mathematics of the lines that there are."""
    return Formula(tuple(line for line in lines if line is not None))
