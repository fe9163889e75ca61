"""What a class has answered: the text that each student typed for each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat

from stepcalc.board.plain import clean

MAX_ANSWER = 2000
"""The most characters of one answer that are kept; nothing longer can be read as a number or a formula."""
MAX_NAME = 200
MAX_NOTICES = 200
CUT = "…"


@dataclass(frozen=True)
class Answers:
    """A class's answers, as typed.

    ``items`` are spelled as in the file. ``raw`` holds for each item every student's text, "" for none, in the order
    of ``students``. ``variants`` is each student's variant, "" where it is unknown; empty where nobody names one.
    ``others`` are the identity and other columns, which pass through to the reports. ``notices`` tell of bad rows and
    cells, in words with their place.
    """

    items: tuple[str, ...]
    students: tuple[str, ...]
    raw: Mapping[str, tuple[str, ...]]
    variants: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def of(self, rows: Sequence[int]) -> Answers:
        """Those of some students, by their places."""

        def chosen(column: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(column[row] for row in rows)

        return replace(
            self,
            students=chosen(self.students),
            raw={item: chosen(column) for item, column in self.raw.items()},
            variants=chosen(self.variants) if self.variants else (),
            others={name: chosen(column) for name, column in self.others.items()},
        )


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in: ``answers`` by item as the problem spells it; ``place`` is where it was found."""

    student: str
    place: str
    answers: dict[str, str]
    variant: str = ""
    others: dict[str, str] = field(default_factory=dict)


class Notices:
    """What is wrong with a file but keeps nobody else's answers from being read; of very many the first ones."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._count = 0

    def tell(self, *notices: str) -> None:
        """Add these."""
        self._count += len(notices)
        self._told += notices[: max(0, MAX_NOTICES - len(self._told))]

    def told(self) -> tuple[str, ...]:
        """All of them, the last one saying how many there are more."""
        left = self._count - len(self._told)
        return (*self._told, f"and {left:,} more notices") if left else tuple(self._told)


@dataclass(frozen=True)
class Batch:
    """What a file or folder holds: ``spelled`` says how it spells each item, in the order of its columns."""

    submissions: list[Submission] = field(default_factory=list)
    spelled: dict[str, str] = field(default_factory=dict)
    notices: Notices = field(default_factory=Notices)


def gathered(batch: Batch) -> Answers:
    """The answers of everybody; of a student who handed in twice the later ones, with a notice."""
    latest: dict[str, Submission] = {}
    for submission in batch.submissions:
        earlier = latest.get(submission.student)
        if earlier is not None:
            places = f"{earlier.place} and {submission.place}"
            batch.notices.tell(
                f'{places} are both of "{submission.student}"; the later one, {submission.place}, counts'
            )
        latest[submission.student] = submission
    counted = tuple(latest.values())
    answers, passing = [s.answers for s in counted], [s.others for s in counted]
    others = dict.fromkeys(name for row in passing for name in row)
    variants = tuple(submission.variant for submission in counted)
    return Answers(
        tuple(batch.spelled.values()),
        tuple(latest),
        {typed: _bounded(_column(answers, item)) for item, typed in batch.spelled.items()},
        variants if any(variants) else (),
        {name: tuple(map(name_of, _column(passing, name))) for name in others},
        batch.notices.told(),
    )


def _column(rows: Sequence[dict[str, str]], key: str) -> list[str]:
    return list(map(dict.get, rows, repeat(key), repeat("")))


def _bounded(column: Sequence[str]) -> tuple[str, ...]:
    """Answers without the white space around them; one that is too long is cut, so that it cannot be read."""
    stripped = tuple(map(str.strip, column))
    if max(map(len, stripped), default=0) <= MAX_ANSWER:
        return stripped
    return tuple(text if len(text) <= MAX_ANSWER else text[:MAX_ANSWER] + CUT for text in stripped)


def name_of(text: str) -> str:
    """A name on one line, without what cannot be printed, of bounded length."""
    plain = text if text.isascii() and text.isprintable() else clean(text[: 2 * MAX_NAME])
    plain = plain.strip()
    return plain if len(plain) <= MAX_NAME else plain[:MAX_NAME] + CUT
