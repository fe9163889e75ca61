"""A sheet as a LaTeX document for pdfLaTeX, LuaLaTeX and XeLaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from markupsafe import Markup

from stepcalc.board.breaking import broken, compact, joined, split_at_relations
from stepcalc.board.drawing import columns
from stepcalc.board.latex import latex as math_latex
from stepcalc.board.latex import latex_rows
from stepcalc.board.latex_text import escape
from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import Equation
from stepcalc.options import PLAIN, Options
from stepcalc.sheet.blocks import Diagram, Formula, Inline, Sheet
from stepcalc.sheet.diagram import tikz
from stepcalc.sheet.page import page
from stepcalc.sheet.templates import latex_templates

DIGIT_WIDTH = 7.16
"""About how many pixels of 1/96 inch a digit takes."""
JOINED_WIDTH = 52.0
"""About how many digits a line of symbols may have together with the numbers put in."""
NOTE_GAP, REASON_SCALE = 4.0, 0.9


def latex(sheet: Sheet, options: Options = PLAIN) -> str:
    """``sheet`` as an article that uses amsmath, cancel and TikZ."""
    paper = page(options)
    draw = LatexWriter(paper.line_width / DIGIT_WIDTH)
    return latex_templates().get_template("sheet.tex.j2").render(sheet=sheet, draw=draw, page=paper)


class LatexWriter:
    """What the template asks for; ``width`` is about how many digits a line of formulas holds."""

    def __init__(self, width: float) -> None:
        self.width = width

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        written = (escape(piece) if isinstance(piece, str) else f"${math_latex(piece, inline=True)}$" for piece in run)
        return Markup("".join(written))

    def formula(self, formula: Formula) -> Markup:
        """The lines of a formula, aligned and broken to the width of the page; set smaller if nothing else helps."""
        lines, fits = _to_width(joined(tuple(map(compact, formula.lines)), estimated_width, JOINED_WIDTH), self.width)
        rows = latex_rows(lines)
        if fits:
            return Markup(f"\\begin{{alignat*}}{{2}}\n{rows}\n\\end{{alignat*}}")
        return Markup(f"\\[\\stepcalcfit{{\\begin{{aligned}}\n{rows}\n\\end{{aligned}}}}\\]")

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as a TikZ picture."""
        return Markup(tikz(diagram))


def _to_width(equations: Iterable[Equation], width: float) -> tuple[list[Equation], bool]:
    """The lines, broken so that they leave place for what stands beside them; whether they all fit the page."""
    lines = [line for equation in equations for line in _with_place_for_its_aside(equation, width)]
    notes = max((_note_width(line) for line in lines), default=0.0)
    lefts = [estimated_width(left) for left, chunks in map(split_at_relations, lines) if left is not None and chunks]
    indent = max(lefts, default=0.0)

    def measure(line: Equation) -> float:
        left, chunks = split_at_relations(line)
        before = estimated_width(left) if left is not None and chunks else 0.0
        return indent - before + estimated_width(line)

    room = width - notes
    pieces = [piece for line in lines for piece in broken(line, measure, room)]
    return pieces, all(measure(piece) <= room for piece in pieces)


def _with_place_for_its_aside(equation: Equation, width: float) -> Iterator[Equation]:
    """A very wide aside gets a line of its own."""
    if equation.aside is None or _note_width(equation) <= width / 2:
        yield equation
        return
    yield replace(equation, aside=None)
    yield Equation((equation.aside,), continued=True)


def _note_width(equation: Equation) -> float:
    aside = estimated_width(equation.aside) if equation.aside else 0.0
    reason = REASON_SCALE * columns(equation.reason)
    return aside + reason + (NOTE_GAP if aside or reason else 0.0)
