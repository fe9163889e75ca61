r"""Blocks of a sheet as the HTML that platforms show: formulas as TeX, ``\( … \)``, and figures as files beside it.

There are no scripts, no style sheets and no frames, and every element is closed, so that it is XHTML as well. In what a
user wrote nothing is left that a platform would take for a formula or a gap, or the marking for an item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from stepcalc.board.nodes import Equation, Node, Words
from stepcalc.board.plain import clean
from stepcalc.board.spoken import Phrases
from stepcalc.platforms.tex import tex, tex_lines
from stepcalc.sheet import grid_drawing, grid_words, plot_drawing
from stepcalc.sheet.blocks import (
    Block,
    Bullets,
    Cell,
    Diagram,
    Formula,
    Grids,
    Heading,
    Inline,
    Panels,
    Plot,
    Prose,
    Room,
    Table,
)
from stepcalc.sheet.described import described
from stepcalc.sheet.diagram import svg

Address = Callable[[str], str]
"""Where a file lies, by its name."""

_GAP = re.compile(r"\{(?=[\s\d.,%+-]*:|#)")
"""A brace that could begin a gap: ``{1:NUMERICAL:…}``, ``{#1}``."""
_MARK = re.compile(r"\[(?=[^\s\[\]]+(?:\[[\d,]+\])?[^\s\[\]]*\]|variant\s)", re.IGNORECASE)
"""A bracket that could begin the id of an item, or of a variant, as a question has them for the marking."""
_FORMULA = re.compile(r"\\(?=[()\[\]])|\$(?=\$)")
"""What could begin a formula where none is meant; an empty element behind it keeps the two signs apart."""
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


def text(words: str) -> Markup:
    """A user's words: escaped, and neither a formula nor a gap."""
    return Markup(_FORMULA.sub(r"\g<0><span></span>", _safe(clean(words))))


def formula(written: str) -> Markup:
    r"""TeX in running text."""
    return Markup(rf"\({_safe(written)}\)")


def display(written: str) -> Markup:
    """TeX on a line of its own."""
    return Markup(rf"\[{_safe(written)}\]")


def _safe(written: str) -> str:
    return _MARK.sub("[\u2060", _GAP.sub("&#123;", str(escape(written))))


class MarkupWriter:
    """Writes blocks and keeps the figures that they show.

    ``address`` says where a platform finds a file; ``phrases`` say what a figure shows. ``figures`` are those of all
    that was written so far, in order: an SVG image each, by its file's name. A platform that takes formulas in another
    form has a writer with ``math`` and ``formula`` of its own.
    """

    def __init__(self, phrases: Phrases, address: Address = str) -> None:
        self.phrases = phrases
        self.address = address
        self.figures: dict[str, bytes] = {}

    def blocks(self, blocks: Iterable[Block]) -> Markup:
        """Blocks under one another; room to write in is left out, since a platform has fields."""
        return Markup("\n").join(self._block(block) for block in blocks if not isinstance(block, Room))

    def inline(self, run: Sequence[Inline]) -> Markup:
        """Running text with its mathematics."""
        return Markup("").join(text(piece) if isinstance(piece, str) else self.math(piece) for piece in run)

    def math(self, node: Node | Equation) -> Markup:
        """One formula in running text; words are no formula."""
        return text(node.text) if isinstance(node, Words) else formula(tex(node))

    def formula(self, lines: Sequence[Equation]) -> Markup:
        """Lines of a formula, aligned, as a paragraph."""
        return Markup("<p>{}</p>").format(display(tex_lines(lines)))

    def _block(self, block: Block) -> Markup:
        match block:
            case Heading(run, level):
                return Markup("<h{0}>{1}</h{0}>").format(level + 2, self.inline(run))
            case Prose(run):
                return Markup("<p>{}</p>").format(self.inline(run))
            case Formula(lines):
                return self.formula(lines)
            case Bullets(items):
                listed = Markup("").join(Markup("<li>{}</li>").format(self.inline(item)) for item in items)
                return Markup("<ul>{}</ul>").format(listed)
            case Table():
                return self._table(block)
            case Diagram():
                named = described(block, self.phrases)
                return self._figure(svg(replace(block, alternative=named)), named, block.caption)
            case Plot() | Panels():
                named = plot_drawing.alternative(block, self.phrases)
                return self._figure(plot_drawing.svg(block, named), named, block.caption)
            case Grids():
                named = grid_words.described(block, self.phrases)
                return self._figure(grid_drawing.svg(block, named), named, block.caption)
        raise TypeError(type(block).__name__)

    def _figure(self, image: str, alternative: str, caption: Sequence[Inline]) -> Markup:
        below = Markup("<br/>{}").format(self.inline(caption)) if caption else ""
        return Markup("<p>{}{}</p>").format(self._image(image, alternative), below)

    def _image(self, image: str, alternative: str) -> Markup:
        name = f"figure_{len(self.figures) + 1}.svg"
        self.figures[name] = image.encode()
        size = _SIZE.search(image)
        assert size is not None
        width, height = (round(float(length)) for length in size.groups())
        return Markup('<img src="{}" alt="{}" width="{}" height="{}"/>').format(
            self.address(name), text_only(alternative), width, height
        )

    def _table(self, table: Table) -> Markup:
        def row(kind: str, cells: Iterable[Markup]) -> Markup:
            marked = (Markup("<{0}>{1}</{0}>").format(kind, cell) for cell in cells)
            return Markup("<tr>{}</tr>").format(Markup("").join(marked))

        caption = Markup("<caption>{}</caption>").format(self.inline(table.caption)) if table.caption else ""
        head = row("th", map(self.inline, table.header))
        body = Markup("").join(row("td", map(self._cell, cells)) for cells in table.rows)
        return Markup("<table>{}<thead>{}</thead><tbody>{}</tbody></table>").format(caption, head, body)

    def _cell(self, cell: Cell) -> Markup:
        if isinstance(cell, Formula):
            return Markup("<br/>").join(map(self.math, cell.lines))
        if isinstance(cell, Plot):
            named = plot_drawing.alternative(cell, self.phrases)
            return self._image(plot_drawing.svg(cell, named, small=True), named)
        return self.inline(cell)


def text_only(words: str) -> Markup:
    """Words where no element may stand: in an attribute."""
    return Markup(_FORMULA.sub(lambda sign: f"&#{ord(sign[0])};", _safe(clean(words))))
