"""The formats of a report: one document for all students, or pages, one for each and one for the class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from stepcalc.options import FEEDBACK, PLAIN, Options

if TYPE_CHECKING:
    from stepcalc.marking.marks import Marks
    from stepcalc.reports.report import Report
    from stepcalc.sheet.blocks import Block, Sheet

TEXT_FORMATS = ("txt", "csv", "json", "html")
PAGES = ("html", "pdf")
"""Formats of which each student gets a page."""
FORMATS = ("txt", "csv", "json", *PAGES)

_PAGE_WRITERS = {"html": ("stepcalc.sheet.html", "html"), "pdf": ("stepcalc.sheet.pdf", "pdf")}
CLASS = "class"
"""What the page about all of them is called."""
Written = str | bytes
Progress = Callable[[int, int], None]


def document(marks: Marks, format: str, options: Options = PLAIN) -> str:
    """``txt``, ``csv`` or ``json``: everybody's marks in one text.

    Raises :class:`~stepcalc.errors.InputError` where the words of a course cannot be used.
    """
    report = _report(marks, options)
    if format == "json":
        from stepcalc.reports.marks_json import marks_json

        return marks_json(report)
    if format == "csv":
        from stepcalc.reports.grade_book import grade_book

        return grade_book(report)
    from stepcalc.reports.classroom import class_sheet
    from stepcalc.reports.student import student_sheet
    from stepcalc.sheet.text import text

    sheet = student_sheet(report, marks.student(0)) if report.single else class_sheet(report, drawn=False)
    return text(sheet, options)


def pages(
    marks: Marks, format: str, options: Options = PLAIN, progress: Progress | None = None
) -> Iterator[tuple[str, Written]]:
    """``html`` or ``pdf``: for each student the name of a file without its ending, and its page; then the class's.

    A student alone has no class. Raises :class:`~stepcalc.errors.InputError` as :func:`stepcalc.render` does.
    """
    from stepcalc.answers.safe import names_of_files
    from stepcalc.reports.classroom import class_sheet
    from stepcalc.reports.feedback import feedback_sheet

    report, chosen = _report(marks, options), replace(options, layout=FEEDBACK)
    module, function = _PAGE_WRITERS[format]
    write: Callable[[Sheet, Options], Written] = getattr(import_module(module), function)
    names = names_of_files((CLASS, *marks.answers.students), "")[1:]
    solutions: dict[str, tuple[Block, ...]] = {}
    for row, (name, student) in enumerate(zip(names, marks, strict=True)):
        if student.variant not in solutions:
            solutions[student.variant] = _solution(report, student.variant, options)
        yield name, write(feedback_sheet(report, student, solutions[student.variant]), chosen)
        if progress is not None:
            progress(row + 1, len(names))
    if not report.single:
        yield CLASS, write(class_sheet(report, drawn=True), chosen)


def overview(marks: Marks, options: Options = PLAIN) -> str:
    """One page of HTML, for a notebook: the class, or the feedback sheet of a student alone."""
    from stepcalc.reports.classroom import class_sheet
    from stepcalc.reports.feedback import feedback_sheet
    from stepcalc.sheet.html import html

    report, student = _report(marks, options), marks.student(0)
    if report.single:
        sheet = feedback_sheet(report, student, _solution(report, student.variant, options))
    else:
        sheet = class_sheet(report, drawn=True)
    return html(sheet, replace(options, layout=FEEDBACK))


def comments(marks: Marks, options: Options = PLAIN) -> Iterator[str]:
    """What each student is told in one line."""
    from stepcalc.reports.grade_book import comment

    report = _report(marks, options)
    return (comment(report, student) for student in marks)


def _report(marks: Marks, options: Options) -> Report:
    from stepcalc.reports.report import Report
    from stepcalc.sheet.words import words

    return Report(marks, words(options.template))


def _solution(report: Report, variant: str, options: Options) -> tuple[Block, ...]:
    from stepcalc.sheet.story import compose

    return compose(report.trace_of(variant), replace(PLAIN, template=options.template)).blocks
