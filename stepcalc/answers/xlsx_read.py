"""Workbooks of Excel, read with the standard library: bounded, nothing evaluated, no entities, no macros.

The format is ECMA-376: a zip archive of XML files. Formulas have the value that was saved with them.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stepcalc.answers.files import read_bytes, refuse
from stepcalc.answers.shown_numbers import GENERAL, Shown, shown_number
from stepcalc.answers.table import MAX_CELLS, MAX_COLUMNS, Row, Table
from stepcalc.answers.xlsx_parts import Attributes, Part, Relations, SharedStrings, Styles, Workbook

MAX_WORKBOOK = 50_000_000
MAX_UNPACKED = 100_000_000
MAX_PARTS = 2_000

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def read_xlsx(path: Path) -> Table:
    """The table on the first sheet that is shown. Raises :class:`InputError` for what is no workbook, or too large."""
    data = read_bytes(path, MAX_WORKBOOK)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        refuse("an old or encrypted workbook; save it as .xlsx, without a password")
    try:
        with zipfile.ZipFile(path) as archive:
            return _table(Package(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError):
        refuse("not a readable workbook")


class Package:
    """The files of a workbook; together they may not unpack to more than ``MAX_UNPACKED``."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_UNPACKED
        if len(archive.infolist()) > MAX_PARTS:
            refuse(f"more than the {MAX_PARTS:,} parts that a workbook may have")

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._archive.NameToInfo

    def bytes(self, name: str) -> bytes:
        """What a file unpacks to, which is bounded whatever the archive claims."""
        info = self._archive.getinfo(name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse("packed in a way that Excel does not pack")
        self._left -= info.file_size  # zipfile reads no more of it than that
        if self._left < 0:
            refuse(f"it unpacks to more than {MAX_UNPACKED / 1e6:,.0f} MB")
        return self._archive.read(info)

    def related(self, name: str) -> Mapping[str, str]:
        """The files that the file ``name`` points to, by id; of "" those that the workbook begins with."""
        folder, _, file = name.rpartition("/")
        folder = f"{folder}/" if folder else ""
        relations = Relations()
        if self.has(place := f"{folder}_rels/{file}.rels"):
            relations.read(self.bytes(place))
        whole = ((key, target.removeprefix("/"), target.startswith("/")) for key, target in relations.targets.items())
        return {key: target if at_the_top else folder + target for key, target, at_the_top in whole}


@dataclass
class _Cell:
    """One cell while it is read."""

    column: int
    kind: str
    style: str
    pieces: list[str] = field(default_factory=list)
    formula: bool = False


class Sheet(Part):
    """The rows of one sheet."""

    def __init__(self, strings: list[str], formats: list[str], shown: Callable[[str, str], Shown]) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.notices: list[str] = []
        self._strings, self._formats, self._shown = strings, formats, shown
        self._number = self._count = 0
        self._cells: list[str] = []
        self._cell: _Cell | None = None
        self._in: set[str] = set()

    def begin(self, name: str, attributes: Attributes) -> None:
        self._in.add(name)
        if name == "row":
            number = attributes.get("r", "")
            self._number = (
                int(number) if number.isascii() and number.isdigit() and len(number) < 9 else self._number + 1
            )
            self._cells = []
        elif name == "c":
            place = _column(attributes.get("r", "")) or len(self._cells) + 1
            if place > MAX_COLUMNS:
                refuse(f"more than the {MAX_COLUMNS:,} columns that are read")
            self._cell = _Cell(place, attributes.get("t", "n"), attributes.get("s", "0"))
        elif name == "f" and self._cell is not None:
            self._cell.formula = True

    def text(self, characters: str) -> None:
        if self._cell is not None and ("v" in self._in or {"is", "t"} <= self._in) and "rPh" not in self._in:
            self._cell.pieces.append(characters)

    def end(self, name: str) -> None:
        self._in.discard(name)
        if name == "c" and self._cell is not None:
            self._place(self._cell)
            self._cell = None
        elif name == "row":
            self._count += len(self._cells)
            if self._count > MAX_CELLS:
                refuse(f"more than the {MAX_CELLS:,} cells that are read")
            if any(self._cells):
                self.rows.append((self._number, self._cells))

    def _place(self, cell: _Cell) -> None:
        text = self._text(cell)
        if text:
            self._cells += [""] * (cell.column - len(self._cells))
            self._cells[cell.column - 1] = text

    def _text(self, cell: _Cell) -> str:
        text = "".join(cell.pieces)
        if cell.kind == "s":
            place = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
            return self._strings[place] if 0 <= place < len(self._strings) else ""
        if cell.kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if not text and cell.formula:
            self._tell(cell, "a formula without a value; open the workbook in a spreadsheet and save it")
        if cell.kind != "n" or not text:
            return text
        place = int(cell.style) if cell.style.isascii() and cell.style.isdigit() and len(cell.style) < 9 else 0
        found = self._shown(text, self._formats[place] if place < len(self._formats) else GENERAL)
        if found.notice:
            self._tell(cell, found.notice)
        return found.text

    def _tell(self, cell: _Cell, notice: str) -> None:
        self.notices.append(f"row {self._number}, column {cell.column}: {notice}")


def _column(reference: str) -> int:
    """The number of the column in ``AB12``; 0 where there is none."""
    found = _REFERENCE.fullmatch(reference)
    number = 0
    for letter in found[1] if found else "":
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _table(package: Package) -> Table:
    main = next((name for name in package.related("").values() if name.endswith("workbook.xml")), "xl/workbook.xml")
    workbook, strings, styles = Workbook(), SharedStrings(), Styles()
    workbook.read(package.bytes(main))
    parts = package.related(main)
    for name in parts.values():
        if name.endswith("sharedStrings.xml"):
            strings.read(package.bytes(name))
        elif name.endswith("styles.xml"):
            styles.read(package.bytes(name))
    if not workbook.sheets:
        refuse("no sheet of the workbook is shown")
    sheet = Sheet(strings.strings, styles.formats, lambda text, code: shown_number(text, code, workbook.since_1904))
    sheet.read(package.bytes(parts[workbook.sheets[0]]))
    if not sheet.rows:
        refuse("the first sheet is empty")
    (_, header), *rows = sheet.rows
    filled = [(number, [*cells, *[""] * (len(header) - len(cells))]) for number, cells in rows]
    return Table(tuple(header), filled, tuple(sheet.notices))
