"""An exam on paper: the question, the key, the booklet, the answer sheet and the rubric."""

from __future__ import annotations

from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Question
from stepcalc.options import PLAIN, Options
from stepcalc.output import Content
from stepcalc.sheet.blocks import Block, Heading, Room, Sheet


def question_sheet(paper: Paper) -> Sheet:
    """What a student is handed."""
    blocks = [block for question in paper.questions for block in _asked(question)]
    return Sheet(paper.title, (*paper.statement, *blocks), paper.words)


def key_sheet(paper: Paper) -> Sheet:
    """What is right."""
    blocks = [block for question in paper.questions for block in (*question.prompt, *question.solution)]
    return Sheet(paper.title, (*paper.statement, *blocks), paper.words)


def _asked(question: Question) -> list[Block]:
    return [Heading(question.title, 1), *question.prompt, Room(question.lines)]


def write(sheet: Sheet, format: str, options: Options = PLAIN) -> Content:
    """A sheet in a format."""
    if format == "html":
        from stepcalc.sheet.html import html

        return html(sheet, options)
    if format == "tex":
        from stepcalc.sheet.latex import latex

        return latex(sheet, options)
    from stepcalc.sheet.pdf import pdf

    return pdf(sheet, options)
