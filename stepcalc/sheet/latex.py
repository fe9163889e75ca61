"""A sheet as a LaTeX document for pdfLaTeX, LuaLaTeX and XeLaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from stepcalc.board.breaking import broken, compact, joined, split_at_relations
from stepcalc.board.drawing import columns
from stepcalc.board.latex import latex as math_latex
from stepcalc.board.latex import latex_rows
from stepcalc.board.latex_text import escape
from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import Equation, Node, Words
from stepcalc.options import PLAIN, Options
from stepcalc.sheet import code_drawing, grid_drawing, plot_drawing
from stepcalc.sheet.blocks import Cell, Code, Diagram, Formula, Grids, Inline, Panels, Plot, Sheet, Table
from stepcalc.sheet.diagram import tikz
from stepcalc.sheet.heights import figure_scale
from stepcalc.sheet.latex_tables import Fitted, fitted
from stepcalc.sheet.page import SLIDE, page
from stepcalc.sheet.slides import slides
from stepcalc.sheet.templates import latex_page
from stepcalc.sheet.typeset import typeset

_TEMPLATES = {"sheet": "sheet.tex.j2", "slides": "slides.tex.j2", "exam": "exam.tex.j2"}
DIGIT_WIDTH = 7.16
"""About how many pixels of 1/96 inch a digit takes."""
JOINED_WIDTH = 52.0
"""About how many digits a line of symbols may have together with the numbers put in."""
BEAMER_WIDTH = 160.0
"""Millimetres."""
WIDER = 1.1
"""So much wider than ours TeX's letters may be."""
_STRUT = r"\rule[-1.15em]{0pt}{2.85em}"
NOTE_GAP, REASON_SCALE, REASON_WIDTH = 4.0, 0.9, 22.0
_BOX = 9.0
"""What a box and its letter take of a line, in digits."""
_NOTHING = Words("")
HARD_TO_GUESS = re.compile(r"\\(stepcalcchar|longword)|\\text(bf|it)?\{[^{}]{16}")
"""What may be much wider than estimated: a user's words, letters that a font may not have."""


def latex(sheet: Sheet, options: Options = PLAIN) -> str:
    """``sheet`` as an article that uses amsmath, cancel and TikZ."""
    paper = page(options)
    draw = LatexWriter(paper.line_width / DIGIT_WIDTH)
    return latex_page(_TEMPLATES[options.layout], options.template, sheet=sheet, draw=draw, page=paper, slides=slides)


class LatexWriter:
    """What the template asks for; ``width`` is about how many digits a line of formulas holds."""

    def __init__(self, width: float) -> None:
        self.width = width

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        return Markup("".join(escape(piece) if isinstance(piece, str) else _inline(piece) for piece in run))

    def cell(self, cell: Cell) -> Markup:
        """A cell of a table."""
        if isinstance(cell, Formula):
            lines = r"\\ ".join(rf"{_STRUT}$\displaystyle {math_latex(line)}$" for line in cell.lines)
            return Markup(rf"\begin{{tabular}}{{@{{}}l@{{}}}}{lines}\end{{tabular}}")
        return self.plot(cell, small=True) if isinstance(cell, Plot) else self.inline(cell)

    def beside_box(self, cell: Cell) -> Markup:
        """What stands beside a box; the lines of a formula are broken to the width that is left there."""
        if isinstance(cell, Formula):
            pieces = (piece for line in cell.lines for piece in broken(compact(line), _width, self.width - _BOX))
            return self.cell(Formula(tuple(pieces)))
        return self.cell(cell)

    def formula(self, formula: Formula) -> Markup:
        """The lines of a formula, aligned and broken to the width of the page; smaller where nothing else helps."""
        lines = _to_width(joined(tuple(map(compact, formula.lines)), _width, JOINED_WIDTH), self.width)
        groups = groupby(lines, key=lambda line: line.fit == "shrunk")
        return Markup("\n".join(_shrunk(group) if too_wide else _display(group) for too_wide, group in groups))

    def tables(self, table: Table) -> list[Fitted]:
        """The table, or several with some of its columns each, as the page has room."""
        return fitted(table, self.width, _width)

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as a TikZ picture."""
        picture = tikz(diagram)
        return Markup(f"\\fit{{%\n{picture}}}" if HARD_TO_GUESS.search(picture) else picture)

    def plot(self, plot: Plot | Panels, *, small: bool = False) -> Markup:
        """Curves as a TikZ picture; panels that are wider than the page are made to fit."""
        picture = plot_drawing.tikz(plot, small=small)
        return Markup(f"\\fit{{%\n{picture}}}" if isinstance(plot, Panels) else picture)

    def grids(self, grids: Grids) -> Markup:
        """Maps with their numbers as a TikZ picture."""
        picture = grid_drawing.tikz(grids)
        return Markup(f"\\fit{{%\n{picture}}}" if HARD_TO_GUESS.search(picture) else picture)

    def code(self, code: Code) -> Markup:
        """A code for cameras as rules."""
        return Markup(code_drawing.latex(code))

    def scale(self, block: Diagram | Grids | Plot | Panels, figure: float) -> str:
        """How large a figure is drawn on a slide that has ``figure`` pixels for it."""
        return f"{BEAMER_WIDTH / SLIDE.width * figure_scale(block, figure):.2f}"


def _inline(node: Node | Equation) -> str:
    """Mathematics in running text; a symbol that may be wider than the line is made to fit."""
    written = f"${math_latex(node, inline=True)}$"
    return f"\\fit{{{written}}}" if HARD_TO_GUESS.search(written) else written


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, and whether it leaves the place ``beside`` it for notes, reaches ``across``, or is ``shrunk``."""

    equation: Equation
    fit: Literal["beside", "across", "shrunk"]


def _display(lines: Iterable[_Line]) -> str:
    """Lines that fit the page under one another."""
    listed = tuple(lines)
    reaching = {line.equation for line in listed if line.fit == "across"}
    return f"\\begin{{alignat*}}{{2}}\n{latex_rows((line.equation for line in listed), reaching)}\n\\end{{alignat*}}"


def _shrunk(lines: Iterable[_Line]) -> str:
    """Lines that may not fit, each in a display of its own."""
    return "\n".join(
        f"\\[\\fit{{$\\displaystyle\\begin{{aligned}}\n{latex_rows([line.equation])}\n\\end{{aligned}}$}}\\]"
        for line in lines
    )


def _to_width(equations: Iterable[Equation], width: float) -> Iterator[_Line]:
    """The lines, broken so that they leave place for what stands beside them; what reaches there has it below."""
    lines = [line for equation in equations for line in _with_place_for_its_aside(equation, width)]
    notes = max((_note_width(line) for line in lines), default=0.0)
    lefts = [_width(left) for left, chunks in map(split_at_relations, lines) if left is not None and chunks]
    indent = max(lefts, default=0.0)

    def measure(line: Equation) -> float:
        left, chunks = split_at_relations(line)
        before = _width(left) if left is not None and chunks else 0.0
        return indent - before + _width(line)

    room = width - notes
    for line in lines:
        for piece in broken(line, measure, room):
            if HARD_TO_GUESS.search(latex_rows([replace(piece, reason="")])) or measure(piece) > width:
                yield _Line(piece, "shrunk")
            elif measure(piece) <= room:
                yield _Line(piece, "beside")
            else:
                yield _Line(replace(piece, reason="", aside=None), "across")
                if piece.reason or piece.aside is not None:
                    yield _Line(Equation((_NOTHING,), aside=piece.aside, reason=piece.reason, continued=True), "beside")


def _width(line: Node | Equation) -> float:
    """About how many digits wide a line is, rather too much than too little: TeX's letters are not ours."""
    bare = Equation(line.parts, line.relations, continued=line.continued) if isinstance(line, Equation) else line
    return WIDER * typeset(bare).width / DIGIT_WIDTH


def _with_place_for_its_aside(equation: Equation, width: float) -> Iterator[Equation]:
    """A very wide aside gets a line of its own."""
    if equation.aside is None or _note_width(equation) <= width / 2:
        yield equation
        return
    yield replace(equation, aside=None)
    yield Equation((equation.aside,), continued=True)


def _note_width(equation: Equation) -> float:
    aside = estimated_width(equation.aside) if equation.aside else 0.0
    reason = min(REASON_SCALE * columns(equation.reason), REASON_WIDTH)
    return aside + reason + (NOTE_GAP if aside or reason else 0.0)
