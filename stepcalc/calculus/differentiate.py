"""A derivative explained: a tree of named rules, and the lines that a teacher would write.

``diff`` says what, the rules say why. Each line applies the next rule to every derivative still to be
taken, then the result is tidied up step by step. Every line is held to SymPy's derivative; where the tidying
goes wrong or gets long, the explanation ends with the plain result.
"""

from __future__ import annotations

import cmath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from stepcalc.board.nodes import Call, Diff, Equation, Node, Sym
from stepcalc.board.transform import mapped
from stepcalc.calculus.aim import Aim, Lines
from stepcalc.calculus.from_board import from_board, symbol_of
from stepcalc.calculus.functions import sigmoid
from stepcalc.calculus.glyphs import default_glyph
from stepcalc.calculus.prove import expand_definitions, proved_equal
from stepcalc.calculus.rules import Applied, apply_rule
from stepcalc.calculus.shorthand import shorten
from stepcalc.calculus.simplify import JUMP, MAX_NODES, MULTIPLY, REORDER, TURN, simplified
from stepcalc.calculus.tidy import folded, tidy
from stepcalc.calculus.to_board import GlyphOf, to_board
from stepcalc.calculus.vocabulary import function
from stepcalc.calculus.walk import bare, cleaned, pending, size, undotted

MAX_LINES = 40
MAX_OPERATIONS = 150
"""Beyond this size of the derivative nothing is tidied up or proved line by line."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule applied: its name, what it says, and the derivatives it left to be taken."""

    name: str
    formula: Equation
    before: Node
    after: Node
    children: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of board work and the reason printed beside it."""

    expression: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the derivative of ``definition`` by ``wrt`` is found.

    ``lines`` run from d/dz(definition) to the short form, ``result``, all equal; where the short form is written in
    known outputs, ``recall`` holds their definitions. ``left`` is what is explained: dσ(z)/dz.
    """

    left: Node
    definition: Node
    wrt: Sym
    rule: Rule
    lines: tuple[Line, ...]
    result: sp.Expr
    recall: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The lines as aligned equations, the reasons beside them."""
        first, *rest = self.lines
        opening = Equation((self.left, first.expression), ("=",), first.reason)
        if self.left == first.expression:
            opening = Equation((first.expression,), (), first.reason)
        return (opening, *(Equation((line.expression,), ("=",), line.reason, continued=True) for line in rest))


def differentiate(node: Node, wrt: Sym) -> Explanation:
    """How the derivative of ``node`` by ``wrt`` is found, from the node as it is written."""
    return _explained(node, wrt, "", {}, None, None)


def explain(
    definition: Node | sp.Expr,
    wrt: sp.Symbol,
    *,
    name: str = "",
    recall: Mapping[sp.Symbol, sp.Expr] | None = None,
    target: sp.Expr | None = None,
    glyph: GlyphOf | None = None,
) -> Explanation:
    """How the derivative of ``definition`` by ``wrt`` is found.

    ``name`` is the function's name as printed (σ), ``recall`` maps known outputs to their definitions so that the last
    lines can be written in them (without it, in σ(z) itself), ``target`` is the short form if it is known already,
    ``glyph`` says how symbols look. Raises :class:`NotImplementedError` naming what has no rule.
    """
    node = to_board(definition, glyph) if isinstance(definition, sp.Basic) else definition
    variable = Sym((glyph or default_glyph)(wrt.name), wrt.name)
    return _explained(node, variable, name, dict(recall or {}), target, glyph)


def _explained(
    definition: Node,
    wrt: Sym,
    name: str,
    recall: dict[sp.Symbol, sp.Expr],
    target: sp.Expr | None,
    glyph: GlyphOf | None,
) -> Explanation:
    start = bare(definition)
    value, symbol = from_board(start), symbol_of(wrt)
    derivative = folded(sp.diff(value, symbol))
    task = Diff(wrt, start, partial=len(value.free_symbols) > 1)
    named = function(name)
    names = _Names.of(recall, named(symbol) if named and not recall else None, Call(name, (wrt,)), value, glyph)
    result = target if target is not None else names.short(derivative)
    rule, lines = _rule_tree(task), _rule_lines(task)
    if derivative.count_ops() <= MAX_OPERATIONS:
        lines += _tidied(lines[-1][0], names.aim(result))
    lines = _held_to(derivative, lines, names, result)
    left: Node = Diff(wrt, Call(name, (wrt,)), task.partial) if name else task
    return Explanation(left, start, wrt, rule, tuple(Line(*line) for line in lines), result, tuple(recall.items()))


def _tidied(last: Node, aim: Aim) -> Lines:
    """The lines that tidy ``last`` up; zeros and ones go along with the first, or in a line of their own."""
    clean = cleaned(last)
    lines = simplified(clean, aim)
    jumps = not lines or lines[0][1] in (JUMP, REORDER, MULTIPLY, TURN)
    return [(clean, "zeros, ones and numbers"), *lines] if jumps and clean != undotted(last) else lines


@dataclass(frozen=True)
class _Names:
    """What may be called by name in the last lines: outputs, or the function itself, and σ."""

    definitions: dict[sp.Symbol, sp.Expr]
    own: tuple[sp.Symbol, sp.Expr, Node] | None
    glyph: GlyphOf | None
    as_given: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()

    @classmethod
    def of(
        cls, recall: dict[sp.Symbol, sp.Expr], named: sp.Expr | None, call: Node, value: sp.Expr, glyph: GlyphOf | None
    ) -> _Names:
        expanded = {symbol: expand_definitions(definition) for symbol, definition in recall.items()}
        if named is None or value == named:
            return cls(expanded, None, glyph, tuple(recall.items()))
        own = sp.Symbol("named", real=True)
        return cls({own: value}, (own, named, call), glyph)

    def short(self, derivative: sp.Expr) -> sp.Expr:
        """The derivative in its short form."""
        short = shorten(derivative, self.definitions)
        return short.xreplace({self.own[0]: self.own[1]}) if self.own else short

    def aim(self, target: sp.Expr) -> Aim:
        """Where the tidying goes, with the definitions that the short form uses."""
        look = self.glyph or default_glyph
        known: list[tuple[Node, sp.Expr]] = [
            (self.own[2] if self.own else Sym(look(symbol.name), symbol.name), definition)
            for symbol, whole in self.definitions.items()
            for definition in _rows(whole)
        ]
        known += [(Sym(look(s.name), s.name), whole) for s, whole in self.as_given if whole != self.definitions[s]]
        for share in sorted(target.atoms(sigmoid), key=str):
            definition = sigmoid.definition(share.args[0])
            if all(definition != other for _, other in known):
                known.append((to_board(share, self.glyph), definition))
        return Aim(target, tuple(known), self.glyph)


def _rows(definition: sp.Expr) -> list[sp.Expr]:
    if isinstance(definition, sp.Piecewise):
        return [value for value, _ in definition.args]
    return [definition]


def _rule_tree(task: Diff) -> Rule:
    applied = apply_rule(task)
    children = tuple(_rule_tree(inner) for inner in _tasks(applied.after))
    return Rule(applied.name, applied.kind.formula, task, applied.after, children)


def _tasks(node: Node) -> list[Diff]:
    """The derivatives still to be taken, from left to right."""
    found: list[Diff] = []

    def visit(part: Node) -> Node:
        if isinstance(part, Diff):
            found.append(part)
            return part
        return mapped(visit, part)

    visit(node)
    return found


def _rule_lines(task: Diff) -> Lines:
    lines: Lines = [(task, "")]
    node: Node = task
    while pending(node) and len(lines) < MAX_LINES:
        reasons: list[str] = []
        node = _advanced(cleaned(node), reasons)
        lines.append((node, ", ".join(dict.fromkeys(reasons))))
    return lines


def _advanced(node: Node, reasons: list[str]) -> Node:
    """``node`` with the next rule applied to each derivative in it; the rules' names go to ``reasons``."""
    if isinstance(node, Diff):
        applied: Applied = apply_rule(node)
        reasons.append(applied.name)
        return applied.after
    return mapped(lambda part: _advanced(part, reasons), node)


def _held_to(derivative: sp.Expr, lines: Lines, names: _Names, result: sp.Expr) -> Lines:
    """The lines up to the first that cannot be shown to be the derivative; then the result at once."""
    if derivative.count_ops() > MAX_OPERATIONS:
        return [*lines, (to_board(tidy(derivative), names.glyph), JUMP)]
    for place, (node, _) in enumerate(lines[1:], start=1):
        if not _holds(node, derivative, names):
            return [*lines[:place], (to_board(result, names.glyph), JUMP)]
    return lines


def _holds(node: Node, derivative: sp.Expr, names: _Names) -> bool:
    if size(node) > MAX_NODES:
        return True
    value = folded(from_board(node)).xreplace(names.definitions)
    return proved_equal(value, derivative) or _agree(value, derivative)


_POINTS = ((0.61803398875, 1), (1.32471795724, -1), (0.28657142857, 1))
"""Where two expressions are compared: a start, and the sign that every second symbol has."""


def _agree(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether the two have the same value at a few fixed points, where no algebraic proof was found."""
    symbols = sorted(one.free_symbols | other.free_symbols, key=lambda symbol: symbol.name)
    compared = 0
    for start, sign in _POINTS:
        at = {s: sp.Float(start * (1 + 0.37 * place), 30) * sign**place for place, s in enumerate(symbols, start=1)}
        first, second = (_number(side.xreplace(at).evalf(20)) for side in (one, other))
        if first is None and second is None:
            continue
        if first is None or second is None or not cmath.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9):
            return False
        compared += 1
    return compared > 0


def _number(expr: Any) -> complex | None:
    """The value of a constant expression, ``None`` where it has none that a double can hold."""
    try:
        value = complex(expr)
    except (TypeError, OverflowError):
        return None
    return value if cmath.isfinite(value) else None
