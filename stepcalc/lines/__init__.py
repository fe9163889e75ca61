"""Printed lines that are true: ``true_line`` makes them, ``is_true`` checks them."""

from stepcalc.board.truth import is_true
from stepcalc.lines.maker import LineError, Segment, Show, Template, TrueLine, true_line
from stepcalc.lines.worked import INNER, PRODUCTS, SUMMANDS, Worked, Write, inner, products, summands

__all__ = [
    "INNER", "PRODUCTS", "SUMMANDS", "LineError", "Segment", "Show", "Template", "TrueLine", "Worked", "Write",
    "inner", "is_true", "products", "summands", "true_line",
]  # fmt: skip
