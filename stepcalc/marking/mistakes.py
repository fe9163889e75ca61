"""Which mistakes may lead to a wrong answer: in the item's own step, or in a step on the way to it that was not asked.

Who is asked only for ŷ and ∂L/∂W, or left the others blank, makes mistakes in z and ∂L/∂z all the same. There a mistake
is made in all elements of an array, wherever it can be made, or in one number that the answer is found from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, replace

from stepcalc.marking.marks import Finding
from stepcalc.marking.misconceptions import CATALOGUE, Change
from stepcalc.marking.steps import OwnStep, Steps, names

MOST_ABOVE, FURTHEST = 40, 8
"""Of the items on the way to an answer that were not asked, so many are looked at, and so many steps back."""
MOST_AGAIN = 500
"""For the mistakes on the way to an item so many steps are taken again, all in all."""
ELSEWHERE = tuple(name for name, kind in CATALOGUE.items() if not kind.far_fetched)
"""The misconceptions that are looked for in steps that were not asked."""


@dataclass(frozen=True)
class Mistake:
    """A finding, and what it changes: by their ids the items whose own steps are taken otherwise.

    ``again`` are the items, also not asked, that have to be calculated again from those.
    """

    finding: Finding
    changes: Mapping[str, Change]
    again: frozenset[str] = frozenset()

    @property
    def far_fetched(self) -> bool:
        """Whether it has to give just the number typed to be believed."""
        return bool(self.finding.at) or CATALOGUE[self.finding.name].far_fetched


class Mistakes:
    """The mistakes that may lead to each item's answers."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._changes: dict[str, Mapping[str, tuple[Change, ...]]] = {}

    def changes(self, step: OwnStep) -> Mapping[str, tuple[Change, ...]]:
        """The ways in which each misconception changes a step, by its name."""
        if step.item not in self._changes:
            found = ((name, tuple(kind.changes(step, self.steps))) for name, kind in CATALOGUE.items())
            self._changes[step.item] = {name: changes for name, changes in found if changes}
        return self._changes[step.item]

    def own(self, step: OwnStep) -> Iterator[Mistake]:
        """The mistakes in the item's own step, the likeliest first."""
        for name, changes in self.changes(step).items():
            for change in changes:
                yield Mistake(Finding(name, change.about), {step.item: change})

    def before(self, step: OwnStep, answered: Container[str], most: int = MOST_AGAIN) -> Iterator[Mistake]:
        """Those on the way to an item, in steps that are not ``answered``, the nearest first.

        Ends where more than ``most`` steps would have to be taken again.
        """
        taken = 0
        for mistake in self._before(step, self.above(step, answered)):
            taken += len(mistake.changes) + len(mistake.again)
            if taken > most:
                return
            yield mistake

    def _before(self, step: OwnStep, above: list[OwnStep]) -> Iterator[Mistake]:
        users: dict[str, list[str]] = defaultdict(list)
        for known in (step, *above):
            for need in known.needs:
                users[need].append(known.item)
        arrays: dict[object, list[OwnStep]] = defaultdict(list)
        for known in above:
            arrays[replace(known.parsed, index=(), sample=None)].append(known)
        seen: set[frozenset[tuple[str, int]]] = set()
        single = [[known] for known in above if known.item in step.needs]
        for places in (*arrays.values(), [step, *above], *single):
            for mistake in self._made_at(places, step.item, users):
                which = frozenset((item, id(change)) for item, change in mistake.changes.items())
                if which not in seen:
                    seen.add(which)
                    yield mistake

    def _made_at(self, places: list[OwnStep], end: str, users: Mapping[str, list[str]]) -> Iterator[Mistake]:
        """Every misconception in all of some steps at once, way by way."""
        after = {known.item: _after([known.item], users) for known in places}
        for name in ELSEWHERE:
            ways = {known.item: self.changes(known).get(name, ()) for known in places}
            for way in range(max(map(len, ways.values()), default=0)):
                tried = ((item, changes[way]) for item, changes in ways.items() if way < len(changes))
                made = {item: change for item, change in tried if after[item].isdisjoint(names(change.formula))}
                at = next((item for item in made if item != end), None)
                if at is not None:
                    yield Mistake(Finding(name, made[at].about, at), made, _after(made, users) - set(made))

    def above(self, step: OwnStep, answered: Container[str]) -> list[OwnStep]:
        """The steps on the way to an item that are not ``answered``, the nearest first."""
        found: dict[str, OwnStep] = {}
        nearest = [step]
        for _ in range(FURTHEST):
            needs = dict.fromkeys(need for known in nearest if known.formula is not None for need in known.needs)
            nearest = []
            for need in needs:
                known = None if need in answered or need in found else self.steps.step(need)
                if known is not None and len(found) < MOST_ABOVE:
                    found[need] = known
                    nearest.append(known)
        return list(found.values())


def _after(items: Collection[str], users: Mapping[str, list[str]]) -> frozenset[str]:
    """What is found from some items, and from that."""
    found: set[str] = set()
    waiting = list(items)
    while waiting:
        new = [user for user in users.get(waiting.pop(), ()) if user not in found]
        found.update(new)
        waiting += new
    return frozenset(found)
