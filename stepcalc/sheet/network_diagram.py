"""The network as a diagram: nodes and edges with their numbers, the chain's path drawn heavier."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from stepcalc import facts, weights
from stepcalc.board.nodes import Dots, Node
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.context import Context
from stepcalc.sheet.shortened import UNITS

LABELLED_EDGES = 30
"""A network with more edges than this shows no numbers on them."""


def network_diagram(sheet: Context) -> Diagram:
    """The network from its inputs to the loss."""
    layers = _layers(sheet)
    path = sheet.on_path if len(sheet.chain_items) == 1 else frozenset[str]()  # of many paths none would stand out
    columns = tuple(_left_out() if isinstance(name, int) else _column(sheet, name, path) for name in layers)
    cost = sheet.graph.cost
    loss = (DiagramNode(cost, sheet.symbol(cost), _value(sheet, cost), "", bool(path)),)
    drawn = {node.item for column in columns for node in column if node.item}
    edges = _edges(sheet, layers, drawn, path)
    edges += [DiagramEdge(item, cost, on_path=item in path) for item in sheet.items(sheet.output) if item in drawn]
    seen = "path" if path else "network"
    caption = f"diagram.{seen}" if sheet.trace.numeric else f"diagram.{seen}_symbolic"
    sizes = ("…" if isinstance(name, int) else str(sheet.graph[name].size) for name in layers)
    return Diagram(
        (*columns, loss),
        tuple(edges),
        (*_titles(sheet, layers), sheet.words.plain("diagram.loss")),
        sheet.words.say(caption),
        sheet.words.plain("diagram.alternative", layers=" – ".join(sizes)),
    )


def _layers(sheet: Context) -> list[str | int]:
    """The input and the outputs of the layers that are drawn; for those between, how many they are."""
    outputs = [q.name for q in sheet.graph.quantities.values() if facts.rule(sheet.trace, q.name) == "activation"]
    found: list[str | int] = ["x"]
    for drawn, run in groupby(outputs, key=lambda name: sheet.graph[name].layer in sheet.drawn_layers):
        names = list(run)
        found += names if drawn else [len(names)]
    return found


def _left_out() -> tuple[DiagramNode, ...]:
    return (DiagramNode("", Dots("h")),)


def _titles(sheet: Context, layers: list[str | int]) -> Iterator[str]:
    say = sheet.words.plain
    for name in layers:
        if isinstance(name, int):
            yield say("diagram.left_out", count=name)
            continue
        layer = sheet.graph[name].layer
        if layer is None:
            yield say("diagram.input")
        else:
            yield say("diagram.output") if layer == sheet.layers else say("diagram.hidden", layer=layer)


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
    dots = DiagramNode("", Dots("v"))
    return tuple(dots if place is None else nodes[place - 1] for place in UNITS.places(len(nodes)))


def _edges(sheet: Context, layers: list[str | int], drawn: set[str], path: frozenset[str]) -> list[DiagramEdge]:
    logits = [sheet.graph[name].parents[0] for name in layers[1:] if isinstance(name, str)]
    into = (echo for name in logits for echo in weights.weights_into(sheet.trace, name, sheet.sample))
    shown = [echo for echo in into if {echo.source, echo.target} <= drawn]
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
