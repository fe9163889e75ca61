"""The story of an expression problem: the definitions, each local derivative by named rules, the chain, the number."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.board.measure import estimated_width
from stepcalc.board.nodes import Cases, Equation
from stepcalc.board.transform import contains
from stepcalc.derive import Branch, Local, Upstream
from stepcalc.items import derivative_id
from stepcalc.reasons import edge_reason
from stepcalc.roads import one_formula
from stepcalc.sheet.blocks import Block, Bullets, Formula, Inline, Part
from stepcalc.sheet.context import Context, continued, formula
from stepcalc.sheet.full_chain import carried
from stepcalc.sheet.gradient_lines import corner
from stepcalc.sheet.opening import rounding_sentences, settings
from stepcalc.sheet.training import training
from stepcalc.sheet.update import checks, update

MOST_WITH_CASES = 80.0
"""About how many digits wide a line with cases may be: it has to fit the page in one piece."""


def expression_story(sheet: Context) -> Iterator[Part]:
    """From the definitions to the derivative by every name asked for."""
    yield sheet.heading("given", level=1)
    yield from _given(sheet)
    total = (sheet.words.say("conventions.total"),) if sheet.notation.paths_differ else ()
    conventions = (*total, *_sigmoid(sheet), *_log(sheet), *rounding_sentences(sheet))
    if conventions:
        yield Bullets(conventions)
    yield from _forward(sheet)
    yield sheet.heading("backward", level=1)
    yield from _locals(sheet)
    written: set[str] = set()
    for name in sheet.chain_items:
        for leg in _legs(sheet, name):
            if leg not in written:
                written.add(leg)
                yield from _chain(sheet, leg)
        yield from _other_road(sheet, name)
    yield from update(sheet)
    yield from checks(sheet)
    yield from training(sheet)


def _given(sheet: Context) -> Iterator[Block]:
    lines: list[Equation | None] = []
    for quantity in sheet.graph.quantities.values():
        if quantity.op is None:
            value = sheet.scribe.number(quantity.name)
            if value is not None:
                shown = sheet.number(value, quantity.name)
                lines.append(Equation((sheet.symbol(quantity.name), shown), ("=",)))
        else:
            lines.append(sheet.scribe.forward(quantity.name).formula)
    yield formula(*lines, *settings(sheet))


def _sigmoid(sheet: Context) -> Iterator[tuple[Inline, ...]]:
    if untyped := sheet.scribe.untyped_sigmoid:
        yield sheet.words.say("conventions.sigmoid", formula=untyped)


def _log(sheet: Context) -> Iterator[tuple[str, ...]]:
    if any(sheet.scribe.uses_logarithm(name) for name in sheet.graph.quantities):
        yield tuple(map(str, sheet.words.say("conventions.log", log=sheet.trace.problem.notation.log)))


def _forward(sheet: Context) -> Iterator[Block]:
    """The definitions with the numbers that there are; nothing where there are none."""
    lines: list[Equation] = []
    for quantity in sheet.graph.quantities.values():
        if quantity.op is not None and quantity.name in sheet.graph.differentiable:
            step = sheet.scribe.forward(quantity.name)
            lines += [] if step.numbers is None else [step.formula, continued(step.numbers)]
    if lines:
        yield sheet.heading("forward", level=1)
        yield sheet.heading("definitions")
        yield formula(*lines)


def _locals(sheet: Context) -> Iterator[Block]:
    """Every local derivative that a chain uses: those of definitions from the last back, then in the asked order."""
    on_the_way = _between(sheet)
    defined = [name for name in reversed(list(sheet.graph.quantities)) if name in on_the_way and sheet.graph[name].op]
    for name in (*defined, *(name for name in sheet.scribe.wrt if name not in defined)):
        for edge in sheet.trace.derivation.locals(name):
            yield from _local(sheet, edge)


def _between(sheet: Context) -> set[str]:
    """The names that are differentiated by, and those on the way from them to the end."""
    reached = set(sheet.scribe.wrt)
    for name, quantity in sheet.graph.quantities.items():
        if reached.intersection(quantity.parents):
            reached.add(name)
    return reached & sheet.graph.differentiable - {sheet.graph.cost}


def _local(sheet: Context, edge: Local) -> Iterator[Block]:
    yield sheet.heading("local", child=sheet.symbol(edge.child), parent=sheet.symbol(edge.parent))
    yield Formula(edge_reason(sheet.graph, edge, sheet.notation))
    step = sheet.scribe.local(edge)
    if step.numbers is not None and edge.cases.free_symbols and step.numbers.parts[1:] != step.formula.parts[1:]:
        yield formula(step.numbers)
    yield from corner(sheet, edge)


def _legs(sheet: Context, name: str) -> list[str]:
    """The names whose chains lead from the end back to ``name``: a long chain starts where another one ends."""
    legs = [name]
    while isinstance(end := sheet.trace.derivation.chain(legs[-1]).factors[-1], Upstream) and end.item != legs[-1]:
        legs.append(end.item)
    return legs[::-1]


def _chain(sheet: Context, name: str) -> Iterator[Block]:
    chain = sheet.trace.derivation.chain(name)
    if len(chain.factors) == 1 and not isinstance(chain.factors[0], Branch):
        return
    derivative = sheet.symbol(derivative_id(sheet.graph.cost, name))
    yield sheet.heading("chain", item=derivative)
    lines = sheet.chains.write(chain)
    yield Formula(lines.building)
    last = [line for line in (lines.struck, lines.replaced, lines.short) if line is not None]
    product = None if lines.multiplied is None else continued(lines.multiplied)
    if lines.numbers is not None and any(map(_is_long_by_cases, last)):
        yield sheet.prose("chain.long_cases")
        yield formula(lines.numbers, product)
    else:
        first = Equation((derivative, *last[0].parts), last[0].relations)
        yield formula(first, *last[1:], None if lines.numbers is None else continued(lines.numbers), product)
    yield from carried(sheet, name, lines.value)


def _is_long_by_cases(line: Equation) -> bool:
    """Whether a line is too long to be read, and is so in one piece: cases cannot go on in the next line."""
    cases = any(contains(part, lambda node: isinstance(node, Cases)) for part in line.parts)
    return cases and estimated_width(line) > MOST_WITH_CASES


def _other_road(sheet: Context, name: str) -> Iterator[Block]:
    """The same derivative without the chain rule, where one polynomial says it all."""
    found = one_formula(sheet.scribe, name)
    if found is None:
        return
    yield sheet.heading("expanded")
    yield sheet.prose("checks.expanded")
    yield formula(found.formula, found.slope, None if found.numbers is None else continued(found.numbers))
    yield from carried(sheet, name, found.value)
