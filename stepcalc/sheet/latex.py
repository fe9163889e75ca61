"""A sheet as a LaTeX document for pdfLaTeX, LuaLaTeX and XeLaTeX."""

from __future__ import annotations

from markupsafe import Markup

from stepcalc.board.latex import latex as math_latex
from stepcalc.board.latex import latex_lines
from stepcalc.board.latex_text import escape
from stepcalc.board.layout import broken, compact, joined, split_at_relations
from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import Equation
from stepcalc.board.text import columns
from stepcalc.sheet.blocks import Diagram, Formula, Inline, Sheet
from stepcalc.sheet.diagram import tikz
from stepcalc.sheet.templates import latex_templates

LINE_WIDTH = 82.0
"""About how many digits a line of formulas holds."""
JOINED_WIDTH = 52.0
"""About how many digits a line of symbols may have together with the numbers put in."""


def latex(sheet: Sheet) -> str:
    """``sheet`` as an article that uses amsmath, cancel and TikZ."""
    return latex_templates().get_template("sheet.tex.j2").render(sheet=sheet, draw=LatexWriter())


class LatexWriter:
    """What the template asks for."""

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        written = (escape(piece) if isinstance(piece, str) else f"${math_latex(piece, inline=True)}$" for piece in run)
        return Markup("".join(written))

    def formula(self, formula: Formula) -> Markup:
        """The lines of a formula, aligned and broken to the width of the page."""
        lines = joined(tuple(map(compact, formula.lines)), estimated_width, JOINED_WIDTH)
        return Markup(latex_lines(line for equation in lines for line in _to_width(equation)))

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as a TikZ picture."""
        return Markup(tikz(diagram))


def _to_width(equation: Equation) -> tuple[Equation, ...]:
    left, _ = split_at_relations(equation)
    indent = estimated_width(left) if left is not None else 0.0
    room = LINE_WIDTH - columns(equation.reason)

    def measure(line: Equation) -> float:
        return estimated_width(line) + (indent if line.continued else 0.0)

    return broken(equation, measure, max(room, LINE_WIDTH / 2))
