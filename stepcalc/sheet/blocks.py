"""What a sheet is made of: a flat list of blocks, the same behind every output format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from typing import Literal, TypeAlias

from stepcalc.board.nodes import Equation, Node, Num
from stepcalc.sheet.words import Words, words

Inline: TypeAlias = str | Node
"""Running text and the mathematics inside it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A section (level 1: Forward, Backward, Update, Checks) or a numbered step (level 2).

    ``key`` is the name of its words, the same in every language. ``aside`` stands at the end of its line: the marks
    that a question is worth.
    """

    text: tuple[Inline, ...]
    level: int = 2
    number: int | None = None
    key: str = ""
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph: ``plain``, an ``insight`` (a sentence to learn from), a ``check``, ``warning`` or ``question``.

    ``reveals``: that it stands here gives away a result, whatever numbers it says; a sheet to be filled in then says
    what is ``asked``, if anything, in its place.
    """

    text: tuple[Inline, ...]
    kind: str = "plain"
    reveals: bool = False
    asked: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """Display mathematics: equations under one another, aligned at their first relation."""

    lines: tuple[Equation, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """Empty room to write in, so many lines of handwriting high."""

    lines: int = 4


@dataclass(frozen=True, slots=True)
class Work:
    """Room to find something out: what is ``asked`` begins the first of the lines, a box for the result ends the last.

    Without a ``result``, what is asked is written on the lines, as a formula is, and there is no box.
    """

    asked: tuple[Inline, ...]
    lines: int = 2
    result: bool = True


Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points, in the units of its plot.

    ``curve``: what the plot is about; ``run``: values one after the other, joined; ``tangent``; ``guide``: a line to
    read by; ``step``: an arrow to its last point; ``level``: where a height is the same. ``label`` stands beside it.
    """

    points: tuple[Point, ...]
    kind: Literal["curve", "run", "tangent", "guide", "step", "level"] = "curve"
    label: Node | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked point: ``plain``, ``chosen`` for the one that is spoken of, ``hollow`` for one not reached yet.

    A ``stroke`` is one of many: it stands on the lower axis, where the point is.
    """

    at: Point
    label: Node | None = None
    kind: Literal["plain", "chosen", "hollow", "stroke"] = "plain"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a plot from ``low`` to ``high``; each of its ``ticks`` stands where its number says."""

    label: Node
    low: float
    high: float
    ticks: tuple[Num, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves and marked points over two axes; ``alternative`` says what they show to those who cannot see them.

    ``reveals``: the figure as a whole gives away calculated numbers. ``title`` stands above the curves; one that is
    ``tall`` shows a plane. A plot in a cell of a table is small, and shows neither the numbers at its axes nor labels.
    """

    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...] = ()
    caption: tuple[Inline, ...] = ()
    alternative: tuple[Inline, ...] = ()
    reveals: bool = False
    shape: Literal["wide", "tall", "panel"] = "wide"
    title: Node | None = None


@dataclass(frozen=True, slots=True)
class Panels:
    """Plots of the shape ``panel`` in rows, to be compared: one figure with one caption."""

    rows: tuple[tuple[Plot, ...], ...]
    caption: tuple[Inline, ...] = ()
    alternative: tuple[Inline, ...] = ()
    reveals: bool = False


Cell: TypeAlias = tuple[Inline, ...] | Formula | Plot
"""What stands in one cell of a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header row and rows of cells; a cell is a run of inlines, display mathematics, or a small plot."""

    header: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """An unordered list: the conventions in force."""

    items: tuple[tuple[Inline, ...], ...]


SHORT = 12
"""Characters."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Things with a box before each, to be ticked or to write a number in; a ``sign`` stands between: (a), (b).

    ``filled`` is what is in the boxes of a key; they are empty where it is left out.
    """

    items: tuple[Cell, ...]
    signs: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()

    @property
    def short(self) -> bool:
        """Whether several have room in a row: they are no more than a word or two each."""
        return all(isinstance(item, tuple) and _letters(item) <= SHORT for item in self.items)


def _letters(run: tuple[Inline, ...]) -> float:
    """How many letters running text has; a formula among them has no end."""
    return sum(len(piece) if isinstance(piece, str) else inf for piece in run)


@dataclass(frozen=True, slots=True)
class Slot:
    """A label and a row of small ``cells``, a letter to each; what is printed in a cell is what may be ticked there."""

    label: tuple[Inline, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """An answer sheet: slots below one another, in columns if they are many."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class DiagramNode:
    """One circle of the network diagram: its symbol, its value under it if it has one, and its name.

    ``row`` is the line that it stands in, the first one on top; without one, it is centred in its column.
    """

    item: str
    symbol: Node
    value: Node | None = None
    label: str = ""
    on_path: bool = False
    row: int | None = None


@dataclass(frozen=True, slots=True)
class DiagramEdge:
    """An edge from node ``source`` to node ``target`` (item ids) carrying the weight ``item``.

    Its ``symbol`` says which weight that is; where there is no room for symbol and value, it alone is written.
    ``heat``, from 0 to 1, is how often something went wrong there: the edge is drawn the thicker and darker.
    """

    source: str
    target: str
    item: str = ""
    value: Node | None = None
    on_path: bool = False
    symbol: Node | None = None
    heat: float | None = None


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


Spot: TypeAlias = tuple[int, int]
"""The row and column of a cell among those that are shown, counted from 0."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A map with its numbers in cells, or a stage of a network as a single cell; an empty cell is None.

    ``framed``: the first and the last cell of the window that is looked at. ``marked``: the cells that were chosen by
    their numbers, and give them away. ``sign`` stands between this grid and the next.
    """

    title: Inline
    rows: tuple[tuple[Node | None, ...], ...]
    framed: tuple[Spot, Spot] | None = None
    marked: frozenset[Spot] = frozenset()
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Grids:
    """Grids beside one another, as many to a row as there is room for."""

    grids: tuple[Grid, ...]
    caption: tuple[Inline, ...] = ()


Block: TypeAlias = (
    Heading | Prose | Formula | Room | Work | Table | Bullets | Boxes | Slots | Diagram | Plot | Panels | Grids
)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands on a worked solution only: it gives away how far a calculation got."""

    block: Block


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on a sheet to be filled in only: the calculation ended before, and that is for students to find."""

    block: Block


Part: TypeAlias = Block | Found | Asked
"""What a story is told in, before it is known how much is left out."""


def only_asked(blocks: Iterable[Block], ended: bool) -> Iterator[Part]:
    """``blocks``, only asked where the calculation has ``ended`` before."""
    return map(Asked, blocks) if ended else iter(blocks)


def as_far_as_made(told: Callable[[int], Iterable[Block]], made: int, asked: int) -> Iterator[Part]:
    """What is ``told`` of a run of so many updates: of all that are ``asked`` for.

    Where fewer were ``made``, the worked solution has those up to the one that the run stopped in, if any was made.
    """
    if made == asked:
        return iter(told(asked))
    return chain(map(Found, told(made + 1) if made else ()), map(Asked, told(asked)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole worked solution: its title, its blocks in reading order, and the words that it is written with."""

    title: str
    blocks: tuple[Block, ...]
    words: Words = field(default_factory=words)

    @property
    def language(self) -> str:
        """The language that the words are in: ``en``, ``de-CH``."""
        return self.words.language


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be read by a camera: its ``rows`` of modules, of which the dark ones are True, and what it ``says``."""

    rows: tuple[tuple[bool, ...], ...]
    says: str


@dataclass(frozen=True, slots=True)
class Front:
    """What stands above an exam: whose it is and when, what is to be filled in, and ``blocks`` of instructions.

    ``fields`` are filled in by hand. A ``cover`` has a page to itself.
    """

    course: str
    facts: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    code: Code | None = None
    cover: bool = False


@dataclass(frozen=True, slots=True)
class ExamSheet(Sheet):
    """A sheet of an exam; ``running`` stands on every page: the code of the variant."""

    running: str = ""
    front: Front | None = None
