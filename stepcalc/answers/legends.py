"""What each item of a problem is, in words: the legend of a file that students fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from stepcalc import weights
from stepcalc.board.text import text
from stepcalc.graph import Quantity
from stepcalc.items import NEW, Item
from stepcalc.notation import Notation
from stepcalc.ops.recurrent import W_H, Recurrent
from stepcalc.problem import ExpressionProblem
from stepcalc.sentences import english, said
from stepcalc.trace import Trace
from stepcalc.weights import Weight


class Legend:
    """The legend of one problem."""

    def __init__(self, trace: Trace) -> None:
        self._trace, self._graph = trace, trace.graph
        self._notation = Notation(
            trace.graph, trace.problem, None, english()["spoken"]["marks"]["new"], trace.optimizer
        )
        layers = {q.layer for q in trace.graph.quantities.values() if q.role == "parameter"}
        self._several = len(layers) > 1

    def line(self, item: str) -> str:
        """``∂L/∂w₁₃: from x₃ to unit 1``."""
        return said("legend.item", item=self.written(item), what=self.what(item))

    def written(self, item: str) -> str:
        """The item as the sheet writes it, on one line."""
        parsed = self._graph.read(item)
        written = text(self._notation.symbol(str(replace(parsed, update=None))), inline=True)
        update = parsed.update or 1
        return written if update == 1 else f"{written} {said('numbers.in_update', update=update)}"

    def what(self, item: str) -> str:
        """What the item is, in words."""
        parsed = self._graph.read(item)
        if isinstance(self._trace.problem, ExpressionProblem):
            return self._expression(parsed)
        what = self._quantity(parsed)
        if parsed.part == NEW:
            what = said("legend.updated", what=what)
        elif parsed.part:
            what = said("legend.part", what=what, part=parsed.part)
        elif parsed.of and self._graph[parsed.name].role != "parameter":
            what = said("legend.derivative", what=what)
        return what if parsed.sample is None else said("legend.of_sample", what=what, sample=parsed.sample)

    def _expression(self, parsed: Item) -> str:
        """What it stands for among expressions, in the words of the problem file."""
        problem = self._trace.problem
        assert isinstance(problem, ExpressionProblem)
        if parsed.of:
            return said("legend.derivative_of", of=parsed.of, wrt=parsed.name)
        if parsed.part:
            key = "updated" if parsed.part == NEW else "part"
            return said(f"legend.{key}", what=parsed.name, part=parsed.part)
        return problem.define.get(parsed.name, parsed.name)

    def _quantity(self, parsed: Item) -> str:
        quantity, index = self._graph[parsed.name], parsed.index
        if quantity.role == "cost":
            return said("legend.cost")
        if quantity.role == "parameter":
            return self._parameter(parsed, quantity)
        if quantity.op is None:
            return quantity.name
        if len(index) == 3:
            places = dict(zip(("map", "row", "column"), index, strict=True))
            return said("legend.on_map", layer=quantity.layer or 0, **places)
        what = self._unit(quantity, index[-1] if index else 1)
        return said("legend.at_step", what=what, time=index[0]) if len(index) == 2 else what

    def _parameter(self, parsed: Item, quantity: Quantity) -> str:
        layer = quantity.layer or 0
        known = self._weights.get(str(parsed.plain))
        if known is not None:
            source = self.written(known.source)
            if known.source_name:
                source = said("legend.source_named", source=source, name=known.source_name)
            return self._in_layer("from_to", layer, source=source, unit=known.unit)
        if len(quantity.shape) == 1:
            return self._in_layer("bias", layer, unit=parsed.index[-1] if parsed.index else 1)
        if len(quantity.shape) == 4:
            return said(
                "legend.on_kernel", **dict(zip(("filter", "channel", "row", "column"), parsed.index, strict=True))
            )
        unit, number = parsed.index
        key = "from_before" if quantity.name in self._looking_back else "from_input"
        return self._in_layer(key, layer, unit=unit, source=number)

    def _unit(self, quantity: Quantity, unit: int) -> str:
        if quantity.name == "y_hat":
            return said("legend.of_network_unit", unit=unit) if quantity.size > 1 else said("legend.of_network")
        weighted = any(self._graph[parent].role == "parameter" for parent in quantity.parents)
        key = "sum" if weighted else "output"
        return self._in_layer(key, quantity.layer or 0, unit=unit)

    def _in_layer(self, key: str, layer: int, **parts: str | int) -> str:
        return said(f"legend.{key}_layer", layer=layer, **parts) if self._several else said(f"legend.{key}", **parts)

    @cached_property
    def _weights(self) -> Mapping[str, Weight]:
        """The weights of dense layers by their ids: where each leads."""
        logits = [name for name, quantity in self._graph.quantities.items() if quantity.op is not None]
        return {w.weight: w for name in logits for w in weights.weights_into(self._trace, name, None)}

    @cached_property
    def _looking_back(self) -> frozenset[str]:
        """The recurrent weights that lead from the time step before."""
        steps = (q for q in self._graph.quantities.values() if q.op is not None and isinstance(q.op.core, Recurrent))
        return frozenset(quantity.parents[W_H] for quantity in steps)
