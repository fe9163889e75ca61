"""What a question is: what is shown, what is to be answered, what is right, what mistakes give, and what it is worth.

The same behind every form of an exam: on paper a gap is room to write, on a platform a field; a choice is a list of
boxes or a menu.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stepcalc.board.nodes import Node
from stepcalc.sheet.blocks import Block, Formula, Inline

Sentence: TypeAlias = tuple[Inline, ...]
Phase: TypeAlias = Literal["forward", "loss", "backward", "update"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a mistake gives in place of a right number: its ``name``, the number, and a sentence that teaches.

    ``also`` are the names of further mistakes that give the same number; the sentence tells of them, too.
    """

    name: str
    value: float
    why: Sentence
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A number to be found: that of ``item``, written ``symbol``.

    An answer is right where it is no further from ``value``, in full precision, than ``tolerance``. ``printed`` is the
    value to the precision asked. ``step`` says how it is found, for the key. ``what`` is the item in words, ``phase``
    where it belongs in the calculation; gaps come in its order.

    What a student is shown is ``symbol`` and ``what``, never ``item``: where a wrong line is to be found, its id would
    tell which one that is.
    """

    item: str
    symbol: Node
    value: float
    printed: str
    tolerance: float
    worth: float
    wrongs: tuple[Wrong, ...] = ()
    step: Formula | None = None
    what: str = ""
    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Something to be chosen: what it says, whether it is right, and why somebody might choose it."""

    shown: Sentence
    right: bool = False
    why: Sentence = ()
    name: str = ""
    """Of the misconception that gives it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several ``options``, one of which is right.

    With ``written``, it is written down where there is room for it, as on paper: a formula, a missing factor.
    ``asked`` is what stands before it: a symbol, or which gap of several it is.
    """

    options: tuple[Option, ...]
    worth: float
    asked: Sentence = ()
    written: bool = False

    @property
    def right(self) -> Option:
        """The right one."""
        return next(option for option in self.options if option.right)


@dataclass(frozen=True, slots=True)
class Order:
    """Lines to be put in order: as they are ``shown``, and their ``order``.

    ``order`` lists the places in ``shown``, counted from 0, as they belong: ``shown[order[0]]`` is the first line.
    """

    shown: tuple[Formula, ...]
    order: tuple[int, ...]
    worth: float


Answer: TypeAlias = Gap | Choice | Order


@dataclass(frozen=True, slots=True)
class Criterion:
    """A line of the rubric: what marks are given for, how many, and whether for the ``method`` or the ``answer``."""

    what: Sentence
    marks: float
    kind: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a variant.

    ``prompt`` is what is shown before the answers; ``solution`` what the key has; ``lines`` how much room there is to
    write on paper, in lines of handwriting. ``shows`` are the items whose right numbers stand in it, ``asks`` those
    whose numbers are to be found, by their canonical ids: what one question shows no other one of the paper may ask.
    """

    number: int
    kind: str
    title: Sentence
    prompt: tuple[Block, ...]
    answers: tuple[Answer, ...]
    solution: tuple[Block, ...]
    rubric: tuple[Criterion, ...]
    lines: int = 0
    shows: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def worth(self) -> float:
        """The marks that it is worth."""
        return sum(answer.worth for answer in self.answers)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The numbers to be found."""
        return tuple(answer for answer in self.answers if isinstance(answer, Gap))
