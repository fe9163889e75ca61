"""The problem as it is set, on paper and on platforms: its network, its numbers, the conventions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc.marking.asking import asked_of
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Inline
from stepcalc.sheet.context import Context
from stepcalc.sheet.opening import rounding_sentences
from stepcalc.sheet.story import statement


def as_set(context: Context) -> Iterator[Block]:
    """What a worked solution begins with, without what it says of its own printing, and with no path shown."""
    own = set() if context.trace.problem.rounding.carry else set(rounding_sentences(context))
    for block in statement(context):
        if isinstance(block, Diagram):
            yield _plain(context, block)
        elif isinstance(block, Bullets):
            left = tuple(item for item in block.items if item not in own)
            yield Bullets((*left, _precision(context)) if own else left)
        else:
            yield block


def _plain(context: Context, diagram: Diagram) -> Diagram:
    """The network with no way through it marked: which one is for students to find."""
    columns = tuple(tuple(replace(node, on_path=False) for node in column) for column in diagram.columns)
    edges = tuple(replace(edge, on_path=False) for edge in diagram.edges)
    caption = "network" if context.trace.numeric else "network_symbolic"
    return replace(diagram, columns=columns, edges=edges, caption=context.words.say(f"exam.{caption}"))


def _precision(context: Context) -> tuple[Inline, ...]:
    """How exact an answer has to be."""
    asked, say = asked_of(context.trace.problem), context.words.say
    if asked.significant is not None:
        return say("exam.precision_significant", digits=asked.significant)
    if asked.decimals is not None:
        return say("exam.precision_decimals", digits=asked.decimals)
    return say("exam.precision_distance")
