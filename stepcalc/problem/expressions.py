"""Lists of expressions: y = 3x − 2, z = y², and the derivative of the last by the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, PrivateAttr, model_validator

from stepcalc.errors import did_you_mean
from stepcalc.problem.base import Problem
from stepcalc.problem.definitions import Reading, read_definitions
from stepcalc.problem.faults import Found, quoted, refuse
from stepcalc.problem.items import Items, settle_items
from stepcalc.problem.section import Section, Text
from stepcalc.problem.training import unusable

if TYPE_CHECKING:
    from stepcalc.calculus.grammar import Parsed

MAX_DEFINITIONS = 500


class Differentiate(Section):
    """What is differentiated by what."""

    of: Text | None = None
    """A defined name; left out: the last one."""
    wrt: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)] | None = None
    """The names to differentiate by; left out: every given name (or, if none is given, every symbol) that counts."""


class Symbols(Section):
    """Names without a number."""

    names: Annotated[tuple[Text, ...], Field(strict=False)] = ()


class ExpressionProblem(Problem):
    """Expressions, each of which may use what stands before it, and a derivative."""

    given: dict[str, float] = Field(default_factory=dict)
    """Names with their numbers."""
    define: Annotated[dict[str, str], Field(min_length=1, max_length=MAX_DEFINITIONS)]
    """Names with their expressions, in order."""
    differentiate: Differentiate = Field(default_factory=Differentiate)
    """What is differentiated by what."""
    symbols: Symbols = Field(default_factory=Symbols)
    """Names without a number."""

    _reading: Reading = PrivateAttr()
    _items: Items = PrivateAttr()
    _wrt: tuple[str, ...] = PrivateAttr()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._reading = read_definitions(self.define, tuple(self.given), self.symbols.names)
        found: list[Found] = []
        if self.of not in self.define:
            path = ("differentiate", "of")
            refuse([(path, f"{quoted(self.of)} is not defined under [define]{did_you_mean(self.of, self.define)}")])
        used = self._reading.needed(self.of)
        self._wrt = self._names_to_differentiate_by(used, found)
        if self.optimizer is not None:
            found += self._not_updatable()
        found += self._not_trainable(used) or unusable(self, 1)
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(self.names, ())
        others = frozenset(name for name in self.names if name not in used)
        self._items = Items(shapes, self._wrt, self.of, constants=others, optimizer=self.optimizer)
        settled = settle_items(self, self._items, found)
        if found:
            refuse(found)
        self._settle(**settled)
        return self

    def _names_to_differentiate_by(self, used: frozenset[str], found: list[Found]) -> tuple[str, ...]:
        path = ("differentiate", "wrt")
        asked = self.differentiate.wrt
        if asked is None:
            free = [name for name in self.given if name in used] or [n for n in self.symbols.names if n in used]
            if not free:
                found.append((path, f"there is no name that {self.of} depends on"))
            return tuple(free)
        for index, name in enumerate(asked):
            if name not in self.names:
                found.append(((*path, index), f"unknown name {quoted(name)}{did_you_mean(name, self.names)}"))
            elif name == self.of:
                found.append(((*path, index), f"{name} is what is differentiated"))
            elif name not in used:
                found.append(((*path, index), f"{self.of} does not depend on {name}"))
            elif name in asked[:index]:
                found.append(((*path, index), f"{name} stands here twice"))
        return asked

    def _not_updatable(self) -> list[Found]:
        found: list[Found] = []
        path = ("differentiate", "wrt")
        for name in self._wrt:
            if name in self.define:
                found.append((path, f"{name} is defined by an expression, so [optimizer] cannot update it"))
            for part, meaning in self.optimizer.parts.items() if self.optimizer else ():
                if f"{name}_{part}" in self.names:
                    found.append((path, f"{name} cannot be updated, as {name}_{part}, {meaning}, is taken"))
        return found

    def _not_trainable(self, used: frozenset[str]) -> list[Found]:
        """What a training asks for that expressions do not have."""
        if self.training is None:
            return []
        found: list[Found] = []
        if self.training.batch_size is not None:
            message = "expressions have no samples to take a mini-batch from; every epoch is one step"
            found.append((("training", "batch_size"), message))
        if self.training.seed is not None:
            found.append((("training", "seed"), "nothing is drawn: expressions have no samples to shuffle"))
        symbols = [name for name in self.symbols.names if name in used]
        found += [(("symbols", "names"), f"{name} has no number; [training] needs one") for name in symbols]
        return found

    @property
    def items(self) -> Items:
        """The named quantities, and which one a typed id means."""
        return self._items

    @property
    def names(self) -> tuple[str, ...]:
        """Every name: given, symbols, defined."""
        return (*self.given, *self.symbols.names, *self.define)

    @property
    def definitions(self) -> dict[str, Parsed]:
        """The expressions read, in order.

        Raises :class:`InputError` for what only algebra shows, such as 1/(x − x): SymPy loads here, not before.
        """
        return self._reading.worked_out()

    @property
    def of(self) -> str:
        """The name that is differentiated."""
        return self.differentiate.of if self.differentiate.of is not None else next(reversed(self.define))

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names it is differentiated by; those that [optimizer] updates."""
        return self._wrt
