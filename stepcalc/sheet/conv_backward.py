"""A convolutional layer on the way back: through its activation, to its kernels and biases, to its input."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stepcalc import facts, maps
from stepcalc.board.nodes import Glyph, Mul, Node, Num, SumOver, Sym
from stepcalc.graph import Quantity
from stepcalc.items import Index, derivative_id, item_id
from stepcalc.sheet.blocks import Block, Grids
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.gradient_lines import array_line, every_sample, kinks_hit, step_lines
from stepcalc.sheet.map_grids import GRADIENTS, all_maps, gradients_to_hand_on, is_large, map_grid
from stepcalc.steps import Step


def backward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """A convolutional layer from the gradient of its output to those of its kernels, biases and input."""
    a, z = layer.quantities
    yield from _through_activation(sheet, a, z.name)
    yield from _parameters(sheet, z)
    if sheet.graph[z.parents[0]].role == "computed":
        yield from _to_input(sheet, z)


def _through_activation(sheet: Context, a: Quantity, z: str) -> Iterator[Block]:
    assert a.layer is not None
    function = facts.function(sheet.trace, a.name)
    yield sheet.layer_heading("through_activation", a.layer)
    yield formula(sheet.arrays.through(z, a.name))
    if function and sheet.in_full(f"slope_{function}"):
        yield formula(*step_lines(sheet.scribe.backward(sheet.element(z)), first=True))
    if not is_large(sheet.graph[z]):
        yield from all_maps(sheet, z, GRADIENTS)
    looked_at = [] if is_large(sheet.graph[z]) else every_sample(sheet, z)
    if corners := [item for item in looked_at if any(kinks_hit(sheet, [item]))]:
        yield sheet.finding("maps.corners", "warning", items=sheet.listed(corners))


def _parameters(sheet: Context, z: Quantity) -> Iterator[Block]:
    assert z.layer is not None
    source, kernels, *bias = z.parents
    yield sheet.layer_heading("kernel_and_bias" if bias else "kernel", z.layer)
    yield from sheet.once("maps.kernel")
    if (sheet.graph.samples or 0) > 1:
        yield from sheet.once("backward.sum_over_samples")
    if sheet.in_full("kernel"):
        yield from _one_weight(sheet, z, source, kernels)
    yield from all_maps(sheet, kernels, GRADIENTS)
    for name in bias:
        yield from sheet.once("maps.bias")
        if not sheet.large or sheet.graph[name].size == 1:
            yield formula(*step_lines(_of_bias(sheet, z, sheet.element(name)), first=True))
        if sheet.graph[name].size > 1:
            yield formula(array_line(sheet, name))


def _one_weight(sheet: Context, z: Quantity, source: str, kernels: str) -> Iterator[Block]:
    """The sum over all places for one weight: what it looked at, beside the gradients there."""
    weight = sheet.element(kernels)
    index = sheet.graph.read(weight).index
    seen = [use.source for use in maps.uses(sheet.trace, weight, sheet.sample)]
    if seen and maps.sliding(sheet.trace, z.name).stride == 1 and not is_large(sheet.graph[source]):
        first, last = (sheet.graph.read(item).index[1:] for item in (seen[0], seen[-1]))
        yield Grids(
            (
                map_grid(sheet, z.name, index[:1], GRADIENTS, sign="⋆"),
                map_grid(sheet, source, index[1:2], framed=maps.Frame(*first, *last), sign="→"),
                map_grid(sheet, kernels, index[:2], GRADIENTS, framed=_cell(index), only=frozenset({index[2:]})),
            ),
            sheet.words.say("maps.used", weight=sheet.symbol(weight)),
        )
    yield formula(*step_lines(_of_weight(sheet, z, weight), first=True))


def _cell(index: Index) -> maps.Frame:
    i, j = index[-2:]
    return maps.Frame(i, j, i, j)


def _of_weight(sheet: Context, z: Quantity, weight: str) -> Step:
    """The gradient of a kernel's weight: over all places, ∂L/∂z there times what the weight looked at."""
    cost, slides = sheet.graph.cost, maps.sliding(sheet.trace, z.name)
    o, c, u, v = sheet.graph.read(weight).index
    looked_at = (
        maps.followed(at, slides.stride, slides.padding, letter if count > 1 else "1")
        for at, letter, count in zip((u, v), "ij", z.shape[1:], strict=True)
    )
    source = sheet.whole.notation.anywhere(z.parents[0], (str(c), *looked_at))
    shown = _over_places(sheet, z, o, lambda upstream: Mul((upstream, source), "dot"))
    uses = (use for sample in _samples(sheet, z) for use in maps.uses(sheet.trace, weight, sample))
    return sheet.whole.summed(weight, shown, [(derivative_id(cost, use.output), use.source) for use in uses])


def _of_bias(sheet: Context, z: Quantity, bias: str) -> Step:
    """The gradient of a filter's bias: ∂L/∂z added up over all places."""
    cost, (o,) = sheet.graph.cost, sheet.graph.read(bias).index or (1,)
    items = [
        item_id(z.name, (o, *place), sample) for sample in _samples(sheet, z) for place in maps.places(z.shape[1:])
    ]
    shown = _over_places(sheet, z, o, lambda upstream: upstream)
    return sheet.whole.summed(bias, shown, [(derivative_id(cost, item),) for item in items])


def _samples(sheet: Context, z: Quantity) -> tuple[int | None, ...]:
    return sheet.graph.sample_numbers(z.name)


def _over_places(sheet: Context, z: Quantity, o: int, term: Callable[[Node], Node]) -> Node:
    """The sum over all places of a map, and all samples, of a ``term`` with ∂L/∂z in it."""
    upstream = sheet.whole.notation.anywhere(z.name, (str(o), "i", "j"))
    written = term(sheet.notation.array_derivative(z.name, upstream))
    for letter, count in (("j", z.shape[2]), ("i", z.shape[1]), ("n", sheet.graph.samples or 1)):
        if count > 1:
            written = SumOver(Sym(Glyph(letter)), Num("1"), Num(str(count)), written)
    return written


def _to_input(sheet: Context, z: Quantity) -> Iterator[Block]:
    """What comes back to the input: from every window that saw an element, times the weight that it met there."""
    source = z.parents[0]
    assert z.layer is not None
    yield sheet.heading("inputs_of", layer=z.layer)
    yield from sheet.once("maps.seen_by")
    item = sheet.element(source)
    if edges := sheet.trace.derivation.locals(item):
        shown = sheet.scribe.backward(item).formula.parts[-1]
        terms = [(derivative_id(sheet.graph.cost, edge.child), edge.short.name) for edge in edges]
        yield formula(*step_lines(sheet.scribe.summed(item, shown, terms), first=True))
    yield from gradients_to_hand_on(sheet, sheet.graph[source])
