"""The network as a diagram: nodes and edges with their numbers, the chain's path drawn heavier."""

from __future__ import annotations

from itertools import pairwise

from stepcalc import facts
from stepcalc.board.nodes import Dots, Node
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.context import Context

TALLEST = 8
"""A layer with more units than this shows the first few and the last."""
KEPT = 4
LABELLED_EDGES = 30
"""A network with more edges than this shows no numbers on them."""


def network_diagram(sheet: Context) -> Diagram:
    """The network from its inputs to the loss."""
    layers = [
        "x",
        *(q.name for q in sheet.graph.quantities.values() if facts.rule(sheet.trace, q.name) == "activation"),
    ]
    path = sheet.on_path
    columns = tuple(_column(sheet, name, path) for name in layers)
    cost = sheet.graph.cost
    loss = (DiagramNode(cost, sheet.symbol(cost), _value(sheet, cost), "", True),)
    drawn = [{node.item for node in column if node.item} for column in columns]
    edges = _edges(sheet, layers, drawn, path)
    edges += [DiagramEdge(item, cost, on_path=item in path) for item in sheet.items(layers[-1]) if item in drawn[-1]]
    caption = "diagram.caption" if sheet.trace.numeric else "diagram.caption_symbolic"
    return Diagram(
        (*columns, loss),
        tuple(edges),
        _titles(sheet, layers),
        sheet.words.say(caption),
        sheet.words.plain("diagram.alternative", layers=" – ".join(str(sheet.graph[n].size) for n in layers)),
    )


def _titles(sheet: Context, layers: list[str]) -> tuple[str, ...]:
    say = sheet.words.plain
    hidden = (say("diagram.hidden", layer=number) for number in range(1, len(layers) - 1))
    return (say("diagram.input"), *hidden, say("diagram.output"), say("diagram.loss"))


def _value(sheet: Context, item: str) -> Node | None:
    value = sheet.scribe.number(item)
    return None if value is None else sheet.scribe.printed(value, item)


def _column(sheet: Context, name: str, path: frozenset[str]) -> tuple[DiagramNode, ...]:
    items = sheet.items(name)
    labels = sheet.scribe.input_names if name == "x" else ()
    nodes = [
        DiagramNode(item, sheet.symbol(item), _value(sheet, item), labels[place] if labels else "", item in path)
        for place, item in enumerate(items)
    ]
    if len(nodes) <= TALLEST:
        return tuple(nodes)
    return (*nodes[:KEPT], DiagramNode("", Dots("v")), nodes[-1])


def _edges(sheet: Context, layers: list[str], drawn: list[set[str]], path: frozenset[str]) -> list[DiagramEdge]:
    weights = [
        (echo, sources, targets)
        for (sources, targets), logits in zip(pairwise(drawn), _logits(sheet, layers), strict=True)
        for echo in facts.weights_into(sheet.trace, logits, sheet.sample)
    ]
    shown = [echo for echo, sources, targets in weights if echo.source in sources and echo.target in targets]
    labelled = len(shown) <= LABELLED_EDGES
    return [
        DiagramEdge(
            echo.source,
            echo.target,
            echo.weight,
            _value(sheet, echo.weight) if labelled else None,
            echo.weight in path or {echo.source, echo.target, echo.logit} <= path,
            sheet.symbol(echo.weight) if labelled else None,
        )
        for echo in shown
    ]


def _logits(sheet: Context, layers: list[str]) -> list[str]:
    return [sheet.graph[name].parents[0] for name in layers[1:]]
