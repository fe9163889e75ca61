"""What goes back to a course platform: a grade book filled in, and feedback files in an archive."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepcalc.answers.gradebook import Filled
    from stepcalc.marking.marks import Marks
    from stepcalc.options import Options
    from stepcalc.output import Content

    Page = tuple[str, Content]

FILLED = ".filled"
"""What a grade book's name has in front of its ending when it is filled in."""


def filled(marks: Marks, book: str, column: str | None, comments: str | None, options: Options) -> Filled:
    """The grade book in the file ``book`` with everybody's marks and comments."""
    from stepcalc.answers.gradebook import Result, fill
    from stepcalc.answers.identity import identities
    from stepcalc.reports.writing import comments as comments_on

    results = [
        Result(student, float(total), comment, identities(marks.answers, row))
        for row, (student, total, comment) in enumerate(
            zip(marks.answers.students, marks.totals, comments_on(marks, options), strict=True)
        )
    ]
    return fill(book, results, column, comments)


def filled_name(book: str) -> str:
    """What a grade book is called that is filled in: grades.filled.csv."""
    path = Path(book)
    return path.stem + FILLED + path.suffix


def zipped(students: Iterable[str], format: str, written: Iterable[Page], book: Filled | None) -> bytes:
    """Everybody's feedback as one archive, under the names that Moodle expects where its grade book is filled in."""
    from stepcalc.answers.archives import Feedback, feedback_zip
    from stepcalc.output import as_bytes

    identifiers = book.identifiers if book is not None else {}
    return feedback_zip(
        Feedback(student, identifiers.get(student, ""), f"{name}.{format}", as_bytes(content))
        for student, (name, content) in zip(students, written, strict=True)
    )
