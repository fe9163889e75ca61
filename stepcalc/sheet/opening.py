"""How a network's sheet opens: its diagram, its numbers, and the conventions that are in force."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from stepcalc import facts, weights
from stepcalc.board.nodes import Call, Equation, Frac, Glyph, Mul, Node, Num, Rel, Sym
from stepcalc.graph import Quantity
from stepcalc.items import item_id
from stepcalc.sheet.blocks import Block, Bullets, Grids, Inline
from stepcalc.sheet.context import Context, formula
from stepcalc.sheet.depth import LeftOut, left_out, parts
from stepcalc.sheet.grid_placing import fits_one_row
from stepcalc.sheet.map_grids import all_maps, has_maps
from stepcalc.sheet.network_diagram import network_diagram
from stepcalc.sheet.samples import stated_samples
from stepcalc.sheet.stages import stages
from stepcalc.sheet.training import mini_batch_sentences, on_this_sheet, whole_data
from stepcalc.sheet.unrolled_diagram import is_unrolled, unrolled_diagram
from stepcalc.sheet.words import joined

Sentence = tuple[Inline, ...]

MARGIN = Rel(Mul((Sym(Glyph("y")), Sym(Glyph("y", hat=True)))), "=", Num("1"))
"""Where the hinge loss has its corner."""


def opening(sheet: Context) -> Iterator[Block]:
    """The problem as it was asked."""
    yield sheet.heading("given", level=1)
    yield _picture(sheet)
    yield from _given(sheet)
    yield sheet.heading("conventions", level=1)
    yield Bullets(tuple(conventions(sheet)))


def _picture(sheet: Context) -> Block:
    """The network: as a row of stages where it has maps, unrolled where it has time steps, else its units."""
    if sheet.staged:
        return stages(sheet)
    return unrolled_diagram(sheet) if is_unrolled(sheet) else network_diagram(sheet)


def _given(sheet: Context) -> Iterator[Block]:
    graph = sheet.graph
    leaves = [q for q in graph.quantities.values() if q.role in ("input", "parameter", "target")]
    shown = list(parts(sheet, leaves))
    lines = [_given_line(sheet, part) for part in shown if isinstance(part, Quantity)]
    lines += settings(sheet)
    if any(line is not None for line in lines):
        yield formula(*lines)
    yield from _given_maps(sheet, [part for part in shown if isinstance(part, Quantity) and has_maps(part)])
    yield from (left_out(sheet, "given", part) for part in shown if isinstance(part, LeftOut))
    if "x" in sheet.trace.values:
        items = [*sheet.items("x"), *(sheet.items("y") if "y" in sheet.trace.values else [])]
        trained = sheet.trace.trained
        yield from whole_data(sheet, items) if trained and trained.mini_batches else stated_samples(sheet, items)


def _given_maps(sheet: Context, quantities: list[Quantity]) -> Iterator[Block]:
    """The image and the kernels: side by side where there is room; of a large network only the image."""
    known = [q for q in quantities if q.name in sheet.trace.values and not (sheet.large and q.role == "parameter")]
    blocks = [block for quantity in known for block in all_maps(sheet, quantity.name)]
    together = Grids(tuple(grid for block in blocks if isinstance(block, Grids) for grid in block.grids))
    if together.grids and fits_one_row(together):
        yield from (block for block in blocks if not isinstance(block, Grids))
        yield together
    else:
        yield from blocks


def settings(sheet: Context) -> Iterator[Equation]:
    """What the optimizer needs, as far as it has numbers: α = 0.1."""
    for item in sheet.scribe.settings:
        value = sheet.scribe.number(item)
        if value is not None:
            yield Equation((sheet.symbol(item), sheet.given(value)), ("=",))


def _given_line(sheet: Context, quantity: Quantity) -> Equation | None:
    """An array with its numbers; what depends on the sample stands in a table of its own."""
    if quantity.per_sample and sheet.graph.samples and not sheet.notation.batch_rows:
        return None
    if sheet.staged and sheet.large and quantity.role == "parameter":
        return None
    return sheet.arrays.equation(sheet.notation.array(quantity.name), sheet.arrays.values(quantity.name))


def conventions(sheet: Context) -> Iterator[Sentence]:
    """What a reader must know to check a line."""
    yield from _weights(sheet)
    yield from _kernels(sheet)
    yield from _recurrences(sheet)
    yield from _drawn(sheet)
    yield from _activations(sheet)
    yield from _marks(sheet)
    yield from _loss(sheet)
    yield from mini_batch_sentences(sheet)
    yield from on_this_sheet(sheet)
    yield from _kinks(sheet)
    yield from rounding_sentences(sheet)


def _drawn(sheet: Context) -> Iterator[Sentence]:
    """Which weights are drawn, and how to draw them again, a layer at a time."""
    known = [drawn for drawn in weights.drawn_weights(sheet.trace) if _is_written(sheet, drawn.name)]
    for _, run in groupby(known, key=lambda drawn: sheet.graph[drawn.name].layer):
        own = list(run)
        key = "drawn" if len(own) == 1 else "drawn_many"
        w = joined([sheet.notation.array(drawn.name) for drawn in own])
        yield sheet.words.say(f"conventions.{key}", w=w, how=own[0].how, seed=str(own[0].seed))


def _is_written(sheet: Context, name: str) -> bool:
    return sheet.graph[name].layer in sheet.written_layers


def _kernels(sheet: Context) -> Iterator[Sentence]:
    """How a kernel lies on the image, and what its indices say."""
    kernels = next((q for q in sheet.graph.quantities.values() if q.role == "parameter" and has_maps(q)), None)
    if kernels is not None:
        yield sheet.words.say("conventions.kernel", k=sheet.symbol(next(sheet.graph.items(kernels.name))))


def _weights(sheet: Context) -> Iterator[Sentence]:
    """Which way a weight leads: said for every layer, because a transposed square matrix cannot be noticed."""
    say = sheet.words.say
    whole = next(filter(None, map(sheet.arrays.formula, weights.with_matrices(sheet.trace))), None)
    if whole is not None:
        names = {"i": Sym(Glyph("i")), "j": Sym(Glyph("j")), "w": Sym(Glyph("w", "ij"))}
        yield say(f"conventions.product_{sheet.scribe.product}", formula=as_node(whole), **names)
    for echo in weights.weight_echoes(sheet.trace):
        if echo.layer not in sheet.written_layers or (sheet.staged and sheet.large):
            continue
        source = say("conventions.source_named", source=sheet.symbol(echo.source), name=echo.source_name)
        if not echo.source_name:
            source = (sheet.symbol(echo.source),)
        yield say("conventions.weight", w=sheet.symbol(echo.weight), source=source, unit=echo.unit, layer=echo.layer)


def _recurrences(sheet: Context) -> Iterator[Sentence]:
    """What a time index and the letters in an index mean, and which way the weights of a recurrent layer lead."""
    say, graph, notation = sheet.words.say, sheet.graph, sheet.notation
    for place, told in enumerate(told for told in weights.recurrences(sheet.trace) if _is_written(sheet, told.sums)):
        whole, sums = sheet.arrays.formula(told.sums), graph[told.sums]
        last = sheet.step_items(told.sums, sums.shape[0])[-1]
        key = "time_index" if sums.shape[1] == 1 else "time_and_unit"
        if place == 0 and sums.shape[0] > 1:
            yield say(f"conventions.{key}", example=sheet.symbol(last), time=sums.shape[0], unit=sums.shape[1])
        matrices = [notation.array(name) for name in sums.parents[1:4:2]]
        if whole is not None:
            parts = {"formula": as_node(whole), "w_x": matrices[0], "w_h": matrices[1]}
            yield say("conventions.recurrent", **parts, gates=_gates(sheet, told.layer))
        w_x, w_h = (sheet.symbol(weight) for weight in (told.from_input, told.from_before))
        if graph[sums.parents[1]].size > 1:
            places = {"source": told.source, "before": told.before, "unit": told.unit, "layer": told.layer}
            yield say("conventions.recurrent_weights", w_x=w_x, w_h=w_h, W_x=matrices[0], W_h=matrices[1], **places)


def _gates(sheet: Context, layer: int) -> Sentence:
    """The letters of the gates in the indices of an LSTM."""
    return sheet.words.say("conventions.gates") if facts.layer_type(sheet.trace, layer) == "lstm" else ()


def _activations(sheet: Context) -> Iterator[Sentence]:
    """Which function every layer's units have."""
    for name, first, last in facts.activations(sheet.trace):
        if first not in sheet.written_layers:
            continue
        say = sheet.words.say
        formula: Sentence = (as_node(sheet.scribe.forward(sheet.items(name)[0]).formula),)
        for word, value in facts.activation_parameters(sheet.trace, first).items():
            formula = say("conventions.parameter", formula=formula, name=word, value=sheet.given(value))
        if sheet.layers == 1:
            yield say("conventions.activation_single", formula=formula)
        elif last - first + 1 == sheet.layers:
            yield say("conventions.activation_every", formula=formula)
        else:
            key = "activation" if first == last else "activation_many"
            yield say(f"conventions.{key}", formula=formula, layer=first, last=last)


def as_node(equation: Equation) -> Inline:
    """An equation with one relation, for running text."""
    return Rel(equation.parts[0], equation.relations[0], equation.parts[1])


def _marks(sheet: Context) -> Iterator[Sentence]:
    say, graph = sheet.words.say, sheet.graph
    calculated = [name for name, quantity in graph.quantities.items() if quantity.role == "computed"]
    examples = (sheet.symbol(sheet.items(name)[0]) for name in sorted(calculated, key=lambda name: name != "z2"))
    marked = next((one for one in examples if isinstance(one, Sym) and _says_layer(one)), None)
    if marked is not None:
        yield say("conventions.superscript", example=marked)
    if (graph.samples or 0) > 1:
        example = sheet.whole.notation.symbol(item_id("x", (1,) * len(graph["x"].shape), 2))
        yield say("conventions.sample", example=example, shown=sheet.sample or 1)


def _says_layer(symbol: Sym) -> bool:
    return symbol.glyph.sup.startswith("(")


def _loss(sheet: Context) -> Iterator[Sentence]:
    say, known = sheet.words.say, facts.loss_facts(sheet.trace)
    if known is None:
        return
    cost = sheet.graph.cost
    step = sheet.scribe.cost_equation()
    averaged = known.samples is not None and known.samples > 1
    yield say("conventions.cost" if averaged else "conventions.loss", formula=as_node(step))
    if known.outputs > 1:
        yield say("conventions.loss_sum")
    if known.steps > 1:
        yield say("conventions.loss_sum_steps")
    if known.samples is not None and averaged:
        yield say("conventions.loss_mean", samples=known.samples)
    else:
        yield say("conventions.one_sample")
    if known.scale != 1:
        yield say("conventions.loss_scale", scale=_scale(sheet, known))
    if known.corner:
        yield say(f"conventions.corner_{known.corner}", margin=MARGIN)
    if sheet.scribe.uses_logarithm(cost):
        log = sheet.trace.problem.notation.log
        yield say("conventions.log", log=Call(log, (sheet.symbol(sheet.items(sheet.graph[cost].parents[0])[0]),)))


def _scale(sheet: Context, known: facts.LossFacts) -> Node:
    if known.fraction is None:
        return sheet.given(known.scale)
    numerator, denominator = known.fraction
    return Frac(Num(str(numerator)), Num(str(denominator)))


def _kinks(sheet: Context) -> Iterator[Sentence]:
    for kind, (function, found) in facts.kinks(sheet.trace).items():
        if kind == "step":
            yield sheet.words.say("conventions.step_flat")
            continue
        for kink in found:
            at, used = sheet.given(kink.at), sheet.given(kink.used)
            yield sheet.words.say("conventions.kink", function=function, at=at, used=used)


def rounding_sentences(sheet: Context) -> Iterator[Sentence]:
    """How numbers are printed, and whether the printed ones are carried on."""
    if not sheet.trace.calculated:
        return
    rounding = sheet.trace.rounding
    digits, unit = (
        (rounding.decimals, "decimals") if rounding.decimals is not None else (rounding.significant, "significant")
    )
    assert digits is not None
    mode = sheet.words.plain(f"modes.{rounding.mode}")
    how = "carry" if rounding.carry else "rounding"
    number = "one" if digits == 1 else "many"
    words = {f"{word}_word": sheet.words.plain(f"numbers.{word}_{number}") for word in ("digits", "decimals")}
    yield sheet.words.say(f"conventions.{how}_{unit}", digits=digits, mode=mode, **words)
    yield sheet.words.say("conventions.equal")
