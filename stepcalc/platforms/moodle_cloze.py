"""Cloze: gaps and menus inside a text, as ``{1:NUMERICAL:=0.5:0.001~%0%0.7:0.001#why}``.

Moodle finds a field by regular expressions, takes a ``\\}`` and a ``\\#`` in it for the bare sign, and reads entities
once before the HTML is read, so that HTML in a field has its ampersands written as entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup

from stepcalc.board.nodes import Equation, Node
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question, Sentence
from stepcalc.platforms.markup import MarkupWriter
from stepcalc.platforms.moodle_answers import accepted, weights
from stepcalc.sheet.words import Words

NUMERICAL, MENU, BOXES = "NUMERICAL", "MULTICHOICE", "MULTICHOICE_V"


def field(weight: int, kind: str, alternatives: Iterable[str]) -> Markup:
    """One field, worth ``weight``."""
    return Markup(f"{{{weight}:{kind}:{'~'.join(alternatives)}}}")


def alternative(answer: str, percent: float, said: str = "") -> str:
    """One of the answers to a field; ``answer`` and ``said`` are HTML, or a number."""
    share = "=" if percent == 100 else f"%{int(percent)}%"
    return share + escaped(answer) + (f"#{escaped(said)}" if said else "")


def escaped(html: str) -> str:
    """HTML inside a field; a mark of an alternative at its beginning, and a guard at its end, are entities."""
    signs = str(html).replace("&", "&amp;").replace("}", r"\}").replace("#", r"\#").replace("~", "&#126;")
    ending = {"\\": "&#92;"}.get(signs[-1:])
    beginning = {"=": "&#61;", "%": "&#37;"}.get(signs[:1])
    signs = signs[:-1] + ending if ending else signs
    return beginning + signs[1:] if beginning else signs


class ClozeWriter:
    """Writes the answers of a question as fields in its text."""

    def __init__(self, write: MarkupWriter, words: Words, rounding: float, marked: Callable[[Gap], str]) -> None:
        self.write, self.words, self.rounding, self.marked = write, words, rounding, marked

    def fields(self, question: Question) -> Markup:
        """A line for each field, with what stands before it."""
        return Markup("\n").join(
            Markup("<p>{}</p>").format(line) for answer in self._weighed(question) for line in answer
        )

    def _weighed(self, question: Question) -> Iterator[Iterator[Markup]]:
        parts = {Gap: self._gap, Choice: self._choice, Order: self._order}
        shares = [worth for answer in question.answers for worth in worths(answer)]
        left = iter(weights(shares))
        for answer in question.answers:
            own = [next(left) for _ in worths(answer)]
            yield parts[type(answer)](answer, own)  # type: ignore[operator]

    def _gap(self, gap: Gap, own: list[int]) -> Iterator[Markup]:
        known = (
            alternative(f"{one.answer}:{one.reach}", one.percent, self.told(one.said))
            for one in accepted(gap, self.rounding)
        )
        yield labelled(self.write, gap, self.marked(gap)) + field(own[0], NUMERICAL, known)

    def _choice(self, choice: Choice, own: list[int]) -> Iterator[Markup]:
        options = (
            alternative(self.write.inline(option.shown), 100 if option.right else 0, self.write.inline(option.why))
            for option in choice.options
        )
        before = self.write.inline(choice.asked) + " " if choice.asked else Markup("")
        yield before + field(own[0], MENU if is_plain(choice) else BOXES, options)

    def _order(self, order: Order, own: list[int]) -> Iterator[Markup]:
        places = range(len(order.shown))
        for shown, weight in zip(places, own, strict=True):
            menu = field(
                weight,
                MENU,
                (alternative(str(place + 1), 100 if order.order[place] == shown else 0) for place in places),
            )
            line = Markup("<br/>").join(map(self.write.math, order.shown[shown].lines))
            yield line + Markup("<br/>") + self.write.inline(self.words.say("moodle.place")) + " " + menu

    def told(self, said: Iterable[Sentence]) -> Markup:
        """What is said to an answer."""
        return Markup(" ").join(map(self.write.inline, said))


def worths(answer: Answer) -> tuple[float, ...]:
    """The marks of each field of an answer."""
    if isinstance(answer, Order):
        return (answer.worth / len(answer.shown),) * len(answer.shown)
    return (answer.worth,)


def labelled(write: MarkupWriter, gap: Gap, mark: str) -> Markup:
    """What stands before a gap: the id of its item, by which the marking knows it, and its symbol."""
    before = Markup("{} ").format(mark) if mark else Markup("")
    return before + write.math(gap.symbol) + " = "


def is_plain(choice: Choice) -> bool:
    """Whether the options are words only, as a menu can show them."""
    return not any(isinstance(piece, Node | Equation) for option in choice.options for piece in option.shown)
