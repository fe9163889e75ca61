"""Mistakes in the formulas of an optimizer: other formulas for its parts, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import sympy as sp

from stepcalc.calculus.symbols import symbol
from stepcalc.marking.misconceptions.base import Change, Misconception, register
from stepcalc.marking.steps import OwnStep, Steps
from stepcalc.ops.optimizer import Part

Parts = Mapping[str, tuple[Part, ...]]


def instead(**parts: str) -> tuple[Part, ...]:
    """Formulas for parts of a step by their names, written as an optimizer's plan writes them."""
    return tuple(Part(name, "", text) for name, text in parts.items())


class OtherFormula(Misconception):
    """A part calculated by another formula: ``instead`` of the right one, by the optimizer's name."""

    instead: ClassVar[Parts]

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        optimizer = steps.trace.optimizer
        for part in self.instead.get(optimizer.name, ()) if optimizer is not None and step.part is not None else ():
            if step.part is not None and part.name == step.part.name:
                assert part.formula is not None
                formula = steps.filled(part.formula, step.parsed)
                if not formula.has(sp.zoo, sp.nan):
                    yield Change(formula)


@register
class BiasCorrectionForgotten(OtherFormula):
    """m and v where m̂ and v̂ belong."""

    name = "bias_correction_forgotten"
    instead: ClassVar[Parts] = {
        "adam": instead(m_hat="m", v_hat="v", new="w - learning_rate*m/(sqrt(v) + epsilon)")
        + instead(new="w - learning_rate*m/(sqrt(v_hat) + epsilon)")
        + instead(new="w - learning_rate*m_hat/(sqrt(v) + epsilon)")
    }


@register
class BetasSwapped(OtherFormula):
    """β₁ and β₂ exchanged."""

    name = "betas_swapped"
    instead: ClassVar[Parts] = {
        "adam": instead(
            m="beta2*old_m + (1 - beta2)*g",
            v="beta1*old_v + (1 - beta1)*g^2",
            m_hat="m/(1 - beta2^t)",
            v_hat="v/(1 - beta1^t)",
        )
    }


@register
class EpsilonInRoot(OtherFormula):
    """√(v̂ + ε)."""

    name = "epsilon_in_root"
    instead: ClassVar[Parts] = {"adam": instead(new="w - learning_rate*m_hat/sqrt(v_hat + epsilon)")}


@register
class StepOffByOne(OtherFormula):
    """t − 1 or t + 1 in the bias correction."""

    name = "step_off_by_one"
    instead: ClassVar[Parts] = {
        "adam": instead(m_hat="m/(1 - beta1^(t - 1))", v_hat="v/(1 - beta2^(t - 1))")
        + instead(m_hat="m/(1 - beta1^(t + 1))", v_hat="v/(1 - beta2^(t + 1))")
    }


@register
class RootForgotten(OtherFormula):
    """m̂/(v̂ + ε)."""

    name = "root_forgotten"
    instead: ClassVar[Parts] = {"adam": instead(new="w - learning_rate*m_hat/(v_hat + epsilon)")}


@register
class SquareForgotten(OtherFormula):
    """v from g, not from g²."""

    name = "square_forgotten"
    instead: ClassVar[Parts] = {"adam": instead(v="beta2*old_v + (1 - beta2)*g")}


@register
class ShareForgotten(OtherFormula):
    """g not multiplied by 1 − β."""

    name = "share_forgotten"
    instead: ClassVar[Parts] = {"adam": instead(m="beta1*old_m + g", v="beta2*old_v + g^2")}


@register
class MomentumForgotten(OtherFormula):
    """v + g: the coefficient left out."""

    name = "momentum_forgotten"
    instead: ClassVar[Parts] = {
        "momentum": instead(v="old_v + g"),
        "adam": instead(m="old_m + (1 - beta1)*g", v="old_v + (1 - beta2)*g^2"),
    }


@register
class BufferDropped(OtherFormula):
    """What the step before left, left out."""

    name = "buffer_dropped"
    instead: ClassVar[Parts] = {
        "momentum": instead(v="g", new="w - learning_rate*g"),
        "adam": instead(m="(1 - beta1)*g", v="(1 - beta2)*g^2"),
    }


@register
class MomentumDamped(OtherFormula):
    """μv + (1 − μ)g, which is another kind of momentum."""

    name = "momentum_damped"
    instead: ClassVar[Parts] = {"momentum": instead(v="momentum*old_v + (1 - momentum)*g")}


@register
class NotInverted(Misconception):
    """p = H g for H p = g."""

    name = "hessian_not_inverted"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.system is not None:
            row = step.system.matrix[step.system.place]
            pairs = zip(row, step.system.right, strict=True)
            yield Change(sp.Add(*(symbol(bend) * symbol(slope) for bend, slope in pairs)))


@register
class DiagonalOnly(Misconception):
    """p = g/h, from the parameter's own second derivative only."""

    name = "hessian_diagonal"

    def changes(self, step: OwnStep, steps: Steps) -> Iterator[Change]:
        if step.system is not None:
            place = step.system.place
            yield Change(symbol(step.system.right[place]) / symbol(step.system.matrix[place][place]))


@register
class HessianForgotten(OtherFormula):
    """w − αg, a step of gradient descent."""

    name = "hessian_forgotten"
    instead: ClassVar[Parts] = {"newton": (*instead(new="w - learning_rate*g"), *instead(p="g"))}
