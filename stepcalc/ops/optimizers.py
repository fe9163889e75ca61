"""The optimizers: gradient descent, momentum, Adam and Newton's method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from stepcalc.backend import Namespace, to_host
from stepcalc.calculus.linear import solution
from stepcalc.items import NEW
from stepcalc.ops.optimizer import Arrays, Hessian, Optimizer, Part, State, complement
from stepcalc.ops.registry import register


@register("optimizer")
@dataclass(frozen=True)
class GradientDescent(Optimizer):
    """w ← w − αg."""

    name: ClassVar[str] = "gradient_descent"
    plan: ClassVar[tuple[Part, ...]] = (
        Part(NEW, "gradient descent", "w - learning_rate*g", lambda op, xp, at: at.w - op.learning_rate * at.g),
    )

    learning_rate: float | None = None


@register("optimizer")
@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← μv + g, w ← w − αv (Polyak, 1964, as PyTorch's SGD has it)."""

    name: ClassVar[str] = "momentum"
    letters: ClassVar[Mapping[str, str]] = {"momentum": "mu"}
    plan: ClassVar[tuple[Part, ...]] = (
        Part("v", "momentum", "momentum*old_v + g", lambda op, xp, at: op.momentum * at.before["v"] + at.g),
        Part(
            NEW, "step with momentum", "w - learning_rate*v", lambda op, xp, at: at.w - op.learning_rate * at.now["v"]
        ),
    )

    learning_rate: float | None = None
    momentum: float = 0.9


@register("optimizer")
@dataclass(frozen=True)
class Adam(Optimizer):
    """Kingma and Ba (2015), with the bias corrected and ε outside of the root."""

    name: ClassVar[str] = "adam"
    letters: ClassVar[Mapping[str, str]] = {"beta1": "beta_1", "beta2": "beta_2", "epsilon": "epsilon"}
    plan: ClassVar[tuple[Part, ...]] = (
        Part(
            "m",
            "first moment",
            "beta1*old_m + (1 - beta1)*g",
            lambda op, xp, at: op.beta1 * at.before["m"] + complement(op.beta1) * at.g,
        ),
        Part(
            "v",
            "second moment",
            "beta2*old_v + (1 - beta2)*g^2",
            lambda op, xp, at: op.beta2 * at.before["v"] + complement(op.beta2) * (at.g * at.g),
        ),
        Part(
            "m_hat",
            "bias correction",
            "m/(1 - beta1^t)",
            lambda op, xp, at: at.now["m"] / complement(op.beta1, at.update),
        ),
        Part(
            "v_hat",
            "bias correction",
            "v/(1 - beta2^t)",
            lambda op, xp, at: at.now["v"] / complement(op.beta2, at.update),
        ),
        Part(
            NEW,
            "adam",
            "w - learning_rate*m_hat/(sqrt(v_hat) + epsilon)",
            lambda op, xp, at: at.w - op.learning_rate * at.now["m_hat"] / (xp.sqrt(at.now["v_hat"]) + op.epsilon),
        ),
    )

    learning_rate: float | None = None
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


@register("optimizer")
@dataclass(frozen=True)
class Newton(Optimizer):
    """w ← w − αp with H p = g, over all parameters together; no step where H is singular.

    It has to be told where second derivatives come from (:meth:`Optimizer.on`).
    """

    name: ClassVar[str] = "newton"
    plan: ClassVar[tuple[Part, ...]] = (
        Part("p", "newton system"),
        Part(NEW, "newton", "w - learning_rate*p", lambda op, xp, at: at.w - op.learning_rate * at.now["p"]),
    )

    learning_rate: float | None = None
    hessian: Hessian | None = field(default=None, compare=False, repr=False)

    def on(self, hessian: Hessian) -> Optimizer:
        """This optimizer for a cost with these second derivatives."""
        return Newton(self.learning_rate, hessian)

    def calculated(
        self,
        part: Part,
        xp: Namespace,
        parameters: Arrays,
        gradients: Arrays,
        found: Mapping[str, Arrays],
        state: State,
    ) -> Arrays | None:
        if part.kernel is not None:
            return super().calculated(part, xp, parameters, gradients, found, state)
        assert self.hessian is not None, "newton needs second derivatives"
        matrix = self.hessian(parameters)
        slopes = np.concatenate([to_host(gradients[name]).reshape(-1) for name in parameters])
        solved = solution(matrix, slopes) if np.all(np.isfinite(matrix)) else None
        if solved is None:
            return None
        ends = np.cumsum([to_host(w).size for w in parameters.values()])
        shares = zip(parameters.items(), np.split(solved, ends[:-1]), strict=True)
        return {name: xp.asarray(share.reshape(w.shape), dtype=xp.float64) for (name, w), share in shares}
