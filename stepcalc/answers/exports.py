"""Exports of quizzes: the responses report of Moodle, and the student analysis of Canvas.

Moodle (``mod/quiz/report/responses``) has a column ``Response 1`` for each question, and ``Question 1`` with its text
if the box for it is ticked; the answers to the gaps of one question stand in one cell, ``part 1: 0.3; part 2: 4``, and
``-`` where nobody answered. Canvas (``student_analysis``) has a column ``4711: text of the question``, followed by one
with its points; the answers to the blanks of one question are joined by commas, and a comma in an answer is ``\\,``.
Both are empty where a student had another question in its place.

A question says which items it asks by their ids in square brackets, ``[z1_2]`` or ``[z1[2]]``, in the order of its
gaps, with ``[-]`` for a gap that asks for none, and which variant it is of by ``[variant 007]``. Where no question says
so, the gaps are the items asked, in their order. A student is marked on one variant: where chance gave somebody
questions of several, those of the first are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from stepcalc.answers.base import Batch, Notices, Submission, name_of
from stepcalc.answers.columns import VARIANT
from stepcalc.answers.files import refuse
from stepcalc.answers.identity import identity_of, names_apart
from stepcalc.answers.names import ItemNames, as_name
from stepcalc.answers.table import Row, Table, fitting_rows


def _numbered(*headings: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(headings)}) (\d{{1,4}})", re.IGNORECASE)


RESPONSE = _numbered("response", "antwort", "réponse", "respuesta", "risposta", "resposta", "antwoord")
QUESTION = _numbered("question", "frage", "pregunta", "domanda", "questão", "vraag")
RIGHT = _numbered("right answer", "richtige antwort", "bonne réponse", "respuesta correcta", "risposta corretta",
                  "resposta correta", "correcte antwoord")  # fmt: skip
"""Headings of Moodle's report, in the languages that courses are held in."""
CANVAS = re.compile(r"\d{1,20}: .*", re.DOTALL)
ATTEMPT = "attempt"
NO_RESPONSE = "-"
NO_ITEM = "[-]"
"""How a question says that one of its gaps is not for the marking: a menu, a choice."""

_PART = re.compile(r"(?:^|; )\w+ (\d{1,4}):(?: |$)")
_ID = re.compile(r"\[((?:[^\s\[\]]|\[[\d,]{1,20}\]){1,100})\]")
_VARIANT = re.compile(r"\[variant ([\w.-]{1,40})\]", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")


def item_mark(item: str) -> str:
    """How a question says that it asks for an item; in a mini-batch the id itself says of which sample."""
    return f"[{item if '@' in item else as_name(item)}]"


def variant_mark(variant: str) -> str:
    """How a question says which variant it is of."""
    return f"[variant {variant}]"


def is_question(heading: str) -> bool:
    """Whether a heading is that of the answers to one question of a quiz."""
    plain = heading.strip()
    return RESPONSE.fullmatch(plain) is not None or CANVAS.fullmatch(plain) is not None


@dataclass(frozen=True)
class Question:
    """One question of a quiz: where its answers stand, and the column, or the heading, that has its text."""

    column: int
    text_column: int | None
    heading: str
    split: Callable[[str, int], list[str]]

    def text(self, cells: Sequence[str]) -> str:
        """The text of the question as the student of this row has seen it."""
        return self.heading if self.text_column is None else cells[self.text_column]

    def was_shown(self, cells: Sequence[str]) -> bool:
        """Whether the student of this row was asked it: Canvas gives no points where somebody had another question."""
        beside = cells[self.column + 1 : self.column + 2] if self.heading else ()
        return not self.heading or any(cell.strip() for cell in (cells[self.column], *beside))


def parts_of_moodle(cell: str, _: int = 0) -> list[str]:
    """The answers to the gaps of a question; one that has no gaps has one."""
    marks, wanted = [], 1
    for mark in _PART.finditer(cell):
        if int(mark[1]) == wanted:
            marks.append(mark)
            wanted += 1
    if not marks or marks[0].start() != 0:
        return [cell]
    ends = [*(mark.start() for mark in marks[1:]), len(cell)]
    return [cell[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]


def parts_of_canvas(cell: str, gaps: int) -> list[str]:
    """The answers to the blanks of a question; one with a single blank has its commas as they are typed."""
    parts = [cell] if gaps < 2 else _COMMA.split(cell)
    return [part.replace("\\,", ",") for part in parts]


def export_batch(table: Table, names: ItemNames) -> Batch:
    """The answers in the export of a quiz. Raises :class:`InputError` where nobody can tell what it asked."""
    questions = _questions(table.header)
    identity, batch = identity_of(table.header), Batch()
    batch.notices.tell(*table.notices)
    rows = [row for row in fitting_rows(table, None, batch.notices) if _has_answers(row, questions)]
    people = names_apart(identity, [cells for _, cells in rows])
    by_order = _by_order(questions, rows, names)
    passing = _passing(table.header, questions)
    for (number, cells), person in zip(rows, people, strict=True):
        place = f"row {number}"
        said = f"{place} ({person})"
        shown = [question for question in questions if question.was_shown(cells)]
        found = _variant(shown, cells)
        own = [question for question in shown if _variant([question], cells) in ("", found)]
        if any(_is_answered(cells[question.column]) for question in shown if question not in own):
            batch.notices.tell(f"{said}: has questions of several variants; those of {found} are read")
        answers = _answers(own, cells, by_order, names, said, batch.notices)
        batch.spelled.update({item: item for item in answers if item not in batch.spelled})
        others = {name: cells[at] for name, at in passing.items()}
        variant = others.pop(VARIANT, "") or found
        batch.submissions.append(Submission(person or place, place, answers, name_of(variant), others))
    return replace(batch, submissions=_by_attempt(batch.submissions))


def _questions(header: Sequence[str]) -> list[Question]:
    texts = {found[1]: place for place, word in enumerate(header) if (found := QUESTION.fullmatch(word.strip()))}
    questions = []
    for place, heading in enumerate(map(str.strip, header)):
        if moodle := RESPONSE.fullmatch(heading):
            questions.append(Question(place, texts.get(moodle[1]), "", parts_of_moodle))
        elif CANVAS.fullmatch(heading):
            questions.append(Question(place, None, heading, parts_of_canvas))
    return questions


def _has_answers(row: Row, questions: Sequence[Question]) -> bool:
    """Whether a row is that of an attempt: those of averages, and of students who did nothing, are none."""
    return any(_is_answered(row[1][question.column]) for question in questions)


def _is_answered(cell: str) -> bool:
    return cell.strip() not in ("", NO_RESPONSE)


def ids_in(text: str, names: ItemNames) -> tuple[str | None, ...]:
    """The items that a question says it asks, in the order in which their ids first stand there; None for no item."""
    found = [(mark[0], names.scalar(mark[1])) for mark in _ID.finditer(text)]
    first: set[str] = set()
    items: list[str | None] = []
    for mark, item in found:
        if mark == NO_ITEM:
            items.append(None)
        elif item is not None and item not in first:
            first.add(item)
            items.append(item)
    return tuple(items)


def _says_items(text: str, names: ItemNames) -> bool:
    return any(item is not None for item in ids_in(text, names))


def _by_order(questions: Sequence[Question], rows: Sequence[Row], names: ItemNames) -> dict[int, tuple[str, ...]]:
    """The items of each question by its column, where no question says its own: those asked, in their order."""
    if any(_says_items(question.text(cells), names) for _, cells in rows for question in questions):
        return {}
    gaps = [max((len(q.split(cells[q.column], 0)) for _, cells in rows), default=1) for q in questions]
    if sum(gaps) != len(names.asked):
        refuse(
            f"its questions have {sum(gaps)} gaps and do not say which items they ask, of which there are "
            f"{len(names.asked)}; export it with the text of the questions, or list the items under [marking] items"
        )
    left, found = list(names.asked), {}
    for question, count in zip(questions, gaps, strict=True):
        found[question.column] = tuple(left[:count])
        del left[:count]
    return found


def _answers(
    questions: Sequence[Question],
    cells: Sequence[str],
    by_order: dict[int, tuple[str, ...]],
    names: ItemNames,
    place: str,
    notices: Notices,
) -> dict[str, str]:
    answers: dict[str, str] = {}
    for question in questions:
        items = by_order.get(question.column) or ids_in(question.text(cells), names)
        cell = cells[question.column].strip()
        if not any(items):
            continue
        parts = [""] * len(items) if cell in ("", NO_RESPONSE) else question.split(cell, len(items))
        if len(parts) != len(items):
            notices.tell(f"{place}: {len(parts)} answers to the {len(items)} gaps of a question; they are not read")
            parts = [""] * len(items)
        answers.update((item, part) for item, part in zip(items, parts, strict=True) if item is not None)
    return answers


def _variant(questions: Sequence[Question], cells: Sequence[str]) -> str:
    found = (_VARIANT.search(question.text(cells)) for question in questions)
    return next((mark[1] for mark in found if mark), "")


def _passing(header: Sequence[str], questions: Sequence[Question]) -> dict[str, int]:
    """The columns that pass through, by heading: not those of the questions, nor the points beside them."""
    places = {question.column for question in questions}
    places |= {question.column + 1 for question in questions if question.heading}
    passing: dict[str, int] = {}
    for place, heading in enumerate(map(str.strip, header)):
        if place in places or not heading or QUESTION.fullmatch(heading) or RIGHT.fullmatch(heading):
            continue
        name = heading.lower() if heading.lower() == VARIANT else name_of(heading)
        passing.setdefault(name, place)
    return passing


def _by_attempt(submissions: list[Submission]) -> list[Submission]:
    """Each student's attempts in their order, where the export numbers them; the students as they come."""
    first = {s.student: place for place, s in reversed(list(enumerate(submissions)))}

    def order(submission: Submission) -> tuple[int, int]:
        attempt = submission.others.get(ATTEMPT, "").strip()
        return first[submission.student], int(attempt) if attempt.isascii() and attempt.isdigit() and len(
            attempt
        ) < 9 else 0

    return sorted(submissions, key=order)
