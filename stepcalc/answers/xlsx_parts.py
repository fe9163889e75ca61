"""The small files of a workbook: what points where, the texts that cells share, the formats of numbers.

Every file is XML, read element by element; one that declares entities is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from xml.parsers import expat

from stepcalc.answers.files import refuse
from stepcalc.answers.shown_numbers import FORMATS, GENERAL

MAX_DEPTH = 50

Attributes = Mapping[str, str]


class Part:
    """Reads one XML file of a workbook, element by element. Elements come without their prefixes."""

    def __init__(self) -> None:
        self._depth = 0

    def begin(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, characters: str) -> None:
        """Characters of the present element."""

    def read(self, data: bytes) -> None:
        """Read the file's bytes."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            refuse("damaged: a part of the workbook is not XML")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            refuse("nested too deeply")
        self.begin(_local(name), attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(_local(name))


@lru_cache(1000)
def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    refuse("it declares entities, as no workbook does")


class Relations(Part):
    """Which file each id stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class Workbook(Part):
    """The ids of the sheets that are shown, and from when days are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[str] = []
        self.since_1904 = False

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            self.sheets += [value for key, value in attributes.items() if _local(key) == "id"]
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")


class SharedStrings(Part):
    """The texts that cells share, without the readings that stand beside Asian ones."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._in: set[str] = set()

    def begin(self, name: str, attributes: Attributes) -> None:
        self._in.add(name)
        if name == "si":
            self._pieces = []

    def end(self, name: str) -> None:
        self._in.discard(name)
        if name == "si":
            self.strings.append("".join(self._pieces))

    def text(self, characters: str) -> None:
        if {"si", "t"} <= self._in and "rPh" not in self._in:
            self._pieces.append(characters)


class Styles(Part):
    """The number format of each cell style."""

    def __init__(self) -> None:
        super().__init__()
        self.formats: list[str] = []
        self._codes: dict[str, str] = dict(FORMATS)
        self._in_cells = False

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", GENERAL)
        if name == "cellXfs":
            self._in_cells = True
        if name == "xf" and self._in_cells:
            self.formats.append(self._codes.get(attributes.get("numFmtId", "0"), GENERAL))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False
