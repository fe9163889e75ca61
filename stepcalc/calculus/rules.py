"""The rules of differentiation, one entry a rule: its name, its formula, and what it makes of d/dz(…).

A rule takes one step only: what is inside is left as a :class:`Diff` for the next line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stepcalc.board.nodes import (
    Abs,
    Add,
    Call,
    Cases,
    Diff,
    Equation,
    Exp,
    Frac,
    Glyph,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Rel,
    Sqrt,
    SumOver,
    Sym,
)
from stepcalc.board.transform import contains
from stepcalc.calculus.vocabulary import ALIASES
from stepcalc.calculus.walk import MINUS_ONE, ONE, ZERO, depends, joined_product, value_of, written

_Z, _U, _V, _C, _N, _A = (Sym(Glyph(letter)) for letter in "zuvcna")
CHAIN = "chain rule"


def _d(arg: Node) -> Diff:
    return Diff(_Z, arg)


def _is(left: Node, right: Node) -> Equation:
    return Equation((_d(left), right), ("=",))


@dataclass(frozen=True, slots=True)
class Kind:
    """A rule of differentiation: its name and what it says, with u and v for functions of z."""

    name: str
    formula: Equation


@dataclass(frozen=True, slots=True)
class Applied:
    """What a rule makes of a :class:`Diff`; ``chained`` if the chain rule was used as well."""

    kind: Kind
    after: Node
    chained: bool = False

    @property
    def name(self) -> str:
        """The rule's name, with the chain rule's where it took part."""
        return f"{self.kind.name} and {CHAIN}" if self.chained else self.kind.name


_HALF_SQUARE = Frac(ONE, Mul((Num("2"), Sqrt(_U))))
_KINDS = (
    Kind("constant rule", _is(_C, ZERO)),
    Kind("derivative of the variable", _is(_Z, ONE)),
    Kind("constant multiple rule", _is(Mul((_C, _U)), Mul((_C, _d(_U))))),
    Kind("sum rule", _is(Add((_U, _V)), Add((_d(_U), _d(_V))))),
    Kind("product rule", _is(Mul((_U, _V)), Add((Mul((_d(_U), _V)), Mul((_U, _d(_V))))))),
    Kind(
        "quotient rule",
        _is(Frac(_U, _V), Frac(Add((Mul((_d(_U), _V)), Neg(Mul((_U, _d(_V)))))), Pow(_V, Num("2")))),
    ),
    Kind("write the fraction as a power", Equation((Frac(ONE, _U), Pow(_U, MINUS_ONE)), ("=",))),
    Kind("power rule", _is(Pow(_U, _N), Mul((_N, Pow(_U, Add((_N, MINUS_ONE))), _d(_U))))),
    Kind("exponential rule", _is(Exp(_U), Mul((Exp(_U), _d(_U))))),
    Kind("exponential rule for the base a", _is(Pow(_A, _U), Mul((Pow(_A, _U), Call("ln", (_A,)), _d(_U))))),
    Kind(
        "general power rule",
        _is(Pow(_U, _V), Mul((Pow(_U, _V), _d(Mul((_V, Call("ln", (_U,)))))))),
    ),
    Kind("logarithm rule", _is(Call("ln", (_U,)), Mul((Frac(ONE, _U), _d(_U))))),
    Kind("root rule", _is(Sqrt(_U), Mul((_HALF_SQUARE, _d(_U))))),
    Kind("absolute value rule", _is(Abs(_U), Mul((Call("sgn", (_U,)), _d(_U))))),
    Kind("derivative of the sine", _is(Call("sin", (_U,)), Mul((Call("cos", (_U,)), _d(_U))))),
    Kind("derivative of the cosine", _is(Call("cos", (_U,)), Mul((Neg(Call("sin", (_U,))), _d(_U))))),
    Kind(
        "derivative of the tangent",
        _is(Call("tan", (_U,)), Mul((Frac(ONE, Pow(Call("cos", (_U,)), Num("2"))), _d(_U)))),
    ),
    Kind(
        "derivative of tanh",
        _is(Call("tanh", (_U,)), Mul((Add((ONE, Neg(Pow(Call("tanh", (_U,)), Num("2"))))), _d(_U)))),
    ),
    Kind(
        "derivative of the sigmoid",
        _is(Call("σ", (_U,)), Mul((Call("σ", (_U,)), Add((ONE, Neg(Call("σ", (_U,))))), _d(_U)))),
    ),
    Kind("derivative of softplus", _is(Call("softplus", (_U,)), Mul((Call("σ", (_U,)), _d(_U))))),
    Kind(
        "derivative of ReLU",
        _is(Call("ReLU", (_U,)), Cases(((_d(_U), Rel(_U, ">", ZERO)), (ZERO, None)))),
    ),
    Kind("derivative of the step function", _is(Call("step", (_U,)), ZERO)),
    Kind("derivative of the sign", _is(Call("sgn", (_U,)), ZERO)),
    Kind(
        "larger of the two",
        _is(Call("max", (_U, _V)), Cases(((_d(_U), Rel(_U, ">", _V)), (_d(_V), None)))),
    ),
    Kind(
        "smaller of the two",
        _is(Call("min", (_U, _V)), Cases(((_d(_U), Rel(_U, "<", _V)), (_d(_V), None)))),
    ),
    Kind(
        "case by case",
        _is(Cases(((_U, Rel(_Z, ">", _C)), (_V, None))), Cases(((_d(_U), Rel(_Z, ">", _C)), (_d(_V), None)))),
    ),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
"""Every rule by its name."""


def apply_rule(task: Diff) -> Applied:
    """One step of ``task``; raises :class:`NotImplementedError` naming what has no rule."""
    if not depends(task.arg, task.wrt):
        return _by("constant rule", ZERO)
    if task.arg == task.wrt:
        return _by("derivative of the variable", ONE)
    rule = _RULES.get(type(task.arg))
    if rule is None:
        raise NotImplementedError(f"no rule to differentiate {type(task.arg).__name__}")
    return rule(task, task.arg)


def _by(name: str, after: Node, chained: bool = False) -> Applied:
    return Applied(KINDS[name], after, chained)


def _again(task: Diff, arg: Node) -> Diff:
    return Diff(task.wrt, arg, task.partial)


def _chain(name: str, task: Diff, outer: list[Node], inner: Node) -> Applied:
    """outer · d/dz(inner); the last factor is left out where inner is z itself."""
    if inner == task.wrt:
        return _by(name, joined_product(outer))
    return _by(name, joined_product([*outer, _again(task, inner)]), chained=True)


def _negative(task: Diff, node: Neg) -> Applied:
    after: Node = MINUS_ONE if node.arg == task.wrt else Neg(_again(task, node.arg))
    return _by("constant multiple rule", after)


def _sum(task: Diff, node: Add) -> Applied:
    return _by("sum rule", Add(tuple(_term(task, term) for term in node.terms)))


def _term(task: Diff, term: Node) -> Node:
    """A minus stays in front of its term, as it does on paper; −z goes as a whole."""
    if isinstance(term, Neg) and term.arg != task.wrt:
        return Neg(_again(task, term.arg))
    value = value_of(term)
    if value is not None and value < 0:
        return Neg(_again(task, written(-value)))
    return _again(task, term)


def _product(task: Diff, node: Mul) -> Applied:
    constant = [factor for factor in node.factors if not depends(factor, task.wrt)]
    moving = [factor for factor in node.factors if depends(factor, task.wrt)]
    if len(moving) == 1:
        rest = [] if moving[0] == task.wrt else [_again(task, moving[0])]
        return _by("constant multiple rule", joined_product([*constant, *rest]))
    if constant:
        return _by("constant multiple rule", Mul((*constant, _again(task, Mul(tuple(moving))))))
    terms = [
        Mul(tuple(_again(task, f) if place == turn else f for place, f in enumerate(moving)))
        for turn in range(len(moving))
    ]
    return _by("product rule", Add(tuple(terms)))


def _fraction(task: Diff, node: Frac) -> Applied:
    if not depends(node.den, task.wrt):
        return _by("constant multiple rule", Frac(_again(task, node.num), node.den))
    if node.num == ONE:
        return _by("write the fraction as a power", _again(task, _reciprocal(node.den)))
    if not depends(node.num, task.wrt) and not contains(node.num, lambda part: isinstance(part, Exp)):
        return _by("constant multiple rule", Mul((node.num, _again(task, Frac(ONE, node.den)))))
    above = Add((Mul((_again(task, node.num), node.den)), Neg(Mul((node.num, _again(task, node.den))))))
    return _by("quotient rule", Frac(above, Pow(node.den, Num("2"))))


def _reciprocal(node: Node) -> Node:
    if isinstance(node, Pow):
        value = value_of(node.exp)
        return Pow(node.base, written(-value) if value is not None else Neg(node.exp))
    return Pow(node, MINUS_ONE)


def _power(task: Diff, node: Pow) -> Applied:
    if not depends(node.base, task.wrt):
        outer: list[Node] = [node, Call("ln", (node.base,))]
        return _chain("exponential rule for the base a", task, outer, node.exp)
    if depends(node.exp, task.wrt):
        inner = _again(task, Mul((node.exp, Call("ln", (node.base,)))))
        return _by("general power rule", Mul((node, inner)))
    return _chain("power rule", task, [node.exp, _lowered(node)], node.base)


def _lowered(node: Pow) -> Node:
    """u to the n − 1: worked out for n = 2, 3, …, left as a difference where the sign could go wrong."""
    value = value_of(node.exp)
    if value is None or value < 2:
        return Pow(node.base, Add((node.exp, MINUS_ONE)))
    return node.base if value == 2 else Pow(node.base, written(value - 1))


def _call(task: Diff, node: Call) -> Applied:
    rule = _CALLS.get(ALIASES.get(node.name, node.name))
    if rule is None or node.primes:
        raise NotImplementedError(f"no rule to differentiate {node.name}")
    return rule(task, node)


def _function(name: str, outer: Callable[[Call, Node], list[Node]]) -> Callable[[Diff, Call], Applied]:
    return lambda task, node: _chain(name, task, outer(node, node.args[0]), node.args[0])


def _relu(task: Diff, node: Call) -> Applied:
    (inner,) = node.args
    rows: Any = ((_again(task, inner), Rel(inner, ">", ZERO)), (ZERO, None))
    return _by("derivative of ReLU", Cases(rows))


def _extreme(name: str, relation: Any) -> Callable[[Diff, Call], Applied]:
    def rule(task: Diff, node: Call) -> Applied:
        """The moving argument is compared strictly, so at a kink the slope is that of the constant one."""
        if len(node.args) == 1:
            return _by(name, _again(task, node.args[0]))
        first, *others = sorted(node.args, key=lambda part: not depends(part, task.wrt))
        rest = others[0] if len(others) == 1 else Call(node.name, tuple(others))
        return _by(name, Cases(((_again(task, first), Rel(first, relation, rest)), (_again(task, rest), None))))

    return rule


_CALLS: dict[str, Callable[[Diff, Call], Applied]] = {
    "ln": _function("logarithm rule", lambda node, u: [Frac(ONE, u)]),
    "sin": _function("derivative of the sine", lambda node, u: [Call("cos", (u,))]),
    "cos": _function("derivative of the cosine", lambda node, u: [Neg(Call("sin", (u,)))]),
    "tan": _function("derivative of the tangent", lambda node, u: [Frac(ONE, Pow(Call("cos", (u,)), Num("2")))]),
    "tanh": _function("derivative of tanh", lambda node, u: [Add((ONE, Neg(Pow(node, Num("2")))))]),
    "σ": _function("derivative of the sigmoid", lambda node, u: [node, Add((ONE, Neg(node)))]),
    "softplus": _function("derivative of softplus", lambda node, u: [Call("σ", (u,))]),
    "ReLU": _relu,
    "step": lambda task, node: _by("derivative of the step function", ZERO),
    "sgn": lambda task, node: _by("derivative of the sign", ZERO),
    "max": _extreme("larger of the two", ">"),
    "min": _extreme("smaller of the two", "<"),
}


def _cases(task: Diff, node: Cases) -> Applied:
    return _by("case by case", Cases(tuple((_again(task, value), condition) for value, condition in node.rows)))


_RULES: dict[type, Callable[[Diff, Any], Applied]] = {
    Neg: _negative,
    Add: _sum,
    Mul: _product,
    Frac: _fraction,
    Pow: _power,
    Exp: lambda task, node: _chain("exponential rule", task, [node], node.arg),
    Sqrt: lambda task, node: _chain("root rule", task, [Frac(ONE, Mul((Num("2"), node)))], node.arg),
    Abs: lambda task, node: _chain("absolute value rule", task, [Call("sgn", (node.arg,))], node.arg),
    Call: _call,
    Cases: _cases,
    SumOver: lambda task, node: _by("sum rule", SumOver(node.index, node.low, node.high, _again(task, node.arg))),
}
