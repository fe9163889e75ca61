"""The items of a problem as people name them in files: read, nearly read, and listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from itertools import product

from stepcalc.errors import Fault, InputError
from stepcalc.items import NEW, Item
from stepcalc.problem import ExpressionProblem, Problem, TableProblem
from stepcalc.problem.items import Items

MAX_HEADING = 100
"""The most characters of a heading that may be an item."""
ORDINARY = frozenset(
    {"class", "course", "date", "department", "duration", "e-mail", "email", "first name", "firstname", "full name"}
    | {"grade", "group", "id", "id number", "identifier", "last name", "lastname", "login", "mail", "matriculation"}
    | {"name", "no", "note", "notes", "number", "remark", "remarks", "score", "seat", "section", "sis_id", "started"}
    | {"state", "status", "submitted", "surname", "term", "time", "timestamp", "tutor", "user", "username"}
)
"""Headings that nobody means an item by, however close they come to the name of one."""

_AS_AN_ID = re.compile(r"[^\W\d]\w*\[[\d,]*(\](@\d+)?)?|d\w+/d\w+(\[[\d,]*\])?(@\d+)?|[^\W\d]\w*@\d+")
_INDEX = re.compile(r"[\[@].*|(_\d+)+$")


class ItemNames:
    """What names in a file stand for in ``problem``; ``asked`` are the items that its questions ask, in their order.

    ``others`` are problems that may be meant as well: variants of an exam with other layers, which have other items.
    """

    def __init__(self, problem: Problem, asked: tuple[str, ...] | None = None, others: Iterable[Problem] = ()) -> None:
        if isinstance(problem, TableProblem):
            raise InputError(Fault("", "a reference table asks nothing that could be answered"))
        self.items: Items = problem.items
        self.given = given_names(problem)
        self._problem = problem
        self._asked = asked
        self._all = (problem.items, *(other.items for other in others if not isinstance(other, TableProblem)))
        self._scalars: dict[str, str | None] = {}
        self._near: dict[str, bool] = {}

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The ids of the items asked."""
        return asked_items(self._problem) if self._asked is None else self._asked

    def scalar(self, typed: str) -> str | None:
        """The id of the scalar that ``typed`` means, under its first name (y_hat for a2); None if it means none.

        It is a2, if that is the output in one problem and a hidden layer in another.
        """
        if typed not in self._scalars:
            self._scalars[typed] = self._scalar(typed) if len(typed) <= MAX_HEADING else None
        return self._scalars[typed]

    def _scalar(self, typed: str) -> str | None:
        found = [(items, one) for items in self._all if (one := items.scalar(typed)) is not None]
        first = {_first_name(items, one) for items, one in found}
        return first.pop() if len(first) == 1 else found[0][1] if found else None

    def complaint(self, typed: str) -> str:
        """Why ``typed`` is no item, with what may have been meant."""
        return self.items.complaint(typed)

    def is_near(self, typed: str) -> bool:
        """Whether what is no item was probably meant to be one."""
        if typed not in self._near:
            self._near[typed] = self._is_near(typed)
        return self._near[typed]

    def _is_near(self, typed: str) -> bool:
        plain = typed.replace(" ", "")
        if not plain or typed.lower() in ORDINARY or len(plain) > MAX_HEADING:
            return False
        if self.items.array(typed) is not None or self.items.meant(typed) or _AS_AN_ID.fullmatch(plain):
            return True
        stem = _INDEX.sub("", plain).lower()
        if stem != plain.lower() or stem[-1:].isdigit():
            return stem.rstrip("0123456789") in {name.rstrip("0123456789") for name in self._beginnings}
        return bool(get_close_matches(stem, [name for name in self._beginnings if len(name) > 3], n=1, cutoff=0.8))

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """The names that an item may begin with, also in the form without punctuation, in small letters."""
        items = self.items
        costs = {items.of, *(typed for typed, name in items.spellings.items() if name == items.of)}
        values = [*items.shapes, *items.spellings]
        gradients = (f"d{cost}_d{name}" for cost in costs for name in values)
        return frozenset(map(str.lower, (*values, *gradients, *(f"{name}_{NEW}" for name in items.parameters))))


def _first_name(items: Items, found: str) -> str:
    if not items.aliases:
        return found
    item = Item.parse(found)
    return str(replace(item, name=items.aliases.get(item.name, item.name)))


def given_names(problem: Problem) -> frozenset[str]:
    """The names whose numbers the problem gives, which nobody has to find."""
    if isinstance(problem, ExpressionProblem):
        return frozenset((*problem.given, *problem.symbols.names))
    return frozenset(("x", "y", *problem.items.parameters))


def asked_items(problem: Problem) -> tuple[str, ...]:
    """The ids of all scalars that ``[marking] items`` asks; without it those of a sheet: values, gradients, updates.

    Values are those calculated forward, gradients those of the parameters.
    """
    typed = problem.marking.items or default_names(problem)
    return tuple(dict.fromkeys(item for name in typed for item in elements(problem.items, name)))


def default_names(problem: Problem) -> tuple[str, ...]:
    """What a sheet asks: the quantities calculated forward, the parameters' gradients, and their new values."""
    items, given = problem.items, given_names(problem)
    values = [name for name in items.shapes if name not in given and name not in items.aliases]
    backwards = items.parameters if isinstance(problem, ExpressionProblem) else _last_layer_first(items.parameters)
    gradients = [f"d{items.of}/d{name}" for name in backwards]
    updates = [f"{name}_{NEW}" for name in items.parameters] if problem.optimizer else []
    return (*values, *gradients, *updates)


def _last_layer_first(parameters: tuple[str, ...]) -> list[str]:
    return sorted(parameters, key=lambda name: -int(re.sub(r"^.*?(\d+)$", r"\1", name)))


def elements(items: Items, typed: str) -> Iterator[str]:
    """The ids of every scalar that ``typed`` means: of one, or of an array sample by sample."""
    name = items.array(typed)
    if name is None or name == items.scalar(typed):
        scalar = items.scalar(typed)
        if scalar is not None:
            yield scalar
        return
    whole = Item.parse(name).own_name(items.shapes)
    sampled = items.samples is not None and whole.name in items.per_sample
    samples = range(1, (items.samples or 0) + 1) if sampled else (None,)
    for sample in samples:
        for index in product(*(range(1, size + 1) for size in items.shapes[whole.name])):
            yield str(replace(whole, index=index, sample=sample))


def as_name(item: str) -> str:
    """An id as a name without punctuation, as :meth:`Items.scalar` also reads it: ``dL_dW1_2_3``, ``L_update_2``.

    Of which sample it is, it does not say.
    """
    return re.sub(r"\W+", "_", item.replace("#", "#update_")).strip("_")
