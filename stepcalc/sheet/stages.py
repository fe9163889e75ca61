"""A network of maps as a row of stages: what each layer does, and the shape of what it puts out."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc import facts, maps
from stepcalc.board.nodes import Words
from stepcalc.graph import Quantity
from stepcalc.sheet.blocks import Grid, Grids
from stepcalc.sheet.context import Context


def stages(sheet: Context) -> Grids:
    """The input, the layers, and the loss."""
    return Grids(tuple(_stages(sheet)), sheet.words.say("maps.stages"))


def _stages(sheet: Context) -> Iterator[Grid]:
    graph, say = sheet.graph, sheet.words.plain
    yield _stage(say("diagram.input"), graph["x"].shape)
    for number in range(1, sheet.layers + 1):
        own = [
            quantity for quantity in graph.quantities.values() if quantity.layer == number and quantity.op is not None
        ]
        yield _stage(_done(sheet, number, own), own[-1].shape)
    yield Grid(say("diagram.loss"), ((sheet.symbol(graph.cost),),))


def _stage(title: str, shape: tuple[int, ...]) -> Grid:
    return Grid(title, ((Words("×".join(map(str, shape))),),), sign="→")


def _done(sheet: Context, number: int, own: list[Quantity]) -> str:
    """What a layer does: convolution 3×3, ReLU."""
    kind = facts.layer_type(sheet.trace, number)
    window = "×".join(map(str, maps.sliding(sheet.trace, own[0].name).size)) if kind in ("conv2d", "maxpool2d") else ""
    function = facts.function(sheet.trace, own[-1].name)
    return ", ".join(filter(None, (sheet.words.plain(f"stages.{kind}", window=window), function)))
