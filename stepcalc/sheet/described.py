"""The network diagram in words, with its numbers, for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.plain import clean
from stepcalc.board.sentence import put_in
from stepcalc.board.spoken import Phrases, spoken
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode


def described(diagram: Diagram, phrases: Phrases) -> str:
    """What the diagram is, then its columns: each node's number, and the weights on the edges that arrive there."""
    return " ".join((clean(diagram.alternative), *_Description(diagram, phrases).sentences()))


class _Description:
    def __init__(self, diagram: Diagram, phrases: Phrases) -> None:
        self.diagram = diagram
        self.phrases = phrases
        self.nodes = {node.item: node for column in diagram.columns for node in column if node.item}

    def form(self, name: str, **parts: str) -> str:
        return "".join(put_in(self.phrases["network"][name], parts))

    def sentences(self) -> Iterator[str]:
        titles = (*self.diagram.titles, *[""] * len(self.diagram.columns))
        for title, column in zip(titles, self.diagram.columns, strict=False):
            nodes = self.form("semicolon").join(map(self.node, column))
            yield self.form("column" if title else "column_untitled", title=clean(title), nodes=nodes)
        path = [spoken(node.symbol, self.phrases) for node in self.nodes.values() if node.on_path]
        if path:
            yield self.form("path", path=self.form("comma").join(path))

    def node(self, node: DiagramNode) -> str:
        said = spoken(node.symbol, self.phrases)
        if node.label:
            said = self.form("named", node=said, label=clean(node.label))
        if node.value is not None:
            said = self.form("valued", node=said, value=spoken(node.value, self.phrases))
        arriving = [edge for edge in self.diagram.edges if edge.target == node.item and edge.value is not None]
        if not arriving:
            return said
        weights = self.form("comma").join(map(self.edge, arriving))
        return self.form("fed" if arriving[0].heat is None else "heated", node=said, weights=weights)

    def edge(self, edge: DiagramEdge) -> str:
        assert edge.value is not None
        name = "weight" if edge.heat is None else "heat"
        return self.form(name, value=spoken(edge.value, self.phrases), source=self.source(edge.source))

    def source(self, item: str) -> str:
        return spoken(self.nodes[item].symbol, self.phrases)
