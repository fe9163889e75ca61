"""A sheet as one HTML page that needs no network and no script."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

from markupsafe import Markup

from stepcalc.board.breaking import broken, compact, joined, split_at_relations
from stepcalc.board.mathml import math_element
from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.options import PLAIN, Options
from stepcalc.sheet.blocks import Diagram, Formula, Inline, Sheet
from stepcalc.sheet.diagram import svg
from stepcalc.sheet.rows import Row
from stepcalc.sheet.templates import html_templates

PIECE_WIDTH = 30.0
"""About how many digits of a line stay together on a narrow screen."""
JOINED_WIDTH = 58.0
"""About how many digits a line of symbols may have together with the numbers put in."""


def html(sheet: Sheet, options: Options = PLAIN) -> str:
    """``sheet`` as a self-contained page with native MathML."""
    return html_templates().get_template("sheet.html.j2").render(sheet=sheet, draw=ScreenWriter())


class ScreenWriter:
    """What the template asks for in a browser: MathML, in pieces between which a line may wrap."""

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        return Markup("").join(clean(piece) if isinstance(piece, str) else self.math(piece) for piece in run)

    def math(self, node: Node | Equation) -> Markup:
        """One formula in running text."""
        return Markup(tostring(math_element(node, display=False), encoding="unicode"))

    def rows(self, formula: Formula) -> list[Row]:
        """The lines of a formula."""
        lines = tuple(map(compact, formula.lines))
        return [self._row(equation) for equation in joined(lines, estimated_width, JOINED_WIDTH)]

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as an inline picture."""
        return Markup(svg(diagram))

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
