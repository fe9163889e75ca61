"""The tables that networks and expressions have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from stepcalc.board.glyph_text import read_glyph
from stepcalc.items import NEW
from stepcalc.problem.faults import kind, quoted, refuse, refuse_one, shown
from stepcalc.problem.section import Section, Text, by_type, read_section

MAX_UPDATES = 10_000
MAX_NEWTON_UPDATES, MAX_NEWTON, MAX_NEWTON_SAMPLES = 25, 40, 20
"""The most updates by Newton's method, and the most parameters and samples of a problem that asks for them.

40 parameters and 10 samples take about a second an update.
"""


def read_scalar_name(name: Any) -> Any:
    """A name for a scalar; refused where :func:`~stepcalc.board.glyph_text.read_glyph` cannot read it."""
    if isinstance(name, str) and read_glyph(name) is None:
        refuse_one(f"{quoted(name)} cannot be written; names look like w, w_1, w_{{11}}^{{(1)}} or \\theta_1")
    return name


ScalarName: TypeAlias = Annotated[str, BeforeValidator(read_scalar_name)]


class Notation(Section):
    """What people see. Item ids, JSON keys and exports never change with it."""

    product: Literal["Wx", "xW"] = "Wx"
    """Wx: z = W x + b, W is units × inputs. xW: z = x W + b, W is inputs × units."""
    hidden: Literal["a", "h"] = "a"
    """The letter of a hidden layer's output."""
    loss: Literal["L", "J"] = "L"
    """The letter of the loss."""
    learning_rate: Literal["\\alpha", "\\eta"] = "\\alpha"
    """The letter of the learning rate."""
    log: Literal["ln", "log"] = "ln"
    """How the natural logarithm is written."""
    names: dict[str, ScalarName] = Field(default_factory=dict)
    """Single scalars renamed: item id → name, as in W2[1,1] → w_1."""


class Rounding(Section):
    """The precision of printed results."""

    significant: Annotated[int, Field(ge=1, le=15)] | None = None
    """Significant digits of printed results (4 if decimals are not given either)."""
    decimals: Annotated[int, Field(ge=0, le=15)] | None = None
    """Decimals of printed results, in place of significant digits."""
    carry: bool = False
    """Whether later items are computed from the printed value of earlier ones."""
    mode: Literal["half_up", "half_even", "truncate"] = "half_up"
    """How the last digit is found."""

    @model_validator(mode="before")
    @classmethod
    def _four_digits_unless_told(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("significant") is None and data.get("decimals") is None:
            return {**data, "significant": 4}
        return data

    @model_validator(mode="after")
    def _one_precision(self) -> Self:
        if self.significant is not None and self.decimals is not None:
            refuse_one("significant and decimals exclude each other; give one of them")
        return self


class GradientCheck(Section):
    """Numerical derivatives beside the exact ones."""

    epsilon: Annotated[float, Field(ge=1e-12, le=1e3)] = 0.001
    """The nudge: large enough to move a double, small enough to be one."""


class Tolerance(Section):
    """How close an answer must come: digits, decimals, or a relative and an absolute distance."""

    significant: Annotated[int, Field(ge=1, le=15)] | None = None
    decimals: Annotated[int, Field(ge=0, le=15)] | None = None
    relative: Annotated[float, Field(ge=0)] | None = None
    absolute: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        distance = self.relative is not None or self.absolute is not None
        if [self.significant is not None, self.decimals is not None, distance].count(True) != 1:
            refuse_one("expected either significant, or decimals, or relative and/or absolute")
        return self


def _read_tolerance(data: Any, info: ValidationInfo) -> Any:
    if isinstance(data, str) and data != "auto":
        refuse_one(f'{quoted(data)}, expected "auto" or a table such as {{ significant = 3 }}')
    if isinstance(data, (str, Tolerance)):
        return data
    if not isinstance(data, Mapping):
        refuse_one(f'{kind(data)}, expected "auto" or a table such as {{ significant = 3 }}')
    return read_section(Tolerance, data, info)


class WantedForm(Section):
    """How an answer that is a formula is to be written, whatever else is equal to it."""

    factored: bool = False
    """As a product, not as a sum."""
    using: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """Names that have to stand in it: y_hat."""
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of the marks for a right answer in another form."""


class Marking(Section):
    """How answers are marked."""

    items: Annotated[tuple[Text, ...], Field(strict=False)] | None = None
    """The items asked; left out: those the answers file has."""
    marks: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Marks per name; "default" for all others. An array's marks are shared by its elements."""
    tolerance: Annotated[Literal["auto"] | Tolerance, BeforeValidator(_read_tolerance)] = "auto"
    """"auto": the sheet's precision."""
    follow_through: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of the marks for a right step on a wrong number."""
    rounding: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of the marks for a slip of precision."""
    decimal: Literal["auto", ".", ","] = "auto"
    """The decimal sign of the answers."""
    drop: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """Items that no longer count."""
    accept: dict[str, Annotated[tuple[Text, ...], Field(strict=False)]] = Field(default_factory=dict)
    """Other answers that are taken for right, by item: as a student would type them."""
    forms: dict[str, WantedForm] = Field(default_factory=dict)
    """The form in which a formula is to be written, by name."""

    @model_validator(mode="after")
    def _asked_once(self) -> Self:
        items = self.items or ()
        twice = [(("items", i), f'"{shown(item)}" is asked twice') for i, item in enumerate(items) if item in items[:i]]
        if self.items is not None and not items:
            refuse([(("items",), "an empty list")])
        if twice:
            refuse(twice)
        return self


class SheetOptions(Section):
    """What the sheet shows in full."""

    chain: Text | None = None
    """The parameter whose chain of derivatives is written in full, as W1[1,1].

    Left out: the first one whose gradient is not 0; the first one of all if there is none, or without numbers.
    """


class Optimizer(Section):
    """What every optimizer has."""

    parts: ClassVar[Mapping[str, str]] = {NEW: "its name afterwards"}
    """What an update calculates for each parameter: the endings of the ids, and what they mean in a complaint."""
    second_derivatives: ClassVar[bool] = False
    """Whether it looks at the second derivatives of the cost."""
    most: ClassVar[Mapping[str, int]] = {}
    """The most ``parameters`` that it can update, and ``samples`` that these may be learnt from; else any number."""

    type: str
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Left out, it stays a symbol."""
    steps: Annotated[int, Field(ge=1, le=MAX_UPDATES)] = 1
    """Updates to make."""


class GradientDescent(Optimizer):
    """w ← w − αg."""

    type: Literal["gradient_descent"] = "gradient_descent"


class Momentum(Optimizer):
    """v ← μv + g, w ← w − αv."""

    parts: ClassVar[Mapping[str, str]] = {"v": "its momentum", **Optimizer.parts}

    type: Literal["momentum"] = "momentum"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """μ: how much of the last step's v is kept."""


class Adam(Optimizer):
    """w ← w − α m̂/(√v̂ + ε), with m and v the means of g and g² over the steps so far, m̂ and v̂ freed from their bias."""

    parts: ClassVar[Mapping[str, str]] = {
        "m": "its first moment",
        "v": "its second moment",
        "m_hat": "its first moment corrected",
        "v_hat": "its second moment corrected",
        **Optimizer.parts,
    }

    type: Literal["adam"] = "adam"
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """How much of the last step's m is kept."""
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    """How much of the last step's v is kept."""
    epsilon: Annotated[float, Field(gt=0)] = 1e-8
    """What is added to the root, so that nothing is divided by 0."""


class Newton(Optimizer):
    """w ← w − αp with H p = g, over all parameters together; H holds the second derivatives of the cost."""

    parts: ClassVar[Mapping[str, str]] = {"p": "its part of Newton's step", **Optimizer.parts}
    second_derivatives: ClassVar[bool] = True
    most: ClassVar[Mapping[str, int]] = {"parameters": MAX_NEWTON, "samples": MAX_NEWTON_SAMPLES}

    type: Literal["newton"] = "newton"
    steps: Annotated[int, Field(ge=1, le=MAX_NEWTON_UPDATES)] = 1
    """Updates to make."""


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "gradient_descent": GradientDescent,
    "momentum": Momentum,
    "adam": Adam,
    "newton": Newton,
}

AnyOptimizer: TypeAlias = Annotated[
    GradientDescent | Momentum | Adam | Newton,
    BeforeValidator(by_type(OPTIMIZERS, "optimizer", default="gradient_descent")),
]
