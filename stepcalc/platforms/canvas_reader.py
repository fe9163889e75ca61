"""A quiz as Canvas reads it from its file, and marks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from stepcalc.errors import Fault, InputError
from stepcalc.platforms.proof import Field, Given
from stepcalc.platforms.xml_reading import children, one, read_xml, words_of

WITHOUT_ANSWER = "text_only_question"
MAX_TEXT = 16_384
"""Bytes of a question's text; of a longer one Canvas keeps nothing, and says nothing."""
DECIMALS = Decimal("0.0001")
"""To what Canvas rounds a number that is typed, where no answer has a precision."""
_EXACT = Context(prec=200)


@dataclass(frozen=True)
class Asked:
    """One question: what it says, its marks, and its comments by name."""

    text: str
    points: float
    comments: Mapping[str, str]


@dataclass(frozen=True)
class Exactly:
    """A number with a margin."""

    exact: Decimal
    margin: Decimal

    def covers(self, given: Decimal) -> bool:
        """Whether a number is right."""
        return _EXACT.subtract(self.exact, self.margin) <= given <= _EXACT.add(self.exact, self.margin)


@dataclass(frozen=True)
class Precisely:
    """A number whose first digits are to be right."""

    approximate: Decimal
    precision: int

    def covers(self, given: Decimal) -> bool:
        """Whether a number is right."""
        return self._digits(given) == self._digits(self.approximate)

    def _digits(self, number: Decimal) -> tuple[int, tuple[int, ...], int]:
        sign, digits, _ = _EXACT.normalize(number).as_tuple()
        return sign, digits[: self.precision], number.adjusted()


@dataclass(frozen=True)
class Numerical(Asked):
    """A number to be typed."""

    answers: tuple[Exactly | Precisely, ...]

    def share(self, given: Given) -> float:
        try:
            typed = Decimal(str(given))
        except InvalidOperation:
            return 0
        if not any(isinstance(answer, Precisely) for answer in self.answers):
            typed = typed.quantize(DECIMALS, ROUND_HALF_EVEN, _EXACT)
        return float(any(answer.covers(typed) for answer in self.answers))

    def told(self, given: Given) -> str:
        return "" if self.share(given) else self.comments.get("general_incorrect_fb", "")


@dataclass(frozen=True)
class Chosen(Asked):
    """One of several options."""

    options: tuple[str, ...]
    right: frozenset[str]

    def share(self, given: Given) -> float:
        return float(isinstance(given, int) and self.options[given] in self.right)

    def told(self, given: Given) -> str:
        return self.comments.get(f"{self.options[given]}_fb", "") if isinstance(given, int) else ""


@dataclass(frozen=True)
class Matched(Asked):
    """Lines, each to be matched with its place."""

    lines: tuple[str, ...]
    right: Mapping[str, str]

    def share(self, given: Given) -> float:
        if not isinstance(given, tuple):
            return 0
        places = {self.lines[line]: str(place) for place, line in enumerate(given, start=1)}
        return sum(places.get(line) == place for line, place in self.right.items()) / len(self.lines)

    def told(self, given: Given) -> str:
        return ""


def read_quiz(data: bytes) -> tuple[list[str], list[Field]]:
    """The texts of a quiz that ask nothing, and its questions.

    Raises :class:`InputError` for a file that is not a quiz, or has questions that Canvas does not know or drops.
    """
    texts, fields = list[str](), list[Field]()
    for item in children(read_xml(data), "item"):
        known = {words_of(one(field, "fieldlabel")): words_of(one(field, "fieldentry"))
                 for field in children(item, "qtimetadatafield")}  # fmt: skip
        kind, text = known.get("question_type", ""), _shown(one(item, "presentation/material"))
        if kind == WITHOUT_ANSWER:
            texts.append(text)
        elif kind in _KINDS:
            comments = {feedback.get("ident", ""): _html(feedback) for feedback in children(item, "itemfeedback")}
            fields.append(_KINDS[kind](item, Asked(text, float(known["points_possible"]), comments)))
        else:
            raise InputError(Fault("", f"{kind!r}, a kind of question that Canvas does not know"))
    return texts, fields


def _shown(material: Element) -> str:
    """The words of a question, if Canvas keeps them."""
    size = len((one(material, "mattext").text or "").encode())
    if size > MAX_TEXT:
        raise InputError(Fault("", f"a text of {size:,} bytes, of which Canvas keeps none: it takes {MAX_TEXT:,}"))
    return _html(material)


def _html(element: Element) -> str:
    """The words of a text: its HTML is escaped in the file."""
    texts = (one(material, "mattext") for material in element.iter("material"))
    return " ".join(words_of(read_xml(f"<div>{text.text or ''}</div>".encode())) for text in texts)


def _numerical(item: Element, asked: Asked) -> Field:
    answers = [_number(one(condition, "or")) for condition in _scoring(item)]
    return Numerical(asked.text, asked.points, asked.comments, tuple(answers))


def _number(either: Element) -> Exactly | Precisely:
    exact, high = (Decimal(words_of(one(either, path))) for path in ("varequal", "and/varlte"))
    strictly = either.find("and/vargt")
    if strictly is None:
        return Exactly(_double(exact), _double(_EXACT.subtract(high, exact)))
    step = _EXACT.subtract(high, Decimal(words_of(strictly)))
    return Precisely(_double(exact), exact.adjusted() - step.adjusted() + 1)


def _double(number: Decimal) -> Decimal:
    """What is left of a decimal in a double."""
    return Decimal(repr(float(number)))


def _choice(item: Element, asked: Asked) -> Field:
    options = tuple(label.get("ident", "") for label in children(item, "response_label"))
    right = frozenset(words_of(one(condition, "varequal")) for condition in _scoring(item))
    return Chosen(asked.text, asked.points, asked.comments, options, right)


def _matching(item: Element, asked: Asked) -> Field:
    lines = tuple(response.get("ident", "") for response in children(item, "response_lid"))
    equal = [one(condition, "varequal") for condition in _scoring(item)]
    right = {test.get("respident", ""): words_of(test) for test in equal}
    return Matched(asked.text, asked.points, asked.comments, lines, right)


def _scoring(item: Element) -> Iterator[Element]:
    """The conditions under which there are marks."""
    for condition in children(item, "respcondition"):
        score = condition.find("setvar")
        if score is not None and float(words_of(score)) > 0:
            yield one(condition, "conditionvar")


_KINDS: dict[str, Callable[[Element, Asked], Field]] = {
    "numerical_question": _numerical,
    "multiple_choice_question": _choice,
    "matching_question": _matching,
}
