"""Maps as grids: where cells stand, what is framed and marked, in words and on blank sheets."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from xml.etree.ElementTree import fromstring

import pytest

from stepcalc.board.nodes import Blank, Dots, Glyph, Num, Sym, Words
from stepcalc.sheet.blank import blanked
from stepcalc.sheet.blocks import Grid, Grids, Heading
from stepcalc.sheet.grid_drawing import svg, tikz
from stepcalc.sheet.grid_placing import WIDEST, place_grids
from stepcalc.sheet.grid_words import described, outline
from stepcalc.sheet.placing import BoundingBox
from stepcalc.sheet.words import words

SVG = "{http://www.w3.org/2000/svg}"
X, Z = (Sym(Glyph(letter, bold=True), letter.lower()) for letter in "XZ")


def numbers(*rows: str, name: str = "z", found: bool = True) -> tuple[tuple[Num, ...], ...]:
    return tuple(
        tuple(Num(text, f"{name}[{i},{j}]", found=found) for j, text in enumerate(row.split(), start=1))
        for i, row in enumerate(rows, start=1)
    )


def pair() -> Grids:
    image = Grid(X, numbers("1 0 2", "3 -4 5", "0 6 7", name="x"), ((0, 1), (1, 2)), frozenset({(1, 2)}), "→")
    return Grids((image, Grid(Z, numbers("0.5 2.061e-9", "12345.6 5"))), ("Framed: the window.",))


def boxes(block: Grids) -> list[BoundingBox]:
    corners = [(grid, (len(grid.grid.rows) - 1, len(grid.grid.rows[0]) - 1)) for grid in place_grids(block).grids]
    return [grid.box((0, 0), last) for grid, last in corners]


def test_nothing_stands_on_anything_else() -> None:
    block = Grids(tuple(replace(grid, title="a rather long title of a map") for grid in pair().grids * 4))
    placed = place_grids(block)
    assert placed.width <= WIDEST
    found = boxes(block)
    assert all(one.overlap(other) == 0 for one, other in combinations(found, 2))
    for grid in placed.grids:
        assert min(grid.at) >= 0
        assert grid.at[0] + grid.size[0] <= placed.width
        assert grid.at[1] + grid.size[1] <= placed.height


def test_what_a_sign_joins_stays_together() -> None:
    wide = Grid(X, numbers(" ".join(["123.456"] * 5)), sign="→")
    placed = place_grids(Grids((replace(wide, sign=""), wide, replace(wide, sign="")))).grids
    assert placed[0].at[1] < placed[1].at[1] == placed[2].at[1]


def test_every_number_is_in_the_picture_with_its_name() -> None:
    image = fromstring(svg(pair(), "what it shows"))
    assert image.get("aria-label") == "what it shows"
    items = [group.get("data-item") for group in image.iter(f"{SVG}g")]
    assert items == [cell.item for grid in pair().grids for row in grid.rows for cell in row]  # type: ignore[union-attr]
    written = [text.text for text in image.iter(f"{SVG}text")]
    assert {"1", "−4", "12345.6", "→"} <= set(written)


def test_frames_and_marks_are_lines_and_shades() -> None:
    def strokes(block: Grids) -> list[tuple[str | None, str | None]]:
        return [(box.get("fill"), box.get("stroke-width")) for box in fromstring(svg(block)).iter(f"{SVG}rect")]

    plain = Grids(tuple(replace(grid, framed=None, marked=frozenset()) for grid in pair().grids))
    added = strokes(pair())
    for stroke in strokes(plain):
        added.remove(stroke)
    assert len(added) == 3  # a shade, a line within the cell, a thick frame
    assert len(tikz(pair()).splitlines()) == len(tikz(plain).splitlines()) + 3


def test_signs_in_latex() -> None:
    image, result = pair().grids
    written = tikz(Grids((replace(image, sign="+ ⋯ →"), result)))
    assert r"+ $\cdots$ $\rightarrow$" in written
    assert written.isascii()


def test_in_words() -> None:
    said = described(pair(), words().phrases)
    assert "Framed: rows 1 to 2, columns 2 to 3 of what is shown." in said
    assert "Marked: row 2, column 3." in said
    assert "minus 4" in said
    assert described(Grids((Grid("input", ((Words("1×6×6"),),)),)), words().phrases) == "input: 1×6×6."


def test_as_text() -> None:
    assert outline(pair(), 80) == [
        "X                        Z",
        "   1    [0]   [2]                0.5 2.061·10⁻⁹",
        "   3   [−4]   [5]*   →       12345.6          5",
        "   0     6     7",
    ]
    narrow = outline(pair(), 30)
    assert max(map(len, narrow)) <= 30
    assert [line for line in narrow if "Z" in line] == ["Z"]


def test_a_blank_grid_has_empty_cells_and_no_marks() -> None:
    def is_data(item: str | None) -> bool:
        return item is not None and item.startswith("x")

    _, left = blanked((Heading(("Forward",), 1, key="forward"), pair()), "results", is_data)
    assert isinstance(left, Grids)
    image, found = left.grids
    assert image.rows == pair().grids[0].rows
    assert image.marked == frozenset()
    assert image.framed == pair().grids[0].framed
    assert found.rows == ((Blank(7), Blank(7)), (Blank(7), Blank(7)))
    assert place_grids(left).grids[1].cell > (40, 20)
    assert "12345" not in svg(left) + tikz(left) + described(left, words().phrases) + "".join(outline(left, 80))


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "\\input{/etc/passwd} & 100 %", "\x00\u202e"])
def test_hostile_titles(title: str) -> None:
    block = Grids((Grid(title, ((Dots("h"), None),)),))
    fromstring(svg(block, title.replace("\x00", "")))
    assert "\\input" not in tikz(block)
    assert "<script" not in svg(block)
