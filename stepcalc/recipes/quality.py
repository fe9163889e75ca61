"""When is a variant fit to be set? The limits, which an instructor may move, and the rules that may be left out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stepcalc.errors import did_you_mean
from stepcalc.problem.faults import listed, quoted, refuse
from stepcalc.problem.section import Section, Text

CHEAP = ("overflow", "kink", "dead", "saturated", "zero", "small")
"""The rules that every candidate goes through."""
DEAR = ("equal", "unchanged", "imprecise", "printed", "mistakes", "difficulty", "alike")
"""Those that only the candidates go through which are left."""
RULES = (*CHEAP, *DEAR)
"""The rules that refuse a candidate, in the order in which they are applied: the cheapest first."""


ALWAYS = "overflow"
"""The rule that cannot be left out: an answer is a number."""


class Quality(Section):
    """The limits of the rules that refuse a candidate."""

    min_abs_answer: Annotated[float, Field(ge=0)] = 1e-3
    """No answer is nearer to 0: platforms round small numbers to 0."""
    max_abs_answer: Annotated[float, Field(gt=0)] = 1e6
    """No answer is further from 0."""
    kink_margin: Annotated[float, Field(ge=0)] = 1e-2
    """No number that decides between two slopes is nearer to the corner."""
    min_slope: Annotated[float, Field(ge=0, lt=1)] = 0.04
    """No unit is flatter than this share of its activation's steepest slope: σ at |z| > 4.6."""
    max_tolerance: Annotated[float, Field(gt=0)] = 0.05
    """Rounding every step leaves no answer uncertain by more than this share of it."""
    spread: Annotated[float, Field(gt=0)] = 0.25
    """How far a variant's difficulty may be from the middle one, as a share of it."""
    allow: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """Rules that are not applied."""

    @field_validator("allow", mode="after")
    @classmethod
    def _known(cls, names: tuple[str, ...], _: ValidationInfo) -> Any:
        wrong = [
            ((place,), f"{quoted(name)} is no rule{did_you_mean(name, RULES) or f'; they are {listed(RULES)}'}")
            for place, name in enumerate(names)
            if name not in RULES
        ]
        wrong += [((place,), f"{ALWAYS} is always refused") for place, name in enumerate(names) if name == ALWAYS]
        if wrong:
            refuse(wrong)
        return names

    @model_validator(mode="after")
    def _leaves_answers(self) -> Quality:
        least, most = self.min_abs_answer, self.max_abs_answer
        if least > most:
            refuse([(("min_abs_answer",), f"{least!r} is more than max_abs_answer, {most!r}")])
        return self
