"""A sheet as a tagged PDF, by WeasyPrint; nothing is read but the package's own fonts and formulas."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from markupsafe import Markup

from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.board.spoken import Phrases, spoken
from stepcalc.options import PLAIN, Options
from stepcalc.sheet.blocks import Diagram, Formula, Inline, Sheet
from stepcalc.sheet.diagram import svg
from stepcalc.sheet.glyphs import font_file
from stepcalc.sheet.ink import Ink
from stepcalc.sheet.page import Page, page
from stepcalc.sheet.paper_lines import Piece, PrintedRow, printed_rows
from stepcalc.sheet.picture import Picture
from stepcalc.sheet.templates import html_templates
from stepcalc.sheet.typeset import typeset
from stepcalc.sheet.words import words

SCHEME = "stepcalc"
_FONTS = {f"{SCHEME}:font/text": 0, f"{SCHEME}:font/fallback": 1}
_MUTED = 0.35


def pdf(sheet: Sheet, options: Options = PLAIN, *, compress: bool = True) -> bytes:
    """``sheet`` as PDF/UA-1, the same bytes for the same sheet and ``SOURCE_DATE_EPOCH``."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    paper = page(options)
    writer = PrintWriter(paper, words(sheet.language).phrases)
    written_page = html_templates().get_template("print.html.j2").render(sheet=sheet, draw=writer, page=paper)
    document = HTML(string=written_page, url_fetcher=fetcher(writer.files), base_url=f"{SCHEME}:page")
    with _errors_only():
        written: bytes = document.write_pdf(
            font_config=FontConfiguration(), pdf_variant="pdf/ua-1", uncompressed_pdf=not compress,
            cache=dict(writer.pictures),
        )  # fmt: skip
    return written


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

    ``pictures`` and ``files`` hold by their addresses what is drawn here, and what WeasyPrint reads as SVG.
    """

    def __init__(self, paper: Page, phrases: Phrases) -> None:
        self.paper = paper
        self.phrases = phrases
        self.pictures: dict[str, Picture] = {}
        self.files: dict[str, str] = {}
        self._addresses: dict[tuple[Ink, float] | str, str] = {}

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        return Markup("").join(clean(piece) if isinstance(piece, str) else self.math(piece) for piece in run)

    def math(self, node: Node | Equation) -> Markup:
        """One formula in running text."""
        return self._image(typeset(node, display=False), node)

    def rows(self, formula: Formula) -> list[PrintedRow]:
        """The lines of a formula, broken to the width of the page."""
        return printed_rows(formula.lines, self.paper.line_width)

    def picture(self, piece: Piece) -> Markup:
        """A part of such a line."""
        grey = _MUTED if piece.muted else 0.0
        return self._image(piece.ink, piece.formula, piece.before, grey, piece.room, piece.lift)

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as a picture."""
        image = svg(diagram)
        address = self._address(image)
        self.files[address] = image
        return Markup('<img class="picture" src="{}" alt="{}">').format(address, clean(diagram.alternative))

    def _image(
        self,
        ink: Ink,
        formula: Node | Equation,
        before: float = 0.0,
        grey: float = 0.0,
        room: float = inf,
        lift: float = 0.0,
    ) -> Markup:
        room = min(room, self.paper.line_width)
        address = self._address((ink, grey))
        if address not in self.pictures:
            self.pictures[address] = Picture(ink, grey)
        scale = min(1.0, room / max(ink.width, 1.0))
        styles = {"vertical-align": 0.0 if lift else -ink.descent, "margin-left": before, "margin-top": -lift}
        if ink.width > room:
            scale = room / ink.width
            styles["vertical-align"] *= scale
            styles |= {"width": room, "height": scale * (ink.ascent + ink.descent)}
        style = ";".join(f"{name}:{value:.2f}px" for name, value in styles.items() if abs(value) >= 0.005)
        return Markup('<img src="{}" alt="{}" style="{}">').format(address, spoken(formula, self.phrases), style)

    def _address(self, image: tuple[Ink, float] | str) -> str:
        """The address that the image is fetched from; equal images share one."""
        return self._addresses.setdefault(image, f"{SCHEME}:image/{len(self._addresses)}")


def fetcher(files: dict[str, str]) -> Any:
    """WeasyPrint's way to the outside: closed, but for the page's own pictures and the fonts of its libraries."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url in files:
                return URLFetcherResponse(url, files[url].encode(), {"Content-Type": "image/svg+xml"})
            if url in _FONTS:
                return URLFetcherResponse(url, font_file(_FONTS[url]).read_bytes(), {"Content-Type": "font/ttf"})
            raise PermissionError(f"a sheet loads nothing from outside: {url}")

    return OwnFilesOnly()
