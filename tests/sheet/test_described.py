"""The network in words: every number on the picture is said, and none that the picture leaves out."""

from __future__ import annotations

from dataclasses import replace

from stepcalc.board.nodes import Blank, Dots, Glyph, Num, Sym
from stepcalc.sheet.blocks import Diagram, DiagramEdge, DiagramNode
from stepcalc.sheet.described import described
from stepcalc.sheet.words import words

PHRASES = words().phrases
X = (
    DiagramNode("x[1]", Sym(Glyph("x", "1")), Num("3"), "Sugar", on_path=True),
    DiagramNode("x[2]", Sym(Glyph("x", "2")), Num("-5")),
)
OUTPUT = DiagramNode("y_hat", Sym(Glyph("y", hat=True)), Num("0.9076"), on_path=True)
EDGES = (
    DiagramEdge("x[1]", "y_hat", "W1[1,1]", Num("0.6"), on_path=True),
    DiagramEdge("x[2]", "y_hat", "W1[1,2]", Num("-0.1")),
)
NETWORK = Diagram((X, (OUTPUT,)), EDGES, ("input", "output"), (), "A network.")


def test_a_small_network() -> None:
    assert described(NETWORK, PHRASES) == (
        "A network. input: x one, Sugar, is 3; x two is minus 5. "
        "output: y hat is 0.9076 with the weights 0.6 from x one, minus 0.1 from x two. "
        "The heavy path leads through x one, y hat."
    )


def test_what_is_blank_stays_blank() -> None:
    blank = replace(NETWORK, columns=(X, (replace(OUTPUT, value=Blank()),)))
    assert "y hat is blank" in described(blank, PHRASES)
    assert "0.9076" not in described(blank, PHRASES)
    without = replace(NETWORK, columns=(X, (replace(OUTPUT, value=None),)), edges=())
    assert "output: y hat. " in described(without, PHRASES)


def test_a_large_network_is_not_read_out() -> None:
    column = (X[0], DiagramNode("", Dots("v")), replace(X[1], value=None))
    silent = tuple(replace(edge, value=None) for edge in EDGES)
    said = described(Diagram((column, (OUTPUT,)), silent), PHRASES)
    assert "x one, Sugar, is 3; dot dot dot; x two. y hat is 0.9076." in said
    assert "weights" not in said
