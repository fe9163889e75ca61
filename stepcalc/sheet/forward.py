"""The story's first half: layer after layer, the decision, the loss."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc import decisions
from stepcalc.board.nodes import Blank
from stepcalc.sheet.blocks import Block, Inline, Prose
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.depth import LeftOut, forward_between, layers
from stepcalc.sheet.samples import loss_table
from stepcalc.sheet.shortened import TIMES
from stepcalc.sheet.stories import STORIES


def forward(sheet: Context) -> Iterator[Block]:
    """From the inputs to the cost."""
    yield sheet.heading("forward", level=1)
    if (sheet.graph.samples or 0) > 1 and sheet.trace.numeric:
        yield sheet.prose("forward.batch")
    for part in layers(sheet, (q for q in sheet.graph.quantities.values() if q.role == "computed")):
        yield from (
            forward_between(sheet, part) if isinstance(part, LeftOut) else STORIES[part.type].forward(sheet, part)
        )
    yield from _decision(sheet)
    yield from _loss(sheet)


def _decision(sheet: Context) -> Iterator[Block]:
    """What the network decides, at every time step that it says something, where the classes have names."""
    shape = sheet.graph[sheet.output].shape
    for time in TIMES.places(shape[0]) if len(shape) > 1 else (None,):
        if time is not None or len(shape) == 1:
            yield from _one_decision(sheet, time)
    right = decisions.rightly_decided(sheet.trace)
    if right is not None:
        several = (sheet.graph.samples or 1) * (shape[0] if len(shape) > 1 else 1)
        key = "forward.decided_rightly" if len(shape) == 1 else "forward.decided_rightly_steps"
        yield sheet.finding(key, right=right, samples=several)


def _one_decision(sheet: Context, time: int | None) -> Iterator[Block]:
    decided = decisions.decision(sheet.trace, sheet.sample, time)
    if decided is None:
        return
    say, room = sheet.words.say, Blank(18)
    told, asked = _told(sheet, decided), say("forward.decision_asked", room=room)
    if (sheet.graph.samples or 0) > 1 and sheet.sample is not None:
        told = say("forward.decision_of_sample", sample=sheet.sample, told=told)
        asked = say("forward.decision_of_sample_asked", sample=sheet.sample, room=room)
    if time is not None:
        told, asked = (say("forward.decision_at_step", time=time, told=said) for said in (told, asked))
    yield Prose(told, "insight", reveals=True, asked=asked)


def _told(sheet: Context, decided: decisions.Decision) -> tuple[Inline, ...]:
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
