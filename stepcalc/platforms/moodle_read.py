"""Reads ``moodle.xml`` and marks answers as Moodle does.

It shares nothing with what writes the file. Where Moodle would stumble, or not say a word and do something else, it
refuses: an unknown element, a field that is none, a share of the marks that Moodle does not know, a figure that is
missing, a text that is no HTML.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from stepcalc.errors import InputError
from stepcalc.platforms.moodle_fields import FILE, NUMBER, Field, Known, cloze, fault, number
from stepcalc.platforms.xml_reading import read_xml

COMMON = {
    "name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden", "idnumber", "tags", "hint",
}  # fmt: skip
OWN = {
    "cloze": set[str](),
    "description": set[str](),
    "numerical": {"answer", "unitgradingtype", "unitpenalty", "showunits", "unitsleft", "units", "instructions"},
    "multichoice": {
        "answer", "single", "shuffleanswers", "answernumbering", "showstandardinstruction", "correctfeedback",
        "partiallycorrectfeedback", "incorrectfeedback", "shownumcorrect",
    },
}  # fmt: skip
"""The elements of questions: those that all have, and those of each type."""
FRACTIONS = frozenset({
    0.0, 100.0, 90.0, 83.33333, 80.0, 75.0, 70.0, 66.66667, 60.0, 50.0, 40.0, 33.33333, 30.0, 25.0, 20.0, 16.66667,
    14.28571, 12.5, 11.11111, 10.0, 5.0,
})  # fmt: skip
"""The shares of the marks, in percent, that a question of its own may give; less than none may be any of them."""

FIGURES = "@@PLUGINFILE@@/"
"""Where Moodle finds the files that come with a text."""


@dataclass(frozen=True, slots=True)
class Read:
    """A question as Moodle has it: its ``text`` with ``{#1}`` for each of its ``fields``, and its figures' names."""

    category: str
    kind: str
    name: str
    idnumber: str
    text: str
    feedback: str
    grade: float
    fields: tuple[Field, ...]
    figures: tuple[str, ...]

    def percent(self, given: Sequence[str]) -> float:
        """What the answers to its fields give, in percent of its marks."""
        if len(given) != len(self.fields):
            raise ValueError(f"{len(given)} answers to {len(self.fields)} fields")
        taken = [(field, field.taken(answer)) for field, answer in zip(self.fields, given, strict=True)]
        earned = sum(field.weight * one.percent for field, one in taken if one is not None)
        return earned / sum(field.weight for field in self.fields)


def read_moodle(data: bytes) -> tuple[Read, ...]:
    """The questions of a file. Raises :class:`InputError` for what Moodle would not take as it is meant."""
    root = _tree(data)
    if root.tag != "quiz":
        raise fault("", f"<{root.tag}>, expected <quiz>")
    found, category = list[Read](), ""
    for place, element in enumerate(root, start=1):
        where = f"question[{place}]"
        if element.tag != "question":
            raise fault(where, f"<{element.tag}>, expected <question>")
        if element.get("type") == "category":
            category = _text(element.find("category"), f"{where}.category")
        else:
            found.append(replace(_question(element, where), category=category))
    _refuse_doubles([one.idnumber for one in found if one.idnumber], "idnumber")
    _refuse_doubles([f"{one.category}: {one.name}" for one in found], "name")
    return tuple(found)


def _tree(data: bytes) -> Element:
    try:
        return read_xml(data)
    except InputError as error:
        raise error.named(FILE) from None


def _question(element: Element, where: str) -> Read:
    kind = element.get("type", "")
    if kind not in OWN:
        raise fault(where, f'type "{kind}", expected one of {", ".join(OWN)}')
    for child in element:
        if child.tag not in COMMON | OWN[kind]:
            raise fault(where, f"<{child.tag}> is not of a question of type {kind}")
    asked, solution = element.find("questiontext"), element.find("generalfeedback")
    text, figures = _text(asked, f"{where}.questiontext"), _figures(asked, where)
    if kind == "cloze":
        text, fields = cloze(text, where)
    else:
        fields = tuple(_alone(element, kind, where))
    for field in fields:
        _refuse_unmarkable(field, kind, where)
    return Read(
        "", kind, _text(element.find("name"), f"{where}.name"), element.findtext("idnumber", ""), text,
        _text(solution, f"{where}.generalfeedback", empty=True), number(element.findtext("defaultgrade", "1"), where),
        fields, (*figures, *_figures(solution, where)),
    )  # fmt: skip


def _text(element: Element | None, where: str, *, empty: bool = False) -> str:
    found = None if element is None else element.findtext("text")
    if found is None or not (found.strip() or empty):
        raise fault(where, "has no <text>")
    return found.strip()


def _figures(element: Element | None, where: str) -> tuple[str, ...]:
    """The names of the figures that come with a text, each of which it shows."""
    if element is None:
        return ()
    files = [file.get("name", "") for file in element.findall("file")]
    for file in element.findall("file"):
        if file.get("encoding") != "base64" or not file.get("path", "").startswith("/"):
            raise fault(where, f"the file {file.get('name')} needs a path and the encoding base64")
        try:
            base64.b64decode(file.text or "", validate=True)
        except binascii.Error:
            raise fault(where, f"the file {file.get('name')} is not in base64") from None
    if sorted(files) != sorted(_shown(element.findtext("text", ""), where)):
        raise fault(where, "the figures that it shows and those that come with it are not the same")
    return tuple(files)


def _shown(text: str, where: str) -> list[str]:
    """The names of the figures in a text, which has to be well-formed."""
    try:
        images = _tree(f"<div>{text}</div>".encode()).iter("img")
    except InputError:
        raise fault(where, "a text is not HTML in which every element ends") from None
    return [image.get("src", "").removeprefix(FIGURES) for image in images]


def _alone(element: Element, kind: str, where: str) -> Iterator[Field]:
    """The field of a question that is not Cloze."""
    answers = element.findall("answer")
    if kind == "multichoice" and element.findtext("single") != "true":
        raise fault(where, "several options may be chosen; expected <single>true</single>")
    known = []
    for answer in answers:
        tolerance = number(answer.findtext("tolerance", "0"), where) if kind == "numerical" else None
        said = _text(answer.find("feedback"), f"{where}.answer.feedback", empty=True)
        percent = number(answer.get("fraction", "0"), where)
        known.append(Known(_text(answer, f"{where}.answer"), percent, said, tolerance))
    if kind in ("numerical", "multichoice"):
        yield Field(kind, 1, tuple(known))


def _refuse_unmarkable(field: Field, kind: str, where: str) -> None:
    if max((one.percent for one in field.known), default=0.0) != 100:
        raise fault(where, "a field has no answer that gives all marks")
    for one in field.known:
        if kind != "cloze" and abs(one.percent) not in FRACTIONS:
            raise fault(where, f"{one.percent:g} % of the marks, which Moodle does not know")
        if field.kind == "numerical" and one.answer != "*" and not NUMBER.fullmatch(one.answer):
            raise fault(where, f'"{one.answer}" is not a number')


def _refuse_doubles(names: Sequence[str], what: str) -> None:
    double = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if double is not None:
        raise fault("", f"{what} {double} stands there twice")
