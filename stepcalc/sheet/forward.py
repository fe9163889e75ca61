"""The story's first half: every weighted sum, every activation, the decision, the loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc import facts
from stepcalc.board.nodes import Blank, Equation
from stepcalc.filling import MAX_TERMS
from stepcalc.graph import Quantity
from stepcalc.sheet.blocks import Block, Formula, Inline, Prose
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.depth import LeftOut, forward_between, parts
from stepcalc.sheet.figures import activation_figure
from stepcalc.sheet.samples import loss_table, sample_table


def forward(sheet: Context) -> Iterator[Block]:
    """From the inputs to the cost."""
    yield sheet.heading("forward", level=1)
    if (sheet.graph.samples or 0) > 1 and sheet.trace.numeric:
        yield sheet.prose("forward.batch")
    for part in parts(sheet, (q for q in sheet.graph.quantities.values() if q.role == "computed")):
        yield from forward_between(sheet, part) if isinstance(part, LeftOut) else _layer_part(sheet, part)
    yield from _decision(sheet)
    yield from _loss(sheet)


def _layer_part(sheet: Context, quantity: Quantity) -> Iterator[Block]:
    assert quantity.layer is not None
    activation = facts.rule(sheet.trace, quantity.name) == "activation"
    yield sheet.layer_heading("activation" if activation else "weighted_sums", quantity.layer)
    yield from sheet.once(_opening(sheet, quantity, activation))
    if sheet.matrices and quantity.size > 1:
        result = None if sheet.scalars else _result(sheet, quantity.name)
        yield formula(sheet.arrays.formula(quantity.name), result)
    if sheet.scalars or quantity.size == 1:
        yield _scalars(sheet, quantity.name)
    else:
        yield _one_in_full(sheet, quantity.name)
    yield from sample_table(sheet, sheet.items(quantity.name))
    if activation:
        figured = quantity.layer in sheet.drawn_layers
        yield from activation_figure(sheet, quantity) if figured else sheet.once("deep.figures")
        yield from _insights(sheet, sheet.items(quantity.name))


def _opening(sheet: Context, quantity: Quantity, activation: bool) -> str:
    if activation:
        return "forward.softmax" if facts.kind(sheet.trace, quantity.name) == "softmax" else "forward.activation"
    return "forward.first" if len(quantity.parents) > 2 else "forward.first_no_bias"


def _result(sheet: Context, name: str) -> Equation | None:
    found = sheet.arrays.equation(sheet.notation.array(name), sheet.arrays.values(name))
    return None if found is None else continued(found)


def _one_in_full(sheet: Context, name: str) -> Formula:
    """The element on the path of the chain, or the first: the only one that a sheet of matrices writes out."""
    step = sheet.scribe.forward(sheet.element(name))
    return formula(step.formula, None if step.numbers is None else continued(step.numbers))


def _scalars(sheet: Context, name: str) -> Formula:
    """A unit a line; the first in symbols too, the vector filling up as the numbers come."""
    lines: list[Equation | None] = []
    items = sheet.items(name)
    rows = sheet.sample is not None and sheet.notation.batch_rows
    filling = sheet.matrices and 1 < len(items) <= MAX_TERMS and not rows
    for place, item in enumerate(items, start=1):
        step = sheet.scribe.forward(item)
        if place == 1 or step.numbers is None:
            lines.append(step.formula)
        if step.numbers is not None:
            line = continued(step.numbers) if place == 1 else step.numbers
            lines.append(replace(line, aside=sheet.arrays.values(name, place)) if filling else line)
    if rows and sheet.matrices:
        lines.append(sheet.arrays.equation(sheet.notation.array(name), sheet.arrays.values(name)))
    return formula(*lines)


def _insights(sheet: Context, items: list[str]) -> Iterator[Prose]:
    """Which units are saturated, which are dead."""
    saturated = facts.saturated(sheet.trace, items)
    for level, near in saturated.items():
        yield sheet.finding(f"forward.saturated_{level}", items=sheet.listed(near))
    if saturated:
        yield from (replace(said, kind="insight", reveals=True) for said in sheet.once("forward.saturated"))
    if dead := facts.dead(sheet.trace, items):
        yield sheet.finding("forward.dead", items=sheet.listed(dead))


def _decision(sheet: Context) -> Iterator[Block]:
    """What the network decides, where the classes have names."""
    decided = facts.decision(sheet.trace, sheet.sample)
    if decided is None:
        return
    say, room = sheet.words.say, Blank(18)
    told, asked = _told(sheet, decided), say("forward.decision_asked", room=room)
    right = facts.rightly_decided(sheet.trace)
    if (samples := sheet.graph.samples or 0) > 1 and sheet.sample is not None:
        told = say("forward.decision_of_sample", sample=sheet.sample, told=told)
        asked = say("forward.decision_of_sample_asked", sample=sheet.sample, room=room)
    yield Prose(told, "insight", reveals=True, asked=asked)
    if right is not None:
        yield sheet.finding("forward.decided_rightly", right=right, samples=samples)


def _told(sheet: Context, decided: facts.Decision) -> tuple[Inline, ...]:
    """By what the network decides, and whether rightly."""
    say, y_hat = sheet.words.say, sheet.symbol(decided.items[0])
    if decided.decision is None:
        said = say("forward.decision_tie", items=sheet.listed(list(decided.items)))
    elif decided.threshold is None:
        said = say("forward.decision_classes", y_hat=y_hat, decision=decided.decision)
    else:
        key = "forward.decision_at_least" if decided.value >= decided.threshold else "forward.decision_below"
        said = say(key, y_hat=y_hat, threshold=f"{decided.threshold:g}", decision=decided.decision)
    if decided.truth is None:
        return said
    key = "forward.truth_right" if decided.truth == decided.decision else "forward.truth_wrong"
    return (*said, " ", *say(key, truth=decided.truth))


def _loss(sheet: Context) -> Iterator[Block]:
    yield sheet.heading("loss")
    if (sheet.graph.samples or 0) > 1:
        yield sheet.prose("forward.loss_mean")
    step = sheet.scribe.forward(sheet.graph.cost)
    yield formula(step.formula, None if step.numbers is None else continued(step.numbers))
    bare = step.numbers is not None and len(step.numbers.parts) == 2 and step.value != 0
    if bare and sheet.scribe.uses_logarithm(sheet.graph.cost):
        yield sheet.finding("forward.loss_from_logits", cost=sheet.symbol(sheet.graph.cost))
    yield from loss_table(sheet)
