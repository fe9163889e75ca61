"""What Canvas writes as the student analysis of a quiz: a column for each question with its text, and its points."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from html import unescape
from xml.etree import ElementTree

BEFORE = ["name", "id", "sis_id", "section", "section_id", "section_sis_id", "submitted", "attempt"]
AFTER = ["n correct", "n incorrect", "score"]
QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


def texts(quiz: bytes) -> list[str]:
    """The text of each question of a quiz, without its markup, as Canvas strips it."""
    items = ElementTree.fromstring(quiz).iter(f"{QTI}item")
    html = [item.find(f"{QTI}presentation/{QTI}material/{QTI}mattext") for item in items]
    return [unescape(re.sub(r"<[^>]*>", "", found.text or "")) for found in html if found is not None]


def analysis(quizzes: Sequence[bytes], students: Mapping[str, tuple[int, Mapping[int, str]]]) -> str:
    """The export of a quiz with the questions of all of ``quizzes``.

    Each student has taken one of them, and typed something in the places of some of its questions.
    """
    asked = [(quiz, place, text) for quiz, data in enumerate(quizzes) for place, text in enumerate(texts(data))]
    stream = io.StringIO()
    write = csv.writer(stream)
    heads = [head for number, (_, _, text) in enumerate(asked) for head in (f"{4700 + number}: {text}", "1")]
    write.writerow([*BEFORE, *heads, *AFTER])
    for number, (student, (own, typed)) in enumerate(students.items()):
        cells = [cell for quiz, place, _ in asked for cell in _cells(quiz == own, typed.get(place, ""))]
        write.writerow([student, 900 + number, f"s{number}", "A", 1, "", "2026-11-21 10:00:00 UTC", 1, *cells, 0, 0, 0])
    return stream.getvalue()


def _cells(own: bool, typed: str) -> tuple[str, str]:
    return (typed, "0") if own else ("", "")
