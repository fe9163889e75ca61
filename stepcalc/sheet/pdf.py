"""A sheet as a tagged PDF, by WeasyPrint."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from html import unescape
from math import ceil
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from warnings import catch_warnings, simplefilter
from weakref import finalize

from markupsafe import Markup

from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.board.spoken import Phrases, spoken
from stepcalc.options import PLAIN, Options
from stepcalc.sheet import code_drawing, grid_drawing, grid_words, plot_drawing, work_drawing
from stepcalc.sheet.blocks import Cell, Code, Diagram, Formula, Grids, Inline, Panels, Plot, Sheet, Work
from stepcalc.sheet.course import complain_of_refused
from stepcalc.sheet.coverage import note_lacking
from stepcalc.sheet.described import described
from stepcalc.sheet.diagram import svg
from stepcalc.sheet.fetching import PAGE, SCHEME, fetcher
from stepcalc.sheet.operators import Placed
from stepcalc.sheet.page import Page, page
from stepcalc.sheet.paper_lines import PrintedRow, extent, printed_rows
from stepcalc.sheet.picture import Lettering, Picture
from stepcalc.sheet.slides import slides
from stepcalc.sheet.tagging import FORMULA, finish_tags
from stepcalc.sheet.templates import html_page
from stepcalc.sheet.typeset import typeset

SVG = "image/svg+xml"
_TEMPLATES = {
    "sheet": ("print.html.j2", "print.css"),
    "slides": ("slides.print.html.j2", "slides.print.css"),
    "feedback": ("feedback.print.html.j2", "feedback.print.css"),
    "exam": ("exam.print.html.j2", "exam.print.css"),
    "blank": ("blank.print.html.j2", "blank.print.css"),
}
_GREYS = {"line": 0.0, "aside": 0.35, "reason": 0.35}
_BOX = 74.0
"""What a box and its letter take of a line, in pixels of 1/96 inch, as exam.css has it."""
_WHOLE_LIST, _WHOLE_DERIVATION = 9, 16
"""So many lines stay on one page: of a list, and of a derivation with its reasons, which is one thought."""


def pdf(sheet: Sheet, options: Options = PLAIN, *, compress: bool = True) -> bytes:
    """``sheet`` as PDF/UA-1, the same bytes for the same sheet and ``SOURCE_DATE_EPOCH``.

    Raises :class:`~stepcalc.errors.InputError` where a course's template asks for what is not part of the page.
    """
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # a machine without fonts is no matter: a sheet brings its own
        from weasyprint import HTML

    paper = page(options)
    writer = PrintWriter(paper, sheet.words.phrases)
    template, css = _TEMPLATES[options.layout]
    style, fonts = _style_sheet(html_page(css, None, page=paper))
    written_page = html_page(template, options.template, sheet=sheet, draw=writer, slides=slides)
    note_lacking(unescape(written_page))
    refused: list[str] = []
    document = HTML(string=written_page, url_fetcher=fetcher(writer.files, refused), base_url=PAGE)
    with _errors_only():
        written: bytes = document.write_pdf(
            finisher=lambda _, made: finish_tags(made), stylesheets=[style], font_config=fonts,
            cache=dict(writer.pictures), pdf_variant="pdf/ua-1", uncompressed_pdf=not compress,
        )  # fmt: skip
    if refused:
        complain_of_refused(refused, options.template)
    return written


@lru_cache(maxsize=8)
def _style_sheet(style: str) -> tuple[Any, Any]:
    """A style sheet read once for many sheets, with the fonts that it names."""
    from weasyprint import CSS

    fonts = _fonts()
    return CSS(string=style, url_fetcher=fetcher({}, []), base_url=PAGE, font_config=fonts), fonts


def _fonts() -> Any:
    """The fonts of a style sheet; their files are gone at the end of the program, however long they themselves live.

    WeasyPrint's own way of removing them fails where the interpreter has begun to take itself apart.
    """
    from weasyprint.text.fonts import FontConfiguration

    class Fonts(FontConfiguration):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self._folder = Path(mkdtemp(prefix=f"{SCHEME}-"))
            finalize(self, rmtree, self._folder, ignore_errors=True)

        def __del__(self) -> None:
            pass

    return Fonts()


@contextmanager
def _errors_only() -> Iterator[None]:
    """WeasyPrint's log without its warnings: it gives one for every letter that no font has."""
    logger = logging.getLogger("weasyprint")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class PrintWriter:
    """What the template asks for on paper: formulas as pictures, and in ``phrases`` for those who cannot see them.

    ``pictures`` and ``files`` hold by their addresses what is drawn here, and what WeasyPrint reads itself.
    """

    def __init__(self, paper: Page, phrases: Phrases) -> None:
        self.paper = paper
        self.phrases = phrases
        self.pictures: dict[str, Picture] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.depths: set[int] = set()
        self._addresses: dict[tuple[Placed, ...] | bytes, str] = {}
        self._lettering = Lettering()

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        return Markup("").join(clean(piece) if isinstance(piece, str) else self.math(piece) for piece in run)

    def cell(self, cell: Cell) -> Markup:
        """A cell of a table."""
        if isinstance(cell, Formula):
            return Markup("<br>").join(self.math(line, display=True) for line in cell.lines)
        return self.plot(cell, small=True) if isinstance(cell, Plot) else self.inline(cell)

    def beside_box(self, cell: Cell) -> Markup:
        """What stands beside a box; the lines of a formula are broken to the width that is left there."""
        if isinstance(cell, Formula):
            width = self.paper.line_width + self.paper.indent - _BOX
            return Markup("").join(self._row(row, width) for row in printed_rows(cell.lines, width))
        return self.cell(cell)

    def math(self, node: Node | Equation, *, display: bool = False) -> Markup:
        """One formula in running text, on the line of the words around it."""
        ink = typeset(node, display=display)
        scale = min(1.0, self.paper.line_width / max(ink.width, 1.0))
        depth = ceil(scale * ink.descent)
        placed = Placed(ink, 0.0, scale * ink.ascent, scale)
        address = self._picture(scale * ink.width, scale * ink.ascent + depth, (placed,))
        self.depths.add(depth)
        return Markup('<img class="d{}" src="{}" alt="{}">').format(depth, address, self._said(node))

    def kind(self, rows: Sequence[PrintedRow]) -> str:
        """``single``: one line, which belongs to what follows; ``long``: so many that a page may end among them."""
        if len(rows) == 1:
            return "single"
        derived = any(piece.role == "reason" for row in rows for piece in row.pieces)
        return "long" if len(rows) > (_WHOLE_DERIVATION if derived else _WHOLE_LIST) else ""

    def rows(self, formula: Formula) -> list[PrintedRow]:
        """The lines of a formula, broken to the width of the page."""
        return printed_rows(formula.lines, self.paper.line_width)

    def row(self, row: PrintedRow) -> Markup:
        """One such line as a picture as wide as the page, with what it says."""
        return self._row(row, self.paper.line_width)

    def _row(self, row: PrintedRow, width: float) -> Markup:
        above, below = extent(row)
        placed = tuple(
            Placed(piece.ink, piece.x, above - piece.raised, piece.scale, _GREYS[piece.role]) for piece in row.pieces
        )
        address = self._picture(width, above + below, placed)
        words = self._said(*(piece.formula for piece in row.pieces))
        kind = "row kept" if row.kept else "row"
        return Markup('<img class="{}" src="{}" alt="{}">').format(kind, address, words)

    def _said(self, *formulas: Node | Equation) -> str:
        """What a picture of formulas says, marked, so that it is tagged as what it is."""
        return FORMULA + "; ".join(spoken(formula, self.phrases) for formula in formulas)

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as a picture."""
        address = self.embed(svg(diagram).encode(), SVG)
        return Markup('<img class="picture" src="{}" alt="{}">').format(address, described(diagram, self.phrases))

    def plot(self, plot: Plot | Panels, *, small: bool = False) -> Markup:
        """Curves as a picture."""
        address = self.embed(plot_drawing.svg(plot, small=small).encode(), SVG)
        words = plot_drawing.alternative(plot, self.phrases)
        return Markup('<img class="plot" src="{}" alt="{}">').format(address, words)

    def grids(self, grids: Grids) -> Markup:
        """Maps with their numbers as a picture."""
        address = self.embed(grid_drawing.svg(grids).encode(), SVG)
        words = grid_words.described(grids, self.phrases)
        return Markup('<img class="picture" src="{}" alt="{}">').format(address, words)

    def work(self, work: Work) -> Markup:
        """Room to work something out, as a picture as wide as the page."""
        width = self.paper.line_width + self.paper.indent
        address = self._picture(width, work_drawing.height(work), tuple(work_drawing.placed(work, width)))
        words = FORMULA + "".join(
            clean(piece) if isinstance(piece, str) else spoken(piece, self.phrases) for piece in work.asked
        )
        return Markup('<img class="room" src="{}" alt="{}">').format(address, words)

    def code(self, code: Code) -> Markup:
        """A code for cameras as a picture."""
        ink = code_drawing.ink(code)
        address = self._picture(ink.width, ink.ascent, (Placed(ink, 0.0, ink.ascent),))
        return Markup('<img class="code" src="{}" alt="{}">').format(address, code.says)

    def embed(self, content: bytes, media: str) -> str:
        """The address of a picture that WeasyPrint reads itself."""
        address = self._address(content)
        self.files[address] = content, media
        return address

    def _picture(self, width: float, height: float, placed: tuple[Placed, ...]) -> str:
        """The address of a picture; equal pictures share one."""
        address = self._address(placed)
        if address not in self.pictures:
            self.pictures[address] = Picture(width, height, placed, self._lettering)
        return address

    def _address(self, image: tuple[Placed, ...] | bytes) -> str:
        return self._addresses.setdefault(image, f"{SCHEME}:image/{len(self._addresses)}")
