"""A recurrent network unrolled over time, a column for each time step; and an LSTM's cell at one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stepcalc import facts, weights
from stepcalc.board.nodes import Dots, Node
from stepcalc.graph import Quantity
from stepcalc.sequences import recurrent, steps
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.context import Context
from stepcalc.sheet.shortened import TIMES, UNITS
from stepcalc.sheet.unrolled import Unrolled

LABELLED_EDGES = 30


def is_unrolled(sheet: Context) -> bool:
    """Whether the network has a recurrent layer."""
    return any(recurrent(sheet.graph, name) for name in sheet.graph.quantities)


def unrolled_diagram(sheet: Context) -> Diagram:
    """The network from its first time step to the loss."""
    return _Unrolling(sheet).diagram()


@dataclass(frozen=True)
class _Unrolling:
    """``rows`` of sequences from the input at the bottom to what is last a sequence, then columns of single layers."""

    sheet: Context

    @property
    def path(self) -> frozenset[str]:
        """What is drawn heavier."""
        return self.sheet.on_path if len(self.sheet.chain_items) == 1 else frozenset()

    def shown(self) -> list[Quantity]:
        """What is drawn of every layer, from the input on: its output, and the cell state before that."""
        graph, trace = self.sheet.graph, self.sheet.trace
        drawn = self.outputs()
        calculated = (q for q in graph.quantities.values() if q.name in drawn or facts.cell_state(trace, q.name))
        return [graph["x"], *calculated]

    def outputs(self) -> set[str]:
        """The last array of every layer, and of a recurrent one its output besides the network's."""
        graph = self.sheet.graph
        last = {quantity.layer: quantity.name for quantity in graph.quantities.values() if quantity.layer is not None}
        own = {q.layer: q.name for q in graph.quantities.values() if recurrent(graph, q.name)}
        return {*last.values(), *own.values()}

    def diagram(self) -> Diagram:
        sheet, say = self.sheet, self.sheet.words.plain
        shown = self.shown()
        rows = [q for q in shown if steps(sheet.graph, q.name) is not None]
        single = [q for q in shown if q not in rows]
        last = rows[0].shape[0]
        above = 0 if single else 1  # outputs at every step: the loss stands above them
        height = {q.name: len(rows) - 1 - place + above for place, q in enumerate(rows)}
        times = TIMES.places(last)
        columns = [self.column(rows, height, time) for time in times]
        columns += [self.units(q, height[rows[-1].name]) for q in single]
        cost, loss = sheet.graph.cost, say("diagram.loss")
        columns.append((self.node(cost, sheet.symbol(cost), height[rows[-1].name] - above),))
        drawn = {node.item for column in columns for node in column if node.item}
        titles = ["…" if time is None else say("diagram.time_step", time=time) for time in times]
        titles += [self.title(q) for q in single]
        edges = [edge for edge in self.edges(rows, single, times) if {edge.source, edge.target} <= drawn]
        alternative = say("diagram.alternative_unrolled", steps=last)
        caption = sheet.words.say("diagram.unrolled_path" if self.path else "diagram.unrolled")
        return Diagram(tuple(columns), tuple(edges), (*titles, loss), caption, alternative)

    def title(self, quantity: Quantity) -> str:
        say = self.sheet.words.plain
        if quantity.name == self.sheet.output:
            return say("diagram.output")
        return say("diagram.hidden", layer=quantity.layer or 0)

    def column(self, rows: Sequence[Quantity], height: dict[str, int], time: int | None) -> tuple[DiagramNode, ...]:
        if time is None:
            return tuple(DiagramNode("", Dots("h"), row=height[q.name]) for q in reversed(rows))
        return tuple(self.step(q, time, height[q.name]) for q in reversed(rows))

    def step(self, quantity: Quantity, time: int, row: int) -> DiagramNode:
        """One time step of a sequence: its number, or the vector without them."""
        return self.node(self.first(quantity, time), self.sheet.notation.step(quantity.name, time), row, quantity, time)

    def first(self, quantity: Quantity, time: int) -> str:
        """The item that stands for a time step."""
        return self.sheet.element(quantity.name, time)

    def node(
        self, item: str, symbol: Node, row: int | None, quantity: Quantity | None = None, time: int = 0
    ) -> DiagramNode:
        alone = quantity is None or quantity.shape[-1] == 1
        return DiagramNode(item, symbol, self.value(item) if alone else None, "", item in self.path, row)

    def units(self, quantity: Quantity, row: int) -> tuple[DiagramNode, ...]:
        items = self.sheet.items(quantity.name)
        own = row if len(items) == 1 else None
        nodes = [DiagramNode(i, self.sheet.symbol(i), self.value(i), "", i in self.path, own) for i in items]
        return tuple(
            DiagramNode("", Dots("v")) if place is None else nodes[place - 1] for place in UNITS.places(len(nodes))
        )

    def value(self, item: str) -> Node | None:
        value = self.sheet.scribe.number(item)
        return None if value is None else self.sheet.scribe.printed(value, item)

    def edges(
        self, rows: Sequence[Quantity], single: Sequence[Quantity], times: Sequence[int | None]
    ) -> Iterator[DiagramEdge]:
        for time in (time for time in times if time is not None):
            yield from self.edges_at(rows, time)
        fed = [self.first(rows[-1], rows[-1].shape[0])]
        for quantity in single:
            yield from self.edges_into(quantity, fed)
            fed = self.sheet.items(quantity.name)
        outputs = fed if single else [self.first(rows[-1], time) for time in times if time is not None]
        for item in outputs:
            yield DiagramEdge(item, self.sheet.graph.cost, on_path=item in self.path)

    def edges_at(self, rows: Sequence[Quantity], time: int) -> Iterator[DiagramEdge]:
        """What leads to a time step: from below, and from the step before."""
        for below, quantity in pairwise(rows):
            sums = self.sums(quantity)
            weight = sums.parents[1] if sums is not None else ""
            yield self.edge(self.first(below, time), self.first(quantity, time), weight)
        for quantity in rows[1:]:
            if time == 1 or not recurrent(self.sheet.graph, quantity.name):
                continue
            before, here = self.first(quantity, time - 1), self.first(quantity, time)
            if facts.cell_state(self.sheet.trace, quantity.name):
                yield self.edge(before, here, self.first(self.sheet.graph[quantity.parents[0]], time))
                continue
            cell = next((row for row in rows if self.is_cell_of(row, quantity)), None)
            sums = self.sums(quantity)
            yield self.edge(before, here if cell is None else self.first(cell, time), sums.parents[3] if sums else "")

    def is_cell_of(self, row: Quantity, quantity: Quantity) -> bool:
        """Whether a row is the cell state of a recurrent layer's output."""
        return row.layer == quantity.layer and facts.cell_state(self.sheet.trace, row.name)

    def sums(self, quantity: Quantity) -> Quantity | None:
        """The weighted sum that a sequence is the activation of, whose weights stand on the edges; None for others."""
        if facts.rule(self.sheet.trace, quantity.name) != "activation":
            return None
        return self.sheet.graph[quantity.parents[0]]

    def edge(self, source: str, target: str, carries: str) -> DiagramEdge:
        """An edge with the weight, matrix or gate on it."""
        on_path = {source, target} <= self.path
        if not carries:
            return DiagramEdge(source, target, on_path=on_path)
        graph, notation = self.sheet.graph, self.sheet.notation
        quantity, index, _ = graph.locate(carries) if "[" in carries else (graph[carries], (), None)
        if quantity.shape[-1] == quantity.shape[0] == 1 or (quantity.shape[-1] == 1 and index):
            item = carries if index else self.sheet.items(carries)[0]
            return DiagramEdge(source, target, item, self.value(item), on_path, notation.symbol(item))
        whole = notation.step(quantity.name, index[0]) if index else notation.array(carries)
        return DiagramEdge(source, target, next(graph.items(quantity.name)), None, on_path, whole)

    def edges_into(self, quantity: Quantity, fed: Sequence[str]) -> Iterator[DiagramEdge]:
        """The edges into a layer that is no sequence."""
        logits = quantity.parents[0]
        into = list(weights.weights_into(self.sheet.trace, logits, self.sheet.sample))
        units = {echo.source for echo in into}
        if not into or not units <= set(fed):  # from a vector, or without weights
            matrix = self.sheet.graph[logits].parents[1] if into else ""
            for item in self.sheet.items(quantity.name):
                yield self.edge(fed[0], item, matrix if len(self.sheet.items(quantity.name)) == 1 else "")
            return
        labelled = len(into) <= LABELLED_EDGES
        for echo in into:
            on_path = {echo.source, echo.target} <= self.path
            value, symbol = (self.value(echo.weight), self.sheet.symbol(echo.weight)) if labelled else (None, None)
            yield DiagramEdge(echo.source, echo.target, echo.weight, value, on_path, symbol)


def cell_diagram(sheet: Context, own: Unrolled) -> Diagram:
    """An LSTM's cell at the last time step: what it is fed, its gates, its state, its output."""
    assert own.cell is not None
    graph, time, unrolling = sheet.graph, own.steps, _Unrolling(sheet)
    gates = {q.name: q for q in own.sequences if facts.rule(sheet.trace, q.name) == "activation"}
    x = graph[graph[next(iter(gates.values())).parents[0]].parents[0]]
    fed = [unrolling.step(x, time, 3)]
    if time > 1:
        fed = [unrolling.step(own.cell, time - 1, 0), unrolling.step(own.h, time - 1, 2), *fed]
    columns = (
        tuple(fed),
        tuple(unrolling.step(gate, time, row) for row, gate in enumerate(gates.values(), start=1)),
        (unrolling.step(own.cell, time, 0),),
        (unrolling.step(own.h, time, 2),),
    )
    cell, h = columns[2][0].item, columns[3][0].item
    *into_cell, output_gate = (node.item for node in columns[1])
    edges = [(source.item, gate.item) for source in fed[-2:] for gate in columns[1]]
    edges += [(gate, cell) for gate in into_cell] + [(output_gate, h), (cell, h)]
    if time > 1:
        edges.append((fed[0].item, cell))
    say = sheet.words.plain
    titles = tuple(say(f"diagram.cell_{key}") for key in ("fed", "gates", "state", "output"))
    before, after = sheet.notation.step(own.cell.name, max(time - 1, 0)), columns[2][0].symbol
    caption = sheet.words.say("diagram.cell", time=time, before=before, after=after)
    drawn = tuple(unrolling.edge(source, target, "") for source, target in edges)
    return Diagram(columns, drawn, titles, caption, say("diagram.alternative_cell", time=time))
