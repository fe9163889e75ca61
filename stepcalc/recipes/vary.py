"""How a number, or a choice between words, varies from one variant of an exam to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Annotated, Any, TypeAlias

import numpy as np
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from stepcalc.errors import Fault, InputError
from stepcalc.problem.arrays import shape_text
from stepcalc.problem.faults import kind, listed, refuse, refuse_one
from stepcalc.problem.section import Section, read_section

MAX_LEVELS = 1_000_000
"""The most values that one number may take."""
MAX_CHOICES = 1000
MAX_DEPTH = 8
"""The most lists and tables within one another in a choice."""
MAX_WHOLE = 2**53
"""Whole numbers further from 0 have no double of their own."""


Whole: TypeAlias = Annotated[int, Field(ge=-MAX_WHOLE, le=MAX_WHOLE)]


class Range(Section):
    """low, low + step, … up to high, each in decimals: 0.3, and not 0.30000000000000004."""

    low: float
    high: float
    step: Annotated[float, Field(gt=0)]
    exclude: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """Numbers that are not drawn: [0]."""

    @model_validator(mode="after")
    def _not_empty(self) -> Range:
        if self.high < self.low:
            refuse([(("high",), f"{self.high!r} is less than low, {self.low!r}")])
        _refuse_many("step", self._all)
        if not self.levels:
            refuse([(("exclude",), "leaves no number")])
        return self

    @property
    def _all(self) -> int:
        """How many there are, those excluded among them."""
        low, high, step = (Fraction(repr(number)) for number in (self.low, self.high, self.step))
        return int((high - low) // step) + 1

    @cached_property
    def levels(self) -> tuple[float, ...]:
        """The numbers that may be drawn, in order."""
        low, step = Fraction(repr(self.low)), Fraction(repr(self.step))
        ones = lcm(low.denominator, step.denominator)  # in whole numbers, whose quotient Python rounds correctly
        first, each, excluded = int(low * ones), int(step * ones), frozenset(self.exclude)
        found = ((first + number * each) / ones for number in range(self._all))
        return tuple(number for number in found if number not in excluded)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.levels)


def _refuse_many(key: str, count: int) -> None:
    if count > MAX_LEVELS:
        made = f"{count:,}" if count < 10**15 else "more than 10^15"
        refuse([((key,), f"gives {made} numbers, at most {MAX_LEVELS:,} are possible")])


class Integers(Section):
    """Whole numbers from the first to the second, both among them."""

    integers: Annotated[tuple[Whole, ...], Field(strict=False)]
    """The first and the last: [1, 9]."""
    exclude: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Numbers that are not drawn: [0]."""

    @model_validator(mode="after")
    def _not_empty(self) -> Integers:
        if len(self.integers) != 2:
            refuse([(("integers",), f"has {len(self.integers)}, expected the first and the last number: [1, 9]")])
        low, high = self.integers
        if high < low:
            refuse([(("integers",), f"from {low} to {high} there is no number")])
        _refuse_many("integers", high - low + 1)
        if not self.levels:
            refuse([(("exclude",), "leaves no number")])
        return self

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """The numbers that may be drawn, in order."""
        (low, high), excluded = self.integers, frozenset(self.exclude)
        return tuple(number for number in range(low, high + 1) if number not in excluded)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.levels)


class Choices(Section):
    """One of a list: numbers, or whole lists of them, or words."""

    choices: Annotated[tuple[Any, ...], Field(strict=False, min_length=1, max_length=MAX_CHOICES)]
    """What may be drawn: [0.1, 0.5], or [[1, 0], [0, 1]], or ["tanh", "sigmoid"]."""

    @model_validator(mode="after")
    def _apart(self) -> Choices:
        deep = [(("choices", n), f"more than {MAX_DEPTH} deep") for n, one in enumerate(self.choices) if _too_deep(one)]
        if deep:
            refuse(deep)
        first: dict[str, int] = {}
        twice = [
            (("choices", place), f"stands there already, as number {first[key] + 1}")
            for place, one in enumerate(self.choices)
            if first.setdefault(key := _as_text(one), place) != place
        ]
        if twice:
            refuse(twice)
        return self

    @property
    def levels(self) -> tuple[Any, ...]:
        """What may be drawn, in order."""
        return self.choices

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.choices)


def _too_deep(value: Any, depth: int = 0) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return depth > MAX_DEPTH or any(_too_deep(one, depth + 1) for one in inner)


def _as_text(value: Any) -> str:
    """The same for what is the same: 1 and 1.0."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{key!r}: {_as_text(one)}' for key, one in value.items()))}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_as_text, value))}]"
    whole = isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < MAX_WHOLE
    return repr(value + 0.0) if whole else repr(value)


def numbers_of(vary: Range | Integers | Choices, shape: tuple[int, ...]) -> np.ndarray:
    """What a number, (levels,), or all of an array of this shape, (levels, …), may be.

    Raises :class:`InputError` for choices that are no such numbers.
    """
    levels = vary.levels
    whole = isinstance(vary, Choices) and any(isinstance(level, list | tuple) for level in levels)
    try:
        found = np.array(levels, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(Fault("choices", "expected numbers, or lists of numbers of one shape")) from None
    if any(isinstance(number, bool | str) for number in _leaves(levels)) or not np.isfinite(found).all():
        raise InputError(Fault("choices", "expected finite numbers, or lists of them"))
    if whole and found.shape[1:] != shape:
        expected = f"lists of shape {shape_text(shape)}" if shape else "numbers"
        raise InputError(Fault("choices", f"lists of shape {shape_text(found.shape[1:])}, expected {expected}"))
    return found


def _leaves(levels: Any) -> Iterator[Any]:
    """What stands in lists of lists."""
    for level in levels:
        if isinstance(level, list | tuple):
            yield from _leaves(level)
        else:
            yield level


KINDS: Mapping[str, type[Range | Integers | Choices]] = {
    "low": Range,
    "high": Range,
    "step": Range,
    "integers": Integers,
    "choices": Choices,
}
"""The kind of variation that has this key."""


def _read(data: Any, info: ValidationInfo) -> Any:
    if isinstance(data, Range | Integers | Choices):
        return data
    expected = "expected { low = …, high = …, step = … }, { integers = [1, 9] } or { choices = […] }"
    if not isinstance(data, Mapping):
        refuse_one(f"{kind(data)}, {expected}")
    kinds = [known for key, known in KINDS.items() if key in data]
    if not kinds:
        refuse_one(expected)
    if len(set(kinds)) > 1:
        refuse_one(f"has {listed(key for key in KINDS if key in data)}; {expected}")
    return read_section(kinds[0], data, info)


Variation: TypeAlias = Annotated[Range | Integers | Choices, BeforeValidator(_read)]
