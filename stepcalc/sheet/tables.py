"""A reference table as a sheet: one row for each operation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from stepcalc import curves
from stepcalc.board.latex import latex
from stepcalc.board.nodes import Glyph, Num, Sym
from stepcalc.reference import Reference, Row
from stepcalc.rounding import Rounding
from stepcalc.sheet.blocks import Block, Bullets, Cell, Curve, Formula, Inline, Mark, Plot, Prose, Sheet, Table
from stepcalc.sheet.figures import USUAL_REACH
from stepcalc.sheet.scales import around, axis
from stepcalc.sheet.wording import worded
from stepcalc.sheet.words import Words, words

FORMAT = "stepcalc-table/1"


def reference_sheet(reference: Reference, language: str = "en") -> Sheet:
    """The table with what is to be known for reading it."""
    say, of = words(language), reference.problem.table.of
    header = tuple((say.plain(f"table.{name}"),) for name in _COLUMNS[of])
    cells = {"activations": _activation_cells, "losses": _loss_cells}[of]
    rows = tuple(tuple(cells(row, say)) for row in reference.rows)
    blocks: list[Block] = [Prose(say.say(f"reference.{of}")), Table(header, rows)]
    if remarks := tuple(_remarks(reference, say)):
        blocks.append(Bullets(remarks))
    problem = reference.problem
    return Sheet(problem.title or problem.source_name, tuple(worded(blocks, say)), say.language)


_COLUMNS = {
    "activations": ("name", "plot", "equation", "derivative", "range"),
    "losses": ("name", "formula", "derivative", "task"),
}


def _activation_cells(row: Row, say: Words) -> Iterator[Cell]:
    yield (row.word,)
    yield _small_plot(row, say)
    yield Formula((row.formula,))
    yield Formula(row.derivatives)
    yield (say.terms(row.says),)


def _loss_cells(row: Row, say: Words) -> Iterator[Cell]:
    yield (row.word,)
    yield Formula((row.formula,))
    yield Formula(row.derivatives)
    yield (say.terms(row.says),)


def _small_plot(row: Row, say: Words) -> Cell:
    """The curve from −5 to 5; a circle at the end that a jump does not reach."""
    if not curves.is_function(row.usual):
        return ("",)
    runs = curves.activation(row.usual, -USUAL_REACH, USUAL_REACH)
    z, called = Sym(Glyph("z")), row.formula.parts[0]
    y = around(called, [value for run in runs for _, value in run])
    ends = [(Mark(before[-1], None, "hollow"), Mark(after[0])) for before, after in pairwise(runs)]
    marks = tuple(mark for pair in ends for mark in pair)
    described = say.say("reference.plot", function=called)
    return Plot(axis(z, -USUAL_REACH, USUAL_REACH), y, tuple(Curve(tuple(run)) for run in runs), marks, (), described)


def _remarks(reference: Reference, say: Words) -> Iterator[tuple[Inline, ...]]:
    if reference.problem.table.of == "losses":
        yield say.say("reference.cost")
    for row in reference.rows:
        for letter, value in row.defaults:
            yield say.say("reference.default", name=row.word, letter=letter, value=_given(value))
    for row in reference.rows:
        for kink in row.kinks:
            flat = kink.left == kink.right == kink.used == 0
            name = row.formula.parts[0]
            yield (
                say.say("reference.jump", function=name)
                if flat
                else say.say("conventions.kink", function=name, at=_given(kink.at), used=_given(kink.used))
            )


def _given(value: float) -> Num:
    return Num(Rounding().exact(value))


def reference_json(reference: Reference) -> str:
    """The table as JSON: formulas in LaTeX."""
    rows: list[dict[str, Any]] = [
        {
            "name": row.word,
            **({"title": row.title} if row.title else {}),
            "formula": latex(row.formula),
            "derivatives": [latex(line) for line in row.derivatives],
            "range" if reference.problem.table.of == "activations" else "task": row.says,
            "defaults": {latex(letter): value for letter, value in row.defaults},
        }
        for row in reference.rows
    ]
    problem = reference.problem
    found = {"format": FORMAT, "title": problem.title or "", "of": problem.table.of, "rows": rows}
    return json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
