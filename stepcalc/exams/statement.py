"""The problem as it is set, on paper and on platforms: its network, its numbers, the conventions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcalc.board.nodes import Num, Rel
from stepcalc.marking.asking import asked_of
from stepcalc.moves import HESSIAN, NEWTON_STEP, SLOPES
from stepcalc.notation import LEARNING_RATE, UPDATE
from stepcalc.sheet.blocks import Block, Bullets, Diagram, Inline
from stepcalc.sheet.context import Context
from stepcalc.sheet.opening import Sentence, rounding_sentences
from stepcalc.sheet.story import statement
from stepcalc.sheet.training import on_this_sheet
from stepcalc.sheet.words import joined
from stepcalc.weights import recurrences


def as_set(context: Context) -> Iterator[Block]:
    """What a worked solution begins with, without what it says of itself and its printing, and with no path shown."""
    carries = context.trace.problem.rounding.carry
    own = {*on_this_sheet(context), *(() if carries else rounding_sentences(context))}
    asked = () if carries else (_precision(context),)
    for block in statement(context):
        if isinstance(block, Diagram):
            yield _plain(context, block)
        elif isinstance(block, Bullets):
            left = (item for item in block.items if item not in own)
            yield Bullets((*left, *_starts(context), *_update(context), *asked))
        else:
            yield block


def _plain(context: Context, diagram: Diagram) -> Diagram:
    """The network with no way through it marked: which one is for students to find."""
    columns = tuple(tuple(replace(node, on_path=False) for node in column) for column in diagram.columns)
    edges = tuple(replace(edge, on_path=False) for edge in diagram.edges)
    caption = "network" if context.trace.numeric else "network_symbolic"
    return replace(diagram, columns=columns, edges=edges, caption=context.words.say(f"exam.{caption}"))


def _starts(context: Context) -> Iterator[Sentence]:
    """What there is before the first step of a sequence: h₀ = 0, c₀ = 0."""
    for layer in dict.fromkeys(told.layer for told in recurrences(context.trace)):
        states = [name for name in (f"h{layer}", f"c{layer}") if name in context.graph.quantities]
        starts: list[Inline] = [Rel(context.notation.step(name, "0"), "=", Num("0")) for name in states]
        yield context.words.say("exam.start", starts=joined(starts))


def _update(context: Context) -> Iterator[Sentence]:
    """What a new value is: after a step of which method, and where books differ about that, with its formulas."""
    optimizer, graph = context.trace.optimizer, context.graph
    if optimizer is None:
        return
    one = next(graph.items(next(name for name in graph.parameters if name in graph.differentiable)))
    written = (part.name for part in optimizer.plan if part.written is not None)
    steps = (context.scribe.update(one, part).formula for part in written)
    formulas: list[Inline] = [Rel(step.parts[0], "=", step.parts[1]) for step in steps]
    parts: dict[str, Inline | Sentence] = {
        "new": context.symbol(str(graph.read(one).updated())),
        "old": context.symbol(one),
    }
    parts |= {"rate": context.symbol(LEARNING_RATE), "formulas": joined(formulas), "t": context.symbol(UPDATE)}
    shown = {"H": HESSIAN, "p": NEWTON_STEP, "g": SLOPES, "cost": context.symbol(graph.cost)}
    yield context.words.say(f"exam.update_{optimizer.name}", **parts, **shown)


def _precision(context: Context) -> tuple[Inline, ...]:
    """How exact an answer has to be."""
    asked, say = asked_of(context.trace.problem), context.words.say
    if asked.significant is not None:
        return say("exam.precision_significant", digits=asked.significant)
    if asked.decimals is not None:
        return say("exam.precision_decimals", digits=asked.decimals)
    return say("exam.precision_distance")
