"""What a sheet is made of: a flat list of blocks, the same behind every output format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from stepcalc.board.nodes import Equation, Node

Inline: TypeAlias = str | Node
"""Running text and the mathematics inside it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A section (level 1: Forward, Backward, Update, Checks) or a numbered step (level 2)."""

    text: tuple[Inline, ...]
    level: int = 2
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph: ``plain``, an ``insight`` (a sentence to learn from), a ``check``, ``warning`` or ``question``.

    ``reveals``: that it stands here gives away a result, whatever numbers it says.
    """

    text: tuple[Inline, ...]
    kind: str = "plain"
    reveals: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """Display mathematics: equations under one another, aligned at their first relation."""

    lines: tuple[Equation, ...]
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A header row and rows of cells; a cell is a run of inlines."""

    header: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    caption: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """An unordered list: the conventions in force."""

    items: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class DiagramNode:
    """One circle of the network diagram: its symbol, its value under it if it has one, and its name."""

    item: str
    symbol: Node
    value: Node | None = None
    label: str = ""
    on_path: bool = False


@dataclass(frozen=True, slots=True)
class DiagramEdge:
    """An edge from node ``source`` to node ``target`` (item ids) carrying the weight ``item``."""

    source: str
    target: str
    item: str = ""
    value: Node | None = None
    on_path: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """The network, drawn left to right.

    ``columns`` holds the layers' nodes from input to loss; where a layer is too large, a node with
    ``item`` "" and symbol ``Dots("v")`` stands for those left out. ``titles`` names the columns.
    """

    columns: tuple[tuple[DiagramNode, ...], ...]
    edges: tuple[DiagramEdge, ...]
    titles: tuple[str, ...] = ()
    caption: tuple[Inline, ...] = ()
    alternative: str = ""


Block: TypeAlias = Heading | Prose | Formula | Table | Bullets | Diagram


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole worked solution: its title, its language and its blocks in reading order."""

    title: str
    blocks: tuple[Block, ...]
    language: str = "en"
    notes: tuple[str, ...] = field(default=())
