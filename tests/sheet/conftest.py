"""One browser for all tests of a process, and sheets made by hand.

One sheet is like the cookie's, with every kind of block and nearly every kind of node; the other has an attack
wherever a user's words can come.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcalc.board.nodes import (
    Add,
    Box,
    Call,
    Deriv,
    Dots,
    Equation,
    Frac,
    Glyph,
    Hole,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Strike,
    Sym,
    Transpose,
    Words,
)
from stepcalc.sheet.blocks import (
    Bullets,
    Diagram,
    DiagramEdge,
    DiagramNode,
    Formula,
    Heading,
    Prose,
    Sheet,
    Table,
)
from tests.browser import Browser, Page

Y_HAT = Sym(Glyph("y", hat=True), "y_hat")
LOSS = Sym(Glyph("L"), "L")
WEIGHTS = (("0.6", "0.1", "0.0", "0.5"), ("0.2", "0.4", "0.7", "0.1"), ("0.1", "0.8", "0.3", "0.2"))
INPUTS = ("3", "5", "2", "4")
HIDDEN = ("0.990048", "0.989013", "0.997268")


def one_layer(name: str, index: int, layer: int) -> Sym:
    return Sym(Glyph(name, str(index), f"({layer})"), f"{name}{layer}[{index}]")


def array(name: str, layer: int) -> Sym:
    return Sym(Glyph(name, sup=f"({layer})", bold=True), f"{name}{layer}")


def column(*entries: str) -> Matrix:
    return Matrix(tuple((Hole() if entry == "?" else Num(entry),) for entry in entries))


def line(*parts: Node, relations: tuple[str, ...] = ("=",), reason: str = "", continued: bool = False) -> Equation:
    return Equation(tuple(parts), relations, reason, continued)  # type: ignore[arg-type]


def network() -> Diagram:
    inputs = tuple(
        DiagramNode(f"x[{i}]", Sym(Glyph("x", str(i))), Num(value), name, on_path=i == 1)
        for i, (value, name) in enumerate(zip(INPUTS, ("Sugar", "Flour", "Butter", "Milk"), strict=True), start=1)
    )
    hidden = tuple(
        DiagramNode(f"a1[{i}]", one_layer("h", i, 1), Num(value), on_path=i == 1)
        for i, value in enumerate(HIDDEN, start=1)
    )
    output = (DiagramNode("y_hat", Y_HAT, Num("0.907634"), on_path=True),)
    loss = (DiagramNode("L", LOSS, Num("2.382"), "loss", on_path=True),)
    edges = [
        DiagramEdge(f"x[{j}]", f"a1[{i}]", f"W1[{i},{j}]", Num(weight), on_path=i == j == 1)
        for i, row in enumerate(WEIGHTS, start=1)
        for j, weight in enumerate(row, start=1)
    ]
    edges += [
        DiagramEdge(f"a1[{i}]", "y_hat", f"W2[1,{i}]", Num(weight), on_path=i == 1)
        for i, weight in enumerate(("0.7", "0.5", "0.9"), start=1)
    ]
    edges.append(DiagramEdge("y_hat", "L", on_path=True))
    return Diagram(
        (inputs, hidden, output, loss),
        tuple(edges),
        ("input", "hidden layer", "output", "loss"),
        ("The thick path is the one that ", Deriv(LOSS, one_layer("w", 11, 1)), " takes."),
        "Network: 4 inputs, 3 hidden units, 1 output, loss.",
    )


def first_row() -> Formula:
    z = one_layer("z", 1, 1)
    products = [Mul((Num(w), Num(x)), "apply") for w, x in zip(WEIGHTS[0], INPUTS, strict=True)]
    symbols = [Mul((Sym(Glyph("w", f"1{j}", "(1)")), Sym(Glyph("x", str(j))))) for j in range(1, 5)]
    bias = Sym(Glyph("b", "1", "(1)"))
    return Formula((
        line(z, Add((*symbols, bias)), reason="row 1 of Wx + b"),
        line(Add((*products, Num("0.3", "b1[1]"))), continued=True),
        line(Add((Num("1.8"), Num("0.5"), Num("0"), Num("2"), Num("0.3"))), Num("4.6", "z1[1]"),
             relations=("=", "="), continued=True),
        line(array("z", 1), column("4.6", "?", "?")),
    ))  # fmt: skip


def chain() -> Formula:
    weight = Sym(Glyph("w", "11", "(1)"), "W1[1,1]")
    z2, h1, z1, w2 = one_layer("z", 1, 2), one_layer("h", 1, 1), one_layer("z", 1, 1), Sym(Glyph("w", "1", "(2)"))
    x1 = Sym(Glyph("x", "1"))
    slope = Mul((Y_HAT, Add((Num("1"), Neg(Y_HAT)))))
    hidden_slope = Mul((h1, Add((Num("1"), Neg(h1)))))
    left = Deriv(LOSS, weight, item="dL/dW1[1,1]")
    factors = (Deriv(LOSS, Y_HAT), Deriv(Y_HAT, z2), Deriv(z2, h1), Deriv(h1, z1), Deriv(z1, weight))
    difference = Add((Y_HAT, Neg(Sym(Glyph("y")))))
    return Formula((
        line(left, Mul((factors[0], Box(factors[1]), *factors[2:]), "dot"), reason="chain rule"),
        line(Mul((Frac(difference, Strike(slope, 0)), Strike(slope, 0), w2, hidden_slope, x1), "dot"), continued=True),
        line(Mul((x1, hidden_slope, w2, difference), "dot"), continued=True, reason="what cancels is struck out"),
        line(Mul((Num("3"), Num("0.00985276"), Num("0.7"), Num("0.907634")), "dot"),
             Num("0.01878", "dL/dW1[1,1]"), relations=("=", "≈"), continued=True),
    ))  # fmt: skip


def backward() -> tuple[object, ...]:
    y = Sym(Glyph("y"))
    one_minus = Add((Num("1"), Neg(Y_HAT)))
    d_loss = Deriv(LOSS, Y_HAT, item="dL/dy_hat")
    return (
        Heading(("Backward",), 1),
        Heading(("The loss's own derivative",), 2, 6),
        Formula((
            line(d_loss, Add((Neg(Frac(y, Y_HAT)), Frac(Add((Num("1"), Neg(y))), one_minus))), reason="log rule"),
            line(Frac(Num("1"), Num("0.092366")), Num("10.8265", "dL/dy_hat"), relations=("=", "≈"), continued=True),
        )),
        Prose(("Raise ", Y_HAT, " by 0.001 and ", LOSS, " rises by about 0.0108."), "insight"),
        Heading(("Weights of the output: ", Deriv(LOSS, array("W", 2))), 2, 8),
        Formula((
            line(Deriv(LOSS, array("W", 2)), Mul((Add((Y_HAT, Neg(y))), Transpose(Sym(Glyph("h", bold=True))))),
                 Matrix(((Num("0.8986"), Num("0.8977"), Num("0.9052")),)), relations=("=", "≈")),
            line(Deriv(LOSS, Sym(Glyph("h", bold=True))),
                 Mul((Transpose(array("W", 2)), Add((Y_HAT, Neg(y))))),
                 column("0.635344", "0.453817", "0.816871"), relations=("=", "≈")),
        )),
        Prose(("Why transposed: column j holds the edges that leave ", Sym(Glyph("h", "j")), "."), "insight"),
        Heading(("One chain in full",), 2, 10),
        chain(),
        Formula((line(
            Deriv(LOSS, array("W", 1)), Mul((Deriv(LOSS, array("z", 1)), Transpose(Sym(Glyph("x", bold=True))))),
            Matrix(((Num("0.01878"), Num("0.0313"), Num("0.01252"), Num("0.02504")),
                    (Num("0.01479"), Hole(), Hole(), Hole()), (Dots("v"), Dots("v"), Dots("d"), Dots("v")))),
            relations=("=", "≈")),)),
    )  # fmt: skip


def closing() -> tuple[object, ...]:
    old, new = Sym(Glyph("w", "1", "(2)")), Sym(Glyph("w", "1", "(2)", hat=False))
    return (
        Heading(("Update",), 1),
        Prose(("Every gradient was taken with the OLD weights.",), "warning"),
        Formula((line(
            new, Add((old, Neg(Mul((Sym(Glyph("α")), Deriv(LOSS, old)))))),
            Add((Num("0.7"), Neg(Mul((Num("0.1"), Num("0.898601")), "apply")))), Num("0.6101", "W2_new[1,1]"),
            relations=("←", "=", "≈")),)),
        Table(
            (("weight",), ("before",), ("gradient",), ("after",)),
            (((old,), ("0.7",), (Num("0.8986"),), (Num("0.6101"),)),
             ((Sym(Glyph("w", "11", "(1)")),), ("0.6",), (Num("2.061e-9"),), (Num("-0.5981"),))),
            ("Before and after ", Words("one step")),
        ),
        Heading(("Checks",), 1),
        Prose(("Forward again: ", LOSS, " falls from 2.3820 to 2.0620.",), "check"),
        Prose(("To think about: why did ", array("W", 2), " move about 50 times as much as ",
               Sym(Glyph("w", "11", "(1)")), "?"), "question"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def cookie_sheet() -> Sheet:
    return cookie()


def cookie() -> Sheet:
    x, y = Sym(Glyph("x", bold=True)), Sym(Glyph("y"))
    z2 = one_layer("z", 1, 2)
    terms = tuple(Mul((Num(w), Num(h)), "apply") for w, h in zip(("0.7", "0.5", "0.9"), HIDDEN, strict=True))
    return Sheet("Will the cookie taste good?", (
        network(),
        Prose(("The network gets ", Equation((x, column(*INPUTS)), ("=",)), " and should answer ",
               Equation((y, Num("0")), ("=",)), "."),),
        Bullets((
            (Equation((array("z", 1), Add((Mul((array("W", 1), x)), array("b", 1)))), ("=",)), ": product order Wx"),
            (Sym(Glyph("w", "ij")), " goes from input j to unit i; the logarithm is natural"),
            ("4 significant digits, guard digits where a line needs them, nothing rounded inside",),
        )),
        Heading(("Forward",), 1),
        Heading(("Weighted sums of the hidden layer",), 2, 1),
        first_row(),
        Heading(("Activations of the hidden layer",), 2, 2),
        Formula((
            line(Sym(Glyph("h", bold=True)), Call("σ", (array("z", 1),)), column(*HIDDEN), relations=("=", "≈")),
        )),
        Prose(("All near 1: these units are saturated. Remember this in step 9.",), "insight"),
        Heading(("Weighted sum of the output",), 2, 3),
        Formula((
            line(z2, Add((*terms, Num("0.2"))), Add((Num("0.693034"), Num("0.494507"), Num("0.897541"), Num("0.2"))),
                 Num("2.285082", "z2[1]"), relations=("=", "≈", "=")),
        )),
        Heading(("Loss",), 2, 5),
        Formula((
            line(LOSS, Neg(Call("ln", (Add((Num("1"), Neg(Num("0.907634")))),))), Neg(Call("ln", (Num("0.092366"),))),
                 Num("2.3820", "L"), relations=("=", "=", "≈")),
        )),
        *backward(), *closing(),
    ))  # type: ignore[arg-type] # fmt: skip


ATTACK = (
    "\\input{/etc/passwd} <script>alert(1)</script> 100 % & $x$ #1 _a ^b ~ {c} "
    "\u202e中文 Привет \U0001f36a\x00 {{ 7*7 }}"
)


@pytest.fixture(scope="session")
def hostile_sheet() -> Sheet:
    """The attack wherever a user's words can come."""
    word = Sym(Glyph(ATTACK, upright=True))
    run = (ATTACK, " ", word, " ", Words(ATTACK))
    node = DiagramNode("x", Sym(Glyph("x")), Num("1"), ATTACK)
    return Sheet(ATTACK, (
        Heading(run, 1), Heading(run, 2, 1), Heading((ATTACK,), 2),
        *(Prose(run, kind) for kind in ("plain", "insight", "check", "warning", "question")),
        Formula((line(word, Call(ATTACK, (word,)), reason=ATTACK),
                 line(Matrix(((Words("[x]"),), (Words("[y]"),))), Num("1")), line(Words("*"), Num("1")))),
        Table((run, ("[b]",)), ((("[a]", ATTACK), run), (("*",), ("x",))), run),
        Bullets((run, ("[not an option] of an item",))),
        Diagram(((node,), (DiagramNode("y", Sym(Glyph("y"))),)), (DiagramEdge("x", "y", "w", Num("-0.5")),),
                (ATTACK, "out"), run, ATTACK),
    ))  # type: ignore[arg-type] # fmt: skip


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser and the pages that it opens lie."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="session")
def tab(folder: Path) -> Iterator[Page]:
    """One page of one Chromium: another page would be behind it, and is not painted."""
    with Browser(folder) as running:
        yield running.page()


@pytest.fixture
def page(tab: Page) -> Page:
    """The page as it is for everyone, with nothing to complain of yet; movements are at once."""
    tab.complaints.clear()
    tab.emulate(prefers_reduced_motion="reduce")
    tab.resize(1280)
    return tab
