"""The problem as it is set, on paper and on platforms: its network, its numbers, the conventions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc.items import NEW
from stepcalc.marking.asking import asked_of
from stepcalc.notation import LEARNING_RATE, UPDATE
from stepcalc.ops.optimizer import OLD
from stepcalc.ops.optimizer import UPDATE as COUNT
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Inline
from stepcalc.sheet.context import Context
from stepcalc.sheet.opening import as_node, rounding_sentences
from stepcalc.sheet.story import statement
from stepcalc.sheet.words import joined

Sentence = tuple[Inline, ...]


def as_set(context: Context) -> Iterator[Block]:
    """What a worked solution begins with, without what it says of its own printing, and with no path shown."""
    own = set() if context.trace.problem.rounding.carry else set(rounding_sentences(context))
    for block in statement(context):
        if isinstance(block, Diagram):
            yield _plain(context, block)
        elif isinstance(block, Bullets):
            left = tuple(item for item in block.items if item not in own)
            left += tuple(_update(context))
            yield Bullets((*left, _precision(context)) if own else left)
        else:
            yield block


def _plain(context: Context, diagram: Diagram) -> Diagram:
    """The network with no way through it marked: which one is for students to find."""
    columns = tuple(tuple(replace(node, on_path=False) for node in column) for column in diagram.columns)
    edges = tuple(replace(edge, on_path=False) for edge in diagram.edges)
    caption = "network" if context.trace.numeric else "network_symbolic"
    return replace(diagram, columns=columns, edges=edges, caption=context.words.say(f"exam.{caption}"))


def _update(context: Context) -> Iterator[Sentence]:
    """What a new value is; of an optimizer that remembers something also its formulas, in which courses differ."""
    optimizer = context.trace.optimizer
    if optimizer is None:
        return
    say, notation = context.words.say, context.notation
    item = context.items(context.graph.parameters[0])[0]
    whose = context.graph.read(item)
    kept = [part.name for part in optimizer.plan if any(OLD + part.name in other.names for other in optimizer.plan)]
    formulas = (context.scribe.update(item, part.name).formula for part in optimizer.plan if kept)
    counted = any(COUNT in part.names for part in optimizer.plan)
    yield say(
        "exam.update_kept" if kept else "exam.update",
        new=notation.symbol(str(whose.updated(NEW))),
        old=context.symbol(item),
        method=context.words.plain(f"exam.{optimizer.name}"),
        rate=context.symbol(LEARNING_RATE),
        formulas=joined([as_node(formula) for formula in formulas]),
        kept=joined([notation.symbol(str(replace(whose.updated(part), update=0))) for part in kept]),
        count=len(kept),
        counted=say("exam.update_counted", t=notation.symbol(UPDATE)) if counted else (),
    )


def _precision(context: Context) -> Sentence:
    """How exact an answer has to be."""
    asked, say = asked_of(context.trace.problem), context.words.say
    if asked.significant is not None:
        return say("exam.precision_significant", digits=asked.significant)
    if asked.decimals is not None:
        return say("exam.precision_decimals", digits=asked.decimals)
    return say("exam.precision_distance")
