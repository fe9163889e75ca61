"""A sheet as one HTML page that needs no network and no script; with script it goes step by step."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from xml.etree.ElementTree import tostring

from markupsafe import Markup

from stepcalc.board.breaking import broken, compact, joined, split_at_relations
from stepcalc.board.mathml import math_element
from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.board.spoken import Phrases
from stepcalc.options import PLAIN, Options
from stepcalc.sheet import code_drawing, grid_drawing, grid_words, plot_drawing
from stepcalc.sheet.blocks import Cell, Code, Diagram, Formula, Grids, Inline, Panels, Plot, Sheet
from stepcalc.sheet.described import described
from stepcalc.sheet.diagram import svg
from stepcalc.sheet.rows import Row
from stepcalc.sheet.slides import slides
from stepcalc.sheet.templates import html_page

_TEMPLATES = {
    "sheet": "sheet.html.j2",
    "slides": "slides.html.j2",
    "feedback": "feedback.html.j2",
    "exam": "exam.html.j2",
}
PIECE_WIDTH = 30.0
"""About how many digits of a line stay together on a narrow screen."""
JOINED_WIDTH = 58.0
"""About how many digits a line of symbols may have together with the numbers put in."""


def html(sheet: Sheet, options: Options = PLAIN) -> str:
    """``sheet`` as a self-contained page with native MathML."""
    draw = ScreenWriter(sheet.words.phrases)
    return html_page(
        _TEMPLATES[options.layout], options.template,
        sheet=sheet, draw=draw, say=sheet.words.plain, fingerprint=fingerprint, slides=slides,
    )  # fmt: skip


def fingerprint(source: str) -> str:
    """The hash by which the page's own policy knows the one script and the one style sheet that it allows."""
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


class ScreenWriter:
    """What the template asks for in a browser: MathML, in pieces between which a line may wrap.

    ``phrases`` say what a plot shows.
    """

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        return Markup("").join(clean(piece) if isinstance(piece, str) else self.math(piece) for piece in run)

    def cell(self, cell: Cell) -> Markup:
        """A cell of a table."""
        if isinstance(cell, Formula):
            return Markup("<br>").join(map(_displayed, cell.lines))
        return self.plot(cell, small=True) if isinstance(cell, Plot) else self.inline(cell)

    def beside_box(self, cell: Cell) -> Markup:
        """What stands beside a box; the lines of a formula may wrap."""
        if isinstance(cell, Formula):
            return Markup("<br>").join(row.left + Markup(" ") + row.right for row in self.rows(cell))
        return self.cell(cell)

    def math(self, node: Node | Equation) -> Markup:
        """One formula in running text."""
        return Markup(tostring(math_element(node, display=False), encoding="unicode"))

    def rows(self, formula: Formula) -> list[Row]:
        """The lines of a formula."""
        lines = tuple(map(compact, formula.lines))
        return [self._row(equation) for equation in joined(lines, estimated_width, JOINED_WIDTH)]

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as an inline picture."""
        return Markup(svg(replace(diagram, alternative=described(diagram, self.phrases))))

    def embed(self, content: bytes, media: str) -> str:
        """The address of a picture: one that holds the picture itself."""
        return f"data:{media};base64,{base64.b64encode(content).decode('ascii')}"

    def plot(self, plot: Plot | Panels, *, small: bool = False) -> Markup:
        """Curves as an inline picture."""
        return Markup(plot_drawing.svg(plot, plot_drawing.alternative(plot, self.phrases), small=small))

    def grids(self, grids: Grids) -> Markup:
        """Maps with their numbers as an inline picture."""
        return Markup(grid_drawing.svg(grids, grid_words.described(grids, self.phrases)))

    def code(self, code: Code) -> Markup:
        """A code for cameras as an inline picture."""
        return Markup(code_drawing.svg(code, code.says))

    def _row(self, equation: Equation) -> Row:
        left, chunks = split_at_relations(equation)
        pieces = [broken(chunk, estimated_width, PIECE_WIDTH) for chunk in chunks]
        return Row(
            left=_displayed(left) if left is not None else Markup(""),
            right=Markup(" ").join(Markup("<wbr>").join(map(_displayed, piece)) for piece in pieces),
            reason=equation.reason,
            aside=self.math(equation.aside) if equation.aside else Markup(""),
            whole=not chunks,
        )


def _displayed(node: Node | Equation) -> Markup:
    element = math_element(node)
    element.set("display", "inline")
    element.set("displaystyle", "true")
    return Markup(tostring(element, encoding="unicode"))
