"""Reads ``moodle.xml`` and marks answers as Moodle does.

It shares nothing with what writes the file. Where Moodle would stumble, or not say a word and do something else, it
refuses: an unknown element, a field that is none, a share of the marks that Moodle does not know, a figure that is
missing, a text that is no HTML.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from stepcalc.errors import Fault, InputError

TYPES = {
    "NUMERICAL": "numerical", "NM": "numerical", "SHORTANSWER": "shortanswer", "SA": "shortanswer",
    "MULTICHOICE": "multichoice", "MC": "multichoice", "MULTICHOICE_V": "multichoice", "MCV": "multichoice",
    "MULTICHOICE_H": "multichoice", "MCH": "multichoice", "MULTICHOICE_S": "multichoice", "MCS": "multichoice",
    "MULTICHOICE_VS": "multichoice", "MCVS": "multichoice",
}  # fmt: skip
"""The types of Cloze fields."""
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

_FIELD = re.compile(r"\{(\d*):([A-Z_]+):")
_NUMBER = re.compile(r"-?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?")
_TYPED = re.compile(r"\s*([+-]?)(\d*)(?:[.,](\d*))?(?:(?:[eE]|(?:x|\*|×)10(?:\^|\*\*))([+-]?\d+))?\s*")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_PLACE = re.compile(r"\{#(\d+)\}")


@dataclass(frozen=True, slots=True)
class Known:
    """An answer that Moodle knows; ``percent`` of the marks, and what is said. A number has a ``tolerance``."""

    answer: str
    percent: float
    said: str = ""
    tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A place for an answer."""

    kind: str
    weight: int
    known: tuple[Known, ...]

    def taken(self, given: str) -> Known | None:
        """What Moodle takes an answer for: the first number that it fits, or the option that was chosen."""
        if self.kind == "numerical":
            value = typed_number(given)
            return None if value is None else next((one for one in self.known if _is_near(one, value)), None)
        return next((one for one in self.known if one.answer == given), None)


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


def _is_near(known: Known, value: float) -> bool:
    if known.answer == "*":
        return True
    answer = float(known.answer.replace(",", "."))
    within = (known.tolerance or 0.0) + 1e-14 * min(1.0, abs(answer))
    return answer - within < value < answer + within


def typed_number(given: str) -> float | None:
    """The number that a student typed; None where it is none."""
    found = _TYPED.fullmatch(given.replace("−", "-"))
    if found is None or not (found[2] or found[3]):
        return None
    return float(f"{found[1]}{found[2] or '0'}.{found[3] or '0'}e{found[4] or '0'}")


def read_moodle(data: bytes) -> tuple[Read, ...]:
    """The questions of a file. Raises :class:`InputError` for what Moodle would not take as it is meant."""
    root = _tree(data)
    if root.tag != "quiz":
        raise _fault("", f"<{root.tag}>, expected <quiz>")
    found, category = list[Read](), ""
    for place, element in enumerate(root, start=1):
        where = f"question[{place}]"
        if element.tag != "question":
            raise _fault(where, f"<{element.tag}>, expected <question>")
        if element.get("type") == "category":
            category = _text(element.find("category"), f"{where}.category")
        else:
            found.append(replace(_question(element, where), category=category))
    _refuse_doubles([one.idnumber for one in found if one.idnumber], "idnumber")
    _refuse_doubles([f"{one.category}: {one.name}" for one in found], "name")
    return tuple(found)


def _tree(data: bytes) -> Element:
    builder, parser = TreeBuilder(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _fault(f"line {error.lineno}", "is not XML") from None
    return builder.close()


def _question(element: Element, where: str) -> Read:
    kind = element.get("type", "")
    if kind not in OWN:
        raise _fault(where, f'type "{kind}", expected one of {", ".join(OWN)}')
    for child in element:
        if child.tag not in COMMON | OWN[kind]:
            raise _fault(where, f"<{child.tag}> is not of a question of type {kind}")
    asked, solution = element.find("questiontext"), element.find("generalfeedback")
    text, figures = _text(asked, f"{where}.questiontext"), _figures(asked, where)
    if kind == "cloze":
        text, fields = _cloze(text, where)
    else:
        fields = tuple(_alone(element, kind, where))
    for field in fields:
        _refuse_unmarkable(field, kind, where)
    return Read(
        "", kind, _text(element.find("name"), f"{where}.name"), element.findtext("idnumber", ""), text,
        _text(solution, f"{where}.generalfeedback", empty=True), _number(element.findtext("defaultgrade", "1"), where),
        fields, (*figures, *_figures(solution, where)),
    )  # fmt: skip


def _text(element: Element | None, where: str, *, empty: bool = False) -> str:
    found = None if element is None else element.findtext("text")
    if found is None or not (found.strip() or empty):
        raise _fault(where, "has no <text>")
    return found.strip()


def _number(text: str, where: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise _fault(where, f'"{text}" is not a number')
    return float(text.replace(",", "."))


def _figures(element: Element | None, where: str) -> tuple[str, ...]:
    """The names of the figures that come with a text, each of which it shows."""
    if element is None:
        return ()
    files = [file.get("name", "") for file in element.findall("file")]
    for file in element.findall("file"):
        if file.get("encoding") != "base64" or not file.get("path", "").startswith("/"):
            raise _fault(where, f"the file {file.get('name')} needs a path and the encoding base64")
        try:
            base64.b64decode(file.text or "", validate=True)
        except binascii.Error:
            raise _fault(where, f"the file {file.get('name')} is not in base64") from None
    if sorted(files) != sorted(_shown(element.findtext("text", ""), where)):
        raise _fault(where, "the figures that it shows and those that come with it are not the same")
    return tuple(files)


def _shown(text: str, where: str) -> list[str]:
    """The names of the figures in a text, which has to be well-formed."""
    try:
        images = _tree(f"<div>{text}</div>".encode()).iter("img")
    except InputError:
        raise _fault(where, "a text is not HTML in which every element ends") from None
    return [image.get("src", "").removeprefix(FIGURES) for image in images]


def _alone(element: Element, kind: str, where: str) -> Iterator[Field]:
    """The field of a question that is not Cloze."""
    answers = element.findall("answer")
    if kind == "multichoice" and element.findtext("single") != "true":
        raise _fault(where, "several options may be chosen; expected <single>true</single>")
    known = []
    for answer in answers:
        tolerance = _number(answer.findtext("tolerance", "0"), where) if kind == "numerical" else None
        said = _text(answer.find("feedback"), f"{where}.answer.feedback", empty=True)
        percent = _number(answer.get("fraction", "0"), where)
        known.append(Known(_text(answer, f"{where}.answer"), percent, said, tolerance))
    if kind in ("numerical", "multichoice"):
        yield Field(kind, 1, tuple(known))


def _refuse_unmarkable(field: Field, kind: str, where: str) -> None:
    if max((one.percent for one in field.known), default=0.0) != 100:
        raise _fault(where, "a field has no answer that gives all marks")
    for one in field.known:
        if kind != "cloze" and abs(one.percent) not in FRACTIONS:
            raise _fault(where, f"{one.percent:g} % of the marks, which Moodle does not know")
        if field.kind == "numerical" and one.answer != "*" and not _NUMBER.fullmatch(one.answer):
            raise _fault(where, f'"{one.answer}" is not a number')


def _cloze(text: str, where: str) -> tuple[str, tuple[Field, ...]]:
    """A text with ``{#1}`` for each field, and the fields."""
    if _PLACE.search(text):
        raise _fault(where, f"its text has {_PLACE.findall(text)}, which Moodle takes for fields")
    shown, fields, at = list[str](), list[Field](), 0
    while (start := _FIELD.search(text, at)) is not None:
        if start[2] not in TYPES:
            raise _fault(where, f"a field of type {start[2]}")
        scanner = _Scanner(text, start.end(), TYPES[start[2]], where)
        known = tuple(scanner.alternatives())
        fields.append(Field(scanner.kind, int(start[1] or 1), known))
        shown += [text[at : start.start()], f"{{#{len(fields)}}}"]
        at = scanner.at
    if not fields:
        raise _fault(where, "Cloze without a field")
    return "".join((*shown, text[at:])), tuple(fields)


class _Scanner:
    """Goes through the alternatives of one field, up to the brace that closes it."""

    def __init__(self, text: str, at: int, kind: str, where: str) -> None:
        self.text, self.at, self.kind, self.where = text, at, kind, where

    def alternatives(self) -> Iterator[Known]:
        while True:
            yield self._alternative()
            closes = self.text[self.at] == "}"
            self.at += 1
            if closes:
                return

    def _alternative(self) -> Known:
        percent = self._percent()
        answer = self._until("~#}", guards=("\\", "&", "&amp;"), least=1)
        said = ""
        if self.text[self.at] == "#":
            self.at += 1
            said = self._until("~}", guards=("\\",), least=0)
        if self.kind != "numerical":
            return Known(_decoded(answer), percent, _decoded(said))
        value, _, tolerance = answer.partition(":")
        if not all(_NUMBER.fullmatch(part) for part in (value, tolerance or "0")):
            raise _fault(self.where, f'"{answer}" is not a number with its tolerance')
        return Known(value, percent, _decoded(said), _number(tolerance or "0", self.where))

    def _percent(self) -> float:
        if self.text.startswith("=", self.at):
            self.at += 1
            return 100.0
        found = re.compile(r"%(-?\d+)%").match(self.text, self.at)
        if found is None:
            return 0.0
        self.at = found.end()
        return float(found[1])

    def _until(self, signs: str, guards: tuple[str, ...], least: int) -> str:
        """The characters up to the next of the signs that is not guarded by what stands before it."""
        start = self.at
        for place in range(start + least, len(self.text)):
            if self.text[place] in signs and not self.text.endswith(guards, start, place):
                self.at = place
                return self.text[start:place]
        raise _fault(self.where, "a field does not end")


def _decoded(written: str) -> str:
    """What Moodle makes of an answer or a feedback inside a field."""
    plain = _ENTITY.sub(lambda entity: html.unescape(entity[0]), written)
    return plain.replace("\\}", "}").replace("\\#", "#")


def _refuse_doubles(names: Sequence[str], what: str) -> None:
    double = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if double is not None:
        raise _fault("", f"{what} {double} stands there twice")


def _refuse_doctype(*_: object) -> None:
    raise _fault("", "it declares entities, which Moodle's files do not")


def _fault(where: str, what: str) -> InputError:
    return InputError(Fault(where, what), "moodle.xml")
