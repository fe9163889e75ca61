"""A worked solution with one mistake in it: which line is wrong, and what should it be?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import sympy as sp

from stepcalc.answers.names import elements
from stepcalc.board.nodes import Equation, Mul, Node, Num, Sym, Words
from stepcalc.board.transform import contains, transform, transform_equation, walk
from stepcalc.calculus.to_board import to_board
from stepcalc.errors import did_you_mean
from stepcalc.exams.exact import steady
from stepcalc.exams.formulas import InSymbols
from stepcalc.exams.gaps import gaps, printed, right_number, tells, tolerance
from stepcalc.exams.kinds.parts import heading, impossible
from stepcalc.exams.mistaken import Made, MistakenTrace, wrong_numbers
from stepcalc.exams.question import Choice, Criterion, Gap, Option, Question, Sentence, Wrong
from stepcalc.exams.worked import worked_lines
from stepcalc.filling import elided
from stepcalc.marking.misconceptions import CATALOGUE, slips
from stepcalc.marking.mistakes import Mistakes
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.notation import is_setting
from stepcalc.problem.faults import listed, quoted
from stepcalc.recipes.asking import Asked, FindTheError
from stepcalc.sheet.blocks import Block, Formula, Prose
from stepcalc.sheet.context import continued, going_on
from stepcalc.sheet.mistaken import told

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

FEWEST, MOST = 3, 16
"""So many lines a solution has, of a longer one the last ones."""
SLIPS = frozenset(name for name, kind in CATALOGUE.items() if type(kind).__module__ == slips.__name__)
"""Mistakes that are made where no other one can be seen: a minus in front of a whole formula strikes the eye."""


@dataclass(frozen=True)
class Solution:
    """What is shown: the ``lines``, an item each, and what is ``known`` before besides the problem's own numbers."""

    lines: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Faulty:
    """A solution with a mistake in it: which one, the ``wrong`` numbers by item, and its lines as they are written."""

    made: Made
    wrong: dict[str, float]
    written: tuple[Formula, ...]


def find_the_error(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for the wrong line of a solution, and for the number that belongs there."""
    wanted = cast(FindTheError, asked)
    maker, say = _Maker(paper, wanted), paper.words.say
    faulty = maker.faulty(number)
    places = range(1, len(faulty.written) + 1)
    wrong = maker.solution.lines.index(faulty.made.item) + 1
    half = (asked.marks or 2.0) / 2
    (gap,) = gaps(paper, [maker.written(faulty.made.item)], half)
    right = Words(paper.words.plain("exam.right_result"))
    which = Choice(
        tuple(Option(say("exam.line", number=at), right=at == wrong) for at in places), half, say("exam.wrong_line")
    )
    why = told(paper.words, paper.symbol, [faulty.made.finding])
    blank = replace(gap, symbol=right, what="", phase=None, wrongs=_wrongs(gap, faulty, why))
    solution: list[Block] = [Prose((*say("exam.line_is_wrong", number=wrong), " ", *why))]
    if (lines := worked_lines(paper, gap.item)) is not None:
        solution.append(lines)
    rubric = (
        Criterion(say("exam.finds_line"), half, "method"),
        Criterion(say("exam.right_numbers", items=gap.symbol, count=1), half, "answer"),
    )
    prompt = (Prose(say("exam.find_the_error")), *maker.prompt(faulty))
    right_ones = (item for item in maker.solution.lines if item not in faulty.wrong)
    return Question(
        number, asked.kind, heading(paper, asked), prompt, (which, blank), tuple(solution), rubric, 2,
        shows=(*maker.solution.known, *right_ones), asks=(faulty.made.item,),
    )  # fmt: skip


def _wrongs(gap: Gap, faulty: Faulty, why: Sentence) -> tuple[Wrong, ...]:
    """What mistakes give, first of all the number that stands in the wrong line."""
    value, name = steady(faulty.wrong[faulty.made.item]), faulty.made.finding.name
    others = (wrong for wrong in gap.wrongs if abs(wrong.value - value) > gap.tolerance)
    return (Wrong(name, value, why), *others)


class _Maker:
    """Puts a mistake into a solution."""

    def __init__(self, paper: Paper, asked: FindTheError) -> None:
        self.paper, self.asked = paper, asked
        self.steps = InSymbols(paper.variant.trace)
        unknown = [name for name in asked.misconceptions if name not in CATALOGUE]
        if unknown:
            known = did_you_mean(unknown[0], CATALOGUE) or f"; known are {listed(CATALOGUE)}"
            raise impossible(f"{quoted(unknown[0])} is no misconception{known}")
        self._tolerances: dict[str, float] = {}
        self.asked_items = self._asked_items()
        self.solution = self._solution()

    def _asked_items(self) -> tuple[str, ...]:
        """The canonical ids of the items in whose steps the mistake may be."""
        items = self.paper.variant.problem.items
        typed = self.asked.items or self.paper.variant.asked
        ids = dict.fromkeys(self.steps.canonical(item) for name in typed for item in elements(items, name))
        return tuple(item for item in ids if self.steps.step(item) is not None)

    def _solution(self) -> Solution:
        """The way to one of the items: the longest that is not too long, else the shortest, and of that the end."""
        ways = [self._way(item) for item in self.asked_items]
        short = [way for way in ways if len(way) <= MOST]
        if not ways or max(map(len, ways)) < FEWEST:
            raise impossible(f"a solution needs at least {FEWEST} lines in which a mistake can be made")
        way = max(short, key=len) if short else min(ways, key=len)
        lines = way[-MOST:]
        needed = dict.fromkeys(need for item in lines for need in self._step(item).needs)
        return Solution(lines, tuple(item for item in needed if item in way and item not in lines))

    def _way(self, item: str) -> tuple[str, ...]:
        """The items that are calculated on the way to one, as people go: a quantity after the other where possible."""
        way = [at for at in self.steps.order([item]) if self.steps.step(at) is not None]
        rows = sorted(way, key=self.steps.place)
        places = {at: place for place, at in enumerate(rows)}
        possible = all(places.get(need, -1) < places[at] for at in rows for need in self._step(at).needs)
        return tuple(rows if possible else way)

    def _step(self, item: str) -> OwnStep:
        step = self.steps.step(item)
        assert step is not None
        return step

    def written(self, item: str) -> str:
        """An item under the id that it is written with."""
        return self.paper.variant.problem.items.written_scalar(item) or item

    # ------------------------------------------------------------------------------------------- the mistake

    def faulty(self, number: int) -> Faulty:
        """The solution with the mistake of this variant: of those that can be seen first a kind, then a place."""
        chance, by_name = self.paper.chance(number), dict[str, list[Made]]()
        for made in self._mistakes():
            by_name.setdefault(made.finding.name, []).append(made)
        names = chance.shuffled(tuple(by_name))
        for name in sorted(names, key=SLIPS.__contains__):
            for made in chance.shuffled(by_name[name]):
                found = self._with(made)
                if found is not None:
                    return found
        wanted = f" ({', '.join(self.asked.misconceptions)})" if self.asked.misconceptions else ""
        raise impossible(f"no mistake{wanted} gives another number in the steps of the items asked")

    def _mistakes(self) -> Iterator[Made]:
        """The mistakes that can be made in the lines."""
        wanted = self.asked.misconceptions
        mistakes = Mistakes(self.steps)
        for item in self.solution.lines:
            for mistake in mistakes.own(self._step(item)) if item in self.asked_items else ():
                change, name = mistake.changes[item], mistake.finding.name
                fits = name in wanted if wanted else not mistake.far_fetched
                if fits and not change.misread and change.mistyped is None and self._is_known(change.formula, item):
                    yield Made(item, mistake.finding, change)

    def _is_known(self, formula: sp.Expr, item: str) -> bool:
        """Whether all that a formula needs is there before an item is calculated."""
        lines = self.solution.lines
        there = {*lines[: lines.index(item)], *self.solution.known}
        return all(s.name in there or self.steps.step(s.name) is None for s in formula.free_symbols)

    def _with(self, made: Made) -> Faulty | None:
        """The solution with a mistake; None where it cannot be seen, or the right number stands somewhere anyway."""
        wrong = wrong_numbers(self.paper, made, self.solution.lines) if _is_written(made.change.formula) else None
        if wrong is None:
            return None
        right, found = self._right(made.item), wrong[made.item]
        shown = printed(self.paper, right)
        if printed(self.paper, found) == shown or abs(found - right) <= self._tolerance(made.item):
            return None
        writer = _Writer(self.paper, self.steps, made, wrong)
        written = tuple(map(writer.line, self.solution.lines))
        stands = any(part.text == shown for one in written for line in one.lines for part in _numbers(line))
        return None if stands and tells(shown) else Faulty(made, wrong, written)

    def _right(self, item: str) -> float:
        return right_number(self.paper, self.written(item))

    def _tolerance(self, item: str) -> float:
        if item not in self._tolerances:
            self._tolerances[item] = tolerance(self.paper, self.written(item))
        return self._tolerances[item]

    def prompt(self, faulty: Faulty) -> Iterator[Block]:
        """The lines with their numbers, and what is known before."""
        scribe, say = self.paper.context.whole, self.paper.words.say
        if self.solution.known:
            yield Prose(say("exam.known_before"))
            values = [(item, scribe.number(item)) for item in self.solution.known]
            bare = (scribe.bare(self.paper.symbol(item), value, item) for item, value in values if value is not None)
            yield Formula(tuple(map(_as_given, bare)))
        for place, formula in enumerate(faulty.written, start=1):
            first, *rest = formula.lines
            numbered = replace(first, reason=self.paper.words.plain("exam.line_number", number=place))
            yield Formula(tuple(map(_as_given, (numbered, *rest))))


class _Writer:
    """Writes the lines of a solution, all of them alike: how a line is written does not tell that it is wrong."""

    def __init__(self, paper: Paper, steps: Steps, made: Made, wrong: dict[str, float]) -> None:
        self.paper, self.steps, self.made = paper, steps, made
        self.scribe = paper.context.scribe_of(MistakenTrace.of(paper.variant.trace, wrong), None)

    def line(self, item: str) -> Formula:
        """The step of an item, in symbols and in numbers."""
        symbols, left, value = self._formula(item), self.paper.symbol(item), self.scribe.number(item)
        if not _is_written(symbols):  # the largest of a window has more cases than anybody writes
            step = self.scribe.forward(item)
            return Formula(tuple(going_on(step.formula, step.numbers)))
        shown = self.scribe.notation.dress(elided(self._written(symbols)))
        filled = self._written(self.scribe.decided(self.scribe.with_targets(symbols)))
        line = Equation((left, shown), ("=",))
        if value is None or isinstance(shown, Num):
            return Formula((line,))
        numbers = self.scribe.line(left, filled, value, item)
        if len(numbers.parts) == 2:  # nothing but the result: it goes into the same line
            return Formula((Equation((*line.parts, numbers.parts[-1]), (*line.relations, *numbers.relations)),))
        return Formula((line, continued(numbers)))

    def _written(self, formula: sp.Expr) -> Node:
        """A formula on the board, what comes back in front: ∂L/∂a · a(1 − a), but α · ∂L/∂w."""

        def change(node: Node) -> Node | None:
            if not isinstance(node, Mul):
                return None
            back = [factor for factor in node.factors if self._is_gradient(factor)]
            rest = [factor for factor in node.factors if factor not in back]
            if not back or contains(Mul(tuple(rest)), _is_setting):
                return Mul((*rest, *back), "dot") if back else None
            return Mul((*back, *([Mul(tuple(rest))] if len(rest) > 1 else rest)), "dot")

        return transform(to_board(formula), change)

    def _is_gradient(self, node: Node) -> bool:
        if not isinstance(node, Sym) or node.item is None or is_setting(node.item):
            return False
        return bool(self.steps.graph.read(node.item).of)

    def _formula(self, item: str) -> sp.Expr:
        """The formula of a step, the mistaken one where the mistake is made; slopes that have cases by their names."""
        step = self.steps.step(item)
        assert step is not None
        formula = self.made.change.formula if item == self.made.item else step.formula
        assert formula is not None
        named = {cases: name for name, cases in self.scribe.trace.derivation.slopes.items()}
        return formula.xreplace(named)


def _is_written(formula: sp.Expr) -> bool:
    """Whether a formula can be written in symbols."""
    try:
        to_board(formula)
    except NotImplementedError:
        return False
    return True


def _is_setting(node: Node) -> bool:
    return isinstance(node, Sym) and node.item is not None and is_setting(node.item)


def _numbers(line: Equation) -> Iterator[Num]:
    for part in line.parts:
        yield from (node for node in walk(part) if isinstance(node, Num))


def _as_given(line: Equation) -> Equation:
    """A line whose numbers are part of the question: nothing of them is left out where the solution is."""
    return transform_equation(line, lambda node: Num(node.text) if isinstance(node, Num) else None)
