"""Workbooks: what other programs write is read, what is hostile is refused, what is written others can read."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcalc.answers.shown_numbers import GENERAL, shown_number
from stepcalc.answers.xlsx_write import workbook
from stepcalc.errors import InputError
from tests.answers.conftest import Read

HEADER = ["student", "z1[1]", "dL/dW1[1,2]", "email"]


def saved(*rows: list[Any], formats: dict[str, str] | None = None, hidden: bool = False) -> bytes:
    """A workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    if hidden:
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("shown")
    for row in rows:
        sheet.append(row)
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_plain_workbook(read: Read) -> None:
    answers = read(saved(HEADER, ["Ännä & <b>", 4.6, "0.80", "a@x"], [], ["ben", None, "−1/3"]), "class.xlsx")
    assert answers.students == ("Ännä & <b>", "ben")
    assert answers.raw == {"z1[1]": ("4.6", ""), "dL/dW1[1,2]": ("0.80", "−1/3")}
    assert answers.others == {"email": ("a@x", "")}
    assert answers.notices == ()


def test_hidden_sheets_are_passed_over(read: Read) -> None:
    assert read(saved(HEADER, ["anna", 1], hidden=True), "class.xlsx").students == ("anna",)


@pytest.mark.parametrize(
    ("stored", "code", "text"),
    [
        ("0.8", "0.00", "0.80"),
        ("0.90763400000000001", GENERAL, "0.907634"),
        ("0.907634", "0.00", "0.907634"),
        ("0.1", GENERAL, "0.1"),
        ("12", "0", "12"),
        ("12", "#,##0.000", "12.000"),
        ("-0.5", "0.00;[Red]-0.00", "-0.50"),
        ("0.91", "0.0%", "0.910"),
        ("1234.5", '0.00" kg"', "1234.50"),
        ("9.07E-8", GENERAL, "0.0000000907"),
        ("9.07E-40", GENERAL, "9.07E-40"),
        ("0.00222", "0.000E+00", "2.220E-3"),
        ("1.25E+20", "0.0E+00", "1.25E+20"),
        ("0", "0.000", "0.000"),
        ("1e400", GENERAL, "1e400"),
        ("nan", GENERAL, "nan"),
        ("4,5", GENERAL, "4,5"),
    ],
)
def test_numbers_have_the_digits_that_are_shown_and_stored(stored: str, code: str, text: str) -> None:
    assert shown_number(stored, code) == (text, "")


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([GENERAL, "0.00", "0.0E+00", "0%", "@"]))
def test_no_number_changes(value: float, code: str) -> None:
    rounded = float(f"{value:.15g}")
    assert float(shown_number(repr(value), code).text) == rounded


def test_dates_are_told(read: Read) -> None:
    book = saved(HEADER, ["anna", datetime.date(2026, 3, 1), datetime.time(1, 3)], ["ben", 1, 2])
    answers = read(book, "class.xlsx")
    assert answers.raw["z1[1]"] == ("date 2026-03-01", "1")
    assert len(answers.notices) == 2
    assert "such as 1/3" in answers.notices[0]


def test_formulas_have_the_value_that_was_saved(read: Read) -> None:
    book = saved(HEADER, ["anna", "=1/3", "=WEBSERVICE(1)"])
    with_value = rewritten(book, "xl/worksheets/sheet1.xml", b"<f>1/3</f><v />", b"<f>1/3</f><v>0.25</v>")
    answers = read(with_value, "class.xlsx")
    assert answers.raw == {"z1[1]": ("0.25",), "dL/dW1[1,2]": ("",)}
    assert answers.notices[0].startswith("row 2, column 3: a formula without a value")


def rewritten(book: bytes, part: str, before: bytes, after: bytes, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with something in it replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(stream, "w", packed) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                assert before in data
                data = data.replace(before, after)
            new.writestr(name, data)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><worksheet "
BOOK = saved(HEADER, ["anna", 1])


def bomb() -> bytes:
    """A workbook of some 100 kB whose sheet unpacks to 101 MB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
        with new.open(SHEET, "w") as sheet:
            for _ in range(101):
                sheet.write(b" " * 1_000_000)
    return stream.getvalue()


def lying(book: bytes) -> bytes:
    """A workbook that says of its parts that they are small."""
    data = bytearray(book)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = (100).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def other_zip(parts: int = 1) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(parts):
            archive.writestr(f"../../etc/passwd{number}", "root")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("book", "told"),
    [
        (b"", "not a readable workbook"),
        (b"PK\x03\x04 and no more", "not a readable workbook"),
        (BOOK[:-500], "not a readable workbook"),
        (other_zip(), "not a readable workbook"),
        (other_zip(2001), "more than the 2,000 parts that a workbook may have"),
        (rewritten(BOOK, SHEET, b"", b"", zipfile.ZIP_LZMA), "packed in a way that Excel does not pack"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old or encrypted workbook; save it as .xlsx, without a password"),
        (rewritten(BOOK, SHEET, b"<worksheet ", ENTITIES), "it declares entities, as no workbook does"),
        (rewritten(BOOK, SHEET, b"</row>", b"</wor>"), "damaged: a part of the workbook is not XML"),
        (rewritten(BOOK, SHEET, b"<sheetData>", b"<a>" * 60 + b"<sheetData>"), "nested too deeply"),
        (rewritten(BOOK, SHEET, b'r="A1"', b'r="ZZZ1"'), "more than the 5,000 columns that are read"),
        (rewritten(BOOK, SHEET, b'r="D1"', b'r="E1"'), None),
        (lying(bomb()), "not a readable workbook"),
        (bomb(), "it unpacks to more than 100 MB"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_hostile_workbooks(read: Read, book: bytes, told: str | None) -> None:
    if told is None:
        assert read(book, "class.xlsx").students == ("anna",)
        return
    with pytest.raises(InputError) as caught:
        read(book, "class.xlsx")
    assert [str(fault) for fault in caught.value.faults] == [told]


def test_all_parts_together_are_bounded(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        largest = max(archive.getinfo(part).file_size for part in (SHEET, "xl/styles.xml", "xl/workbook.xml"))
    monkeypatch.setattr("stepcalc.answers.xlsx_read.MAX_UNPACKED", largest)
    with pytest.raises(InputError, match="it unpacks to more than"):
        read(BOOK, "class.xlsx")


def test_many_wide_rows_are_bounded(read: Read) -> None:
    rows = b"".join(b'<row><c r="FZZ1"><v>1</v></c></row>' for _ in range(1100))
    book = rewritten(BOOK, SHEET, b"</sheetData>", rows + b"</sheetData>")
    with pytest.raises(InputError, match="more than the 5,000,000 cells"):
        read(book, "class.xlsx")


def test_what_we_write_others_read(tmp_path: Path) -> None:
    rows = [["=cmd|'/c calc'!A1", "0.80"], ["a\x00b\x1f & <c>", "1/3"]]
    (tmp_path / "a.xlsx").write_bytes(workbook(["student", "z1[1]"], ["# legend", "∂L/∂w"], rows, "a/b: [c]"))
    sheet: Any = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["student", "z1[1]"],
        ["# legend", "∂L/∂w"],
        ["=cmd|'/c calc'!A1", "0.80"],
        ["ab & <c>", "1/3"],
    ]
    assert sheet["A3"].data_type == "s"
    assert sheet["B9"].number_format == sheet["B3"].number_format == "@" or sheet.column_dimensions["B"].width


def test_the_same_cells_are_the_same_bytes() -> None:
    one, other = (workbook(["a"], ["b"], [["c"]], "d") for _ in range(2))
    assert one == other
