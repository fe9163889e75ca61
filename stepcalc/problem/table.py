"""Reference tables: all activations, or all losses, as a sheet to look things up in."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ConfigDict, model_validator

from stepcalc.problem.base import Problem
from stepcalc.problem.faults import refuse
from stepcalc.problem.items import Items
from stepcalc.problem.section import STRICT, Section

_KEYS = ("title", "table")


def _only_its_keys(schema: dict[str, Any]) -> None:
    schema["properties"] = {key: schema["properties"][key] for key in _KEYS}


class Table(Section):
    """What a reference table lists."""

    of: Literal["activations", "losses"]
    """activations: plot, equation, derivative, range. losses: formula, derivative, task."""


class TableProblem(Problem):
    """A reference table of all operations of one family; nothing is calculated."""

    model_config = ConfigDict(**STRICT, json_schema_extra=_only_its_keys)

    table: Table
    """What the table lists."""

    @model_validator(mode="after")
    def _has_nothing_else(self) -> Self:
        others = [key for key in type(self).model_fields if key in self.model_fields_set and key not in _KEYS]
        if others:
            refuse([((key,), "a reference table has no such key; its keys are title, table") for key in others])
        return self

    @property
    def items(self) -> Items:
        """None: a table has no quantities."""
        return Items({}, (), "")
