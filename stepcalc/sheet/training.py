"""A training on the sheet: its first updates in a table, its cost, the way of its parameters, other learning rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from stepcalc.board.nodes import Blank, Dots, Glyph, Num, Sym, Words
from stepcalc.filling import MAX_TERMS
from stepcalc.items import derivative_id
from stepcalc.notation import LEARNING_RATE
from stepcalc.outcomes import Outcome, best_of, last_updates, outcomes
from stepcalc.problem import NetworkProblem
from stepcalc.rounding import Rounding
from stepcalc.sheet.blocks import Block, Cell, Inline, Part, Prose, Table, as_far_as_made
from stepcalc.sheet.context import Context
from stepcalc.sheet.descents import cost_curve, rate_of, rates_figure, way_down
from stepcalc.sheet.shortened import STATED_SAMPLES, UPDATES
from stepcalc.sheet.update import stopped
from stepcalc.sheet.words import joined
from stepcalc.training import Trained

MOST_COLUMNS = 8
"""A table of updates with more columns than this does without what the optimizer remembers."""
MOST_LISTED = 8
"""Of larger mini-batches, so many samples are listed."""
_SHARES = Rounding(2, None, "half_up", False)


def training(sheet: Context) -> Iterator[Part]:
    """From the first update to the last."""
    trained = sheet.trace.trained
    if trained is None:
        return
    yield sheet.heading("training", level=1)
    yield from as_far_as_made(partial(_first_updates, sheet, trained), trained.run.made, trained.updates)
    yield from _stopped(sheet, trained)
    yield sheet.heading("history", cost=sheet.symbol(sheet.graph.cost))
    yield from _came_to(sheet, trained)
    yield from cost_curve(sheet, trained)
    yield from way_down(sheet, trained)
    yield from _compared(sheet, trained)


def mini_batch_sentences(sheet: Context) -> Iterator[tuple[Inline, ...]]:
    """Which samples make an update: what a reader must know to do it again."""
    trained = sheet.trace.trained
    if trained is None or not trained.mini_batches:
        return
    say, asked, size = sheet.words.say, trained.asked, trained.asked.size(trained.samples)
    seed = Sym(Glyph(f"default_rng({asked.seed}).permutation({trained.samples})", upright=True))
    yield say("training.order", size=size, samples=trained.samples, drawn=seed)
    rest = trained.samples % size
    if rest:
        yield say("training.rest", rest=rest, size=size)
    yield say("training.numbered", cost=sheet.symbol(sheet.graph.cost), samples=_listed(sheet, trained.batches[1]))


def on_this_sheet(sheet: Context) -> Iterator[tuple[Inline, ...]]:
    """Which of the updates is worked out, and which cost its tables and figures have."""
    trained = sheet.trace.trained
    if trained is not None and trained.mini_batches:
        yield sheet.words.say("training.whole_cost", cost=sheet.symbol(sheet.graph.cost), count=trained.samples)


def whole_data(sheet: Context, items: list[str]) -> Iterator[Table]:
    """All samples, each with its number in the first mini-batch; ``items`` are those of the one written out."""
    trained, problem = sheet.trace.trained, sheet.trace.problem
    assert trained is not None
    assert isinstance(problem, NetworkProblem)
    if len(items) > MAX_TERMS:
        return
    arrays = [problem.data.x, problem.targets]
    rows = [tuple(float(number) for array in arrays if array is not None for number in array[sample].ravel())
            for sample in range(trained.samples)]  # fmt: skip
    place = {sample: f"[{number}]" for number, sample in enumerate(trained.batches[1], start=1)}
    header = (
        (sheet.words.plain("table.sample"),),
        *((sheet.symbol(item),) for item in items),
        (sheet.words.plain("table.in_first"),),
    )
    shown: list[tuple[Cell, ...]] = [
        ((Dots("v"),),) * (len(items) + 2) if at is None
        else ((str(at),), *((sheet.given(number),) for number in rows[at - 1]), (place.get(at, "–"),))
        for at in STATED_SAMPLES.places(trained.samples)
    ]  # fmt: skip
    yield Table(header, tuple(shown))


def _first_updates(sheet: Context, trained: Trained, updates: int) -> Iterator[Block]:
    """How many updates are asked for, and the table of so many ``updates``."""
    yield sheet.heading("first_updates")
    yield Prose(tuple(_how(sheet, trained)))
    yield _updates(sheet, trained, updates)


def _how(sheet: Context, trained: Trained) -> Iterator[Inline]:
    """How many updates are asked for, and how the table is to be read."""
    say, epochs = sheet.words.say, trained.asked.epochs
    if trained.mini_batches:
        yield from say("training.epochs", epochs=epochs, each=trained.updates_per_epoch, updates=trained.updates)
    else:
        yield from say("training.steps" if trained.samples == 1 else "training.full", updates=trained.updates)
    yield " "
    yield from say("training.table", items=joined([sheet.symbol(item) for item in trained.followed]))


def _listed(sheet: Context, samples: tuple[int, ...]) -> tuple[Inline, ...]:
    """The samples of an update, in their order; of many the first."""
    listed = joined([str(number) for number in samples[:MOST_LISTED]])
    more = len(samples) - MOST_LISTED
    return sheet.words.say("numbers.more", items=listed, count=more) if more > 0 else listed


# --------------------------------------------------------------------------------------------- the updates


def _updates(sheet: Context, trained: Trained, count: int) -> Table:
    """The start and ``count`` updates, or the first and the last of them."""
    cost, said, plain = sheet.symbol(sheet.graph.cost), sheet.words.say, sheet.words.plain
    followed = [(sheet.symbol(name),) for item in trained.followed for name in _names(sheet, trained, item)]
    header: list[tuple[Inline, ...]] = [(plain("table.update"),)]
    if trained.mini_batches:
        header += [(plain("table.samples"),), said("table.cost_of_these", cost=cost), *followed]
        header += [said("table.cost_of_all", cost=cost)]
    else:
        header += [*followed, (cost,)]
    left_out: tuple[Cell, ...] = ((Dots("v"),),) * len(header)
    rows = [
        left_out if place is None else tuple(_row(sheet, trained, place - 1)) for place in UPDATES.places(count + 1)
    ]
    return Table(tuple(header), tuple(rows))


def _names(sheet: Context, trained: Trained, item: str) -> tuple[str, ...]:
    """What the table tells of a parameter: its gradient, what the optimizer remembers of it, and itself."""
    parts = (sheet.graph.read(item).updated(part) for part in _remembered(sheet, trained))
    return (derivative_id(sheet.graph.cost, item), *(str(replace(part, update=1)) for part in parts), item)


def _remembered(sheet: Context, trained: Trained) -> tuple[str, ...]:
    """The v, or m and v, of an optimizer, where the table has room for them."""
    parts = sheet.notation.optimizer.remembered if sheet.notation.optimizer is not None else ()
    columns = 2 + 2 * trained.mini_batches + len(trained.followed) * (2 + len(parts))
    return parts if columns <= MOST_COLUMNS else ()


def _row(sheet: Context, trained: Trained, number: int) -> Iterator[Cell]:
    """The start, or one update: its samples and their cost, gradients and new values, the cost of all samples."""
    run = trained.run
    update = run.updates.get(number)
    yield (str(number),)
    if trained.mini_batches:
        yield _listed(sheet, trained.batches[number]) if number else ("",)
        yield _reached(sheet, update.cost if update else None) if number else ("",)
    remembered = _remembered(sheet, trained)
    for place, item in enumerate(trained.followed):
        start = sheet.trace.value(item)
        yield _reached(sheet, update.gradients[place] if update else None) if number else ("",)
        for part in remembered:
            yield _reached(sheet, update.remembered[part][place] if update else None) if number else ("",)
        yield _reached(sheet, update.moved[place] if update else None) if number else _reached(sheet, start, item)
    yield _reached(sheet, run.history[number] if number < len(run.history) else None)


def _reached(sheet: Context, value: float | None, item: str | None = None) -> Cell:
    """A number of the run; a dash where it stopped before."""
    return (Words("–", found=True) if value is None else sheet.number(value, item),)


def _stopped(sheet: Context, trained: Trained) -> Iterator[Prose]:
    """Where the run left what a double can hold, if it did after its first update."""
    run = trained.run
    if run.stopped is None or not run.made:
        return
    yield stopped(sheet, run.stopped)


def _came_to(sheet: Context, trained: Trained) -> Iterator[Prose]:
    """Where the cost was and where it came to; on a sheet to be filled in, the question."""
    history, symbol = trained.run.history, sheet.symbol(sheet.graph.cost)
    cost = sheet.words.say("table.cost_of_all", cost=symbol) if trained.mini_batches else (symbol,)
    kind = "fell" if history[-1] < history[0] else "rose" if history[-1] > history[0] else "stayed"
    kind = kind if len(history) > 1 else "none"
    parts = {"before": sheet.number(history[0]), "after": sheet.number(history[-1])}
    said = sheet.finding(f"training.{kind}", "plain", cost=cost, **parts, updates=len(history) - 1)
    asked = sheet.words.say("training.asked", cost=cost, updates=trained.updates, room=Blank(10))
    yield replace(said, asked=asked)


# ------------------------------------------------------------------------------------- other learning rates


def _compared(sheet: Context, trained: Trained) -> Iterator[Block]:
    """One figure for all rates, and what became of each."""
    if not trained.compared:
        return
    yield sheet.heading("rates")
    rate = Sym(sheet.notation.glyph(LEARNING_RATE), LEARNING_RATE)
    yield sheet.prose("rates.mini_batches" if trained.mini_batches else "rates.same_start", rate=rate)
    yield from rates_figure(sheet, trained)
    found = outcomes(trained.compared)
    for outcome in found:
        asked = sheet.words.say("rates.asked", rate=rate_of(sheet, outcome.run), room=Blank(30))
        yield replace(sheet.finding(f"rates.{_key(sheet, outcome)}", **_parts(sheet, outcome, found)), asked=asked)


def _key(sheet: Context, outcome: Outcome) -> str:
    """Which sentence tells what became of a run: a long step by Newton's method has reasons other than the rate."""
    optimizer = sheet.trace.problem.optimizer
    by_newton = optimizer is not None and optimizer.second_derivatives
    return "stopped_newton" if by_newton and outcome.kind == "stopped" else outcome.kind


def _parts(sheet: Context, outcome: Outcome, found: list[Outcome]) -> dict[str, Any]:
    """What the sentences about a learning rate may name."""
    run, best = outcome.run, best_of(found)
    return {
        "rate": rate_of(sheet, run),
        "cost": sheet.symbol(sheet.graph.cost),
        "before": sheet.number(run.history[0]),
        "after": sheet.number(run.history[-1]),
        "top": sheet.number(max(run.history)),
        "updates": outcome.updates,
        "turns": run.turns or 0,
        "last": last_updates(run),
        "best": rate_of(sheet, best.run),
        "share": Num(_SHARES.printed(100 * outcome.share), found=True),
        "stopped": run.made + 1,
    }
