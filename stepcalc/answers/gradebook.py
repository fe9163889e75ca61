"""Grade books of course platforms, returned with marks and comments filled in and nothing else changed.

Moodle's grading worksheet has the columns Identifier, Full name, Email address, Status, Grade, Maximum Grade, … and
Feedback comments; it reads the comments as HTML. Canvas's grade book has Student, ID, SIS User ID, SIS Login ID,
Section and a column ``Title (number)`` for each assignment, a row "Points Possible" above the students, no comments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from stepcalc.answers.base import Notices, name_of
from stepcalc.answers.csv_file import separator_of
from stepcalc.answers.csv_places import Cell, cells_of, changed, quoted_cell
from stepcalc.answers.files import encoding_of, read_bytes, refuse
from stepcalc.answers.identity import HEADINGS, identity_of, key_of
from stepcalc.answers.matching import Matching
from stepcalc.answers.safe import neutralised
from stepcalc.errors import InputError, did_you_mean
from stepcalc.problem.faults import listed, quoted, shown

MAX_BYTES = 50_000_000
GRADE, MAXIMUM, COMMENTS = "grade", "maximum grade", "feedback comments"
POINTS = "points possible"
READ_ONLY = "(read only)"
NOT_THEIRS = {"N/A": "has no such assignment", "EX": "is excused"}
"""What Canvas writes for a student whose marks nobody enters."""
SHOWN = 5

_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<number>\d+)\)", re.DOTALL)
_WITH_COMMA = re.compile(r"\d+,\d+")


@dataclass(frozen=True)
class Result:
    """What one student got; ``also`` is what else the student is known by (:func:`identity.identities`)."""

    student: str
    marks: float
    comment: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A grade book, filled in; ``identifiers`` are Moodle's, by the students of the results."""

    data: bytes
    notices: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict)


def fill(
    path: str | os.PathLike[str], results: Sequence[Result], column: str | None = None, comments: str | None = None
) -> Filled:
    """The grade book in the CSV file ``path`` with the marks and comments of ``results``, every other byte as it is.

    ``column`` names the column of the marks, for Canvas the title or the number of the assignment; left out, it is
    "Grade", or the only assignment. ``comments`` names the column of the comments, "Feedback comments" by default.
    Students are matched by what is sure (e-mail addresses, identifiers), else by name.

    Raises :class:`InputError` for what is no grade book, and for a column that is not there.
    """
    try:
        data = read_bytes(Path(path), MAX_BYTES)
        mark, encoding = encoding_of(data)
        text = data[len(mark) :].decode(encoding)
        book = GradeBook(text, column, comments)
        filled, notices, identifiers = book.filled(results)
    except InputError as error:
        raise error.named(os.fspath(path)) from None
    return Filled(mark + filled.encode(encoding, "xmlcharrefreplace"), notices, identifiers)


class GradeBook:
    """The rows of a grade book, and which of its columns are which."""

    def __init__(self, text: str, column: str | None, comments: str | None) -> None:
        self.text = text
        self.separator, _ = separator_of(text, _is_known)
        rows = [row for row in cells_of(text, self.separator) if any(cell.text.strip() for cell in row)]
        if len(rows) < 2:
            refuse("no grade book: it has no rows")
        self.header = [cell.text.strip() for cell in rows[0]]
        self.identity = identity_of(self.header)
        first = min((place for places in self.identity.columns.values() for place in places), default=-1)
        if first < 0:
            refuse("no grade book: no column names students or their e-mail addresses")
        above = [row for row in rows[1:] if _is_above(row)]
        self.students = [row for row in rows[1:] if not _is_above(row)]
        self.canvas = any(_has_points(row) for row in above)
        self.marks = self._marks_column(column, above)
        self.comments = self._named(comments, "comments") if comments else self._place(COMMENTS)
        self.decimal_comma = self._writes_commas(above)

    def _place(self, heading: str) -> int | None:
        return next((place for place, word in enumerate(self.header) if word.lower() == heading), None)

    def _named(self, name: str, what: str) -> int:
        """The column that somebody names: by its heading, or the title or the number of an assignment."""
        wanted = key_of(name)
        found = (place for place, heading in enumerate(self.header) if wanted in _ways_of_naming(heading))
        place = next(found, None)
        if place is None:
            refuse(f"no column {quoted(name)} for the {what}{did_you_mean(name, self.header) or self._columns()}")
        return place

    def _columns(self) -> str:
        shown_ones = listed(quoted(heading) for heading in self.header if heading)
        return f"; there are {shown_ones}"

    def _marks_column(self, column: str | None, above: Sequence[Sequence[Cell]]) -> int:
        place: int | None
        if column is not None:
            place = self._named(column, "marks")
        elif self.canvas:
            titles = [at for at, heading in enumerate(self.header) if _ASSIGNMENT.fullmatch(heading)]
            place = titles[0] if len(titles) == 1 else None
        else:
            place = self._place(GRADE)
        if place is None:
            refuse(f"name the column of the marks{self._columns()}")
        if any(place < len(row) and row[place].text.strip() == READ_ONLY for row in above):
            refuse(f"the column {quoted(self.header[place])} is read only")
        return place

    def _writes_commas(self, above: Sequence[Sequence[Cell]]) -> bool:
        """Whether the numbers in the book have decimal commas."""
        places = {self.marks, self._place(MAXIMUM)} - {None}
        cells = (row[at].text for row in (*above, *self.students) for at in places if at is not None and at < len(row))
        return any(_WITH_COMMA.fullmatch(cell.strip()) for cell in cells)

    def filled(self, results: Sequence[Result]) -> tuple[str, tuple[str, ...], dict[str, str]]:
        """The text with every result in its row, what is to be said about it, and the students' identifiers."""
        notices, matched = Notices(), Matching(self.identity, [_texts(row) for row in self.students])
        changes: dict[Cell, str] = {}
        taken: dict[int, str] = {}
        identifiers: dict[str, str] = {}
        for result in results:
            place = matched.row_of((result.student, *result.also))
            if isinstance(place, str):
                notices.tell(f"{quoted(result.student)} {place}; not filled in")
            elif place in taken:
                notices.tell(
                    f"{quoted(result.student)} and {quoted(taken[place])} have the same row; not filled in twice"
                )
            else:
                taken[place] = result.student
                identifiers[result.student] = next(iter(self._identifiers(self.students[place])), "")
                changes |= self._changes(self.students[place], result, notices)
        self._tell_left(taken, notices)
        if self.canvas and self.comments is None and any(result.comment for result in results):
            notices.tell("a grade book of Canvas has no column for comments; they are not filled in")
        return (
            changed(self.text, changes),
            notices.told(),
            {name: found for name, found in identifiers.items() if found},
        )

    def _identifiers(self, row: Sequence[Cell]) -> Iterable[str]:
        at = self._place("identifier")
        return (row[at].text,) if at is not None and at < len(row) else ()

    def _changes(self, row: Sequence[Cell], result: Result, notices: Notices) -> dict[Cell, str]:
        """The cells of a row that change, with what is to stand there."""
        wanted = {self.marks: self._number(result.marks)}
        if self.comments is not None and result.comment:
            wanted[self.comments] = _comment(result.comment, html=not self.canvas)
        if max(wanted) >= len(row):
            notices.tell(f"{quoted(result.student)}: the row ends before its marks; not filled in")
            return {}
        if (there := row[self.marks].text.strip()) in NOT_THEIRS:
            notices.tell(f"{quoted(result.student)} {NOT_THEIRS[there]}; not filled in")
            return {}
        self._tell_too_many(row, result, notices)
        return {row[at]: quoted_cell(text, self.separator, row[at].quoted) for at, text in wanted.items()}

    def _tell_too_many(self, row: Sequence[Cell], result: Result, notices: Notices) -> None:
        at = self._place(MAXIMUM)
        most = row[at].text.strip().replace(",", ".") if at is not None and at < len(row) else ""
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", most) and result.marks > float(most):
            notices.tell(
                f"{quoted(result.student)}: {self._number(result.marks)} marks, more than the maximum of {most}"
            )

    def _number(self, marks: float) -> str:
        text = f"{marks:.5f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self.decimal_comma else text

    def _tell_left(self, taken: Mapping[int, str], notices: Notices) -> None:
        """Which students of the book have no marks."""
        left = [self.identity.full_name(_texts(row)) for place, row in enumerate(self.students) if place not in taken]
        if left:
            named = listed(map(shown, left[:SHOWN])) + (", …" if len(left) > SHOWN else "")
            notices.tell(f"{len(left):,} of the grade book without marks, left as they are: {named}")


def _ways_of_naming(heading: str) -> set[str]:
    parts = _ASSIGNMENT.fullmatch(heading)
    return {key_of(heading), *(map(key_of, parts.groups()) if parts else ())}


def _is_above(row: Sequence[Cell]) -> bool:
    """Whether a row stands above the students in Canvas: the points, and which assignments are hidden."""
    return _has_points(row) or all(not cell.text.strip() for cell in row[:4])


def _has_points(row: Sequence[Cell]) -> bool:
    return row[0].text.strip().lower() == POINTS


def _texts(row: Sequence[Cell]) -> list[str]:
    return [name_of(cell.text) for cell in row]


def _is_known(heading: str) -> bool:
    plain = heading.strip().lower()
    return plain in (GRADE, MAXIMUM, COMMENTS) or any(plain in words for words in HEADINGS.values())


def _comment(text: str, html: bool) -> str:
    """A comment for a cell, of which neither a spreadsheet nor a page takes a part for more than text."""
    lines = text.strip().splitlines()
    return neutralised("<br>".join(escape(line, quote=False) for line in lines) if html else "\n".join(lines))
