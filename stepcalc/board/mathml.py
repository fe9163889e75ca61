"""Written mathematics as MathML Core, for browsers.

A struck-out or framed part is an ``<mrow>`` of class ``strike g0`` or ``box``, for the page's style sheet to draw,
since browsers leave ``<menclose>`` out. A number or symbol carries the id of its quantity as ``data-item``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree.ElementTree import Element

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

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

_TIMES, _APPLY = "\u2062", "\u2061"
_DOTS = {"h": "⋯", "v": "⋮", "d": "⋱"}
_BOLD_CAPITAL, _BOLD_SMALL, _BOLD_GREEK = 0x1D400 - ord("A"), 0x1D41A - ord("a"), 0x1D6C2 - ord("α")


def math_element(node: Node | Equation, display: bool = True) -> Element:
    """``node`` as one ``<math>`` element; in running text fractions are slashed."""
    math = Element("math", {"display": "block" if display else "inline", "xmlns": NAMESPACE})
    writer = _Writer()
    if isinstance(node, Equation):
        math.extend(writer.equation(parenthesised_equation(node, slash=not display)))
    else:
        math.append(writer.write(parenthesised(node, slash=not display)))
    return math


def _leaf(tag: str, text: str, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.text = text
    return element


def _operator(text: str, **attributes: str) -> Element:
    return _leaf("mo", text, **attributes)


def _branch(tag: str, children: Iterable[Element], **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.extend(children)
    return element


def _row(children: Iterable[Element], **attributes: str) -> Element:
    listed = list(children)
    return listed[0] if len(listed) == 1 and not attributes else _branch("mrow", listed, **attributes)


def _nameless(element: Element) -> Element:
    """``element`` without ids: ∂L/∂w is one name, and neither L nor w stands there as a number."""
    for part in element.iter():
        part.attrib.pop("data-item", None)
    return element


class _Writer:
    """Writes a parenthesised tree."""

    def write(self, node: Node) -> Element:
        element = _WRITERS[type(node)](self, node)
        item = getattr(node, "item", None)
        if item:
            element.set("data-item", item)
        return element

    def equation(self, equation: Equation) -> list[Element]:
        """The parts with their relations between them."""
        parts = [self.write(part) for part in equation.parts]
        relations = [_operator(relation, form="infix") for relation in equation.relations]
        if equation.continued:
            return [element for pair in zip(relations, parts, strict=True) for element in pair] if relations else parts
        return [parts[0], *(element for pair in zip(relations, parts[1:], strict=True) for element in pair)]

    def num(self, node: Num) -> Element:
        sign, mantissa, power = split_number(node.text)
        pieces = [_operator("−", form="prefix")] if sign else []
        pieces.append(_leaf("mn", mantissa))
        if power:
            exponent = [_operator("−", form="prefix")] if power.startswith("-") else []
            exponent.append(_leaf("mn", power.removeprefix("-")))
            pieces += [_operator("·", form="infix"), _branch("msup", [_leaf("mn", "10"), _row(exponent)])]
        return _row(pieces)

    def sym(self, node: Sym) -> Element:
        glyph = node.glyph
        base = self.base(glyph)
        if glyph.hat:
            hat = _operator("^", stretchy="true" if len(glyph.base) > 1 else "false")
            base = _branch("mover", [base, hat], accent="true")
        scripts = [self.script(text) for text in (glyph.sub, glyph.sup) if text]
        tag = "m" + ("sub" if glyph.sub else "") + ("sup" if glyph.sup else "")
        return _branch(tag, [base, *scripts]) if scripts else base

    def base(self, glyph: Glyph) -> Element:
        text = clean(glyph.base)
        if len(text) == 1 and text.isalpha() and not glyph.upright:
            return self.letter(_bold(text), "normal") if glyph.bold and _bold(text) != text else self.letter(text)
        if not glyph.upright and text.isascii() and text.isalpha():
            return _branch("mrow", map(self.letter, text))
        return _leaf("mtext", text)

    def letter(self, text: str, variant: str = "") -> Element:
        return _leaf("mi", text, **({"mathvariant": variant} if variant else {}))

    def script(self, text: str) -> Element:
        """An index: letters in italics, words of three letters and more upright."""
        if text == "T":
            return self.letter("⊤", "normal")
        return _row(self.script_run(run) for run in re.findall(r"[A-Za-z]+|\d+|.", clean(text)))

    def script_run(self, run: str) -> Element:
        if run.isdigit():
            return _leaf("mn", run)
        if run.isalpha():
            letters = [self.letter(letter) for letter in run]
            return _row(letters) if len(run) < 3 else _leaf("mtext", run)
        stretchy = {"stretchy": "false"} if run in "()[]" else {}
        return _operator("−" if run == "-" else run, lspace="0", rspace="0", **stretchy)

    def add(self, node: Add) -> Element:
        pieces: list[Element] = []
        for operator, term in signed_terms(node.terms):
            pieces += [_operator(operator, form="infix")] if operator else []
            pieces.append(self.write(term))
        return _row(pieces)

    def mul(self, node: Mul) -> Element:
        if not node.factors:
            return _leaf("mn", "1")
        pieces = [self.write(node.factors[0])]
        for before, factor in zip(node.factors, node.factors[1:], strict=False):
            pieces += self.times(node, any(is_wordy(side) or is_tall(side) for side in (before, factor)))
            pieces.append(self.write(factor))
        return _row(pieces)

    def times(self, node: Mul, loose: bool) -> list[Element]:
        if node.style in ("dot", "hadamard"):
            return [_operator("·" if node.style == "dot" else "⊙", form="infix")]
        if loose and node.style == "juxtapose":
            return [Element("mspace", {"width": "0.17em"})]
        return [_operator(_TIMES)]

    def neg(self, node: Neg) -> Element:
        return _row([_operator("−", form="prefix"), self.write(node.arg)])

    def fraction(self, num: Element, den: Element, slashed: bool = False) -> Element:
        if slashed:
            return _branch("mrow", [num, _operator("/", lspace="0", rspace="0", stretchy="false"), den])
        return _branch("mfrac", [num, den])

    def superscript(self, base: Node, exponent: Element) -> Element:
        return _branch("msup", [self.write(base), exponent])

    def fenced(self, inside: Element, tall: bool, left: str = "(", right: str = ")") -> Element:
        stretchy = "true" if tall else "false"
        opening = _operator(left, form="prefix", stretchy=stretchy, lspace="0", rspace="0")
        closing = _operator(right, form="postfix", stretchy=stretchy, lspace="0", rspace="0")
        return _branch("mrow", [*([opening] if left else []), inside, *([closing] if right else [])])

    def call(self, node: Call) -> Element:
        name: Element = self.function(node.name)
        if node.primes:
            name = _branch("msup", [name, _operator("′" * node.primes)])
        apply = [_operator(_APPLY)]
        if len(node.args) == 1:
            spaced = not isinstance(node.args[0], Paren)
            gap = [Element("mspace", {"width": "0.17em"})] if spaced else []
            return _row([name, *apply, *gap, self.write(node.args[0])])
        inside: list[Element] = []
        for argument in node.args:
            inside += [_operator(",", form="infix")] if inside else []
            inside.append(self.write(argument))
        return _row([name, *apply, self.fenced(_row(inside), any(map(is_tall, node.args)))])

    def function(self, name: str) -> Element:
        name = clean(name)
        if len(name) == 1:
            return self.letter(name)
        return _leaf("mi", name)

    def deriv(self, node: Deriv) -> Element:
        d = "∂" if node.partial else "d"
        sign = self.letter(d, "normal")
        above = sign if node.again is None else _branch("msup", [sign, _leaf("mn", "2")])
        pairs = ((self.letter(d, "normal"), _nameless(self.write(part))) for part in differentials(node))
        below = [piece for pair in pairs for piece in pair]
        return self.fraction(_row([above, _nameless(self.write(node.of))]), _row(below), node.slashed)

    def diff(self, node: Diff) -> Element:
        d = "∂" if node.partial else "d"
        task = self.fraction(self.letter(d, "normal"), _row([self.letter(d, "normal"), self.write(node.wrt)]))
        return _row([task, Element("mspace", {"width": "0.17em"}), self.write(node.arg)])

    def rel(self, node: Rel) -> Element:
        return _row([self.write(node.left), _operator(node.relation, form="infix"), self.write(node.right)])

    def cases(self, node: Cases) -> Element:
        table = self.table([[self.write(value), self.condition(node, when)] for value, when in node.rows], "cases")
        return _branch("mrow", [_operator("{", form="prefix", stretchy="true"), table])

    def condition(self, node: Cases, when: Rel | None) -> Element:
        given, otherwise = map(clean, node.words)
        return _row([_leaf("mtext", f"{given}\u00a0"), self.write(when)]) if when else _leaf("mtext", otherwise)

    def table(self, rows: list[list[Element]], kind: str) -> Element:
        written = (_branch("mtr", (_branch("mtd", [cell]) for cell in row)) for row in rows)
        return _branch("mtable", written, **{"class": kind})

    def matrix(self, node: Matrix) -> Element:
        table = self.table([[self.write(entry) for entry in row] for row in node.rows], "matrix")
        return self.fenced(table, is_tall(node), "[", "]")

    def sum_over(self, node: SumOver) -> Element:
        low = _row([self.write(node.index), _operator("="), self.write(node.low)])
        sign = _branch("munderover", [_operator("∑", movablelimits="false"), low, self.write(node.high)])
        return _row([sign, self.write(node.arg)])

    def strike(self, node: Strike) -> Element:
        return _branch("mrow", [self.write(node.arg)], **{"class": f"strike g{node.group}"})

    def box(self, node: Box) -> Element:
        return _branch("mrow", [self.write(node.arg)], **{"class": "box"})

    def words(self, node: Words) -> Element:
        return _leaf("mtext", clean(node.text)) if node.text else Element("mrow")


def _room(digits: int) -> Element:
    return Element("mspace", {"width": f"{digits / 2:g}em", "height": "1.3em", "depth": "0.2em"})


def _bold(letter: str) -> str:
    """The bold form of a letter; the letter itself where there is none."""
    for first, last, offset in (("A", "Z", _BOLD_CAPITAL), ("a", "z", _BOLD_SMALL), ("α", "ω", _BOLD_GREEK)):
        if first <= letter <= last:
            return chr(ord(letter) + offset)
    return letter


_WRITERS: dict[type[Any], Callable[[_Writer, Any], Element]] = {
    Num: _Writer.num,
    Sym: _Writer.sym,
    Add: _Writer.add,
    Mul: _Writer.mul,
    Neg: _Writer.neg,
    Frac: lambda self, node: self.fraction(self.write(node.num), self.write(node.den), node.slashed),
    Pow: lambda self, node: self.superscript(node.base, self.write(node.exp)),
    Exp: lambda self, node: _branch("msup", [self.letter("e"), self.write(node.arg)]),
    Sqrt: lambda self, node: _branch("msqrt", [self.write(node.arg)]),
    Abs: lambda self, node: self.fenced(self.write(node.arg), is_tall(node.arg), "|", "|"),
    Call: _Writer.call,
    Deriv: _Writer.deriv,
    Diff: _Writer.diff,
    Rel: _Writer.rel,
    Cases: _Writer.cases,
    SumOver: _Writer.sum_over,
    Matrix: _Writer.matrix,
    Transpose: lambda self, node: self.superscript(node.arg, self.letter("⊤", "normal")),
    Hole: lambda self, node: _leaf("mi", "?", mathvariant="normal"),
    Blank: lambda self, node: _branch("mrow", [_room(node.digits)], **{"class": "blank"}),
    Dots: lambda self, node: _operator(_DOTS[node.direction]),
    Strike: _Writer.strike,
    Box: _Writer.box,
    Paren: lambda self, node: self.fenced(
        self.write(node.arg), is_tall(node.arg), "(" if node.opens else "", ")" if node.closes else ""
    ),
    Words: _Writer.words,
}
