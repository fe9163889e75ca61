"""Written mathematics as LaTeX, for amsmath and cancel."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from typing import Any

from stepcalc.board.latex_text import GREEK, SIGNS, escape
from stepcalc.board.layout import parenthesised, parenthesised_equation
from stepcalc.board.nodes import (
    Abs,
    Add,
    Blank,
    Box,
    Call,
    Cases,
    Deriv,
    Diff,
    Dots,
    Equation,
    Exp,
    Frac,
    Glyph,
    Hole,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Paren,
    Pow,
    Rel,
    Sqrt,
    Strike,
    SumOver,
    Sym,
    Transpose,
    Words,
)
from stepcalc.board.plain import clean
from stepcalc.board.shape import differentials, is_tall, is_wordy, signed_terms, split_number

RELATIONS = {
    "=": "=", "≈": r"\approx", "<": "<", ">": ">", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "←": r"\leftarrow", "→": r"\to", "∈": r"\in",
}  # fmt: skip

_OPERATORS = {"": "", "+": " + ", "−": " - "}
_PRODUCTS = {"dot": r" \cdot ", "hadamard": r" \odot ", "apply": " ", "juxtapose": " "}
_FUNCTIONS = frozenset({"ln", "log", "exp", "sin", "cos", "tan", "tanh", "min", "max", "arg", "det"})
_STRIKES = (r"\cancel", r"\bcancel", r"\xcancel")
_DOTS = {"h": r"\cdots", "v": r"\vdots", "d": r"\ddots"}


def latex(node: Node | Equation, *, inline: bool = False) -> str:
    """``node`` as LaTeX for math mode, without delimiters; user's words in it are escaped.

    ``inline`` slashes fractions, for running text.
    """
    if isinstance(node, Equation):
        return " ".join(filter(None, _sides(parenthesised_equation(node, slash=inline))))
    return _write(parenthesised(node, slash=inline))


def latex_rows(equations: Iterable[Equation], reaching: Container[Equation] = ()) -> str:
    r"""The equations as rows of ``aligned`` or ``alignat``: left side, relation and the rest, what stands beside it.

    The columns are as in ``left & = right && aside, reason``; those lines that are ``reaching`` over the notes of
    others do not move them. ``\\*`` keeps rows on one page.
    """
    rows = tuple(equations)
    ends = (r" \\*" if _keeps_together(rows, at) else r" \\" for at in range(1, len(rows)))
    written = (_aligned(row, reaches=row in reaching) for row in rows)
    return "\n".join(f"  {row}{end}" for row, end in zip(written, (*ends, ""), strict=True))


def _keeps_together(rows: tuple[Equation, ...], at: int) -> bool:
    """Whether no page ends before the row ``at``: none of an equation's rows stands alone on a page."""
    follows, last = rows[at].continued, at + 1 == len(rows)
    first_of_more = follows and not rows[at - 1].continued
    last_of_more = follows and (last or not rows[at + 1].continued)
    return first_of_more or last_of_more or last or at == 1


def _aligned(equation: Equation, *, reaches: bool) -> str:
    left, right = _sides(parenthesised_equation(equation))
    beside = [_write(parenthesised(equation.aside))] if equation.aside else []
    beside += [rf"\reason{{{escape(equation.reason)}}}"] if equation.reason else []
    note = r" && \qquad " + r" \quad ".join(beside) if beside else ""
    if not right:
        left = rf"\rlap{{$\displaystyle {left}$}}" if left else ""
    elif reaches:
        right = rf"\rlap{{$\displaystyle {{}}{right}$}}"
    return f"{left} & {right}{note}".strip()


def _sides(equation: Equation) -> tuple[str, str]:
    """What stands before the first relation, and the rest."""
    parts = [_write(part) for part in equation.parts]
    relations = [RELATIONS[relation] for relation in equation.relations]
    if not relations:
        return ("", rf"\quad {parts[0]}") if equation.continued else (parts[0], "")
    left, rest = ("", parts) if equation.continued else (parts[0], parts[1:])
    return left, " ".join(f"{relation} {part}" for relation, part in zip(relations, rest, strict=True))


def _write(node: Node) -> str:
    return _WRITERS[type(node)](node)


def _num(node: Num) -> str:
    sign, mantissa, power = split_number(node.text)
    return sign + mantissa + (rf" \cdot 10^{{{power}}}" if power else "")


def _sym(node: Sym) -> str:
    glyph = node.glyph
    base = _base(glyph)
    if glyph.hat:
        base = rf"\widehat{{{base}}}" if len(glyph.base) > 1 else rf"\hat{{{base}}}"
    return base + (f"_{{{_script(glyph.sub)}}}" if glyph.sub else "") + _superscript(glyph.sup)


def _base(glyph: Glyph) -> str:
    base = clean(glyph.base)
    if base in GREEK and not glyph.upright:
        return rf"\boldsymbol{{{GREEK[base]}}}" if glyph.bold else GREEK[base]
    if len(base) == 1 and base.isascii() and base.isalpha() and not glyph.upright:
        return rf"\mathbf{{{base}}}" if glyph.bold else base
    style = r"\textbf" if glyph.bold else r"\text" if glyph.upright else r"\textit"
    return rf"{style}{{{escape(base)}}}"


def _superscript(sup: str) -> str:
    if sup and not sup.strip("′'"):
        return "'" * len(sup)
    return f"^{{{_script(sup)}}}" if sup else ""


def _script(text: str) -> str:
    """An index: letters in italics, words of three letters and more upright."""
    if text == "T":
        return r"\top"
    return "".join(map(_script_run, re.findall(r"[A-Za-z]+|.", clean(text))))


def _script_run(run: str) -> str:
    if run.isascii() and (run.isalnum() or run in "()+-=,./*"):
        return rf"\text{{{run}}}" if run.isalpha() and len(run) > 2 else run
    if run in GREEK or run in SIGNS:
        return (GREEK.get(run) or SIGNS[run]) + " "
    return rf"\text{{{escape(run)}}}"


def _add(node: Add) -> str:
    written = ((operator, _write(term)) for operator, term in signed_terms(node.terms))
    return "".join(_OPERATORS[operator] + term for operator, term in written)


def _mul(node: Mul) -> str:
    written = _write(node.factors[0]) if node.factors else "1"
    for before, factor in zip(node.factors, node.factors[1:], strict=False):
        gap = r" \, " if node.style == "juxtapose" and (is_wordy(before) or is_wordy(factor)) else _PRODUCTS[node.style]
        written += gap + _write(factor)
    return written


def _pow(node: Pow) -> str:
    return f"{_write(node.base)}^{{{_write(node.exp)}}}"


def _transpose(node: Transpose) -> str:
    return rf"{_write(node.arg)}^{{\top}}"


def _fenced(arg: Node, left: str = "(", right: str = ")") -> str:
    if is_tall(arg):
        return rf"\left{left or '.'} {_write(arg)} \right{right or '.'}"
    return f"{left}{_write(arg)}{right}"


def _function(name: str) -> str:
    if name in GREEK:
        return GREEK[name]
    if name in _FUNCTIONS:
        return f"\\{name}"
    plain = name.isascii() and name.isalpha()
    return rf"\operatorname{{{name}}}" if plain else rf"\operatorname{{\text{{{escape(name)}}}}}"


def _call(node: Call) -> str:
    name = _function(node.name) + "'" * node.primes
    if len(node.args) != 1:
        inside = ", ".join(map(_write, node.args))
        return rf"{name}\left( {inside} \right)" if any(map(is_tall, node.args)) else f"{name}({inside})"
    argument = _write(node.args[0])
    return name + argument if isinstance(node.args[0], Paren) else f"{name} {argument}"


def _deriv(node: Deriv) -> str:
    d = r"\partial " if node.partial else r"\mathrm{d}"
    above = d.rstrip() + "^{2} " if node.again is not None else d
    return _fraction(above + _write(node.of), "".join(d + _write(part) for part in differentials(node)), node.slashed)


def _fraction(num: str, den: str, slashed: bool) -> str:
    return f"{num}/{den}" if slashed else rf"\frac{{{num}}}{{{den}}}"


def _diff(node: Diff) -> str:
    d = r"\partial" if node.partial else r"\mathrm{d}"
    return rf"\frac{{{d}}}{{{d} {_write(node.wrt)}}} {_write(node.arg)}"


def _rel(node: Rel) -> str:
    return f"{_write(node.left)} {RELATIONS[node.relation]} {_write(node.right)}"


def _cases(node: Cases) -> str:
    rows = (rf"{_write(value)} & {_condition(node, when)}" for value, when in node.rows)
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _condition(node: Cases, when: Rel | None) -> str:
    given, otherwise = map(escape, node.words)
    return rf"\text{{{given} }} {_write(when)}" if when else rf"\text{{{otherwise}}}"


def _sum_over(node: SumOver) -> str:
    return rf"\sum_{{{_write(node.index)} = {_write(node.low)}}}^{{{_write(node.high)}}} {_write(node.arg)}"


def _matrix(node: Matrix) -> str:
    rows = r" \\ ".join(" & ".join(map(_write, row)) for row in node.rows)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


def _strike(node: Strike) -> str:
    return rf"{_STRIKES[node.group % len(_STRIKES)]}{{{_write(node.arg)}}}"


_WRITERS: dict[type[Any], Callable[[Any], str]] = {
    Num: _num,
    Sym: _sym,
    Add: _add,
    Mul: _mul,
    Neg: lambda node: f"-{_write(node.arg)}",
    Frac: lambda node: _fraction(_write(node.num), _write(node.den), node.slashed),
    Pow: _pow,
    Exp: lambda node: f"e^{{{_write(node.arg)}}}",
    Sqrt: lambda node: rf"\sqrt{{{_write(node.arg)}}}",
    Abs: lambda node: _fenced(node.arg, "|", "|"),
    Call: _call,
    Deriv: _deriv,
    Diff: _diff,
    Rel: _rel,
    Cases: _cases,
    SumOver: _sum_over,
    Matrix: _matrix,
    Transpose: _transpose,
    Hole: lambda node: "?",
    Blank: lambda node: rf"\underline{{\hspace{{{node.digits / 2:g}em}}\rule{{0pt}}{{2.6ex}}}}",
    Dots: lambda node: _DOTS[node.direction],
    Strike: _strike,
    Box: lambda node: rf"\boxed{{{_write(node.arg)}}}",
    Paren: lambda node: _fenced(node.arg, "(" if node.opens else "", ")" if node.closes else ""),
    Words: lambda node: rf"\text{{{escape(node.text)}}}" if node.text else "{}",
}
