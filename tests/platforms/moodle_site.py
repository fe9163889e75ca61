"""A Moodle of one's own: students answer the questions of a file, and the responses report is downloaded as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from stepcalc.platforms.moodle_fields import Field
from stepcalc.platforms.moodle_read import Read

IDENTITY = ("Last name", "First name", "Email address", "State", "Started on", "Completed", "Time taken")
TIMES = ("Finished", "1 June 2026  10:00", "1 June 2026  10:40", "40 mins")


def summary(question: Read) -> str:
    """The text of a question in the report: without markup, pictures by their words, gaps as lines, menus as lists."""
    element = ElementTree.fromstring(f"<div>{question.text}</div>")
    for image in element.iter("img"):
        image.text = f"[{image.get('alt', '')}]"
    text = "".join(element.itertext())
    for number, field in enumerate(question.fields, start=1):
        text = text.replace(f"{{#{number}}}", _gap(field))
    return re.sub(r"[ \t]+", " ", text)


def _gap(field: Field) -> str:
    if field.kind == "numerical":
        return "_____"
    return "{" + "; ".join(re.sub(r"<[^>]*>", "", known.answer) for known in field.known) + "}"


def response(question: Read, given: Sequence[str]) -> str:
    """What was answered, in one cell."""
    if question.kind != "cloze":
        return given[0] or "-"
    return "; ".join(f"part {number}: {answer}" for number, answer in enumerate(given, start=1))


def report(attempts: Mapping[str, Sequence[tuple[Read, Sequence[str]]]]) -> str:
    """The responses report with the text of the questions: of each student the questions that chance gave, answered."""
    written = io.StringIO()
    rows = csv.writer(written)
    most = max(map(len, attempts.values()))
    numbered = [f"{what} {number}" for number in range(1, most + 1) for what in ("Question", "Response")]
    rows.writerow([*IDENTITY, "Grade/10.00", *numbered])
    for student, answered in attempts.items():
        first, _, last = student.partition(" ")
        percent = [question.percent(given) for question, given in answered]
        cells = [cell for question, given in answered for cell in (summary(question), response(question, given))]
        mail = f"{first}.{last}@example.org".lower()
        grade = f"{sum(percent) / len(percent) / 10:.2f}"
        rows.writerow(
            [last, first, mail, "Finished", "1 June 2026  10:00", "1 June 2026  10:40", "40 mins", grade, *cells]
        )
    rows.writerow(["Overall average", *[""] * (len(IDENTITY) - 1), "7.5", *["-"] * 2 * most])
    return "\ufeff" + written.getvalue()
