"""A mini-batch in tables: the first samples, how many more there are, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stepcalc import facts
from stepcalc.board.nodes import Dots
from stepcalc.filling import MAX_TERMS
from stepcalc.sheet.blocks import Cell, Inline, Table
from stepcalc.sheet.context import Context
from stepcalc.sheet.shortened import STATED_SAMPLES

SHOWN_SAMPLES = 8
"""A larger mini-batch shows this many rows, the last of them for all samples together."""
STATED_COLUMNS = 3 * MAX_TERMS
"""Of samples with more inputs and targets than this, the problem's numbers are not printed."""


def stated_samples(sheet: Context, items: list[str]) -> Iterator[Table]:
    """The numbers of ``items`` that the problem gives, in as many tables as they need side by side."""
    if len(items) <= STATED_COLUMNS:
        for first in range(0, len(items), MAX_TERMS):
            yield from sample_table(sheet, items[first : first + MAX_TERMS])


def sample_table(sheet: Context, items: list[str]) -> Iterator[Table]:
    """The numbers of ``items``, named for the sample written out, for all samples of a mini-batch, one a row.

    Where samples are left out, values end in their mean, and gradients, which have 1/N in them, in their sum.
    """
    samples = sheet.graph.samples
    if not samples or sheet.notation.batch_rows or len(items) > MAX_TERMS or sheet.scribe.number(items[0]) is None:
        return
    parsed = sheet.graph.read(items[0])
    computed = sheet.graph.locate(str(parsed.plain))[0].op is not None
    if computed and samples == 1:  # it stands there already
        return
    header = ((sheet.words.plain("table.sample"),), *((sheet.symbol(item),) for item in items))
    shown = _shown(samples, SHOWN_SAMPLES if computed else STATED_SAMPLES.whole)
    rows: list[tuple[Cell, ...]] = [
        ((str(n),), *((_cell(sheet, sheet.scribe.number(item), item),) for item in _in_sample(items, n)))
        for n in range(1, shown + 1)
    ]
    together = [_together(sheet, item) for item in items] if computed else []
    yield Table(
        header, (*rows, *_closing(sheet, samples - shown, len(items), "sum" if parsed.of else "mean", together))
    )


def loss_table(sheet: Context) -> Iterator[Table]:
    """The losses of a mini-batch too large for them all to stand in the cost's own line."""
    losses = facts.sample_losses(sheet.trace)
    if losses is None or len(losses) <= SHOWN_SAMPLES:
        return
    header = ((sheet.words.plain("table.sample"),), (sheet.words.plain("table.loss"),))
    shown = _shown(len(losses), SHOWN_SAMPLES)
    rows = [((str(n),), (sheet.number(float(loss)),)) for n, loss in enumerate(losses[:shown], start=1)]
    yield Table(header, (*rows, *_closing(sheet, len(losses) - shown, 1, "mean", [float(np.mean(losses))])))


def _shown(samples: int, whole: int) -> int:
    """Up to ``whole`` samples are all shown; of more, the first few."""
    return samples if samples <= whole else SHOWN_SAMPLES - 1


def _in_sample(items: list[str], n: int) -> list[str]:
    return [f"{item.rpartition('@')[0]}@{n}" for item in items]


def _closing(
    sheet: Context, left: int, columns: int, kind: str, together: list[float | None]
) -> Iterator[tuple[Cell, ...]]:
    """The rows for the samples that are ``left`` out, if any are."""
    if not left:
        return
    dots: Cell = (Dots("v"),)
    yield ((sheet.words.plain("table.more_samples", count=left),), *(dots for _ in range(columns)))
    if together:
        label = sheet.words.plain(f"table.{kind}_of_samples", count=sheet.graph.samples or 0)
        yield ((label,), *((_cell(sheet, value),) for value in together))


def _together(sheet: Context, item: str) -> float | None:
    """The mean of an item over all samples, or the sum of a gradient; None where a double cannot hold it."""
    parsed = sheet.graph.read(item)
    quantity, index, _ = sheet.graph.locate(str(parsed.plain))
    arrays = sheet.trace.gradients if parsed.of else sheet.trace.values
    where: tuple[int | slice, ...] = (slice(None), *(i - 1 for i in index))
    numbers = arrays[quantity.name][where]
    value = float(np.sum(numbers) if parsed.of else np.mean(numbers))
    return value if np.isfinite(value) else None


def _cell(sheet: Context, value: float | None, item: str | None = None) -> Inline:
    return sheet.scribe.too_large if value is None else sheet.number(value, item)
