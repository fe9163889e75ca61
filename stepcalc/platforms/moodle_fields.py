"""The fields of questions as Moodle has them: which answers it knows, what it takes an answer for, and Cloze."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stepcalc.errors import Fault, InputError

FILE = "moodle.xml"
TYPES = {
    "NUMERICAL": "numerical", "NM": "numerical", "SHORTANSWER": "shortanswer", "SA": "shortanswer",
    "MULTICHOICE": "multichoice", "MC": "multichoice", "MULTICHOICE_V": "multichoice", "MCV": "multichoice",
    "MULTICHOICE_H": "multichoice", "MCH": "multichoice", "MULTICHOICE_S": "multichoice", "MCS": "multichoice",
    "MULTICHOICE_VS": "multichoice", "MCVS": "multichoice",
}  # fmt: skip
"""The types of Cloze fields."""
_FIELD = re.compile(r"\{(\d*):([A-Z_]+):")
NUMBER = re.compile(r"-?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?")
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


def number(text: str, where: str) -> float:
    """A number in the file. Raises :class:`InputError` for what is none."""
    if not NUMBER.fullmatch(text):
        raise fault(where, f'"{text}" is not a number')
    return float(text.replace(",", "."))


def cloze(text: str, where: str) -> tuple[str, tuple[Field, ...]]:
    """A text with ``{#1}`` for each field, and the fields."""
    if _PLACE.search(text):
        raise fault(where, f"its text has {_PLACE.findall(text)}, which Moodle takes for fields")
    shown, fields, at = list[str](), list[Field](), 0
    while (start := _FIELD.search(text, at)) is not None:
        if start[2] not in TYPES:
            raise fault(where, f"a field of type {start[2]}")
        scanner = _Scanner(text, start.end(), TYPES[start[2]], where)
        known = tuple(scanner.alternatives())
        fields.append(Field(scanner.kind, int(start[1] or 1), known))
        shown += [text[at : start.start()], f"{{#{len(fields)}}}"]
        at = scanner.at
    if not fields:
        raise fault(where, "Cloze without a field")
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
            return Known(decoded(answer), percent, decoded(said))
        value, _, tolerance = answer.partition(":")
        if not all(NUMBER.fullmatch(part) for part in (value, tolerance or "0")):
            raise fault(self.where, f'"{answer}" is not a number with its tolerance')
        return Known(value, percent, decoded(said), number(tolerance or "0", self.where))

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
        raise fault(self.where, "a field does not end")


def decoded(written: str) -> str:
    """What Moodle makes of an answer or a feedback inside a field."""
    plain = _ENTITY.sub(lambda entity: html.unescape(entity[0]), written)
    return plain.replace("\\}", "}").replace("\\#", "#")


def fault(where: str, what: str) -> InputError:
    """What is raised where Moodle would stumble."""
    return InputError(Fault(where, what), FILE)
