r"""An exam for Canvas: a package of QTI 1.2 as its importer takes it, a quiz and its question bank for each variant.

Of each number asked there is one question, since a quiz of Canvas has one field in a numerical question. What Canvas
makes of a package was read in its importer (``gems/plugins/qti_exporter``) and its converter (QTIMigrationTool):

- An answer with a margin is ``varequal``, or between ``vargte`` and ``varlte``. Any number that a question lists counts
  as right, so mistakes cannot be answers of their own; what they give stands in the comment on a wrong one.
- While a quiz is taken, a number typed is rounded to four decimals, unless some answer of the question has a given
  precision: ``vargt`` and ``varlte``, half a unit of its last digit away. So there is one of fifteen digits as well.
- A text of more than 16 kilobytes is dropped, so a long statement goes on in a second text.
- Formulas are TeX, ``\( … \)``, which Canvas typesets; figures are files of the package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from markupsafe import Markup

from stepcalc.answers.exports import variant_mark
from stepcalc.board.nodes import Num
from stepcalc.board.plain import clean
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question
from stepcalc.platforms.marked import mark_of
from stepcalc.platforms.markup import MarkupWriter
from stepcalc.platforms.naming import name_of_variant
from stepcalc.platforms.spans import around_right, mistakes
from stepcalc.platforms.tags import document, lines, tag
from stepcalc.sheet.blocks import Block, Heading

MAX_TEXT = 12_000
"""Characters of one text; Canvas takes 16,384, and replaces the addresses of figures by longer ones."""
MAX_TITLE = 180
"""Characters of a quiz's title; Canvas takes 255."""
FIRST_ID = 1001
"""What the first answer of a question is called; Canvas reads numbers, and takes 0 for none."""
ANCHOR_DIGITS = 15
EXACT = Context(prec=80)

FILES = "$IMS-CC-FILEBASE$"
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"


def variant_files(paper: Paper) -> dict[str, bytes]:
    """The files of a variant: its quiz, the settings of the quiz, and the figures."""
    return CanvasWriter(paper).files()


@dataclass(frozen=True)
class _Item:
    """One question of a quiz: its kind in Canvas' words, what it says, and what is answered in it."""

    kind: str
    title: str
    text: Markup
    worth: float = 0
    ids: tuple[str, ...] = ()
    responses: tuple[Markup, ...] = ()
    processing: tuple[Markup, ...] = ()
    feedback: tuple[Markup, ...] = ()


class CanvasWriter:
    """Writes a variant."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.name = name_of_variant(paper.variant)
        self.draw = MarkupWriter(paper.words.phrases, lambda file: f"{FILES}/{self.name}/{file}")

    def files(self) -> dict[str, bytes]:
        """The files by their names."""
        items = list(self._items())
        assessment = tag(
            "assessment",
            lines(_metadata({"cc_maxattempts": "1"}), self._section(items)),
            ident=self.name,
            title=self._title,
        )
        quiz = {
            f"{self.name}/{self.name}.xml": document(tag("questestinterop", lines(assessment), xmlns=QTI)),
            f"{self.name}/assessment_meta.xml": document(self._settings(sum(item.worth for item in items))),
        }
        return quiz | {f"{self.name}/{file}": image for file, image in self.draw.figures.items()}

    @property
    def _title(self) -> str:
        title = clean(self.paper.title)[:MAX_TITLE].strip()
        return self.paper.words.plain("canvas.quiz", title=title, variant=self.paper.variant.id)

    def _settings(self, worth: float) -> Markup:
        fields = {
            "title": self._title,
            "shuffle_answers": "false",
            "quiz_type": "assignment",
            "points_possible": _marks(worth),
            "show_correct_answers": "false",
            "allowed_attempts": "1",
            "available": "false",
        }
        listed = lines(*(tag(name, text) for name, text in fields.items()))
        return tag("quiz", listed, identifier=self.name, xmlns=CANVAS)

    def _section(self, items: Sequence[_Item]) -> Markup:
        written = (_item(f"{self.name}_{number:03d}", item) for number, item in enumerate(items, start=1))
        return tag("section", lines(*written), ident="root_section")

    def _items(self) -> Iterator[_Item]:
        yield from self._texts(self.paper.words.plain("canvas.problem"), self.paper.statement)
        for question in self.paper.questions:
            alone = len(question.answers) == 1
            heading = Heading((f"{question.number}. ", *question.title))
            if not alone:
                yield from self._texts(f"{question.number}.", (heading, *question.prompt))
            for answer in question.answers:
                yield self._item(question, answer, (heading, *question.prompt) if alone else ())

    def _texts(self, title: str, blocks: Sequence[Block]) -> Iterator[_Item]:
        """Blocks as questions that ask nothing, as many as it takes."""
        for text in _portions([self.draw.blocks([block]) for block in blocks]):
            yield _Item("text_only_question", title, text)

    def _item(self, question: Question, answer: Answer, before: Sequence[Block]) -> _Item:
        shown = self.draw.blocks(before)
        match answer:
            case Gap():
                return self._numerical(question, answer, shown)
            case Choice():
                return self._choice(question, answer, shown)
            case Order():
                return self._matching(question, answer, shown)

    def _ids(self, *marks: str) -> Markup:
        """By what ``stepcalc check`` finds the item and the variant in Canvas' analysis of the quiz."""
        return Markup("<p>{}</p>").format(" ".join((*filter(None, marks), variant_mark(self.paper.variant.id))))

    def _numerical(self, question: Question, gap: Gap, before: Markup) -> _Item:
        asked = Markup("<p>{}</p>").format(self.draw.inline(self.paper.words.say("canvas.gap", symbol=gap.symbol)))
        field = tag("render_fib", tag("response_label", ident="answer1"), fibtype="Decimal")
        wrong = self._wrongs(gap)
        return _Item(
            "numerical_question",
            f"{question.number}.",
            before + asked + self._ids(mark_of(self.paper, question, gap)),
            gap.worth,
            (str(FIRST_ID), str(FIRST_ID + 1)),
            (tag("response_str", field, ident="response1", rcardinality="Single"),),
            (
                _when(_near(gap.value, around_right(gap)), "100"),
                _when(_anchor(gap.value), "100"),
                *([_condition(tag("other"), shows="general_incorrect_fb", goes_on=True)] if wrong else []),
            ),
            (_feedback("general_incorrect_fb", wrong),) if wrong else (),
        )

    def _wrongs(self, gap: Gap) -> Markup:
        """What somebody has who makes a mistake, and why it is one."""
        words, rounding = self.paper.words, self.paper.variant.trace.rounding
        said = [words.say("canvas.wrong", value=Num(rounding.printed(one.value)), why=one.why) for one in mistakes(gap)]
        return Markup("").join(Markup("<p>{}</p>").format(self.draw.inline(sentence)) for sentence in said)

    def _choice(self, question: Question, choice: Choice, before: Markup) -> _Item:
        ids = [str(FIRST_ID + place) for place in range(len(choice.options))]
        named = list(zip(ids, choice.options, strict=True))
        asked = Markup("<p>{}</p>").format(self.draw.inline(choice.asked)) if choice.asked else Markup()
        labels = [tag("response_label", _material(self.draw.inline(one.shown)), ident=name) for name, one in named]
        shown = [_condition(_equal(name), shows=f"{name}_fb", goes_on=True) for name, option in named if option.why]
        right = next(name for name, option in named if option.right)
        return _Item(
            "multiple_choice_question",
            f"{question.number}.",
            before + asked + self._ids(),
            choice.worth,
            tuple(ids),
            (tag("response_lid", tag("render_choice", lines(*labels)), ident="response1", rcardinality="Single"),),
            (*shown, _when(_equal(right), "100")),
            tuple(_feedback(f"{name}_fb", self.draw.inline(option.why)) for name, option in named if option.why),
        )

    def _matching(self, question: Question, order: Order, before: Markup) -> _Item:
        """Lines to be put in order: each is matched with its place, since Canvas orders nothing."""
        ids = [str(FIRST_ID + place) for place in range(len(order.shown))]
        places = [str(place) for place in range(1, len(order.shown) + 1)]
        labels = [tag("response_label", tag("material", tag("mattext", place)), ident=place) for place in places]
        share = f"{100 / len(ids):.2f}"
        belongs = {shown: place for place, shown in zip(places, order.order, strict=True)}
        return _Item(
            "matching_question",
            f"{question.number}.",
            before + self._ids(),
            order.worth,
            tuple(ids),
            tuple(
                tag("response_lid", _material(self.draw.formula(line.lines)), tag("render_choice", lines(*labels)),
                    ident=f"response_{name}")
                for name, line in zip(ids, order.shown, strict=True)
            ),
            tuple(
                _condition(_equal(belongs[shown], f"response_{name}"), share, "Add") for shown, name in enumerate(ids)
            ),
        )  # fmt: skip


def _item(name: str, item: _Item) -> Markup:
    metadata = tag("itemmetadata", _metadata({
        "question_type": item.kind,
        "points_possible": _marks(item.worth),
        "original_answer_ids": ",".join(item.ids),
    }))  # fmt: skip
    text = _material(Markup("<div>{}</div>").format(item.text))
    parts = [metadata, tag("presentation", lines(text, *item.responses))]
    if item.processing:
        score = tag("decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        parts.append(tag("resprocessing", lines(tag("outcomes", score), *item.processing)))
    return tag("item", lines(*parts, *item.feedback), ident=name, title=item.title)


def _marks(worth: float) -> str:
    return f"{worth:.10g}"


def _metadata(fields: dict[str, str]) -> Markup:
    listed = (
        tag("qtimetadatafield", tag("fieldlabel", label), tag("fieldentry", entry)) for label, entry in fields.items()
    )
    return tag("qtimetadata", lines(*listed))


def _material(html: Markup) -> Markup:
    """HTML as the text that Canvas reads: escaped once more, on one line, since it heads a column of the analysis."""
    return tag("material", tag("mattext", " ".join(str(html).splitlines()), texttype="text/html"))


def _feedback(name: str, html: Markup) -> Markup:
    return tag("itemfeedback", tag("flow_mat", _material(html)), ident=name)


def _when(condition: Markup, score: str) -> Markup:
    return _condition(condition, score, "Set")


def _condition(condition: Markup, score: str = "", action: str = "", shows: str = "", goes_on: bool = False) -> Markup:
    scored = [tag("setvar", score, varname="SCORE", action=action)] if score else []
    shown = [tag("displayfeedback", feedbacktype="Response", linkrefid=shows)] if shows else []
    return tag("respcondition", tag("conditionvar", condition), *scored, *shown, continue_="Yes" if goes_on else "No")


def _equal(value: str, to: str = "response1") -> Markup:
    return tag("varequal", value, respident=to)


def _near(value: float, tolerance: float) -> Markup:
    """No further than ``tolerance`` from a number. Canvas takes the difference of the two decimals for the margin."""
    exact, margin = Decimal(repr(value)), Decimal(repr(tolerance))
    return _either(exact, "vargte", EXACT.subtract(exact, margin), EXACT.add(exact, margin))


def _anchor(value: float) -> Markup:
    """The number to fifteen digits: with this Canvas leaves all the digits that a student types."""
    exact = Decimal(f"{value:.{ANCHOR_DIGITS - 1}e}")
    half = Decimal(5).scaleb(exact.adjusted() - ANCHOR_DIGITS)
    return _either(exact, "vargt", EXACT.subtract(exact, half), EXACT.add(exact, half))


def _either(exact: Decimal, lower: str, low: Decimal, high: Decimal) -> Markup:
    ends = (tag(name, f"{end:f}", respident="response1") for name, end in ((lower, low), ("varlte", high)))
    return tag("or", _equal(f"{exact:f}"), tag("and", *ends))


def _portions(blocks: Sequence[Markup]) -> Iterator[Markup]:
    """Blocks under one another, in texts that Canvas takes."""
    portion = Markup()
    for block in blocks:
        if portion and len(portion) + len(block) > MAX_TEXT:
            yield portion
            portion = Markup()
        portion += block + Markup("\n")
    if portion:
        yield portion
