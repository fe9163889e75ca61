"""Cloze: gaps and menus inside a text, as ``{1:NUMERICAL:=0.5:0.001~%0%0.7:0.001#why}``.

Moodle finds a field by regular expressions, takes a ``\\}`` and a ``\\#`` in it for the bare sign, and reads entities
once before the HTML is read, so that HTML in a field has its ampersands written as entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from markupsafe import Markup

from stepcalc.board.nodes import Equation, Node
from stepcalc.exams.question import Answer, Choice, Gap, Order, Sentence
from stepcalc.platforms.markup import MarkupWriter
from stepcalc.platforms.moodle_answers import accepted, weights
from stepcalc.rounding import Rounding
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
    """Writes answers as fields in a text; ``share`` of the marks is given for a slip of precision."""

    def __init__(self, write: MarkupWriter, words: Words, share: float, rounding: Rounding) -> None:
        self.write, self.words, self.share, self.rounding = write, words, share, rounding

    def fields(self, answers: Sequence[Answer], marks: Iterable[str]) -> list[Markup]:
        """The fields of each answer, line by line.

        ``marks`` stand before them, one for each field: the ids of their items, by which the marking knows them.
        """
        fields = zip(weights([worth for answer in answers for worth in worths(answer)]), marks, strict=True)
        return [self._field_lines(answer, list(islice(fields, len(worths(answer))))) for answer in answers]

    def _field_lines(self, answer: Answer, own: Sequence[tuple[int, str]]) -> Markup:
        lines = self._lines(answer, [weight for weight, _ in own])
        marked = (labelled(line, mark) for line, (_, mark) in zip(lines, own, strict=True))
        return Markup("\n").join(map(Markup("<p>{}</p>").format, marked))

    def _lines(self, answer: Answer, own: Sequence[int]) -> Iterator[Markup]:
        match answer:
            case Gap():
                yield self._gap(answer, own[0])
            case Choice():
                yield self._choice(answer, own[0])
            case Order():
                yield from (self._place(answer, place, weight) for place, weight in enumerate(own))

    def _gap(self, gap: Gap, weight: int) -> Markup:
        known = (
            alternative(f"{one.answer}:{one.reach}", one.percent, self.told(one.said))
            for one in accepted(gap, self.share, self.rounding)
        )
        return self.write.math(gap.symbol) + " = " + field(weight, NUMERICAL, known)

    def _choice(self, choice: Choice, weight: int) -> Markup:
        options = (
            alternative(self.write.inline(option.shown), 100 if option.right else 0, self.write.inline(option.why))
            for option in choice.options
        )
        before = self.write.inline(choice.asked) + " " if choice.asked else Markup("")
        return before + field(weight, MENU if is_plain(choice) else BOXES, options)

    def _place(self, order: Order, place: int, weight: int) -> Markup:
        places = enumerate(order.order, start=1)
        menu = field(weight, MENU, (alternative(str(at), 100 if shown == place else 0) for at, shown in places))
        line = Markup("<br/>").join(map(self.write.math, order.shown[place].lines))
        return line + Markup("<br/>") + self.write.inline(self.words.say("moodle.place")) + " " + menu

    def told(self, said: Iterable[Sentence]) -> Markup:
        """What is said to an answer."""
        return Markup(" ").join(map(self.write.inline, said))


def worths(answer: Answer) -> tuple[float, ...]:
    """The marks of each field of an answer."""
    if isinstance(answer, Order):
        return (answer.worth / len(answer.shown),) * len(answer.shown)
    return (answer.worth,)


def labelled(line: Markup, mark: str) -> Markup:
    """A line with the mark before it, if it has one."""
    return Markup("{} {}").format(mark, line) if mark else line


def is_plain(choice: Choice) -> bool:
    """Whether the options are words only, as a menu can show them."""
    return not any(isinstance(piece, Node | Equation) for option in choice.options for piece in option.shown)
