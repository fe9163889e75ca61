"""Written mathematics as plain text: Unicode on one line, with matrices and cases drawn over several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from stepcalc.board.breaking import broken
from stepcalc.board.drawing import Drawn, beside, fence, stack
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
from stepcalc.board.plain import clean, run_on
from stepcalc.board.shape import differentials, is_wordy, signed_terms, split_number

_SUBSCRIPTS = str.maketrans("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
_SUPERSCRIPTS = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
)
_PRODUCTS = {"dot": " · ", "hadamard": " ⊙ ", "apply": "", "juxtapose": ""}
_OPERATORS = {"": "", "+": " + ", "−": " − "}
_DOTS = {"h": "⋯", "v": "⋮", "d": "⋱"}
_HAT, _STROKE = "\u0302", "\u0336"
_FOLD = "  "


def text(node: Node | Equation, *, inline: bool = False, width: int | None = None) -> str:
    """``node`` as Unicode text; ``inline`` keeps matrices and cases on the one line, for running text.

    Cases wider than ``width`` have each condition under its value, and long ones of either in several lines. An
    equation's reason is left to whoever knows the width of the page.
    """
    writer = _Writer(inline, width)
    if isinstance(node, Equation):
        return str(writer.equation(parenthesised_equation(node, flat=True)))
    return str(writer.write(parenthesised(node, flat=True)))


def scripted(base: str, sub: str = "", sup: str = "") -> str:
    """``base`` with its indices: raised and lowered characters where Unicode has them all, else ``_ab``, ``^(ab)``.

    What Unicode cannot raise are brackets, so the number of a sample stays on the line: ``z⁽¹⁾[2]``. Nor can it lower
    a comma, which is left out between a letter and numbers: ``wₓ₁₂`` for w with x,12.
    """
    sub = run_on(sub)
    raised, sample = re.fullmatch(r"(.*?)((?:\[\w+\])?)", sup, re.DOTALL).groups()  # type: ignore[union-attr]
    return base + _script(sub, _SUBSCRIPTS, "_") + _script(raised, _SUPERSCRIPTS, "^") + sample


def _script(text: str, table: dict[int, int], mark: str) -> str:
    if not text or not text.strip("′'"):
        return text.replace("'", "′")
    if all(ord(char) in table for char in text):
        return text.translate(table)
    grouped = len(text) == 1 or text.isalnum() or (text.startswith("(") and text.endswith(")"))
    return mark + (text if grouped else f"({text})")


class _Writer:
    """Writes a tree parenthesised for a flat line."""

    def __init__(self, inline: bool, width: int | None = None) -> None:
        self.inline, self.width = inline, width

    def write(self, node: Node) -> Drawn:
        drawn = _WRITERS[type(node)](self, node)
        return Drawn((drawn,)) if isinstance(drawn, str) else drawn

    def equation(self, equation: Equation) -> Drawn:
        parts: list[Drawn | str] = [self.write(part) for part in equation.parts]
        relations = [f" {relation} " for relation in equation.relations]
        if equation.continued:
            relations = [relations[0].lstrip(), *relations[1:]] if relations else [""]
            parts.insert(0, "")
        pieces = [parts[0], *(piece for pair in zip(relations, parts[1:], strict=True) for piece in pair)]
        return beside(pieces)

    def num(self, node: Num) -> str:
        sign, mantissa, power = split_number(node.text)
        return sign.replace("-", "−") + mantissa + (scripted("·10", sup=power) if power else "")

    def sym(self, node: Sym) -> str:
        glyph = node.glyph
        base = clean(glyph.base)
        if glyph.hat:
            base = unicodedata.normalize("NFC", base + _HAT)
        return scripted(base, clean(glyph.sub), clean(glyph.sup))

    def add(self, node: Add) -> Drawn:
        pieces: list[Drawn | str] = []
        for operator, term in signed_terms(node.terms):
            written = self.write(term)
            sign = _OPERATORS[operator]
            pieces += [sign.lstrip() if node.terms[0] == Words("") and len(pieces) == 2 else sign, written]
        return beside(pieces)

    def mul(self, node: Mul) -> Drawn:
        if not node.factors:
            return Drawn(("1",))
        pieces: list[Drawn | str] = [self.write(node.factors[0])]
        for before, factor in zip(node.factors, node.factors[1:], strict=False):
            pieces += [self.times(node, before, factor), self.write(factor)]
        return beside(pieces)

    def times(self, node: Mul, before: Node, factor: Node) -> str:
        """A space between symbols that would read as one word or one function: w₁ x₁, ln x · y."""
        if before == Words(""):
            return _PRODUCTS[node.style].lstrip()
        if node.style != "juxtapose":
            return _PRODUCTS[node.style]
        close = isinstance(before, Num | Sym) and isinstance(factor, Paren) and not is_wordy(before)
        tight = isinstance(before, Num) and isinstance(factor, Sym) and not is_wordy(factor)
        return "" if close or tight else " "

    def neg(self, node: Neg) -> Drawn:
        return beside(["−", self.write(node.arg)])

    def frac(self, node: Frac) -> Drawn:
        return beside([self.write(node.num), "/", self.write(node.den)])

    def power(self, base: Drawn, exponent: Node) -> Drawn:
        inside = exponent.arg if isinstance(exponent, Paren) else exponent
        raised = str(self.write(inside))
        if all(ord(char) in _SUPERSCRIPTS for char in raised):
            return beside([base, raised.translate(_SUPERSCRIPTS)])
        if raised.startswith("["):
            return beside([base, raised])
        return beside([base, "^", self.write(exponent)])

    def fenced(self, inside: Drawn, left: str = "(", right: str = ")") -> Drawn:
        opening, closing = (fence(inside, sign) if sign else "" for sign in (left, right))
        return beside([opening, inside, closing])

    def call(self, node: Call) -> Drawn:
        name = clean(node.name) + "′" * node.primes
        if len(node.args) == 1:
            gap = "" if isinstance(node.args[0], Paren) else " "
            return beside([name, gap, self.write(node.args[0])])
        pieces = [piece for argument in node.args for piece in (", ", self.write(argument))]
        return beside([name, self.fenced(beside(pieces[1:]))])

    def deriv(self, node: Deriv) -> Drawn:
        d = "∂" if node.partial else "d"
        below: list[Drawn | str] = [piece for part in differentials(node) for piece in (d, self.write(part))]
        if len(below) > 2:
            below = ["(", *below, ")"]
        return beside([d, "" if node.again is None else "²", self.write(node.of), "/", *below])

    def diff(self, node: Diff) -> Drawn:
        d = "∂" if node.partial else "d"
        return beside([f"{d}/{d}", self.write(node.wrt), " ", self.write(node.arg)])

    def rel(self, node: Rel) -> Drawn:
        return beside([self.write(node.left), f" {node.relation} ", self.write(node.right)])

    def cases(self, node: Cases) -> Drawn:
        rows = [[self.write(value), self.condition(node, when)] for value, when in node.rows]
        if self.inline:
            return Drawn(("{" + "; ".join(" ".join(map(str, row)) for row in rows) + "}",))
        table = stack(rows, "  ", right_aligned=False)
        if self.width is not None and table.width > self.width:
            lines = (line for value, when in node.rows for line in self.folded_case(node, value, when))
            table = stack([[line] for line in lines], "", right_aligned=False)
        return beside([fence(table, "{"), " ", table])

    def folded_case(self, node: Cases, value: Node, when: Rel | None) -> Iterator[Drawn]:
        """A value and its condition, beside one another where there is room, else under one another."""
        whole = beside([self.write(value), _FOLD, self.condition(node, when)])
        if when is None or whole.width <= (self.width or 0):
            yield whole
            return
        yield from self.folded(Equation((value,)))
        given, apart = f"{_FOLD}{clean(node.words[0])} ", Equation((when.right,), (when.relation,), continued=True)
        first, *rest = self.folded(Equation((when.left, when.right), (when.relation,)))
        if first.width + len(given) > (self.width or 0):
            first, *rest = (*self.folded(Equation((when.left,))), self.equation(apart))
        yield beside([given, first])
        yield from (beside([_FOLD * 3, line]) for line in rest)

    def folded(self, equation: Equation) -> Iterator[Drawn]:
        """An equation in lines of the width."""
        width = (self.width or 0) - len(_FOLD) * 3
        return map(self.equation, broken(equation, lambda line: self.equation(line).width, width))

    def condition(self, node: Cases, when: Rel | None) -> Drawn:
        given, otherwise = map(clean, node.words)
        return beside([f"{given} ", self.write(when)]) if when else Drawn((otherwise,))

    def matrix(self, node: Matrix) -> Drawn:
        rows = [[self.write(entry) for entry in row] for row in node.rows]
        if self.inline or len(rows) == 1:
            return Drawn(("[" + "; ".join(", ".join(map(str, row)) for row in rows) + "]",))
        return self.fenced(stack(rows, "  ", right_aligned=True), "[", "]")

    def sum_over(self, node: SumOver) -> Drawn:
        index, low, high = (str(self.write(part)) for part in (node.index, node.low, node.high))
        return beside([scripted("Σ", f"{index}={low}", high), " ", self.write(node.arg)])

    def paren(self, node: Paren) -> Drawn:
        drawn = self.write(node.arg)
        if self.inline and isinstance(node.arg, Cases):  # their braces hold them together already
            return drawn
        return self.fenced(drawn, "(" if node.opens else "", ")" if node.closes else "")

    def strike(self, node: Strike) -> Drawn:
        drawn = self.write(node.arg)
        return Drawn(tuple("".join(char + _STROKE for char in line) for line in drawn.lines), drawn.axis)

    def box(self, node: Box) -> Drawn:
        return beside(["⟦", self.write(node.arg), "⟧"])


_WRITERS: dict[type[Any], Callable[[_Writer, Any], Drawn | str]] = {
    Num: _Writer.num,
    Sym: _Writer.sym,
    Add: _Writer.add,
    Mul: _Writer.mul,
    Neg: _Writer.neg,
    Frac: _Writer.frac,
    Pow: lambda self, node: self.power(self.write(node.base), node.exp),
    Exp: lambda self, node: self.power(Drawn(("e",)), node.arg),
    Sqrt: lambda self, node: beside(["√", self.write(node.arg)]),
    Abs: lambda self, node: self.fenced(self.write(node.arg), "|", "|"),
    Call: _Writer.call,
    Deriv: _Writer.deriv,
    Diff: _Writer.diff,
    Rel: _Writer.rel,
    Cases: _Writer.cases,
    SumOver: _Writer.sum_over,
    Matrix: _Writer.matrix,
    Transpose: lambda self, node: beside([self.write(node.arg), "ᵀ"]),
    Hole: lambda self, node: "?",
    Blank: lambda self, node: "_" * node.digits,
    Dots: lambda self, node: _DOTS[node.direction],
    Strike: _Writer.strike,
    Box: _Writer.box,
    Paren: _Writer.paren,
    Words: lambda self, node: clean(node.text),
}
