"""One student's marks as blocks: the first error, every item, notes that teach, and how was marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stepcalc.marking.marks import ItemMark, StudentMarks
from stepcalc.reports.changes import changed
from stepcalc.reports.notes import RIGHT, Sentence, first_error, notes, policy
from stepcalc.reports.report import Report, heading
from stepcalc.sheet.blocks import Block, Bullets, Inline, Prose, Sheet, Table

SIGNS = {"correct": "✓", "rounding": "≈", "follow_through": "↳", "wrong": "✗", "missing": "–", "invalid": "?"}
"""What stands before a verdict, so that nothing depends on colour."""
COLUMNS = ("item", "given", "expected", "verdict", "marks", "note")


def student_sheet(report: Report, student: StudentMarks) -> Sheet:
    """The marks of one student, without the worked solution."""
    told = (
        *summary(report, student),
        *changed(report),
        heading(report, "items_heading"),
        *items(report, student, student.items),
    )
    return Sheet(student_title(report, student), (*told, *how(report), *noticed(report)), report.words)


def student_title(report: Report, student: StudentMarks) -> str:
    """The problem and whose answers these are."""
    return report.words.plain("marks.title", problem=report.title, student=student.student)


def summary(report: Report, student: StudentMarks) -> Iterator[Block]:
    """The marks, and where the first error is."""
    most = report.points(sum(mark.worth for mark in student.items))
    yield Prose(report.words.say("marks.points", marks=report.points(student.marks), most=most))
    said: list[Inline] = []
    for sentence in first_error(report, student):
        said += [" ", *sentence] if said else sentence
    complete = all(mark.verdict in RIGHT and mark.marks >= mark.worth for mark in student.items)
    yield Prose(tuple(said), "check" if complete else "warning")


def items(report: Report, student: StudentMarks, marks: Sequence[ItemMark]) -> Iterator[Block]:
    """The answers in rows, and under the table what there is to say, each thing once."""
    told = [(said, [mark.item for mark in together]) for said, together in notes(report, marks) if said]
    numbers = {item: number for number, (_, named) in enumerate(told, start=1) for item in named}
    header = tuple(report.words.say(f"marks.{column}") for column in COLUMNS)
    yield Table(header, tuple(_row(report, mark, student, numbers) for mark in marks))
    if told:
        yield Bullets(
            tuple(
                report.words.say("marks.noted", number=number, items=report.symbols(named), note=said)
                for number, (said, named) in enumerate(told, start=1)
            )
        )


def _row(
    report: Report, mark: ItemMark, student: StudentMarks, numbers: dict[str, int]
) -> tuple[tuple[Inline, ...], ...]:
    verdict = f"{SIGNS[mark.verdict]} {report.words.plain(f'marks.{mark.verdict}')}"
    number = numbers.get(mark.item)
    told = () if number is None else report.words.say("marks.number", number=number)
    first = (f" ← {report.words.plain('marks.first')}",) if mark.item == student.first_error else ()
    return (
        (report.symbol(mark.item),),
        (report.given(mark),),
        report.expected(mark),
        (verdict,),
        (report.points(mark.marks),),
        (*told, *first),
    )


def how(report: Report) -> Iterator[Block]:
    """The policy in force."""
    yield heading(report, "policy_heading")
    yield Bullets(tuple(policy(report)))


def noticed(report: Report) -> Iterator[Block]:
    """What was wrong with the file, which is nothing for a student's eyes where it names others."""
    if report.marks.answers.notices:
        yield heading(report, "notices_heading")
        yield Bullets(plain(report.marks.answers.notices))


def plain(lines: Sequence[str]) -> tuple[Sentence, ...]:
    """Lines of text as sentences."""
    return tuple((line,) for line in lines)
