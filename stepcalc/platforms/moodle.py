"""An exam for Moodle: ``moodle.xml``, a category for each question, and in it the variants of that question.

A question with one number is of the type numerical, one with one choice multichoice, all others are Cloze. Each holds
the problem, with its figures, the id of its variant, and before its gaps the ids of their items, so that
``stepcalc check`` can mark the responses.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from markupsafe import Markup

from stepcalc.answers.exports import item_mark, variant_mark
from stepcalc.board.plain import clean
from stepcalc.board.text import text as plain_text
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Gap, Question, Sentence
from stepcalc.output import Content
from stepcalc.platforms.markup import MarkupWriter
from stepcalc.platforms.moodle_answers import accepted
from stepcalc.platforms.moodle_check import check
from stepcalc.platforms.moodle_cloze import ClozeWriter, is_plain, labelled

FILE = "moodle.xml"
TOP = "$course$/top"
ADDRESS = "@@PLUGINFILE@@/{}"
MAX_NAME = 200
"""Moodle keeps 255 characters of a name."""
HEAD, TAIL = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n', "</quiz>\n"


def piece(paper: Paper) -> bytes:
    """A variant's questions with their categories, read back and marked.

    Raises :class:`~stepcalc.errors.InputError` where Moodle would not give the key all marks.
    """
    parts = [_written(paper, question) for question in paper.questions]
    check(paper, f"{HEAD}{''.join(category + question for category, question in parts)}{TAIL}".encode())
    return json.dumps(parts).encode()


def whole(pieces: Iterator[bytes]) -> Mapping[str, Content]:
    """The file: each category with its variants, in their order."""
    variants = [json.loads(one) for one in pieces]
    found = [HEAD]
    for same in zip(*variants, strict=True):
        found += [same[0][0], *(question for _, question in same)]
    return {FILE: "".join((*found, TAIL)).encode()}


def _written(paper: Paper, question: Question) -> tuple[str, str]:
    elements = _category(paper, question), _Question(paper, question).element()
    for element in elements:
        indent(element)
    category, written = (tostring(element, encoding="unicode") + "\n" for element in elements)
    return category, written


def _category(paper: Paper, question: Question) -> Element:
    say = paper.words.plain
    named = say("moodle.category", number=question.number, title=_plain(question.title))
    element = Element("question", type="category")
    _text(SubElement(element, "category"), "/".join((TOP, _step(paper.title), _step(named))))
    info = SubElement(element, "info", format="plain_text")
    _text(info, say("moodle.category_info", marks=_number(question.worth)))
    return element


def _step(name: str) -> str:
    """A name in the path of a category, where a slash parts them and two stand for one."""
    return " ".join(name.strip("/ ")[:MAX_NAME].split()).replace("/", "//")


class _Question:
    """Writes one question of a variant."""

    def __init__(self, paper: Paper, question: Question) -> None:
        self.paper, self.question = paper, question
        self.rounding = paper.variant.problem.marking.rounding
        self.write, self.solution = (MarkupWriter(paper.words.phrases, ADDRESS.format) for _ in range(2))
        self.ids = question.number in marked(paper)

    def element(self) -> Element:
        """The question as Moodle imports it."""
        kind = kind_of(self.question)
        text, add = _KINDS[kind]
        element, variant, number = Element("question", type=kind), self.paper.variant.id, self.question.number
        named = self.paper.words.plain("moodle.name", variant=variant, number=number, title=_plain(self.question.title))
        _text(SubElement(element, "name"), named[:MAX_NAME])
        asked = self.write.blocks((*self.paper.statement, *self.question.prompt))
        mark = Markup("<p><small>{}</small></p>").format(variant_mark(variant))
        _html(element, "questiontext", Markup("\n").join((asked, text(self), mark)), self.write)
        _html(element, "generalfeedback", self.solution.blocks(self.question.solution), self.solution)
        settings = {"defaultgrade": _number(self.question.worth), "penalty": "0", "hidden": "0"}
        for name, value in (settings | {"idnumber": f"{variant}-{number}"}).items():
            SubElement(element, name).text = value
        add(self, element)
        return element

    def mark(self, gap: Gap) -> str:
        """The id of a gap's item, where the marking is to read it."""
        return item_mark(gap.item) if self.ids else ""

    def cloze(self) -> Markup:
        """The fields, in the text."""
        return ClozeWriter(self.write, self.paper.words, self.rounding, self.mark).fields(self.question)

    def label(self) -> Markup:
        """What a lone number is."""
        (gap,) = self.question.gaps
        return Markup("<p>{}</p>").format(labelled(self.write, gap, self.mark(gap)))

    def asked(self) -> Markup:
        """What a lone choice is about."""
        (choice,) = self.question.answers
        return Markup("<p>{}</p>").format(self.write.inline(choice.asked)) if choice.asked else Markup("")  # type: ignore[union-attr]

    def nothing(self, element: Element) -> None:
        """Cloze has all of it in the text."""

    def numbers(self, element: Element) -> None:
        """The numbers that Moodle knows."""
        (gap,) = self.question.gaps
        for one in accepted(gap, self.rounding):
            answer = SubElement(element, "answer", fraction=_number(one.percent), format="moodle_auto_format")
            SubElement(answer, "text").text = one.answer
            _html(answer, "feedback", Markup(" ").join(map(self.write.inline, one.said)))
            SubElement(answer, "tolerance").text = one.reach
        for name, value in _NO_UNITS.items():
            SubElement(element, name).text = value

    def options(self, element: Element) -> None:
        """What there is to choose from."""
        (choice,) = self.question.answers
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
_KINDS: dict[str, tuple[Callable[[_Question], Markup], Callable[[_Question, Element], None]]] = {
    "numerical": (_Question.label, _Question.numbers),
    "multichoice": (_Question.asked, _Question.options),
    "cloze": (_Question.cloze, _Question.nothing),
}
"""What of the answers stands in the text of a question of each type, and what beside it."""


def kind_of(question: Question) -> str:
    """Moodle's type for a question."""
    match question.answers:
        case (Gap(),):
            return "numerical"
        case (Choice(),):
            return "multichoice"
    return "cloze"


def marked(paper: Paper) -> frozenset[int]:
    """The numbers of the questions that the marking reads: they ask for items, and for no item a second time."""
    found, seen = set[int](), set[str]()
    for question in paper.questions:
        items = [gap.item for gap in question.gaps]
        if len(items) == len(question.answers) and set(items) <= set(paper.variant.asked) - seen:
            found.add(question.number)
            seen.update(items)
    return frozenset(found)


def _text(element: Element, words: str) -> None:
    SubElement(element, "text").text = clean(words)


def _html(parent: Element, name: str, html: Markup, write: MarkupWriter | None = None) -> None:
    element = SubElement(parent, name, format="html")
    SubElement(element, "text").text = str(html)
    for file, content in write.figures.items() if write is not None else ():
        SubElement(element, "file", name=file, path="/", encoding="base64").text = base64.b64encode(content).decode()


def _plain(run: Sentence) -> str:
    return clean("".join(piece if isinstance(piece, str) else plain_text(piece, inline=True) for piece in run))


def _number(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")
