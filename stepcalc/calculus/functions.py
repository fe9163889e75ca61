"""The functions of a problem file that SymPy has no name for.

Each keeps its own name in an expression, so that a short form can say σ(z) instead of a fraction of
exponentials; ``definition`` gives it in terms SymPy knows, ``fdiff`` its derivative in its own terms.
Both are held together by test. At a kink the derivative used is 0 (relu and step).
"""

from __future__ import annotations

from typing import Any, cast

import sympy
from mpmath.libmp import prec_to_dps  # type: ignore[import-untyped]
from sympy.core.function import AppliedUndef


class Named(sympy.Function):  # type: ignore[misc]
    """A real function of one real argument that has a name of its own."""

    nargs = 1

    @classmethod
    def definition(cls, z: sympy.Expr) -> sympy.Expr:
        """The function at ``z`` in functions that SymPy knows."""
        raise NotImplementedError

    @classmethod
    def eval(cls, z: sympy.Expr) -> sympy.Expr | None:
        """Left as it is written, unless a subclass knows a simpler exact value."""
        return None

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_real else None

    def _eval_is_finite(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.definition(self.args[0]).evalf(prec_to_dps(prec))

    def _eval_rewrite(self, rule: Any, args: tuple[sympy.Expr, ...], **hints: Any) -> sympy.Expr | None:
        return self.definition(args[0]).rewrite(rule, **hints)


class sigmoid(Named):
    """σ(z) = 1/(1 + e⁻ᶻ); σ′ = σ(1 − σ)."""

    @classmethod
    def definition(cls, z: sympy.Expr) -> sympy.Expr:
        return 1 / (1 + sympy.exp(-z))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return self * (1 - self)

    def _eval_is_extended_positive(self) -> bool | None:
        return True if self.args[0].is_real else None


class softplus(Named):
    """ln(1 + eᶻ); its derivative is σ(z)."""

    @classmethod
    def definition(cls, z: sympy.Expr) -> sympy.Expr:
        return sympy.log(1 + sympy.exp(z))

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sigmoid(self.args[0])

    def _eval_is_extended_positive(self) -> bool | None:
        return True if self.args[0].is_real else None


class relu(Named):
    """max(0, z); the derivative used at 0 is 0."""

    @classmethod
    def definition(cls, z: sympy.Expr) -> sympy.Expr:
        return sympy.Piecewise((z, z > 0), (0, True))

    @classmethod
    def eval(cls, z: sympy.Expr) -> sympy.Expr | None:
        return cls.definition(z) if z.is_Number else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sympy.Piecewise((1, self.args[0] > 0), (0, True))

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return True if self.args[0].is_real else None


class step(Named):
    """1 from 0 on, else 0; the derivative used is 0 everywhere, also at the jump."""

    @classmethod
    def definition(cls, z: sympy.Expr) -> sympy.Expr:
        return sympy.Piecewise((1, z >= 0), (0, True))

    @classmethod
    def eval(cls, z: sympy.Expr) -> sympy.Expr | None:
        return cls.definition(z) if z.is_Number else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sympy.S.Zero

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return True if self.args[0].is_real else None


_PRIME = "′"


def slope(function: str, at: sympy.Expr) -> sympy.Expr:
    """f′(at) as a name of its own, for a derivative that has cases: ReLU′(z)."""
    return cast(sympy.Expr, sympy.Function(function + _PRIME, real=True)(at))


def is_slope(expr: sympy.Basic) -> bool:
    """Whether ``expr`` was made by :func:`slope`."""
    return isinstance(expr, AppliedUndef) and expr.func.__name__.endswith(_PRIME)


def slope_name(expr: sympy.Basic) -> str:
    """The name of the function whose slope ``expr`` is."""
    return str(expr.func.__name__).removesuffix(_PRIME)


_LINK = "∂"


def link(child: sympy.Symbol, parent: sympy.Symbol) -> sympy.Expr:
    """∂child/∂parent along one link as a name of its own, for one that has more cases than are written out."""
    return cast(sympy.Expr, sympy.Function(_LINK, real=True)(child, parent))


def is_link(expr: sympy.Basic) -> bool:
    """Whether ``expr`` was made by :func:`link`."""
    return isinstance(expr, AppliedUndef) and expr.func.__name__ == _LINK
