"""A derivative as the product of its factors, some of which are missing."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, cast

import sympy as sp

from stepcalc.board.nodes import Blank, Equation, Mul, Node
from stepcalc.calculus.symbols import symbol
from stepcalc.derive import Branch, Chain, Factor, Local, Upstream
from stepcalc.exams.formulas import Formulas
from stepcalc.exams.kinds.parts import MOST_OPTIONS, differentiated, heading, impossible, mixed
from stepcalc.exams.question import Choice, Criterion, Option, Question, Sentence
from stepcalc.items import derivative_id
from stepcalc.recipes.asking import Asked, CompleteChain
from stepcalc.sheet.blocks import Block, Formula, Prose
from stepcalc.sheet.context import Context, continued
from stepcalc.sheet.full_chain import contribution

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper

ROOM = Blank(8)


@dataclass(frozen=True)
class Offered:
    """A derivative to choose, what it is as a formula (None for one that the problem has not), and why it is wrong."""

    shown: Node
    formula: sp.Expr | None
    why: Sentence = ()


def complete_chain(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that asks for missing factors of a chain."""
    wanted = cast(CompleteChain, asked)
    item = differentiated(paper, wanted.item)
    context, say = paper.context, paper.words.say
    written = context.chain(item)
    found, lines = context.chains.ordered(written), context.chains.write(written, contribution(context, item))
    names = [row.name for row in lines.factors]
    chance = paper.chance(number)
    places = chance.some(_eligible(found, wanted), wanted.missing)
    left = [ROOM if place in places else name for place, name in enumerate(names)]
    worth = (asked.marks or len(places)) / len(places)
    writer = _Writer(paper, found, frozenset(places))
    answers = tuple(
        Choice(
            mixed(chance, Option((names[place],), right=True), writer.wrong(place)),
            worth,
            say("exam.factor", number=place + 1, of=lines.left),
            written=True,
        )
        for place in places
    )
    prompt = (
        Prose(say("exam.complete_chain", item=lines.left, count=len(places))),
        *_told(context, item, found),
        Formula((Equation((lines.left, _product(left)), ("=",)),)),
    )
    whole = (Equation((lines.left, _product(names)), ("=",)), lines.short, lines.numbers and continued(lines.numbers))
    factors = tuple(Equation((row.name, row.short), ("=",)) for row in lines.factors if row.name != row.short)
    solution = (Formula(tuple(line for line in whole if line is not None)), Formula(factors))
    rubric = tuple(Criterion((names[place],), worth, "method") for place in places)
    return Question(number, asked.kind, heading(paper, asked), prompt, answers, solution, rubric)


def _eligible(found: Chain, wanted: CompleteChain) -> Sequence[int]:
    """The places of the factors that may be missing; at least one factor stays."""
    places = [place for place, factor in enumerate(found.factors) if not isinstance(factor, Branch)]
    most = min(len(places), len(found.factors) - 1)
    if most < wanted.missing:
        told = f"of its {len(found.factors)} factors at most {most} can be missing"
        if not most:
            told = "it is a single factor" if places else "it is a sum over several paths, without a common factor"
        raise impossible(f"{wanted.item}: {told}")
    return places


def _told(context: Context, item: str, found: Chain) -> Iterator[Block]:
    """Which part of the gradient the chain is, where it is not all of it."""
    place = context.place(item)
    if context.sample and (context.graph.samples or 0) > 1:
        yield context.prose("chain.sample", sample=context.sample)
    if place is not None:
        yield context.prose("chain.place", z=context.symbol(place))
    if found.time:
        yield context.prose("chain.time_step", time=found.time)


def _product(factors: Sequence[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Mul(tuple(factors), "dot")


class _Writer:
    """Offers wrong factors."""

    def __init__(self, paper: Paper, found: Chain, missing: Container[int]) -> None:
        self.paper, self.chain, self.missing = paper, found, missing
        self.context, self.graph = paper.context, paper.variant.trace.graph
        self.derivation = paper.variant.trace.derivation
        self.formulas = Formulas(paper.variant.trace, [found.item])

    def wrong(self, place: int) -> tuple[Option, ...]:
        """The wrong options in place of a factor: none is the right one in other letters, and no two are alike."""
        right = self._offered(self.chain.factors[place])
        kept = [right]
        for other in self._others(place):
            if len(kept) < MOST_OPTIONS and not any(self._alike(other, known) for known in kept):
                kept.append(other)
        if len(kept) == 1:
            raise impossible("there is nothing that could be taken for the missing factor")
        return tuple(Option((other.shown,), why=other.why) for other in kept[1:])

    def _alike(self, one: Offered, other: Offered) -> bool:
        if one.formula is None or other.formula is None:
            return False
        return self.formulas.alike(one.formula, other.formula)

    def _others(self, place: int) -> Iterator[Offered]:
        """What may be taken for a factor: a derivative by something else, one upside down, a neighbour."""
        factor = self.chain.factors[place]
        kinds = [self._neighbours(place)]
        if isinstance(factor, Local):
            kinds = [self._elsewhere(factor), self._upside_down(factor), *kinds]
        elif isinstance(factor, Upstream):
            kinds = [self._beside(factor), *kinds]
        for several in zip_longest(*kinds):
            yield from (offered for offered in several if offered is not None)

    def _offered(self, factor: Factor, why: Sentence = ()) -> Offered:
        if isinstance(factor, Local):
            return Offered(self.context.notation.local_derivative(factor.child, factor.parent), factor.short, why)
        name = derivative_id(self.graph.cost, factor.item)
        return Offered(self.context.symbol(name), symbol(name), why)

    def _elsewhere(self, factor: Local) -> Iterator[Offered]:
        """∂z₂/∂w for ∂z₂/∂a₁: the same quantity, differentiated by what the chain does not go through."""
        own = self.graph.read(factor.parent).name
        parents = sorted({s.name for s in self.derivation.define(factor.child).free_symbols} - {factor.parent})
        parents.sort(key=lambda item: self.graph.read(item).name == own)
        for parent in parents:
            for edge in self.derivation.locals(parent) if self._moves(parent) else ():
                if edge.child == factor.child:
                    parts = {"child": factor.child, "parent": factor.parent, "other": parent}
                    yield self._offered(edge, self._why("other_way", **parts))

    def _moves(self, item: str) -> bool:
        return self.graph.canonical(self.graph.read(item).name) in self.graph.differentiable

    def _upside_down(self, factor: Local) -> Iterator[Offered]:
        """∂w/∂z for ∂z/∂w."""
        shown = self.context.notation.local_derivative(factor.parent, factor.child)
        yield Offered(shown, None, self._why("upside_down", child=factor.child, parent=factor.parent))

    def _beside(self, factor: Upstream) -> Iterator[Offered]:
        """∂L/∂a₂ for ∂L/∂a₁: another element, or what comes after it."""
        name = self.graph.canonical(self.graph.read(factor.item).name)
        others = [item for item in self.graph.items(name) if item != factor.item]
        after = [edge.child for edge in self.derivation.locals(factor.item) if edge.child != self.graph.cost]
        for item in chain(*zip_longest(after, others)):
            if item is not None:
                yield self._offered(Upstream(item, None), self._why("other_end", item=factor.item, other=item))

    def _neighbours(self, place: int) -> Iterator[Offered]:
        """The other factors that are written, the nearest first."""
        factors = self.chain.factors
        for other in sorted(range(len(factors)), key=lambda at: (abs(at - place), at)):
            if other not in self.missing and not isinstance(factors[other], Branch):
                yield self._offered(factors[other], self.paper.words.say("exam.already_there"))

    def _why(self, key: str, **items: str) -> Sentence:
        return self.paper.words.say(f"exam.{key}", **{part: self.context.symbol(item) for part, item in items.items()})
