"""An activation or a loss by its name, with its parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from stepcalc.errors import did_you_mean
from stepcalc.problem.faults import Found, kind, listed, number_text, refuse, refuse_one, shown
from stepcalc.problem.section import Section
from stepcalc.problem.vocabulary import ACTIVATIONS, LOSSES, POSITIVE, operation_fault, parameters, words


class Choice(Section):
    """``type`` with all of its ``parameters``, defaults filled in."""

    type: str
    parameters: dict[str, float] = Field(default_factory=dict)


def _read_choice(data: Any, what: str) -> Choice:
    if isinstance(data, Choice):
        data = {"type": data.type, **data.parameters}
    if isinstance(data, str):
        data = {"type": data}
    if not isinstance(data, Mapping):
        refuse_one(f"{kind(data)}, expected the name of the {what}, or a table with its type")
    name = data.get("type")
    if not isinstance(name, str):
        found = "missing" if name is None else f"{kind(name)}, expected a string"
        refuse([(("type",), found)])
    defaults = parameters(what, name)
    if defaults is None:
        known = words(what)
        refuse_one(f'"{shown(name)}" is no {what}{did_you_mean(name, known) or f"; they are {listed(known)}"}')
    found_wrong: list[Found] = []
    for key, value in data.items():
        message = "" if key == "type" else _wrong_parameter(str(key), value, name, defaults)
        if message:
            found_wrong.append(((str(key),), message))
    if found_wrong:
        refuse(found_wrong)
    values = {key: float(data.get(key, default)) for key, default in defaults.items()}
    if fault := operation_fault(what, name, values):
        refuse_one(fault)
    return Choice(type=name, parameters=values)


def _wrong_parameter(key: str, value: Any, name: str, defaults: Mapping[str, float]) -> str:
    if key not in defaults:
        near = (
            did_you_mean(key, defaults) or f"; its parameters are {listed(defaults)}" if defaults else "; it has none"
        )
        return f"unknown parameter of {name}{near}"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{kind(value)}, expected a number"
    try:
        if not math.isfinite(value):
            return f"{number_text(value)} is not a finite number"
    except OverflowError:
        return "larger than a double can hold (about 1.8e308)"
    return f"{number_text(value)}, expected more than 0" if (name, key) in POSITIVE and value <= 0 else ""


def _read_activation(data: Any, info: ValidationInfo) -> Choice:
    return _read_choice(data, "activation")


def _read_loss(data: Any, info: ValidationInfo) -> Choice:
    return _read_choice(data, "loss")


def _schema(known: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    tables = [
        {
            "type": "object",
            "properties": {
                "type": {"const": name},
                **{key: _parameter_schema(name, key, default) for key, default in defaults.items()},
            },
            "required": ["type"],
            "additionalProperties": False,
        }
        for name, defaults in known.items()
    ]
    return {"anyOf": [{"enum": list(known)}, *tables]}


def _parameter_schema(name: str, key: str, default: float) -> dict[str, Any]:
    bound = {"exclusiveMinimum": 0} if (name, key) in POSITIVE else {}
    return {"type": "number", "default": default, **bound}


Activation: TypeAlias = Annotated[Choice, BeforeValidator(_read_activation), WithJsonSchema(_schema(ACTIVATIONS))]
Loss: TypeAlias = Annotated[Choice, BeforeValidator(_read_loss), WithJsonSchema(_schema(LOSSES))]
