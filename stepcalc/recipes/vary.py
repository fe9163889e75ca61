"""How a number, or a choice between words, varies from one variant of an exam to the next."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from stepcalc.problem.faults import kind, listed, refuse, refuse_one
from stepcalc.problem.section import Section, read_section

MAX_LEVELS = 1_000_000
"""The most values that one number may take."""
MAX_CHOICES = 1000


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
        if self.count > MAX_LEVELS:
            refuse([(("step",), f"gives {self.count:,} numbers, at most {MAX_LEVELS:,} are possible")])
        if not self.levels():
            refuse([(("exclude",), "leaves no number")])
        return self

    @property
    def count(self) -> int:
        """How many steps there are, those excluded among them."""
        low, high, step = (Decimal(repr(number)) for number in (self.low, self.high, self.step))
        return int(((high - low) / step).to_integral_value(ROUND_FLOOR)) + 1

    def levels(self) -> tuple[float, ...]:
        """The numbers that may be drawn, in order."""
        low, step = Decimal(repr(self.low)), Decimal(repr(self.step))
        found = (float(low + place * step) + 0.0 for place in range(self.count))
        return tuple(number for number in found if number not in self.exclude)


class Integers(Section):
    """Whole numbers from the first to the second, both among them."""

    integers: Annotated[tuple[int, int], Field(strict=False)]
    exclude: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Numbers that are not drawn: [0]."""

    @model_validator(mode="after")
    def _not_empty(self) -> Integers:
        low, high = self.integers
        if high < low:
            refuse([(("integers",), f"from {low} to {high} there is no number")])
        if high - low >= MAX_LEVELS:
            refuse([(("integers",), f"{high - low + 1:,} numbers, at most {MAX_LEVELS:,} are possible")])
        if not self.levels():
            refuse([(("exclude",), "leaves no number")])
        return self

    def levels(self) -> tuple[float, ...]:
        """The numbers that may be drawn, in order."""
        low, high = self.integers
        return tuple(float(number) for number in range(low, high + 1) if number not in self.exclude)


class Choices(Section):
    """One of a list: numbers, or whole lists of them, or words."""

    choices: Annotated[tuple[Any, ...], Field(strict=False, min_length=1, max_length=MAX_CHOICES)]

    @model_validator(mode="after")
    def _apart(self) -> Choices:
        twice = [
            (("choices", place), "stands there twice")
            for place, one in enumerate(self.choices)
            if any(one == other and isinstance(one, bool) == isinstance(other, bool) for other in self.choices[:place])
        ]
        if twice:
            refuse(twice)
        return self

    def levels(self) -> tuple[Any, ...]:
        """What may be drawn, in order."""
        return self.choices


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
