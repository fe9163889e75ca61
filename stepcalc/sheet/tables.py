"""A reference table as a sheet: one row for each operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

from stepcalc import curves, facts
from stepcalc.board.latex import latex
from stepcalc.board.nodes import Blank, Glyph, Num, Sym
from stepcalc.errors import Fault, InputError
from stepcalc.options import PLAIN, Options
from stepcalc.problem.vocabulary import TARGETS
from stepcalc.reference import Reference, Row
from stepcalc.rounding import Rounding
from stepcalc.sheet.blank import NUMBER
from stepcalc.sheet.blocks import Block, Bullets, Cell, Curve, Formula, Inline, Mark, Plot, Prose, Sheet, Table
from stepcalc.sheet.context import title
from stepcalc.sheet.figures import USUAL_REACH
from stepcalc.sheet.opening import MARGIN
from stepcalc.sheet.scales import around, axis
from stepcalc.sheet.wording import worded
from stepcalc.sheet.words import Words, words

FORMAT = "stepcalc-table/1"


def reference_sheet(reference: Reference, options: Options = PLAIN) -> Sheet:
    """The table with what is to be known for reading it; of a blank one, the derivatives are to be found.

    Raises :class:`~stepcalc.errors.InputError` for a choice that a table does not have.
    """
    _refuse_choices(options)
    say, of = words(options.template), reference.problem.table.of
    asked = _LEFT_OUT[options.blank]
    cells = [(_ROOM[of] if name in asked else _CELLS)[name] for name in _COLUMNS[of]]
    header = tuple((say.plain(f"table.{name}"),) for name in _COLUMNS[of])
    rows = tuple(tuple(cell(row, say) for cell in cells) for row in reference.rows)
    told = say.say(f"reference.{of}_asked" if asked else f"reference.{of}", **_LETTERS)
    blocks: list[Block] = [Prose(told), Table(header, rows)]
    told_of = [_remarks, *([] if "task" in asked else [_targets]), *([] if asked else [_corners])]
    if remarks := tuple(remark for tell in told_of for remark in tell(reference, say)):
        blocks.append(Bullets(remarks))
    return Sheet(title(reference.problem, say), tuple(worded(blocks, say)), say)


def _refuse_choices(options: Options) -> None:
    """A table is the same in every view, and has no chains."""
    for name in ("view", "chains"):
        if getattr(options, name) is not None:
            raise InputError(Fault(f"--{name}", "a reference table has nothing to choose here; leave it out"))


_COLUMNS = {
    "activations": ("name", "plot", "equation", "derivative", "range"),
    "losses": ("name", "formula", "derivative", "task"),
}
_LEFT_OUT = {
    "none": (),
    "results": ("derivative",),
    "steps": ("derivative",),
    "all": ("derivative", "range", "task"),
}
"""The columns that are to be filled in at each level of ``BLANKS``."""
_LETTERS = {"z": Sym(Glyph("z")), "y": Sym(Glyph("y")), "y_hat": Sym(Glyph("y", hat=True))}
"""What the sentences above the tables speak of."""


def _name(row: Row, say: Words) -> Cell:
    return (row.word,)


def _formula(row: Row, say: Words) -> Cell:
    return Formula((row.formula,))


def _derivative(row: Row, say: Words) -> Cell:
    return Formula(row.derivatives)


def _says(row: Row, say: Words) -> Cell:
    return (say.terms(row.says),)


def _room_for_derivative(room: Blank, row: Row, say: Words) -> Cell:
    return Formula(tuple(replace(line, parts=(line.parts[0], room)) for line in row.derivatives))


def _room_for_words(row: Row, say: Words) -> Cell:
    return (NUMBER,)


def _small_plot(row: Row, say: Words) -> Cell:
    """The curve from −5 to 5; a circle at the end that a jump does not reach."""
    if not curves.is_function(row.usual):
        return ("",)
    runs = curves.activation(row.usual, -USUAL_REACH, USUAL_REACH)
    z, called = Sym(Glyph("z")), row.formula.parts[0]
    y = around(called, [value for run in runs for _, value in run])
    ends = [(Mark(before[-1], None, "hollow"), Mark(after[0])) for before, after in pairwise(runs)]
    marks = tuple(mark for pair in ends for mark in pair)
    described = say.say("reference.plot", function=called, z=z)
    return Plot(axis(z, -USUAL_REACH, USUAL_REACH), y, tuple(Curve(tuple(run)) for run in runs), marks, (), described)


WriteCell: TypeAlias = Callable[[Row, Words], Cell]

_CELLS: dict[str, WriteCell] = {
    "name": _name,
    "plot": _small_plot,
    "equation": _formula,
    "formula": _formula,
    "derivative": _derivative,
    "range": _says,
    "task": _says,
}
_ROOM: dict[str, dict[str, WriteCell]] = {
    "activations": {"derivative": partial(_room_for_derivative, Blank(16)), "range": _room_for_words},
    "losses": {"derivative": partial(_room_for_derivative, Blank(26)), "task": _room_for_words},
}
"""What stands in a cell, and what stands there where it is to be filled in."""


def _remarks(reference: Reference, say: Words) -> Iterator[tuple[Inline, ...]]:
    """What is to be known for reading the formulas."""
    if reference.problem.table.of == "losses":
        yield say.say("reference.cost")
    for row in reference.rows:
        for letter, value in row.defaults:
            yield say.say("reference.default", name=row.word, letter=letter, value=_given(value))


def _targets(reference: Reference, say: Words) -> Iterator[tuple[Inline, ...]]:
    """Which targets a loss is made for, which tells its task."""
    for row in reference.rows:
        if row.word in TARGETS:
            yield say.say(f"reference.targets_{TARGETS[row.word]}", name=row.word, y=_LETTERS["y"])


def _corners(reference: Reference, say: Words) -> Iterator[tuple[Inline, ...]]:
    """Which derivative is used where there is none."""
    for row in reference.rows:
        if row.word in facts.LOSS_CORNERS:
            yield say.say(f"conventions.corner_{row.word}", margin=MARGIN)
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


def reference_json(reference: Reference, options: Options = PLAIN) -> str:
    """The table as JSON: formulas in LaTeX. Raises :class:`~stepcalc.errors.InputError` as ``reference_sheet`` does."""
    _refuse_choices(options)
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
