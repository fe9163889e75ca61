"""What every table of a problem file has in common: frozen, strict, no unknown keys, faults in our words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import PydanticCustomError

from stepcalc.errors import did_you_mean
from stepcalc.problem.faults import Found, found_in, kind, listed, quoted, refuse, refuse_one

STRICT = ConfigDict(
    frozen=True,
    extra="forbid",
    strict=True,
    allow_inf_nan=False,
    arbitrary_types_allowed=True,
    use_attribute_docstrings=True,
)

MAX_TEXT = 500


def _readable(text: str) -> str:
    """Refuse what no page can show: control characters other than line breaks and tabs."""
    odd = next((c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"), None)
    if odd is not None:
        refuse_one(f"the control character U+{ord(odd):04X} cannot be printed")
    return text


Text: TypeAlias = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_readable)]


class Section(BaseModel):
    """One table of a problem file."""

    model_config = STRICT

    @model_validator(mode="wrap")
    @classmethod
    def _tell_in_our_words(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            refuse_one(f"{kind(data)}, expected a table")
        try:
            return handler(dict(data))
        except ValidationError as error:
            refuse(found_in(error, cls))


S = TypeVar("S", bound=Section)


def still_telling_what_was_typed(typed: S, settled: S) -> S:
    """``settled``, whose ``model_fields_set`` is that of ``typed``: what was filled in is not among it."""
    copy = settled.model_copy()
    object.__setattr__(copy, "__pydantic_fields_set__", set(typed.model_fields_set))
    return copy


def read_section(model: type[S], data: Any, info: ValidationInfo) -> S:
    """``data`` as a ``model``; its faults as those of the field being validated."""
    try:
        return model.model_validate(data, context=info.context)
    except ValidationError as error:
        refuse(found_in(error, model))


def by_type(
    models: Mapping[str, type[S]], what: str, default: str | None = None, key: str = "type"
) -> Callable[[Any, ValidationInfo], S]:
    """A reader of tables that say under ``key`` which of ``models`` they are; ``default`` where none is named."""

    def read(data: Any, info: ValidationInfo) -> S:
        if isinstance(data, tuple(models.values())):
            return data  # type: ignore[return-value]
        if not isinstance(data, Mapping):
            refuse_one(f"{kind(data)}, expected a table")
        named = data.get(key, default)
        if named is None:
            refuse_one(f"{key} is missing; known {what} {key}s: {listed(models)}")
        if not isinstance(named, str):
            refuse([((key,), f"{kind(named)}, expected one of {listed(models)}")])
        if named not in models:
            near = did_you_mean(named, models) or f"; known {what} {key}s: {listed(models)}"
            refuse([((key,), f"{quoted(named)} is no {what} {key}{near}")])
        return read_section(models[named], {**data, key: named}, info)

    return read


def each(read: Callable[[Any, ValidationInfo], S], what: str) -> BeforeValidator:
    """A list of tables, each read by ``read``."""

    def read_all(data: Any, info: ValidationInfo) -> tuple[S, ...]:
        if not isinstance(data, (list, tuple)):
            refuse_one(f"{kind(data)}, expected a list of tables")
        if not data:
            refuse_one(f"an empty list, expected at least one {what}")
        done: list[S] = []
        found: list[Found] = []
        for index, item in enumerate(data):
            try:
                done.append(read(item, info))
            except PydanticCustomError as error:
                found.extend(((index, *path), message) for path, message in (error.context or {})["found"])
        if found:
            refuse(found)
        return tuple(done)

    return BeforeValidator(read_all)


def folder_of(info: ValidationInfo) -> Path:
    """The folder of the problem being read."""
    return (info.context or {}).get("folder") or Path.cwd()
