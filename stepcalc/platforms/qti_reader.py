"""A QTI 2.1 test as a platform reads it: its items, and response processing rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum, prod
from posixpath import dirname, join
from typing import TypeAlias
from xml.etree.ElementTree import Element

from stepcalc.errors import Fault, InputError
from stepcalc.platforms.proof import Field, Given
from stepcalc.platforms.xml_reading import children, one, read_xml, words_of

Value: TypeAlias = float | str | bool | tuple[str, ...] | None
Values: TypeAlias = dict[str, Value]

INTERACTIONS = ("textEntryInteraction", "choiceInteraction", "orderInteraction")


@dataclass(frozen=True)
class Item:
    """One item; what is right and the feedback, by name."""

    root: Element
    correct: Mapping[str, Value]
    feedback: Mapping[str, str]

    def processed(self, responses: Mapping[str, Value]) -> Values:
        """The outcomes for some responses."""
        values = _defaults(self.root) | dict(responses)
        _run(one(self.root, "responseProcessing"), _Processing(values, self.correct))
        return values


@dataclass(frozen=True)
class Response:
    """One interaction of an item: where somebody answers."""

    item: Item
    name: str
    interaction: Element
    text: str

    @property
    def points(self) -> float:
        """The score of the right response alone."""
        return float(_as_number(self.item.processed({self.name: self.item.correct[self.name]})["SCORE"]))

    def share(self, given: Given) -> float:
        right = self.item.processed({self.name: self._response(given)})[self.name.replace("RESPONSE", "RIGHT")]
        return float(_as_number(right))

    def told(self, given: Given) -> str:
        shown = self.item.processed({self.name: self._response(given)}).get("FEEDBACK") or ()
        return " ".join(self.item.feedback[name] for name in shown) if isinstance(shown, tuple) else ""

    def _response(self, given: Given) -> Value:
        names = [choice.get("identifier", "") for choice in children(self.interaction, "simpleChoice")]
        if isinstance(given, str):
            return float(given)
        return names[given] if isinstance(given, int) else tuple(names[place] for place in given)


def read_test(files: Mapping[str, bytes]) -> list[Field]:
    """The responses of all items of a test, in order. The test is the first of its files.

    Raises :class:`InputError` for what is no test, or uses what is not known here.
    """
    test, data = next(iter(files.items()))
    fields = list[Field]()
    for ref in children(read_xml(data), "assessmentItemRef"):
        root = read_xml(files[join(dirname(test), ref.get("href", ""))])
        fields.extend(_responses(root))
    return fields


def _responses(root: Element) -> list[Field]:
    declared = {response.get("identifier", ""): response for response in root.findall("responseDeclaration")}
    correct = {name: _correct(response) for name, response in declared.items()}
    feedback = {told.get("identifier", ""): words_of(told) for told in root.findall("modalFeedback")}
    item, body = Item(root, correct, feedback), one(root, "itemBody")
    around = {inner: outer for outer in body.iter() for inner in outer}
    found = [element for element in body.iter() if element.tag in INTERACTIONS]
    if sorted(element.get("responseIdentifier", "") for element in found) != sorted(declared):
        raise InputError(Fault("", "the responses declared are not those asked for"))
    return [
        Response(item, element.get("responseIdentifier", ""), element, words_of(around[element])) for element in found
    ]


def _correct(response: Element) -> Value:
    values = tuple(words_of(value) for value in children(response, "value"))
    if response.get("cardinality") == "ordered":
        return values
    return float(values[0]) if response.get("baseType") == "float" else values[0]


def _defaults(root: Element) -> Values:
    values: Values = {response.get("identifier", ""): None for response in root.findall("responseDeclaration")}
    for outcome in root.findall("outcomeDeclaration"):
        default = outcome.find("defaultValue/value")
        values[outcome.get("identifier", "")] = None if default is None else float(words_of(default))
    return values


@dataclass(frozen=True)
class _Processing:
    values: Values
    correct: Mapping[str, Value]

    def value(self, element: Element) -> Value:
        """What an expression is."""
        if element.tag not in _EXPRESSIONS:
            raise InputError(Fault("", f"{element.tag}, an expression that is not known here"))
        return _EXPRESSIONS[element.tag](self, element)

    def each(self, element: Element) -> list[Value]:
        """What the parts of an expression are."""
        return [self.value(part) for part in element]

    def base(self, element: Element) -> Value:
        written = words_of(element)
        return float(written) if element.get("baseType") == "float" else written

    def equal(self, element: Element) -> Value:
        expected, given = self.each(element)
        if expected is None or given is None:
            return None
        low, high = (float(end) for end in element.get("tolerance", "").split())
        return _as_number(expected) - low <= _as_number(given) <= _as_number(expected) + high

    def match(self, element: Element) -> Value:
        first, second = self.each(element)
        return None if first is None or second is None else first == second

    def multiple(self, element: Element) -> Value:
        found = [value for value in self.each(element) if value is not None]
        return tuple(name for value in found for name in (value if isinstance(value, tuple) else (str(value),)))


_EXPRESSIONS: dict[str, Callable[[_Processing, Element], Value]] = {
    "baseValue": _Processing.base,
    "variable": lambda self, element: self.values[element.get("identifier", "")],
    "correct": lambda self, element: self.correct[element.get("identifier", "")],
    "equal": _Processing.equal,
    "match": _Processing.match,
    "multiple": _Processing.multiple,
    "sum": lambda self, element: fsum(map(_as_number, self.each(element))),
    "product": lambda self, element: prod(map(_as_number, self.each(element))),
}


def _run(rules: Iterable[Element], processing: _Processing) -> None:
    for rule in rules:
        if rule.tag == "setOutcomeValue":
            processing.values[rule.get("identifier", "")] = processing.value(rule[0])
        elif rule.tag == "responseCondition":
            _run_first(rule, processing)
        else:
            raise InputError(Fault("", f"{rule.tag}, a rule that is not known here"))


def _run_first(condition: Element, processing: _Processing) -> None:
    for case in condition:
        if case.tag == "responseElse":
            _run(case, processing)
        elif processing.value(case[0]):
            _run(list(case)[1:], processing)
            return


def _as_number(value: Value) -> float:
    if not isinstance(value, int | float):
        raise InputError(Fault("", f"{value!r}, expected a number"))
    return float(value)
