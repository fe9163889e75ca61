"""What a sheet prints, taken apart for tests: its lines of mathematics, its numbers, its sentences."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import stepcalc
from stepcalc.board.latex import latex
from stepcalc.board.nodes import Equation, Num, Rel
from stepcalc.board.text import text
from stepcalc.problem import Problem
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Formula, Heading, Inline, Plot, Prose, Sheet, Table
from stepcalc.trace import Trace

FILES = sorted((Path(__file__).resolve().parent.parent / "worked_examples").glob("*.toml"))
TABLES = [path for path in FILES if "table" in tomllib.loads(path.read_text(encoding="utf-8"))]
"""Reference tables: nothing is calculated in them."""
EXAMPLES = [path for path in FILES if path not in TABLES]
VIEWS = ("scalar", "matrix", "both")


@cache
def example(name: str) -> Trace:
    """The solved worked example."""
    return stepcalc.solve(stepcalc.load(EXAMPLES[0].parent / f"{name}.toml"))


def solved(**fields: Any) -> Trace:
    """The trace of a problem given by its fields."""
    return stepcalc.solve(Problem(**fields))


def runs(block: Block) -> Iterator[tuple[Inline, ...]]:
    """Every run of text and mathematics in a block."""
    match block:
        case Heading(run) | Prose(run):
            yield run
        case Bullets(items):
            yield from items
        case Table(header, rows, caption):
            yield from header
            for row in rows:
                yield from row
            yield caption
        case Diagram(caption=caption):
            yield caption
        case Plot(caption=caption, alternative=alternative):
            yield from (caption, alternative)


def formulas(sheet: Sheet) -> Iterator[Formula]:
    """The display formulas, and every relation in running text as a formula of its own."""
    for block in sheet.blocks:
        if isinstance(block, Formula):
            yield block
        for run in runs(block):
            for part in run:
                if isinstance(part, Equation):
                    yield Formula((part,))
                elif isinstance(part, Rel):
                    yield Formula((Equation((part.left, part.right), (part.relation,)),))


def lines(sheet: Sheet) -> list[str]:
    """Every line of mathematics as LaTeX."""
    return [latex(line) for block in formulas(sheet) for line in block.lines]


def numbers(part: Any) -> Iterator[Num]:
    """Every printed number in whatever is made of nodes and blocks."""
    if isinstance(part, Num):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from numbers(inner)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from numbers(getattr(part, field.name))


def said(run: tuple[Inline, ...]) -> str:
    """A run of text as plain text."""
    return "".join(part if isinstance(part, str) else text(part, inline=True) for part in run)


def sentences(sheet: Sheet) -> list[str]:
    """Every sentence, heading, bullet and cell."""
    return [said(run) for block in sheet.blocks for run in runs(block)]


def written(sheet: Sheet) -> list[str]:
    """Every display line as plain text on one line."""
    return [text(line, inline=True) for block in sheet.blocks if isinstance(block, Formula) for line in block.lines]
