"""The short form of a gradient as it comes out where a mistake is made in one step on the way back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest

import sympy as sp

from stepcalc.calculus.shorthand import product, tidy
from stepcalc.derive import Derivation
from stepcalc.items import derivative_id
from stepcalc.marking.marks import Finding
from stepcalc.marking.mistakes import Mistakes
from stepcalc.marking.steps import OwnStep, Steps

MOST_STEPS = 12
"""On so many steps of the way back mistakes are looked for."""


class Shortened:
    """The short forms of one gradient with mistakes in them."""

    def __init__(self, steps: Steps, item: str) -> None:
        """``item`` is what the cost is differentiated by."""
        self.steps, self.item = steps, item
        self.derivation: Derivation = steps.derivation
        self._mistakes = Mistakes(steps)

    def mistaken(self) -> Iterator[tuple[Finding, sp.Expr]]:
        """Short forms with a mistake in them, a step and a misconception after the other, those of each in turn."""
        ways = [self._in_step(step) for step in islice(self._way_back(), MOST_STEPS)]
        for several in zip_longest(*ways):
            yield from (found for found in several if found is not None)

    def _way_back(self) -> Iterator[OwnStep]:
        """The steps of the gradients that this one is found from, itself first."""
        waiting, seen = [self.item], {self.item}
        while waiting:
            at = waiting.pop(0)
            step = self.steps.step(self._gradient(at))
            if step is None:
                continue
            yield step
            children = [edge.child for edge in step.edges if edge.upstream is not None and edge.child not in seen]
            seen.update(children)
            waiting += children

    def _gradient(self, item: str) -> str:
        return self.steps.canonical(derivative_id(self.steps.graph.cost, item))

    def _in_step(self, step: OwnStep) -> Iterator[tuple[Finding, sp.Expr]]:
        """The mistakes that can be made in a step, each misconception in its first way."""
        at, seen = str(step.parsed.plain), set[str]()
        for mistake in self._mistakes.own(step):
            name = mistake.finding.name
            if mistake.far_fetched or name in seen:
                continue
            changed = self._spelled_out(mistake.changes[step.item].formula)
            found = None if changed is None else self._short(self.item, at, changed)
            if found is not None:
                seen.add(name)
                where = "" if at == self.item else step.item
                yield Finding(name, mistake.finding.about, where), found

    def _short(self, item: str, at: str, changed: sp.Expr) -> sp.Expr | None:
        """The short form of ∂cost/∂item where that of ∂cost/∂at has ``changed``."""
        if item == at:
            return changed
        if not self._leads_to(item, at):
            return self.derivation.short(item)
        terms = []
        for edge in self.derivation.locals(item):
            rest = sp.S.One if edge.child == self.steps.graph.cost else self._short(edge.child, at, changed)
            if rest is None:
                return None
            terms.append(product((edge.short, rest)).short)
        return _added(terms)

    def _leads_to(self, item: str, at: str) -> bool:
        waiting, seen = [item], set[str]()
        while waiting:
            edges = self.derivation.locals(waiting.pop())
            new = {edge.child for edge in edges} - seen
            if at in new:
                return True
            seen |= new
            waiting += new - {self.steps.graph.cost}
        return False

    def _spelled_out(self, formula: sp.Expr) -> sp.Expr | None:
        """A step's formula without the gradients that it is found from, shortened; None where one has no short form."""
        known: dict[sp.Symbol, sp.Expr] = {}
        for name in formula.free_symbols:
            parsed = self.steps.graph.read(name.name)
            if parsed.of:
                short = self.derivation.short(str(parsed.plain))
                if short is None:
                    return None
                known[name] = short
        named = {cases: name for name, cases in self.derivation.slopes.items()}
        terms = sp.Add.make_args(formula.xreplace(named))
        return _added([product([known.get(f, f) for f in sp.Mul.make_args(term)]).short for term in terms])


def _added(terms: list[sp.Expr]) -> sp.Expr:
    return terms[0] if len(terms) == 1 else tidy(sp.Add(*terms))
