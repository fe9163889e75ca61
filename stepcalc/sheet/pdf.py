"""A sheet as a tagged PDF, by WeasyPrint; nothing is read but the package's own fonts and formulas."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from markupsafe import Markup

from stepcalc.board.layout import broken, split_at_relations
from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.sheet.blocks import Diagram, Formula, Inline, Sheet
from stepcalc.sheet.diagram import svg
from stepcalc.sheet.rows import Row
from stepcalc.sheet.templates import html_templates
from stepcalc.sheet.typeset import Typeset, typeset

PAGE_WIDTH = 612.0
"""Pixels of 1/96 inch that a formula may take, as templates/print.css sets the margins."""
REASON_WIDTH = 170.0
"""What a reason at the right of a formula takes of it."""
LEFT_SHARE = 0.45
"""The most that a left side takes of a line; a longer one is set smaller."""
SCHEME = "stepcalc"


def pdf(sheet: Sheet, *, compress: bool = True) -> bytes:
    """``sheet`` as PDF/UA-1 on A4, the same bytes for the same sheet and ``SOURCE_DATE_EPOCH``."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    writer = PrintWriter()
    page = html_templates().get_template("print.html.j2").render(sheet=sheet, draw=writer)
    document = HTML(string=page, url_fetcher=fetcher(writer.images), base_url=f"{SCHEME}:page")
    with _errors_only():
        written: bytes = document.write_pdf(
            font_config=FontConfiguration(), pdf_variant="pdf/ua-1", uncompressed_pdf=not compress
        )
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
    """What the template asks for on paper: formulas as pictures, with their text for those who cannot see them."""

    def __init__(self) -> None:
        self.images: dict[str, str] = {}
        self._addresses: dict[str, str] = {}

    def inline(self, run: tuple[Inline, ...]) -> Markup:
        """Running text with its mathematics."""
        return Markup("").join(clean(piece) if isinstance(piece, str) else self.math(piece) for piece in run)

    def math(self, node: Node | Equation) -> Markup:
        """One formula in running text."""
        return self._image(typeset(node, display=False), text(node, inline=True))

    def rows(self, formula: Formula) -> list[Row]:
        """The lines of a formula, broken to the width of the page."""
        lefts = [split_at_relations(equation) for equation in formula.lines]
        room = PAGE_WIDTH - (REASON_WIDTH if any(line.reason or line.aside for line in formula.lines) else 0)
        margin = max((typeset(left).width for left, chunks in lefts if left is not None and chunks), default=0.0)
        margin = min(margin, LEFT_SHARE * room)
        return [
            self._row(line, margin, room)
            for equation in formula.lines
            for line in broken(equation, _measure_right, room - margin)
        ]

    def diagram(self, diagram: Diagram) -> Markup:
        """The network as a picture."""
        return self._picture(svg(diagram), diagram.alternative)

    def _row(self, line: Equation, margin: float, room: float) -> Row:
        left, chunks = split_at_relations(line)
        aside = self.math(line.aside) if line.aside else Markup("")
        if left is not None and not chunks:
            whole = self._image(typeset(left), text(left, inline=True), room)
            return Row(whole, Markup(""), line.reason, aside, whole=True)
        rest = line if line.continued else Equation(line.parts[1:], line.relations, continued=True)
        right = self._image(typeset(rest), text(rest, inline=True), room - margin)
        before = self._image(typeset(left), text(left, inline=True), margin) if left is not None else Markup("")
        return Row(before, right, line.reason, aside)

    def _image(self, drawn: Typeset, words: str, room: float = PAGE_WIDTH) -> Markup:
        scale = min(1.0, room / drawn.width)
        width, height, depth = drawn.width * scale, drawn.height * scale, drawn.depth * scale
        size = f"width:{width:.3f}px;height:{height:.3f}px;vertical-align:{-depth:.3f}px"
        return Markup('<img class="math" src="{}" alt="{}" style="{}">').format(self._address(drawn.svg), words, size)

    def _picture(self, image: str, words: str) -> Markup:
        return Markup('<img class="picture" src="{}" alt="{}">').format(self._address(image), words)

    def _address(self, image: str) -> str:
        """The address that the image is fetched from; equal images share one."""
        address = self._addresses.setdefault(image, f"{SCHEME}:image/{len(self._addresses)}")
        self.images[address] = image
        return address


def _measure_right(line: Equation) -> float:
    """The width from the first relation on."""
    if not line.continued and line.relations:
        line = Equation(line.parts[1:], line.relations, continued=True)
    return typeset(line).width


def fetcher(images: dict[str, str]) -> Any:
    """WeasyPrint's way to the outside: closed, but for the page's own pictures and the fonts of its libraries."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url in images:
                return URLFetcherResponse(url, images[url].encode(), {"Content-Type": "image/svg+xml"})
            if url in _FONTS:
                return URLFetcherResponse(url, _font(url).read_bytes(), {"Content-Type": "font/ttf"})
            raise PermissionError(f"a sheet loads nothing from outside: {url}")

    return OwnFilesOnly()


_FONTS = {
    f"{SCHEME}:font/text": ("ziamath", "STIXTwoMath-Regular.ttf"),
    f"{SCHEME}:font/fallback": ("ziafont", "DejaVuSans.ttf"),
}


def _font(url: str) -> Path:
    from importlib.util import find_spec

    package, name = _FONTS[url]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return Path(spec.origin).parent / "fonts" / name
