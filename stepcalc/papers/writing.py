"""The papers of a variant, and each in every format: composed and written once, however many ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib import import_module

from stepcalc.exams.paper import Paper
from stepcalc.options import PLAIN
from stepcalc.output import Content, as_bytes
from stepcalc.papers.answer_sheet import answer_sheet
from stepcalc.papers.key_sheet import key_sheet
from stepcalc.papers.options import LEFT_BLANK, PaperOptions
from stepcalc.papers.question_sheet import question_sheet
from stepcalc.papers.rubric import rubric_sheet
from stepcalc.sheet.blocks import ExamSheet, Sheet

SHEETS: dict[str, Callable[[Paper], ExamSheet]] = {
    "question": question_sheet,
    "key": key_sheet,
    "answer_sheet": answer_sheet,
    "rubric": rubric_sheet,
}
"""What is written about a variant. Whose blocks are the same for several variants is written once for them all."""
_WRITERS = {
    "pdf": ("stepcalc.sheet.pdf", "pdf"),
    "tex": ("stepcalc.sheet.latex", "latex"),
    "html": ("stepcalc.sheet.html", "html"),
}
KEPT = 8


@lru_cache(maxsize=KEPT)
def written(paper: Paper, what: str, format: str, options: PaperOptions) -> Content:
    """A paper of a variant in a format."""
    return _written(SHEETS[what](paper), format, options)


@lru_cache(maxsize=KEPT)
def shared(sheet: ExamSheet, format: str, options: PaperOptions) -> bytes:
    """A sheet that other variants may have, too."""
    return as_bytes(_written(sheet, format, options))


def left_blank(said: str, options: PaperOptions) -> bytes:
    """A page of a PDF that says only that it is left blank."""
    from stepcalc.sheet.pdf import pdf

    return pdf(Sheet(said, ()), replace(PLAIN, layout=LEFT_BLANK, paper=options.paper))


def _written(sheet: Sheet, format: str, options: PaperOptions) -> Content:
    module, function = _WRITERS[format]
    write: Callable[..., Content] = getattr(import_module(module), function)
    return write(sheet, options.sheet)
