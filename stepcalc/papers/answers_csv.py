"""All answers of an exam as one table: a row for each variant and item, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from stepcalc.answers.legends import Legend
from stepcalc.answers.safe import neutralised
from stepcalc.board.plain import clean
from stepcalc.board.text import text
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Gap, Order, Question
from stepcalc.papers.wording import letter, places
from stepcalc.rounding import marks_text
from stepcalc.sheet.text import sentence

HEADER = ("variant", "question", "kind", "item", "symbol", "what", "answer", "printed", "tolerance", "marks")


def rows(paper: Paper) -> bytes:
    """The rows of a variant, as CSV."""
    legend = Legend(paper.variant.trace)
    return _csv(row for question in paper.questions for row in _rows(paper, question, legend))


def whole(pieces: Iterable[bytes]) -> str:
    """The table of all variants."""
    return "".join([_csv([HEADER]).decode(), *(piece.decode() for piece in pieces)])


def _rows(paper: Paper, question: Question, legend: Legend) -> Iterator[tuple[str, ...]]:
    begins = (paper.variant.id, str(question.number), question.kind)
    for answer in question.answers:
        marks = marks_text(answer.worth)
        match answer:
            case Gap(item=item, symbol=symbol, value=value, printed=printed, tolerance=tolerance):
                yield (
                    *begins, item, text(symbol, inline=True), legend.what(item),
                    repr(value), printed, repr(tolerance), marks,
                )  # fmt: skip
            case Choice(asked=asked, written=True):
                yield *begins, "", sentence(asked), "", sentence(answer.right.shown), "", "", marks
            case Choice(options=options, asked=asked):
                chosen = letter(options.index(answer.right))
                yield *begins, "", sentence(asked), "", chosen, sentence(answer.right.shown), "", marks
            case Order():
                yield *begins, "", "", "", " ".join(places(answer)), "", "", marks


def _csv(lines: Iterable[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerows([neutralised(clean(cell).strip()) for cell in line] for line in lines)
    return written.getvalue().encode()
