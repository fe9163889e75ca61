"""The nodes of written mathematics: frozen data, no behaviour beyond their shape.

A node says what is meant (a sum, a fraction, a derivative), never how it looks; the writers
(:mod:`stepcalc.board.latex`, ``mathml``, ``text``) decide that, and put in the parentheses
where the meaning needs them, so no builder has to think of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

MulStyle: TypeAlias = Literal["juxtapose", "dot", "apply", "hadamard"]
Relation: TypeAlias = Literal["=", "≈", "<", ">", "≤", "≥", "≠", "←", "→", "∈"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """How one scalar, vector or matrix is written: ŵ₁₂⁽³⁾ is ``Glyph("w", hat=True, sub="12", sup="(3)")``.

    ``base`` is one letter, Latin or Greek (``"α"``), or, with ``upright``, a word ("Sugar"). ``bold`` is for arrays.
    """

    base: str
    sub: str = ""
    sup: str = ""
    hat: bool = False
    upright: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Num:
    """A number exactly as it is printed: ``text`` is plain ASCII, ``-0.5``, ``20000``, ``2.061e-9``.

    ``item`` is the id of the scalar it is the value of (``"z1[2]"``, ``"dL/dW1[1,1]"``), if it is one. ``found``: it
    was put in or calculated, and is not part of a formula, which a sheet to be filled in must know.
    """

    text: str
    item: str | None = None
    found: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sym:
    """A symbol; ``item`` is the id of the quantity it stands for, as in the JSON trace."""

    glyph: Glyph
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """A sum; a term that is a :class:`Neg` or a negative :class:`Num` (not the first) is written with a minus."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mul:
    """A product. Styles: ``juxtapose`` w x, ``dot`` w · x, ``apply`` 0.6(3) (numbers put in), ``hadamard`` u ⊙ v."""

    factors: tuple[Node, ...]
    style: MulStyle = "juxtapose"


@dataclass(frozen=True, slots=True)
class Neg:
    """−arg."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Frac:
    """num over den; ``slashed`` is set by the layout where it stands on one line."""

    num: Node
    den: Node
    slashed: bool = False


@dataclass(frozen=True, slots=True)
class Pow:
    """base to the power exp."""

    base: Node
    exp: Node


@dataclass(frozen=True, slots=True)
class Exp:
    """e to the power arg."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Sqrt:
    """The square root of arg."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Abs:
    """|arg|."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied: ``Call("ln", (x,))``, ``Call("σ", (z,), primes=1)`` is σ′(z).

    ``name`` is the name as printed: a Greek letter or a word (ln, tanh, max, ReLU, softplus, softmax, sgn).
    """

    name: str
    args: tuple[Node, ...]
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Deriv:
    """∂of/∂wrt, or d of/d wrt when not ``partial``; a name for a number, not a task. ``slashed`` as in ``Frac``.

    A second derivative has ``again``, what it is differentiated by once more: ∂²of/∂wrt∂again.
    """

    of: Node
    wrt: Node
    partial: bool = True
    item: str | None = None
    slashed: bool = False
    again: Node | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """d/dwrt (arg): a differentiation still to be carried out."""

    wrt: Node
    arg: Node
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Rel:
    """A condition: left relation right."""

    left: Node
    relation: Relation
    right: Node


@dataclass(frozen=True, slots=True)
class Cases:
    """A value per condition; a condition of None is "otherwise". ``words`` are those two, in the sheet's language."""

    rows: tuple[tuple[Node, Rel | None], ...]
    words: tuple[str, str] = ("if", "otherwise")


@dataclass(frozen=True, slots=True)
class SumOver:
    """Σ of arg for index from low to high."""

    index: Node
    low: Node
    high: Node
    arg: Node


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of entries in brackets. A column vector has one entry a row."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Transpose:
    """arg transposed."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Hole:
    """A number not filled in yet: the ? of a matrix that fills up."""


@dataclass(frozen=True, slots=True)
class Blank:
    """Room for a student's own writing, about ``digits`` digits wide; it says nothing of what was left out."""

    digits: int = 6


@dataclass(frozen=True, slots=True)
class Dots:
    """An ellipsis: ``h`` ⋯ in sums and rows, ``v`` ⋮, ``d`` ⋱."""

    direction: Literal["h", "v", "d"] = "h"


@dataclass(frozen=True, slots=True)
class Strike:
    """arg struck out: it cancels. ``group`` pairs what cancels against what."""

    arg: Node
    group: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """arg in a frame: the factor looked at now."""

    arg: Node


@dataclass(frozen=True, slots=True)
class Paren:
    """Parentheses that the writer of the line wants, needed or not; broken over lines, each line has one side."""

    arg: Node
    opens: bool = True
    closes: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """Upright words inside a formula; ``found`` as for numbers, where they stand in the place of one."""

    text: str
    found: bool = field(default=False, compare=False)


Node: TypeAlias = (
    Num | Sym | Add | Mul | Neg | Frac | Pow | Exp | Sqrt | Abs | Call | Deriv | Diff | Rel | Cases | SumOver
    | Matrix | Transpose | Hole | Blank | Dots | Strike | Box | Paren | Words
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Equation:
    """parts[0] relations[0] parts[1] relations[1] parts[2] …; ``reason`` is the rule printed beside it.

    ``aside`` is mathematics beside the line that is no part of it: the vector that the line's result goes into.
    A single part with no relation is a bare expression. ``continued``: the line starts with its first
    relation, the left side being that of the line above (``relations`` is then as long as ``parts``); one that has no
    relation goes on inside the line above, or is the ⋮ of lines left out. ``chosen``: which of several forms is written
    was decided by the numbers, as by those of a ReLU; ``withheld``: the numbers put in, where no digits make that
    line true and only the result is printed. A sheet to be filled in must know of both.
    """

    parts: tuple[Node, ...]
    relations: tuple[Relation, ...] = ()
    reason: str = ""
    continued: bool = False
    aside: Node | None = None
    chosen: bool = field(default=False, compare=False)
    withheld: Node | None = field(default=None, compare=False)
