"""A flattening layer: the numbers of the maps in one list, and their gradients as maps again."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.nodes import Add, Glyph, Mul, Neg, Node, Num, Rel, Sym
from stepcalc.sheet.blocks import Block, Prose
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.conv_forward import elements
from stepcalc.sheet.depth import WrittenLayer
from stepcalc.sheet.gradient_lines import array_line, step_lines
from stepcalc.sheet.map_grids import gradients_to_hand_on, has_maps
from stepcalc.sheet.words import joined

_LETTERS = "cij"


def forward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """Which element of the list is which of the maps."""
    (flat,) = layer.quantities
    shape = sheet.graph[flat.parents[0]].shape
    yield sheet.layer_heading("flattening", layer.number)
    if axes := _axes(shape):
        key = "maps.flattening" if len(axes) == 3 else "maps.flattening_rows"
        indices = joined([Sym(Glyph(letter)) for letter, _ in axes])
        yield Prose(sheet.words.say(key, place=_place(axes), indices=indices))
    yield elements(sheet, flat.name)
    yield formula(sheet.arrays.equation(sheet.notation.array(flat.name), sheet.arrays.values(flat.name)))


def _axes(shape: tuple[int, ...]) -> list[tuple[str, int]]:
    """The indices of an element, each with how far it goes, but for those that can only be 1."""
    return [axis for axis in zip(_LETTERS[-len(shape) :], shape, strict=True) if axis[1] > 1]


def _place(axes: list[tuple[str, int]]) -> Node:
    """k = (c − 1)·16 + (i − 1)·4 + j."""
    terms, size = list[Node](), 1
    for letter, length in reversed(axes):
        symbol = Sym(Glyph(letter))
        before = Add((symbol, Neg(Num("1"))))
        terms.insert(0, symbol if not terms else before if size == 1 else Mul((before, Num(str(size))), "dot"))
        size *= length
    return Rel(Sym(Glyph("k")), "=", Add(tuple(terms)) if len(terms) > 1 else terms[0])


def backward(sheet: Context, layer: WrittenLayer) -> Iterator[Block]:
    """The list of gradients as maps."""
    (flat,) = layer.quantities
    below = sheet.graph[flat.parents[0]]
    if below.role != "computed":
        return
    yield sheet.layer_heading("back_through_flattening", layer.number)
    yield from sheet.once("maps.unflattening")
    yield formula(*step_lines(sheet.scribe.backward(sheet.element(below.name)), first=True))
    if has_maps(below):
        yield from gradients_to_hand_on(sheet, below)
    else:
        yield formula(array_line(sheet, below.name))
