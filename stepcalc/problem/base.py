"""What every problem has, and how the fields say which kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from stepcalc.errors import Fault, InputError
from stepcalc.problem.array_files import Allowance
from stepcalc.problem.faults import as_faults, found_in, shown
from stepcalc.problem.section import STRICT, Text
from stepcalc.problem.sections import AnyOptimizer, GradientCheck, Marking, Notation, Rounding, SheetOptions
from stepcalc.problem.training import Training

if TYPE_CHECKING:
    from stepcalc.problem.items import Items


class Problem(BaseModel):
    """What the user asked, validated and frozen.

    ``Problem(layers=…)`` makes a :class:`~stepcalc.problem.network.NetworkProblem`, ``Problem(define=…)`` an
    :class:`~stepcalc.problem.expressions.ExpressionProblem`, ``Problem(table=…)`` a
    :class:`~stepcalc.problem.table.TableProblem`; the fields are those of a problem file.

    Raises :class:`InputError` with one fault for each thing wrong.
    """

    model_config = STRICT

    title: Text = ""
    """The heading of the sheet."""
    optimizer: AnyOptimizer | None = None
    """Left out: no update."""
    training: Training | None = None
    """Epochs and mini-batches; left out, the optimizer's steps are made with all samples together."""
    notation: Notation = Field(default_factory=Notation)
    """How things are written."""
    rounding: Rounding = Field(default_factory=Rounding)
    """The precision of printed results."""
    gradient_check: GradientCheck | None = None
    """Numerical derivatives beside the exact ones."""
    marking: Marking = Field(default_factory=Marking)
    """How answers are marked."""
    sheet: SheetOptions = Field(default_factory=SheetOptions)
    """What the sheet shows in full."""

    _source_name: str = PrivateAttr(default="problem")
    _folder: Path = PrivateAttr(default_factory=Path)

    def __new__(cls, **fields: Any) -> Self:
        if cls is Problem:
            return object.__new__(kind_of(fields))  # type: ignore[return-value]
        return object.__new__(cls)

    def __init__(self, **fields: Any) -> None:
        self._read(fields, "problem", Path.cwd())

    def _read(self, fields: Mapping[str, Any], source_name: str, folder: Path) -> None:
        context = {"folder": folder, "allowance": Allowance()}
        try:
            self.__pydantic_validator__.validate_python(dict(fields), self_instance=self, context=context)
        except ValidationError as error:
            raise InputError(as_faults(found_in(error, type(self)))) from None
        self._source_name, self._folder = source_name, folder

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], source_name: str, folder: Path) -> Problem:
        """The problem that ``fields`` describe; arrays named as files are looked for in ``folder``."""
        problem = object.__new__(kind_of(fields) if cls is Problem else cls)
        problem._read(fields, source_name, folder)
        return problem

    @property
    def source_name(self) -> str:
        """What outputs are named after: the stem of the problem's file, or ``problem``."""
        return self._source_name

    @property
    def folder(self) -> Path:
        """Where the problem's file is, or the folder it was made in."""
        return self._folder

    @property
    def items(self) -> Items:
        """The named quantities, and which one a typed id means."""
        raise NotImplementedError

    # Problems hold arrays, which have no single truth value: each is equal to itself only.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def _settle(self, **fields: Any) -> None:
        """Put resolved values in place of those typed, while the problem is being made: frozen is for afterwards."""
        self.__dict__.update(fields)


def kind_of(fields: Mapping[str, Any]) -> type[Problem]:
    """The kind of problem that has these fields.

    Raises :class:`InputError` if they are those of no kind, or of two.
    """
    from stepcalc.problem.expressions import ExpressionProblem
    from stepcalc.problem.network import NetworkProblem
    from stepcalc.problem.table import TableProblem

    kinds: dict[str, type[Problem]] = {"layers": NetworkProblem, "define": ExpressionProblem, "table": TableProblem}
    found = [key for key in kinds if key in fields]
    if len(found) > 1:
        both = " and ".join(_WRITTEN[key] for key in found[:2])
        raise InputError(Fault("", f"has both {both}; a problem is {_ONE_OF}"))
    if found:
        return kinds[found[0]]
    if "problem" in fields and not fields.keys().isdisjoint(("vary", "ask", "questions")):
        raise InputError(Fault("", "a recipe of an exam, and no problem; its variants are drawn by: stepcalc generate"))
    alike = {"layer", "define", "definition", "table"}
    near = [shown(key) for key in map(str, fields) if key.lower().rstrip("s") in alike]
    hint = f' (there is "{near[0]}")' if near else ""
    raise InputError(Fault("", f"neither a network with [[layers]] nor expressions with [define] nor a [table]{hint}"))


_WRITTEN = {"layers": "[[layers]]", "define": "[define]", "table": "[table]"}
_ONE_OF = "a network, a list of expressions, or a reference table"
