"""An exam as QTI 2.1: an item for each question, with the problem in it, and a test for each variant.

A number is right where ``equal`` with an absolute tolerance says so; what a mistake gives is told by ``modalFeedback``.
Formulas are MathML, figures files beside the items. Each answer has an outcome of its own, ``RIGHT_1``, 1 or 0; the
``SCORE`` of an item is their sum, each times its marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from stepcalc.answers.exports import variant_mark
from stepcalc.board.breaking import compact
from stepcalc.board.mathml import math_element
from stepcalc.board.nodes import Equation, Node
from stepcalc.board.plain import clean
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question, Sentence
from stepcalc.platforms.marked import mark_of
from stepcalc.platforms.markup import MarkupWriter, text
from stepcalc.platforms.naming import name_of_variant
from stepcalc.platforms.spans import around_right, around_wrong, mistakes
from stepcalc.platforms.tags import document, lines, tag
from stepcalc.sheet.blocks import Heading

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
TEST = "test.xml"


class MathWriter(MarkupWriter):
    """Blocks as XHTML with formulas as MathML."""

    def math(self, node: Node | Equation) -> Markup:
        return _math(node, display=False)

    def formula(self, lines: Sequence[Equation]) -> Markup:
        return Markup("").join(Markup("<p>{}{}</p>").format(_math(compact(one), True), _beside(one)) for one in lines)


def _math(node: Node | Equation, display: bool) -> Markup:
    element = math_element(node, display)
    for part in element.iter():
        part.attrib.pop("data-item", None)
        if part.get("class") == "blank":
            part[:] = [_blank()]
    return Markup(tostring(element, encoding="unicode"))


def _blank() -> Element:
    """A missing factor: there is no style sheet to draw a line under it."""
    line = Element("mtext")
    line.text = "____"
    return line


def _beside(line: Equation) -> Markup:
    aside = _math(line.aside, display=False) if line.aside is not None else ""
    return Markup(" {} {}").format(aside, text(line.reason)) if aside or line.reason else Markup()


@dataclass
class _Parts:
    """What an item is made of, in the order in which it is written."""

    responses: list[Markup] = field(default_factory=list)
    outcomes: list[Markup] = field(default_factory=list)
    body: list[Markup] = field(default_factory=list)
    rules: list[Markup] = field(default_factory=list)
    scores: list[Markup] = field(default_factory=list)
    feedback: list[Markup] = field(default_factory=list)


class QtiWriter:
    """Writes a variant."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.name = name_of_variant(paper.variant)
        self.draw = MathWriter(paper.words.phrases)
        self.problem = tag("div", self.draw.blocks(paper.statement))

    def files(self) -> dict[str, bytes]:
        """The files of the variant by their names: the test, its items, the figures."""
        items = {f"q{question.number:02d}": question for question in self.paper.questions}
        files = {TEST: self._test(items)} | {f"{name}.xml": self._item(name, one) for name, one in items.items()}
        return {f"{self.name}/{file}": data for file, data in (files | self.draw.figures).items()}

    @property
    def _title(self) -> str:
        return self.paper.words.plain("qti.test", title=clean(self.paper.title), variant=self.paper.variant.id)

    def _test(self, items: Iterable[str]) -> bytes:
        refs = (
            tag("assessmentItemRef", identifier=f"{self.name}_{name}", href=f"{name}.xml", fixed="true")
            for name in items
        )
        section = tag("assessmentSection", lines(*refs), identifier="questions", title=self._title, visible="true")
        part = tag("testPart", section, identifier="part", navigationMode="nonlinear", submissionMode="individual")
        total = _set("SCORE", tag("sum", tag("testVariables", variableIdentifier="SCORE")))
        parts = (_outcome("SCORE", "float", "0"), part, tag("outcomeProcessing", total))
        named = {"identifier": self.name, "title": self._title, "toolName": "stepcalc"}
        return document(tag("assessmentTest", lines(*parts), xmlns=NAMESPACE, **named))

    def _item(self, name: str, question: Question) -> bytes:
        parts = _Parts()
        heading = Heading((f"{question.number}. ", *question.title))
        parts.body += [self.problem, tag("div", self.draw.blocks((heading, *question.prompt)))]
        for number, answer in enumerate(question.answers, start=1):
            self._answer(parts, f"{number}", question, answer)
        parts.body.append(tag("p", variant_mark(self.paper.variant.id)))
        score = _set("SCORE", tag("sum", *parts.scores)) if parts.scores else Markup()
        outcomes = [_outcome("SCORE", "float", "0", worth=question.worth), *parts.outcomes]
        if parts.feedback:
            outcomes.append(_outcome("FEEDBACK", "identifier", cardinality="multiple"))
        root = tag(
            "assessmentItem",
            lines(
                *parts.responses, *outcomes,
                tag("itemBody", lines(*parts.body)),
                tag("responseProcessing", lines(*parts.rules, score)),
                *parts.feedback,
            ),
            xmlns=NAMESPACE, identifier=f"{self.name}_{name}", title=f"{self._title}, {question.number}",
            adaptive="false", timeDependent="false", xml__lang=self.paper.words.language,
        )  # fmt: skip
        return document(root)

    def _answer(self, parts: _Parts, number: str, question: Question, answer: Answer) -> None:
        response, right = f"RESPONSE_{number}", f"RIGHT_{number}"
        parts.outcomes.append(_outcome(right, "float", "0"))
        parts.scores.append(tag("product", _number(answer.worth), _variable(right)))
        won = _set(right, _number(1))
        match answer:
            case Gap():
                self._gap(parts, response, answer, won, mark_of(self.paper, question, answer))
            case Choice():
                self._choice(parts, response, answer, won)
            case Order():
                self._order(parts, response, answer, won)

    def _gap(self, parts: _Parts, response: str, gap: Gap, won: Markup, mark: str) -> None:
        parts.responses.append(_response(response, "float", [repr(gap.value)]))
        field = tag("textEntryInteraction", responseIdentifier=response, expectedLength="12")
        asked = self.draw.inline(self.paper.words.say("qti.gap", symbol=gap.symbol))
        parts.body.append(Markup("<p>{} {} {}</p>").format(asked, field, mark))
        rounding = self.paper.variant.trace.rounding
        told = [
            _rule(_near(response, one.value, around_wrong(one, gap, rounding)), self._tell(parts, response, one.why))
            for one in mistakes(gap)
        ]
        parts.rules.append(_rule(_near(response, gap.value, around_right(gap)), won, *told))

    def _choice(self, parts: _Parts, response: str, choice: Choice, won: Markup) -> None:
        named = [(f"OPTION_{place}", option) for place, option in enumerate(choice.options, start=1)]
        right = next(name for name, option in named if option.right)
        parts.responses.append(_response(response, "identifier", [right]))
        prompt = [tag("prompt", self.draw.inline(choice.asked))] if choice.asked else []
        options = (tag("simpleChoice", self.draw.inline(option.shown), identifier=name) for name, option in named)
        parts.body.append(
            tag("choiceInteraction", lines(*prompt, *options), responseIdentifier=response, shuffle="false",
                maxChoices="1")
        )  # fmt: skip
        parts.rules.append(_rule(_correct(response), won))
        for name, option in named:
            if option.why:
                chosen = tag("match", _variable(response), _base("identifier", name))
                parts.rules.append(_rule(chosen, self._tell(parts, response, option.why)))

    def _order(self, parts: _Parts, response: str, order: Order, won: Markup) -> None:
        right = [f"LINE_{line + 1}" for line in order.order]
        parts.responses.append(_response(response, "identifier", right, "ordered"))
        shown = (
            tag("simpleChoice", self.draw.formula(line.lines), identifier=f"LINE_{number}")
            for number, line in enumerate(order.shown, start=1)
        )
        parts.body.append(tag("orderInteraction", lines(*shown), responseIdentifier=response, shuffle="false"))
        parts.rules.append(_rule(_correct(response), won))

    def _tell(self, parts: _Parts, response: str, why: Sentence) -> Markup:
        """What shows a sentence, which is put among the feedback."""
        name = f"{response}_FEEDBACK_{len(parts.feedback) + 1}"
        told = tag("p", self.draw.inline(why))
        parts.feedback.append(
            tag("modalFeedback", told, outcomeIdentifier="FEEDBACK", identifier=name, showHide="show")
        )
        return _set("FEEDBACK", tag("multiple", _variable("FEEDBACK"), _base("identifier", name)))


def _response(name: str, kind: str, right: Iterable[str], cardinality: str = "single") -> Markup:
    correct = tag("correctResponse", *(tag("value", one) for one in right))
    return tag("responseDeclaration", correct, identifier=name, cardinality=cardinality, baseType=kind)


def _outcome(
    name: str, kind: str, default: str = "", cardinality: str = "single", worth: float | None = None
) -> Markup:
    first = [tag("defaultValue", tag("value", default))] if default else []
    most = {} if worth is None else {"normalMaximum": repr(worth)}
    return tag("outcomeDeclaration", *first, identifier=name, cardinality=cardinality, baseType=kind, **most)


def _rule(condition: Markup, done: Markup, *otherwise: Markup) -> Markup:
    """What is done where a condition is met, and the rules for where it is not."""
    other = [tag("responseElse", lines(*otherwise))] if otherwise else []
    return tag("responseCondition", lines(tag("responseIf", condition, done), *other))


def _near(response: str, value: float, tolerance: float) -> Markup:
    ends = f"{tolerance!r} {tolerance!r}"
    return tag("equal", _number(value), _variable(response), toleranceMode="absolute", tolerance=ends)


def _correct(response: str) -> Markup:
    return tag("match", _variable(response), tag("correct", identifier=response))


def _set(name: str, value: Markup) -> Markup:
    return tag("setOutcomeValue", value, identifier=name)


def _variable(name: str) -> Markup:
    return tag("variable", identifier=name)


def _number(value: float) -> Markup:
    return _base("float", repr(float(value)))


def _base(kind: str, value: str) -> Markup:
    return tag("baseValue", value, baseType=kind)
