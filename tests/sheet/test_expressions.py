"""The sheet of an expression problem: which derivatives it finds, and in which order."""

from __future__ import annotations

from stepcalc.board.text import text
from stepcalc.sheet.blocks import Formula
from stepcalc.sheet.story import compose
from tests.printed import solved


def derived(asked: list[str]) -> list[str]:
    """The left sides of what is differentiated by rules, where ``asked`` are the names to differentiate by."""
    given = {"x": 1, "w": 2, "b": 3}
    define = {"z": "w*x + b", "p": "sigmoid(z)", "L": "-ln(p)"}
    blocks = compose(solved(given=given, define=define, differentiate={"wrt": asked})).blocks
    formulas = [block for block in blocks if isinstance(block, Formula) and any(line.reason for line in block.lines)]
    return [text(block.lines[0].parts[0], inline=True) for block in formulas]


def test_the_derivatives_asked_for_come_in_the_order_asked() -> None:
    assert derived(["w", "b"]) == ["∂L/∂p", "∂p/∂z", "∂z/∂w", "∂z/∂b"]
    assert derived(["b", "p", "w"]) == ["∂L/∂p", "∂p/∂z", "∂z/∂b", "∂z/∂w"]
