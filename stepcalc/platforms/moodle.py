"""An exam for Moodle: ``moodle.xml``, a category for each question, and in it the variants of that question.

A question with one number is of the type numerical, one with one choice multichoice, all others are Cloze. Where a
variant has several, one more category has all of them as one question. Each holds the problem, with its figures, the id
of its variant, and before its gaps the ids of their items, so that ``stepcalc check`` can mark the responses.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from markupsafe import Markup

from stepcalc.answers.exports import NO_ITEM, item_mark, variant_mark
from stepcalc.board.plain import clean
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Question
from stepcalc.output import Content
from stepcalc.platforms.marked import asks_items, mark_of
from stepcalc.platforms.markup import MarkupWriter
from stepcalc.platforms.moodle_answers import accepted
from stepcalc.platforms.moodle_check import check
from stepcalc.platforms.moodle_cloze import ClozeWriter, is_plain, labelled, worths
from stepcalc.sheet.blocks import Block, Heading
from stepcalc.sheet.text import sentence

FILE = "moodle.xml"
TOP = "$course$/top"
ADDRESS = "@@PLUGINFILE@@/{}"
MAX_NAME = 200
"""Moodle keeps 255 characters of a name."""
HEAD, TAIL = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n', "</quiz>\n"


@dataclass(frozen=True)
class Posed:
    """What is one question on Moodle: one of a variant's, or all of them, under a ``code`` of its own."""

    questions: tuple[Question, ...]
    code: str
    title: str

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What is to be answered."""
        return tuple(answer for question in self.questions for answer in question.answers)

    @property
    def kind(self) -> str:
        """Moodle's type for it."""
        match self.answers:
            case (Gap(),):
                return "numerical"
            case (Choice(),):
                return "multichoice"
        return "cloze"


def posed(paper: Paper) -> tuple[Posed, ...]:
    """A variant's questions, and where there are several, all as one: so that nobody has questions of two variants."""
    say = paper.words.plain
    alone = [
        Posed((one,), str(one.number), say("moodle.question", number=one.number, title=sentence(one.title)))
        for one in paper.questions
    ]
    together = [Posed(paper.questions, "all", say("moodle.all"))] if len(alone) > 1 else []
    return (*alone, *together)


def piece(paper: Paper) -> bytes:
    """A variant's questions with their categories, read back and marked.

    Raises :class:`~stepcalc.errors.InputError` where Moodle would not give the key all marks.
    """
    asked = posed(paper)
    writing = [_Writing(paper, one) for one in asked]
    parts = [_written(_category(paper, one.asked), one.element()) for one in writing]
    key = [(one.asked.answers, one.marks()) for one in writing]
    check(paper, key, f"{HEAD}{''.join(map(''.join, parts))}{TAIL}".encode())
    return json.dumps(parts).encode()


def whole(pieces: Iterator[bytes]) -> Mapping[str, Content]:
    """The file: each category with its variants, in their order."""
    variants = [json.loads(one) for one in pieces]
    found = [HEAD]
    for same in zip(*variants, strict=True):
        found += [same[0][0], *(question for _, question in same)]
    return {FILE: "".join((*found, TAIL)).encode()}


def _written(*elements: Element) -> list[str]:
    for element in elements:
        indent(element)
    return [tostring(element, encoding="unicode") + "\n" for element in elements]


def _category(paper: Paper, asked: Posed) -> Element:
    element = Element("question", type="category")
    _text(SubElement(element, "category"), "/".join((TOP, _step(paper.title), _step(asked.title))))
    marks = _number(sum(answer.worth for answer in asked.answers))
    _text(SubElement(element, "info", format="plain_text"), paper.words.plain("moodle.category_info", marks=marks))
    return element


def _step(name: str) -> str:
    """A name in the path of a category, where a slash parts them and two stand for one."""
    return " ".join(name.strip("/ ")[:MAX_NAME].split()).replace("/", "//")


class _Writing:
    """Writes one question of a variant."""

    def __init__(self, paper: Paper, asked: Posed) -> None:
        self.paper, self.asked = paper, asked
        self.share, self.rounding = paper.variant.problem.marking.rounding, paper.variant.trace.rounding
        self.write, self.solution = (MarkupWriter(paper.words.phrases, ADDRESS.format) for _ in range(2))

    def element(self) -> Element:
        """The question as Moodle imports it."""
        text, add = _KINDS[self.asked.kind]
        element, variant = Element("question", type=self.asked.kind), self.paper.variant.id
        named = self.paper.words.plain("moodle.name", variant=variant, title=self.asked.title)
        _text(SubElement(element, "name"), named[:MAX_NAME])
        mark = Markup("<p><small>{}</small></p>").format(variant_mark(variant))
        shown = (self.write.blocks(self.paper.statement), text(self), mark)
        _html(element, "questiontext", Markup("\n").join(shown), self.write)
        solved = [block for question in self.asked.questions for block in self.headed(question, question.solution)]
        _html(element, "generalfeedback", self.solution.blocks(solved), self.solution)
        settings = {"defaultgrade": _number(sum(answer.worth for answer in self.asked.answers)), "penalty": "0"}
        for name, value in (settings | {"hidden": "0", "idnumber": f"{variant}-{self.asked.code}"}).items():
            SubElement(element, name).text = value
        add(self, element)
        return element

    def headed(self, question: Question, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """Blocks of a question, under its title where there are several."""
        return (Heading(question.title, 1), *blocks) if len(self.asked.questions) > 1 else tuple(blocks)

    def marks(self) -> list[str]:
        """What the marking reads before each field.

        Of a question alone the ids of its items, if it is one that the marking reads; where all are together, the id of
        each item where it is asked first, and that there is none before any other field.
        """
        posed = [(question, answer) for question in self.asked.questions for answer in question.answers]
        if len(self.asked.questions) == 1:
            return [mark_of(self.paper, question, answer) for question, answer in posed for _ in worths(answer)]
        left = set(self.paper.variant.asked)
        return [
            _mark(answer, left if asks_items(self.paper, question) else set())
            for question, answer in posed
            for _ in worths(answer)
        ]

    def cloze(self) -> Markup:
        """Each question with its fields."""
        fill = ClozeWriter(self.write, self.paper.words, self.share, self.rounding)
        fields = iter(fill.fields(self.asked.answers, self.marks()))
        parts: list[Markup] = []
        for question in self.asked.questions:
            parts.append(self.write.blocks(self.headed(question, question.prompt)))
            parts += islice(fields, len(question.answers))
        return Markup("\n").join(parts)

    def alone(self) -> Markup:
        """A question whose one answer Moodle asks for below its text: what it is, unless the text says so."""
        (question,), (answer,), (mark,) = self.asked.questions, self.asked.answers, self.marks()
        prompt = self.write.blocks(question.prompt)
        if isinstance(answer, Gap):
            shown = labelled(self.write.math(answer.symbol), mark)
        else:
            assert isinstance(answer, Choice)
            shown = self.write.inline(answer.asked if any(isinstance(one, str) for one in answer.asked) else ())
        return Markup("\n").join((prompt, Markup("<p>{}</p>").format(shown))) if shown else prompt

    def nothing(self, element: Element) -> None:
        """Cloze has all of it in the text."""

    def numbers(self, element: Element) -> None:
        """The numbers that Moodle knows."""
        (gap,) = self.asked.answers
        assert isinstance(gap, Gap)
        for one in accepted(gap, self.share, self.rounding):
            answer = SubElement(element, "answer", fraction=_number(one.percent), format="moodle_auto_format")
            SubElement(answer, "text").text = one.answer
            _html(answer, "feedback", Markup(" ").join(map(self.write.inline, one.said)))
            SubElement(answer, "tolerance").text = one.reach
        for name, value in _NO_UNITS.items():
            SubElement(element, name).text = value

    def options(self, element: Element) -> None:
        """What there is to choose from."""
        (choice,) = self.asked.answers
        assert isinstance(choice, Choice)
        shuffled = "false" if is_plain(choice) else "true"
        for name, value in {"single": "true", "shuffleanswers": shuffled, "answernumbering": "abc"}.items():
            SubElement(element, name).text = value
        for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
            _html(element, name, Markup(""))
        for option in choice.options:
            answer = SubElement(element, "answer", fraction="100" if option.right else "0", format="html")
            SubElement(answer, "text").text = str(self.write.inline(option.shown))
            _html(answer, "feedback", self.write.inline(option.why))


_NO_UNITS = {"unitgradingtype": "0", "unitpenalty": "0.1", "showunits": "3", "unitsleft": "0"}
_KINDS: dict[str, tuple[Callable[[_Writing], Markup], Callable[[_Writing, Element], None]]] = {
    "numerical": (_Writing.alone, _Writing.numbers),
    "multichoice": (_Writing.alone, _Writing.options),
    "cloze": (_Writing.cloze, _Writing.nothing),
}
"""What of a question stands in its text, of each type, and what beside it."""


def _mark(answer: Answer, left: set[str]) -> str:
    """The id of an item that is left to be asked; else that there is none."""
    if isinstance(answer, Gap) and answer.item in left:
        left.remove(answer.item)
        return item_mark(answer.item)
    return NO_ITEM


def _text(element: Element, words: str) -> None:
    SubElement(element, "text").text = clean(words)


def _html(parent: Element, name: str, html: Markup, write: MarkupWriter | None = None) -> None:
    element = SubElement(parent, name, format="html")
    SubElement(element, "text").text = str(html)
    for file, content in write.figures.items() if write is not None else ():
        SubElement(element, "file", name=file, path="/", encoding="base64").text = base64.b64encode(content).decode()


def _number(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")
