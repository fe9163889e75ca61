"""From a problem to a file that says the same: what was given, as it was settled, with large arrays beside it."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from pydantic import BaseModel

from stepcalc.errors import Fault, InputError
from stepcalc.output import write_files
from stepcalc.problem.array_files import MAX_NUMBERS
from stepcalc.problem.arrays import Float64
from stepcalc.problem.base import Problem
from stepcalc.problem.choice import Choice
from stepcalc.problem.faults import Path, quoted
from stepcalc.problem.reader import MAX_TOML_BYTES
from stepcalc.problem.toml import Inline, toml
from stepcalc.problem.vocabulary import parameters

MAX_INLINE = 300
"""An array of more numbers goes into the file beside the problem."""

MAX_INLINE_TOGETHER = 30_000
"""So does every further array once those in the problem file have this many numbers together."""


def save(problem: Problem, path: str | os.PathLike[str]) -> None:
    """Write ``problem`` to the file ``path``, a ``.toml``, so that :func:`~stepcalc.load` reads it back.

    Every number is read back as the same double. Arrays of more than 300 numbers go into a file of the same name with
    the ending ``.npz``. Files of these names are replaced; either all is written or nothing.

    Raises :class:`InputError` if the name, or the size of the problem, is not one that can be read; :class:`OSError`
    if the files cannot be written.
    """
    target = FilePath(path)
    try:
        files = _files(problem, target)
    except InputError as error:
        raise error.named(os.fspath(path)) from None
    write_files(files)


def problem_files(problem: Problem, name: str) -> dict[str, str | bytes]:
    """The files that :func:`save` writes for the name ``name``, by theirs, as they are to be written."""
    return {path.name: content for path, content in _files(problem, FilePath(name)).items()}


def _files(problem: Problem, target: FilePath) -> dict[FilePath, str | bytes]:
    if target.suffix.lower() != ".toml":
        raise InputError(Fault("", "a problem is saved in a file that ends with .toml"))
    beside = target.with_suffix(".npz")
    fields = Fields(beside.name)
    text = toml(fields.of_problem(problem))
    if len(text.encode()) > MAX_TOML_BYTES:
        raise InputError(Fault("", f"larger than the {MAX_TOML_BYTES / 1e6:.0f} MB that are read"))
    if not fields.beside:
        return {target: text}
    if "\\" in beside.name or ":" in beside.name:
        raise InputError(Fault("", f"{quoted(beside.name)} cannot be named in a problem file"))
    count = sum(array.size for array in fields.beside.values())
    if count > MAX_NUMBERS:
        raise InputError(Fault("", f"{count:,} numbers; the files of one problem may hold {MAX_NUMBERS:,} together"))
    archive = io.BytesIO()
    np.savez(archive, allow_pickle=False, **fields.beside)
    return {beside: archive.getvalue(), target: text}


@dataclass
class Fields:
    """The fields of a problem file; its large arrays wait for a file of the name ``file``."""

    file: str
    beside: dict[str, Float64] = field(default_factory=dict)
    inline: int = 0

    def of_problem(self, problem: Problem) -> dict[str, Any]:
        """What was given: the title, then what makes a problem of this kind, then what all problems may have."""
        kinds_own = [name for name in type(problem).model_fields if name not in Problem.model_fields]
        given = self._of_model(problem, ())
        return {name: given[name] for name in ("title", *kinds_own, *Problem.model_fields) if name in given}

    def _of_model(self, model: BaseModel, path: Path) -> dict[str, Any]:
        given = {name: getattr(model, name) for name in type(model).model_fields if name in model.model_fields_set}
        return {name: self._written(value, (*path, name)) for name, value in given.items() if not _says_nothing(value)}

    def _written(self, value: Any, path: Path) -> Any:
        match value:
            case np.ndarray():
                return self._array(value, path)
            case Choice():
                return _choice(value, str(path[-1]))
            case BaseModel():
                return self._of_model(value, path)
            case dict():
                return {key: self._written(each, (*path, key)) for key, each in value.items()}
            case tuple():
                return [self._written(each, (*path, place)) for place, each in enumerate(value, 1)]
        return value

    def _array(self, array: Float64, path: Path) -> Any:
        if array.size <= MAX_INLINE and self.inline + array.size <= MAX_INLINE_TOGETHER:
            self.inline += array.size
            return array.tolist()
        key = _key(path)
        self.beside[key] = array
        return {"file": self.file, "key": key}


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and not value)


def _key(path: Path) -> str:
    """What the trace calls the array: ``("layers", 2, "f", "W_x")`` is W_xf2, ``("data", "x")`` is x."""
    words = [part for part in path[1:] if isinstance(part, str)]
    numbers = [str(part) for part in path if isinstance(part, int)]
    return "".join((*reversed(words), *numbers))


def _choice(choice: Choice, family: str) -> str | Inline:
    """The name alone where all parameters have their defaults."""
    defaults = parameters(family, choice.type) or {}
    other = {key: value for key, value in choice.parameters.items() if value != defaults.get(key)}
    return Inline({"type": choice.type, **other}) if other else choice.type
