"""A workbook of one sheet, as little of the format (ECMA-376) as spreadsheets need; the same cells give the same bytes.

Every cell is text, in cells formatted as text: what students type stays as they type it, 0.80 with its zero and 1/3
no date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from stepcalc.answers.archives import archive

HEADING, LEGEND, TEXT = 1, 2, 3
NARROW, WIDE = 18, 28
"""The widths of columns, in characters."""
LINE = 15
"""The height of a line, in points."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font><font><i/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" '
    'applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def workbook(header: Sequence[str], legend: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> bytes:
    """A workbook with the headings, a legend under them, and rows to fill in; ``title`` is the name of its sheet."""
    sheets = f'<sheet name="{_escaped(_sheet_name(title))}" sheetId="1" r:id="rId1"/>'
    main = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
    parts = {**_FIXED, "xl/workbook.xml": main, "xl/worksheets/sheet1.xml": _sheet(header, legend, rows)}
    return archive({name: (_XML + text).encode("utf-8") for name, text in parts.items()})


def _sheet(header: Sequence[str], legend: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{WIDE if place == 1 else NARROW}" style="{TEXT}" customWidth="1"/>'
        for place in range(1, len(header) + 1)
    )
    styled = [(header, HEADING), (legend, LEGEND), *((row, TEXT) for row in rows)]
    heights = {LEGEND: LINE * max((_lines(text) for text in legend), default=1)}
    lines = "".join(_row(number, cells, style, heights.get(style)) for number, (cells, style) in enumerate(styled, 1))
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="2" '
        'topLeftCell="B3" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>{lines}</sheetData></worksheet>"
    )


def _lines(text: str) -> int:
    """About how many lines a legend takes, wrapped at its words."""
    return -(-len(text) * 4 // (3 * NARROW)) or 1


def _row(number: int, cells: Sequence[str], style: int, height: int | None) -> str:
    inside = "".join(_cell(f"{_letters(place)}{number}", text, style) for place, text in enumerate(cells, 1))
    high = "" if height is None else f' ht="{height}" customHeight="1"'
    return f'<row r="{number}"{high}>{inside}</row>'


def _cell(reference: str, text: str, style: int) -> str:
    if not text:
        return f'<c r="{reference}" s="{style}"/>'
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is></c>'


def _letters(place: int) -> str:
    letters = ""
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _escaped(text: str) -> str:
    """``text`` in XML, without the characters that no XML may hold."""
    return escape("".join(char for char in text if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff")))


def _sheet_name(title: str) -> str:
    """A title as a sheet may be named: short, without the characters that stand in references."""
    return "".join(" " if char in "[]:*?/\\'" else char for char in title)[:31].strip() or "Answers"
