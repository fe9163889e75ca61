"""The marks as a grade book: a row for each student, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from stepcalc.answers.safe import neutralised
from stepcalc.board.plain import clean
from stepcalc.marking.marks import StudentMarks
from stepcalc.reports.notes import first_error, note
from stepcalc.reports.report import Report

MOST = 3
"""So many wrong steps, and so many whose marks were set by hand, are spoken of in a comment."""


def grade_book(report: Report) -> str:
    """CSV: identity columns as they were, marks per item, total, first error, comment."""
    say, marks = report.words.plain, report.marks
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    variant = (say("marks.grade_variant"),) if marks.answers.variants else ()
    items = tuple(column.item for column in marks.columns)
    totals = (say("marks.grade_total"), say("marks.grade_first"), say("marks.grade_comment"))
    header = (say("marks.grade_student"), *variant, *marks.answers.others, *items, *totals)
    rows.writerow(map(safe, header))
    for student in marks:
        points = {mark.item: report.points(mark.marks) for mark in student.items}
        rows.writerow(
            [
                safe(student.student),
                *([safe(student.variant)] if variant else ()),
                *map(safe, student.others.values()),
                *(points.get(item, "") for item in items),
                report.points(student.marks),
                safe(student.first_error or ""),
                safe(comment(report, student)),
            ]
        )
    return written.getvalue()


def safe(cell: str) -> str:
    """A cell on one line that no spreadsheet takes for a formula."""
    return neutralised(clean(cell).strip())


def comment(report: Report, student: StudentMarks) -> str:
    """What a student is told in one cell: where the error entered, what is wrong, and what was decided by hand."""
    said = [report.told(sentence) for sentence in first_error(report, student)]
    marks = sorted(student.items, key=report.place)
    wrong = [mark for mark in marks if mark.verdict == "wrong"][:MOST]
    decided = [mark for mark in marks if mark.decided is not None and mark not in wrong][:MOST]
    told = sorted((*wrong, *decided), key=report.place)
    said += [f"{report.told((report.symbol(mark.item),))}: {report.told(note(report, mark))}" for mark in told]
    return " ".join(said)
