"""Every node in every writer, and every writer against hostile text."""

from __future__ import annotations

from typing import get_args
from xml.etree import ElementTree

import pytest

from stepcalc.board.latex import latex, latex_rows
from stepcalc.board.latex_text import escape
from stepcalc.board.mathml import NAMESPACE, math_element
from stepcalc.board.measure import estimated_width
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
from stepcalc.board.text import text

X, Z = Sym(Glyph("x")), Sym(Glyph("z"))
ALPHA, LAYERED = Sym(Glyph("α")), Sym(Glyph("w", sup="(1)"))
ONE = Num("1")
EVERY_NODE: list[tuple[Node, str, str]] = [
    (Num("-2.061e-9"), r"-2.061 \cdot 10^{-9}", "−2.061·10⁻⁹"),
    (Sym(Glyph("w", "12", "(3)", hat=True)), r"\hat{w}_{12}^{(3)}", "ŵ₁₂⁽³⁾"),
    (Sym(Glyph("α")), r"\alpha", "α"),
    (Sym(Glyph("W", bold=True)), r"\mathbf{W}", "W"),
    (Sym(Glyph("Sugar", upright=True)), r"\text{Sugar}", "Sugar"),
    (Sym(Glyph("w", "new")), r"w_{\text{new}}", "w_new"),
    (Sym(Glyph("h", "t-1")), "h_{t-1}", "hₜ₋₁"),
    (Sym(Glyph("x", sup="′")), "x'", "x′"),
    (Add((X, Num("-1"))), "x - 1", "x − 1"),
    (Mul((X, Z)), "x z", "x z"),
    (Mul((Num("2"), X)), "2 x", "2x"),
    (Mul((X, Z), "dot"), r"x \cdot z", "x · z"),
    (Mul((X, Z), "hadamard"), r"x \odot z", "x ⊙ z"),
    (Mul((Num("0.6"), Num("3")), "apply"), "0.6 (3)", "0.6(3)"),
    (Neg(X), "-x", "−x"),
    (Frac(ONE, X), r"\frac{1}{x}", "1/x"),
    (Pow(X, Num("2")), "x^{2}", "x²"),
    (Exp(Neg(Z)), "e^{-z}", "e⁻ᶻ"),
    (Sqrt(Add((X, ONE))), r"\sqrt{x + 1}", "√(x + 1)"),
    (Abs(X), "|x|", "|x|"),
    (Call("σ", (Z,), primes=1), r"\sigma'(z)", "σ′(z)"),
    (Call("max", (Num("0"), Z)), r"\max(0, z)", "max(0, z)"),
    (Call("ReLU", (Z,)), r"\operatorname{ReLU}(z)", "ReLU(z)"),
    (Deriv(Z, X), r"\frac{\partial z}{\partial x}", "∂z/∂x"),
    (Deriv(Z, X, partial=False), r"\frac{\mathrm{d}z}{\mathrm{d}x}", "dz/dx"),
    (Deriv(Z, X, again=X), r"\frac{\partial^{2} z}{\partial x^{2}}", "∂²z/∂x²"),
    (Deriv(Z, X, again=ALPHA), r"\frac{\partial^{2} z}{\partial x\partial \alpha}", "∂²z/(∂x∂α)"),
    (Deriv(Z, LAYERED, again=LAYERED), r"\frac{\partial^{2} z}{\partial w^{(1)}\partial w^{(1)}}", "∂²z/(∂w⁽¹⁾∂w⁽¹⁾)"),
    (Deriv(Z, X, partial=False, again=X), r"\frac{\mathrm{d}^{2} z}{\mathrm{d}x^{2}}", "d²z/dx²"),
    (Diff(X, Call("σ", (X,))), r"\frac{\mathrm{d}}{\mathrm{d} x} \sigma(x)", "d/dx σ(x)"),
    (Rel(X, "≥", ONE), r"x \ge 1", "x ≥ 1"),
    (
        Cases(((X, Rel(X, ">", Num("0"))), (Num("0"), None))),
        r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "⎧ x  if x > 0\n⎩ 0  otherwise",
    ),
    (SumOver(Sym(Glyph("k")), ONE, Num("3"), X), r"\sum_{k = 1}^{3} x", "Σₖ₌₁³ x"),
    (
        Matrix(((Num("4.6"),), (Hole(),), (Hole(),))),
        r"\begin{bmatrix} 4.6 \\ ? \\ ? \end{bmatrix}",
        "⎡4.6⎤\n⎢  ?⎥\n⎣  ?⎦",
    ),
    (Matrix(((ONE, Dots("h"), Num("-2")),)), r"\begin{bmatrix} 1 & \cdots & -2 \end{bmatrix}", "[1, ⋯, −2]"),
    (Transpose(X), r"x^{\top}", "xᵀ"),
    (Hole(), "?", "?"),
    (Blank(4), r"\underline{\hspace{2em}\rule{0pt}{2.6ex}}", "____"),
    (Dots("v"), r"\vdots", "⋮"),
    (Strike(X, 1), r"\bcancel{x}", "x̶"),
    (Box(X), r"\boxed{x}", "⟦x⟧"),
    (Paren(Frac(ONE, X)), r"\left( \frac{1}{x} \right)", "(1/x)"),
    (Words("per unit"), r"\text{per unit}", "per unit"),
]


def mathml(node: Node | Equation, display: bool = True) -> str:
    return ElementTree.tostring(math_element(node, display), encoding="unicode")


def test_every_kind_of_node_is_tried() -> None:
    assert {type(node) for node, _, _ in EVERY_NODE} == set(get_args(Node))


@pytest.mark.parametrize(("node", "in_latex", "in_text"), EVERY_NODE, ids=lambda value: type(value).__name__)
def test_every_node_in_every_writer(node: Node, in_latex: str, in_text: str) -> None:
    assert latex(node) == in_latex
    assert text(node) == in_text
    assert "\n" not in text(node, inline=True)
    assert ElementTree.fromstring(mathml(node)).tag == f"{{{NAMESPACE}}}math"
    assert estimated_width(node) > 0


def test_columns_and_rows_keep_their_axis() -> None:
    column = Matrix(((ONE,), (Num("-20"),), (Hole(),)))
    assert text(Equation((X, Mul((X, column)), column), ("=", "≈"))).split("\n") == [
        "      ⎡  1⎤   ⎡  1⎤",
        "x = x ⎢−20⎥ ≈ ⎢−20⎥",
        "      ⎣  ?⎦   ⎣  ?⎦",
    ]
    assert text(column, inline=True) == "[1; −20; ?]"


def test_equations() -> None:
    first = Equation((X, Add((ONE, Z)), Num("2")), ("=", "≈"))
    assert latex(first) == r"x = 1 + z \approx 2"
    assert text(first) == "x = 1 + z ≈ 2"
    second = Equation((Num("3"), Num("4")), ("=", "="), "sum rule & more", continued=True)
    assert text(second) == "= 3 = 4"
    assert latex_rows((first, second)) == (
        "  x & = 1 + z \\approx 2 \\\\*\n  & = 3 = 4 && \\qquad \\reason{sum rule \\& more}"
    )
    ends = [row.endswith("*") for row in latex_rows((first, *[second] * 4)).splitlines()]
    assert ends == [True, False, False, True, False], "no row of an equation stands alone on a page"
    tags = [child.tag.rpartition("}")[2] for child in ElementTree.fromstring(mathml(second))]
    assert tags == ["mo", "mn", "mo", "mn"]


def test_mathml_carries_items() -> None:
    node = Add((Num("-4.6", "z1[1]"), Sym(Glyph("w", "1"), "W2[1,1]")))
    items = [element.get("data-item") for element in ElementTree.fromstring(mathml(node)).iter()]
    assert [item for item in items if item] == ["z1[1]", "W2[1,1]"]


def test_strikes_and_boxes() -> None:
    struck = mathml(Mul((Strike(X, 0), Strike(Z, 1), Box(X))))
    assert 'class="strike g0"' in struck
    assert 'class="strike g1"' in struck
    assert 'class="box"' in struck
    assert "menclose" not in struck


def test_inline_and_display() -> None:
    assert 'display="block"' in mathml(X)
    assert 'display="inline"' in mathml(X, display=False)


ATTACKS = [
    r"\input{/etc/passwd}",
    r"\write18{touch x}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "100 % & $5 #1 _a^b ~ {x}",
    "]]> <!-- -->",
    "^^5cinput",
    "\u202ereversed\u202c",
    "nul\x00bell\x07line\nbreak\ud800",
    "中文 Привет עברית \U0001f36a",
    "{{ 7 * 7 }} ((( x ))) {% raw %}",
]
COMMANDS = {
    "textbackslash", "textless", "textgreater", "textasciicircum", "textasciitilde", "textbar", "textquotedbl",
    "textasciigrave", "longword", "stepcalcchar", "text", "ensuremath", "operatorname",
}  # fmt: skip


def commands(written: str) -> set[str]:
    """The control words of some LaTeX; the escapes of single characters do not count."""
    import re

    return set(re.findall(r"\\([A-Za-z]+)", written))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_words_stay_words(attack: str) -> None:
    for node in (Words(attack), Sym(Glyph(attack, upright=True)), Sym(Glyph("w", sub=attack)), Call(attack, (X,))):
        written = latex(node)
        assert commands(written) <= COMMANDS | {"times"}
        assert written.count("{") - written.count(r"\{") == written.count("}") - written.count(r"\}")
        assert not any(ord(char) < 32 for char in written)
        root = ElementTree.fromstring(mathml(node))
        assert not {element.tag.rpartition("}")[2] for element in root.iter()} & {"script", "img"}
        shown = text(node)
        assert not any(ord(char) < 32 or char in "\u202e\u202c" for char in shown)


def test_words_in_mathml_read_as_they_were_written() -> None:
    root = ElementTree.fromstring(mathml(Words("a < b & <script>")))
    assert "".join(root.itertext()) == "a < b & <script>"


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ("50 % & $", r"50 \% \& \$"),
        ("a_b^c~", r"a\_b\textasciicircum{}c\textasciitilde{}"),
        ("ŷ é ü ñ ç", r"\^{y} \'{e} \"{u} \~{n} \c{c}"),
        ("σ(z) ≈ 1 − y", r"\ensuremath{\sigma}(z) \ensuremath{\approx} 1 \ensuremath{-} y"),
        ("x₁²", r"x\ensuremath{_{1}}\textsuperscript{2}"),
        ("中", r"\stepcalcchar{4E2D}{中}"),
        ("Я", r"\stepcalcchar{042F}{Я}"),
        ("“so” – it", "``so'' -- it"),
        ("a " + "w" * 30, "a " + "w" * 30),
        ("a " + "w" * 30 + "é_", r"a \longword{" + "w" * 30 + r"{\'{e}}{\_}}"),
    ],
)
def test_escaped_text(plain: str, escaped: str) -> None:
    assert escape(plain) == escaped


def test_clean() -> None:
    assert clean("a\tb\nc\u202ed\x00\ufffe") == "a b cd"
    assert clean("e\u0301") == "é"


def test_text_leaves_out_the_comma_after_a_letter_in_an_index() -> None:
    indices = ("x,12", "f,3", "t−1", "11,3")
    assert [text(Sym(Glyph("w", sub))) for sub in indices] == ["wₓ₁₂", "w_f3", "wₜ₋₁", "w_(11,3)"]
