"""Whole arrays on a sheet: vectors and matrices with their numbers, filling up, and cut short where they are large."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stepcalc.board.nodes import Dots, Equation, Glyph, Hole, Matrix, Node, Num, SumOver, Sym, Transpose
from stepcalc.board.transform import walk
from stepcalc.graph import Quantity
from stepcalc.items import NEW, derivative_id, item_id
from stepcalc.sequences import Sequences, steps
from stepcalc.sheet.shortened import MATRIX, SIDE_OF_LARGE, STATED_SAMPLES
from stepcalc.steps import Scribe


class Arrays:
    """Writes the arrays of one trace, for a sample of the mini-batch where there is one."""

    def __init__(self, scribe: Scribe, sample: int | None) -> None:
        self.scribe = scribe
        self.sample = sample
        self.trace = scribe.trace
        self.graph = scribe.graph
        self.notation = scribe.notation
        self.sequences = Sequences(scribe.notation)

    def values(self, name: str, filled: int | None = None) -> Node | None:
        """The quantity's numbers, only the first ``filled`` of them if that is given; None where it has none."""
        return self._array(name, self.trace.values, "", filled)

    def gradients(self, name: str, filled: int | None = None) -> Node | None:
        """The gradient of the cost by the quantity."""
        return self._array(name, self.trace.gradients, self.graph.cost, filled)

    def part(self, name: str, part: str) -> Node | None:
        """What the update calculates for the parameter: its new value, or another part."""
        found = self.trace.updated if part == NEW else self.trace.parts.get(part, {})
        return self._array(name, found, "", None, f"_{part}")

    def step(self, name: str, time: int, filled: int | None = None) -> Node | None:
        """The numbers of one time step of a sequence, only the first ``filled`` of them if that is given."""
        return self._step(name, self.trace.values, "", time, filled)

    def step_gradient(self, name: str, time: int, filled: int | None = None) -> Node | None:
        """The gradient of the cost by one time step of a sequence."""
        return self._step(name, self.trace.gradients, self.graph.cost, time, filled)

    def equation(self, left: Node, array: Node | None) -> Equation | None:
        """left = array, with ≈ where a number in it is rounded; None where the array has no numbers."""
        if array is None:
            return None
        return Equation((left, array), ("=" if self._exact(array) else "≈",))

    def formula(self, name: str) -> Equation | None:
        """z = W x + b for whole arrays, z_t = W x_t + b for sequences; None where the operation has no such form."""
        return self.sequences.formula(name)

    def through(self, name: str, child: str) -> Equation | None:
        """∂L/∂W = ∂L/∂z xᵀ for whole arrays, through ``child``, in which ``name`` stands; summed over samples."""
        quantity = self.graph[child]
        if any(steps(self.graph, looked_at) for looked_at in (child, *quantity.parents)):
            return self.sequences.through(name, child)
        slot = quantity.parents.index(self.graph.canonical(name))
        assert quantity.op is not None
        summed = (self.graph.samples or 0) > 1 and not self.graph[name].per_sample
        whole_matrices = self.notation.batch_rows and len(self.graph[name].shape) == 2
        symbol_of = self.notation.any_sample if summed and not whole_matrices else self.notation.array
        upstream = self.notation.array_derivative(child, symbol_of(child))
        operands = tuple(symbol_of(parent) for parent in quantity.parents)
        written = quantity.op.written_gradient(slot, upstream, symbol_of(child), operands)
        if written is None or (self.notation.batch_rows and quantity.op.name == "softmax"):
            return None
        if summed and not whole_matrices:
            written = SumOver(Sym(Glyph("n")), Num("1"), Num(str(self.graph.samples)), written)
        return Equation((self.notation.array_derivative(name), written), ("=",))

    def _exact(self, array: Node) -> bool:
        for entry in walk(array):
            if isinstance(entry, Num) and entry.item is not None:
                value = self.scribe.number(entry.item)
                if value is None or not self.trace.rounding.is_exact(value, entry.text):
                    return False
        return True

    def _array(
        self, name: str, arrays: Mapping[str, np.ndarray], of: str, filled: int | None, suffix: str = ""
    ) -> Node | None:
        quantity = self.graph[name]
        if quantity.name not in arrays or len(quantity.shape) > 2:
            return None
        sample = self.sample if quantity.per_sample and self.graph.samples else None
        if len(quantity.shape) == 2:
            return self._matrix(quantity, sample, of, filled, suffix)
        if sample and self.notation.batch_rows:
            return self._samples(quantity, of)
        indices = [(i,) for i in MATRIX.places(quantity.shape[0])]
        return self._vector([self._entry(quantity, index, sample, of, suffix) for index in indices], filled)

    def _step(self, name: str, arrays: Mapping[str, np.ndarray], of: str, time: int, filled: int | None) -> Node | None:
        quantity = self.graph[name]
        if quantity.name not in arrays:
            return None
        sample = self.sample if self.graph.samples else None
        indices = [(time, i) for i in MATRIX.places(quantity.shape[1])]
        return self._vector([self._entry(quantity, index, sample, of, "") for index in indices], filled)

    def _vector(self, entries: list[Node], filled: int | None) -> Node:
        if filled is not None:
            entries = [entry if place < filled else Hole() for place, entry in enumerate(entries)]
        if len(entries) == 1:
            return entries[0]
        row = Matrix((tuple(entries),))
        return row if self._rows() else Transpose(row)

    def _rows(self) -> bool:
        """Whether vectors are rows: where z = x W + b is the convention."""
        return self.trace.problem.notation.product == "xW"

    def _samples(self, quantity: Quantity, of: str) -> Node:
        """A mini-batch as a matrix, a sample a row."""
        assert self.graph.samples is not None
        columns = quantity.shape[0]
        rows = MATRIX if quantity.op is not None or of else STATED_SAMPLES
        return Matrix(
            tuple(
                tuple(
                    Dots("d" if j is None else "v") if n is None else self._entry(quantity, (j,), n, of, "")
                    for j in MATRIX.places(columns)
                )
                for n in rows.places(self.graph.samples)
            )
        )

    def _matrix(self, quantity: Quantity, sample: int | None, of: str, filled: int | None, suffix: str) -> Node:
        rows, columns = quantity.shape
        shown = MATRIX if max(rows, columns) <= MATRIX.whole else SIDE_OF_LARGE
        written = []
        for i in shown.places(rows):
            row: list[Node] = []
            for j in shown.places(columns):
                place = None if i is None or j is None else (i - 1) * columns + j
                if place is not None and filled is not None and place > filled:
                    row.append(Hole())
                else:
                    row.append(self._entry(quantity, (i, j), sample, of, suffix))
            written.append(tuple(row))
        return Matrix(tuple(written)) if quantity.size > 1 else written[0][0]

    def _entry(
        self, quantity: Quantity, index: tuple[int | None, ...], sample: int | None, of: str, suffix: str
    ) -> Node:
        missing = [place for place, i in enumerate(index) if i is None]
        if missing:
            across = len(index) == 1 or missing == [1]
            return Dots("d" if len(missing) == 2 else "h" if across else "v")
        plain = item_id(quantity.name + suffix, tuple(i for i in index if i is not None), sample)
        item = derivative_id(of, plain) if of else plain
        value = self.scribe.number(item)
        return self.scribe.too_large if value is None else self.scribe.printed(value, item)
