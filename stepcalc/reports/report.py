"""What every report needs: the marks, how an item and a number are written in this problem, and the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from stepcalc.board.nodes import Node, Num
from stepcalc.board.plain import clean
from stepcalc.board.text import text as math_text
from stepcalc.marking.marks import Finding, ItemMark, Marks
from stepcalc.marking.steps import Steps
from stepcalc.rounding import Rounding, marks_text
from stepcalc.sheet import mistaken
from stepcalc.sheet.blocks import Heading, Inline
from stepcalc.sheet.chosen import chosen_view
from stepcalc.sheet.context import Context, title
from stepcalc.sheet.mistaken import MOST_NAMED
from stepcalc.sheet.words import Words, joined, words
from stepcalc.trace import Trace

MOST_GUARD_DIGITS = 6
LONGEST_NAME = 36
LONGEST_GIVEN = 24
"""So many letters of an answer are shown in a table."""


@dataclass(eq=False)
class Report:
    """The marks of a class, or of one student, about to be told in ``words``."""

    marks: Marks
    words: Words = field(default_factory=words)

    @property
    def trace(self) -> Trace:
        """The solved problem; of several variants the first, which differ in their numbers only."""
        return next(iter(self.marks.traces.values()))

    def trace_of(self, variant: str) -> Trace:
        """The solved problem of one variant."""
        return self.marks.traces.get(variant, self.trace)

    @property
    def single(self) -> bool:
        """Whether there is only one student."""
        return len(self.marks.answers.students) == 1

    @cached_property
    def context(self) -> Context:
        """The writer of the problem's sheet, for its symbols and figures."""
        return Context(self.trace, chosen_view(self.trace, None), None, self.words)

    @cached_property
    def steps(self) -> Steps:
        """Where an item's own spelling is found."""
        return Steps(self.trace)

    def place(self, mark: ItemMark) -> int:
        """Where an item stands in the order of the calculation."""
        return self._places[mark.item]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {self.marks.columns[place].item: rank for rank, place in enumerate(self.marks.order)}

    @property
    def title(self) -> str:
        """The problem's."""
        return title(self.trace.problem, self.words)

    def canonical(self, item: str) -> str:
        """The one id of an item, however it is spelled; of an array its own."""
        found = self.trace.problem.items.scalar(item)
        return item if found is None else self.steps.canonical(found)

    def symbol(self, item: str) -> Node:
        """An item as the sheet writes it."""
        if item not in self._symbols:
            self._symbols[item] = self.context.named(item)
        return self._symbols[item]

    @cached_property
    def _symbols(self) -> dict[str, Node]:
        return {}

    def symbols(self, items: list[str]) -> tuple[Inline, ...]:
        """Items in running text; of many the first ones, and how many more there are."""
        named = joined([self.symbol(item) for item in items[:MOST_NAMED]])
        more = len(items) - MOST_NAMED
        return self.words.say("numbers.more", items=named, count=more) if more > 0 else named

    @cached_property
    def rounding(self) -> Rounding:
        """How right numbers are printed: as on the sheet, or to the digits asked where these are more."""
        asked = self.marks.policy.asked
        return self.trace.rounding.at_least(asked.significant, asked.decimals)

    def expected(self, mark: ItemMark) -> tuple[Inline, ...]:
        """The right answer, with so many digits that it is seen to be another one than what was given."""
        if mark.expected is None or isinstance(mark.expected, str):
            return (self._formula(mark.item) or mark.expected or self.words.plain("marks.nothing"),)
        extra, printed = 0, self.rounding.printed(mark.expected)
        while mark.verdict != "correct" and extra < MOST_GUARD_DIGITS and _same(printed, mark.given):
            extra += 1
            printed = self.rounding.printed(mark.expected, extra)
        return (Num(printed, found=True),)

    def _formula(self, item: str) -> Inline:
        """The right formula of what has no number, as short as the sheet has it; "" for that of an update."""
        scribe, found = self.context.scribe, self.trace.problem.items.scalar(item)
        parsed = None if found is None else self.trace.graph.read(found)
        if parsed is None or parsed.part or parsed.by:
            return ""
        plain = str(parsed.plain)
        step = (scribe.short(plain) or scribe.backward(plain)) if parsed.of else scribe.forward(plain)
        return step.formula.parts[-1]

    def given(self, mark: ItemMark, longest: int = LONGEST_GIVEN) -> str:
        """The answer as typed, as far as there is room for it."""
        text = " ".join(mark.given.split())
        if len(text) > longest:
            text = text[: longest - 1] + "…"
        return text or self.words.plain("marks.nothing")

    def points(self, marks: float) -> str:
        """Marks, or a share in percent, with two decimals at most."""
        return marks_text(marks)

    def mistakes(self, findings: Sequence[Finding]) -> tuple[Inline, ...]:
        """The sentences of misconceptions; what one of them may be about, several weights say, in one sentence."""
        return mistaken.told(self.words, self.symbol, findings)

    def told(self, sentence: tuple[Inline, ...]) -> str:
        """A sentence as plain text on one line."""
        return "".join(clean(piece) if isinstance(piece, str) else _written(piece) for piece in sentence)


@lru_cache(maxsize=4096)
def _written(node: Node) -> str:
    return math_text(node, inline=True)


def _same(printed: str, given: str) -> bool:
    """Whether two numbers look alike."""
    return printed == given.strip().replace("−", "-").replace(",", ".")


def heading(report: Report, key: str) -> Heading:
    """A section of a report."""
    return Heading(report.words.say(f"marks.{key}"), 1, key=key)


def short(name: str) -> str:
    """A name as far as a table has room for it."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
