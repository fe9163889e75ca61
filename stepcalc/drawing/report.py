"""The quality of an exam as data and as text: what was refused and why, how hard the variants are, their answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from stepcalc.drawing.calculation import answers
from stepcalc.drawing.difficulty import difficulty
from stepcalc.drawing.mistaken import Told, told
from stepcalc.drawing.rows import Rows
from stepcalc.drawing.rule import ROUND
from stepcalc.drawing.rules.answers import twins
from stepcalc.drawing.search import Found, Search
from stepcalc.recipes import RULES
from stepcalc.rounding import Rounding
from stepcalc.sentences import said

FORMAT = "stepcalc-quality/1"
BINS = 12
BARS = "▁▂▃▄▅▆▇█"
SHOWN = Rounding(significant=4)


@dataclass(frozen=True)
class Refused:
    """How many candidates a rule refused, and what it says."""

    rule: str
    candidates: int
    why: str


@dataclass(frozen=True)
class Coinciding:
    """The misconceptions that cannot be told apart at an item, in any draw.

    ``same`` are groups that give the same answer, ``right`` those that give the right one, ``hidden`` those that give
    now the right one and now that of another.
    """

    item: str
    same: tuple[tuple[str, ...], ...]
    right: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the greatest of some numbers."""

    least: float
    middle: float
    greatest: float


@dataclass(frozen=True)
class Histogram:
    """The answers to an item in all variants: from the least to the greatest, in bins of the same width."""

    item: str
    least: float
    greatest: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """The quality of the variants of an exam, and of the candidates that they were chosen from."""

    variants: int
    candidates: int
    refused: tuple[Refused, ...]
    equal: tuple[tuple[str, str], ...]
    """Items asked that have the same number in every draw, pair by pair: a ReLU that is never dead gives a1 = z1."""
    coinciding: tuple[Coinciding, ...]
    difficulty: Spread
    answers: tuple[Histogram, ...]


def report(search: Search, found: Sequence[Found]) -> Report:
    """The report on the variants ``found`` by a search."""
    tally, rows = search.tally, list(_rows(search, found))
    refused = (Refused(rule, tally.refused[rule], said(f"refused.{rule}")) for rule in RULES if tally.refused[rule])
    scores = np.concatenate([difficulty(some) for some in rows])
    return Report(
        len(found),
        tally.looked_at,
        tuple(refused),
        _equal(rows),
        tuple(_coinciding(rows)),
        Spread(*(float(end) for end in (scores.min(), np.median(scores), scores.max()))),
        tuple(_histograms(rows)),
    )


def _rows(search: Search, found: Sequence[Found]) -> Iterator[Rows]:
    """The variants with their numbers, structure by structure."""
    for structure in dict.fromkeys(one.structure for one in found):
        mine = [one for one in found if one.structure is structure]
        model, levels = search.model(structure), np.array([one.levels for one in mine], dtype=np.int64).T
        levels = levels.reshape(len(structure.columns), len(mine))
        yield Rows(model, np.array([one.number for one in mine]), levels, model.calculate(levels, np))


def _equal(rows: Iterable[Rows]) -> tuple[tuple[str, str], ...]:
    """The items that are the same number in all structures, whatever the targets."""
    known = [twins(some.model, calculation.pattern) for some in rows for _, calculation in some.calculations]
    return tuple(
        (first, item)
        for item, first in known[0].items()
        if first != item and all(one.get(item) == first for one in known)
    )


def _coinciding(rows: Iterable[Rows]) -> Iterator[Coinciding]:
    """What cannot be told apart, item by item, in any of the structures and patterns of targets."""
    items: dict[str, list[Told]] = {}
    for some in rows:
        for _, calculation in some.calculations:
            for known in told(some.model, calculation.pattern):
                items.setdefault(known.item, []).append(known)
    for item, found in items.items():
        same = tuple(dict.fromkeys(group for known in found for group in known.coinciding))
        right, hidden = (
            tuple(dict.fromkeys(name for known in found for name in getattr(known, of))) for of in ("nothing", "hidden")
        )
        if same or right or hidden:
            yield Coinciding(item, same, right, hidden)


def _histograms(rows: Iterable[Rows]) -> Iterator[Histogram]:
    columns: dict[str, list[np.ndarray]] = {}
    for some in rows:
        for item, numbers in answers(some).items():
            columns.setdefault(item, []).append(numbers)
    for item, parts in columns.items():
        numbers = np.concatenate(parts)
        least, greatest = float(numbers.min()), float(numbers.max())
        yield Histogram(item, least, greatest, _counts(numbers, least, greatest))


def _counts(numbers: np.ndarray, least: float, greatest: float) -> tuple[int, ...]:
    """How many numbers are in each bin; those that differ in what doubles leave of decimals are in one."""
    size = max(abs(least), abs(greatest))
    around = 0.5 * max(size, 1.0) if greatest - least <= ROUND * size else 0.0
    counts, _ = np.histogram(numbers, BINS, (least - around, greatest + around))
    return tuple(counts.tolist())


def report_json(found: Report) -> str:
    """The report as JSON."""
    return json.dumps({"format": FORMAT, **asdict(found)}, ensure_ascii=False, indent=1) + "\n"


def report_text(found: Report) -> str:
    """The report for people."""
    return "\n".join([*_refusals(found), "", *_alike(found), *_difficulty(found), "", *_answers(found)]) + "\n"


def _refusals(found: Report) -> Iterator[str]:
    yield said("quality.looked_at", candidates=f"{found.candidates:,}", variants=f"{found.variants:,}")
    width = max((len(f"{one.candidates:,}") for one in found.refused), default=0)
    names = max((len(one.rule) for one in found.refused), default=0)
    for one in found.refused:
        yield f"  {one.candidates:>{width},}  {one.rule:<{names}}  {one.why}"


def _alike(found: Report) -> Iterator[str]:
    for first, item in found.equal:
        yield said("quality.equal", first=first, item=item)
    for one in found.coinciding:
        for group in one.same:
            yield said("quality.same", item=one.item, names=", ".join(group))
        for of, names in (("right", one.right), ("hidden", one.hidden)):
            if names:
                yield said(f"quality.{of}", item=one.item, names=", ".join(names))
    if found.equal or found.coinciding:
        yield ""


def _difficulty(found: Report) -> Iterator[str]:
    spread = found.difficulty
    ends = (f"{end:g}" for end in (spread.least, spread.middle, spread.greatest))
    yield said("quality.difficulty", **dict(zip(("least", "middle", "greatest"), ends, strict=True)))


def _answers(found: Report) -> Iterator[str]:
    yield said("quality.answers")
    shown = [(one.item, SHOWN.printed(one.least), SHOWN.printed(one.greatest)) for one in found.answers]
    widths = [max(map(len, texts)) for texts in zip(*shown, strict=True)]
    for one, (item, least, greatest) in zip(found.answers, shown, strict=True):
        yield f"  {item:<{widths[0]}}  {least:>{widths[1]}}  {_bars(one.counts)}  {greatest:>{widths[2]}}"


def _bars(counts: Sequence[int]) -> str:
    """A bar for each count, the tallest for the largest; a space for none."""
    most = max(counts)
    return "".join(BARS[-(-count * len(BARS) // most) - 1] if count else " " for count in counts)
