"""Sheets to be filled in: what is left out stands nowhere in the file, and what is left is what was asked."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

import stepcalc
from stepcalc.board.nodes import Blank, Equation, Num
from stepcalc.board.text import text as line_text
from stepcalc.errors import InputError
from stepcalc.notation import is_setting
from stepcalc.options import PLAIN, Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Diagram, Formula, Heading, Prose, Room, Sheet
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests import drawn
from tests.made import BLANK_AT, LEVELS, PAPERS, SLIDES_AT, TEXT, sheet_of, texts
from tests.made import printed as pdf_file
from tests.made import written as text_file
from tests.printed import EXAMPLES, example, solved
from tests.tools import needs

NAMES = [path.stem for path in EXAMPLES]
BLANK_SLIDES = [(name, SLIDES_AT[name]) for name in NAMES if SLIDES_AT[name] in LEVELS]
TELLING_DIGITS = 4
"""A result with fewer digits may well stand somewhere for another reason: as an index, a coordinate, a page number."""


def parts(thing: Any) -> Iterator[Any]:
    """Everything that a sheet is made of, down to numbers and strings."""
    yield thing
    if isinstance(thing, tuple | list):
        for part in thing:
            yield from parts(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from parts(getattr(thing, field.name))


def is_data(trace: Trace, number: Num) -> bool:
    """Whether the problem itself tells the number: an input, a target, a weight as it is at the start, the rate."""
    quantity, _, _ = (number.item or "").partition("[")
    given = {name for name, quantity in trace.graph.quantities.items() if quantity.op is None}
    return quantity in given or is_setting(quantity) or (number.item or "").endswith("#0")


def results(trace: Trace, sheet: Sheet) -> set[str]:
    """The telling results of a trace and of its sheet that are no numbers of the problem as well."""
    numbers = [part for part in parts(sheet) if isinstance(part, Num)]
    known = {number.text.lstrip("-") for number in numbers if not number.found or is_data(trace, number)}
    found = {number.text.lstrip("-") for number in numbers if number.found and not is_data(trace, number)}
    return {number for number in (found | printed(trace)) - known if len(digits(number)) >= TELLING_DIGITS}


def printed(trace: Trace) -> set[str]:
    """Every number of the trace that was found, as a sheet prints it, whatever the sheet says of it."""
    found = {name: array for name, array in trace.values.items() if trace.graph[name].op is not None}
    arrays = [*found.values(), *trace.gradients.values(), *trace.updated.values(), *trace.final.values()]
    numbers = [float(number) for array in arrays for number in np.ravel(array)] + list(trace.history)
    return {trace.rounding.printed(number).lstrip("-") for number in numbers if np.isfinite(number)}


def digits(number: str) -> str:
    return number.partition("e")[0].replace(".", "").lstrip("0")


def leaked(secrets: set[str], words: str) -> list[str]:
    """The secrets that stand in ``words`` as numbers of their own."""
    shown = set(re.findall(r"\d+(?:\.\d+)?", words))
    return sorted(secret for secret in secrets if secret.partition("e")[0] in shown)


def strings(sheet: Sheet) -> str:
    return "\n".join(part for part in parts(sheet) if isinstance(part, str))


@cache
def secrets_of(name: str) -> frozenset[str]:
    return frozenset(results(example(name), sheet_of(name)))


def blank_sheet(name: str, level: str) -> Sheet:
    return sheet_of(name, Options(blank=level))


def everything_said(name: str, format: str, options: Options) -> str:
    """What a text file says to anybody who looks into it, but for its layout."""
    made = text_file(name, format, options)
    if format == "html":
        body = re.sub(r"(?s)<(style|script).*?</\1>", "", made)
        hidden = re.findall(r'(?:alt|title|aria-[a-z]+|data-[a-z-]+|alttext|content)="([^"]*)"', body)
        return re.sub(r"<[^>]*>", " ", body) + "\n".join(hidden)
    return made.partition(r"\begin{document}")[2] if format == "tex" else made


def everything_in_print(name: str, options: Options) -> str:
    """What a PDF says to anybody who looks into it."""
    reader = PdfReader(BytesIO(pdf_file(name, options)))
    alternatives = [
        str(entry.get_object().get("/Alt", "")) + str(entry.get_object().get("/ActualText", ""))
        for entry in (reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1))
        if isinstance(entry, DictionaryObject)
    ]
    return "\n".join([*texts(name, options), *alternatives, str(reader.metadata)])


@pytest.mark.parametrize("format", TEXT)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_stands_nowhere_in_the_file(name: str, format: str) -> None:
    level = BLANK_AT[format][name]
    assert leaked(set(secrets_of(name)), everything_said(name, format, Options(blank=level))) == []


@needs("pdftotext")
@pytest.mark.parametrize("name", NAMES)
def test_nor_on_paper(name: str) -> None:
    level = BLANK_AT["pdf"][name]
    assert leaked(set(secrets_of(name)), everything_in_print(name, Options(blank=level, paper=PAPERS[level]))) == []


@pytest.mark.parametrize("format", TEXT)
@pytest.mark.parametrize(("name", "level"), BLANK_SLIDES)
def test_nor_on_a_slide(name: str, level: str, format: str) -> None:
    assert leaked(set(secrets_of(name)), everything_said(name, format, Options(blank=level, layout="slides"))) == []


@needs("pdftotext")
@pytest.mark.parametrize(("name", "level"), BLANK_SLIDES)
def test_nor_on_a_slide_on_paper(name: str, level: str) -> None:
    assert leaked(set(secrets_of(name)), everything_in_print(name, Options(blank=level, layout="slides"))) == []


@needs("pdftotext")
@pytest.mark.parametrize("format", [*TEXT, "pdf"])
def test_the_search_finds_what_is_there(format: str) -> None:
    words = everything_in_print("cookie", PLAIN) if format == "pdf" else everything_said("cookie", format, PLAIN)
    assert len(leaked(set(secrets_of("cookie")), words)) > 0.9 * len(secrets_of("cookie"))


@pytest.mark.parametrize("number", range(24))
def test_no_result_is_left_in_a_drawn_problem(number: int) -> None:
    problems = [fields for fields in drawn.every_problem() if not fields.get("rounding", {}).get("carry")]
    trace = solved(**problems[(number * 7) % len(problems)])
    blank = compose(trace, Options(blank=LEVELS[number % 3]))
    left = [part for part in parts(blank) if isinstance(part, Num) and part.found and not is_data(trace, part)]
    assert left == []
    assert leaked(results(trace, compose(trace)), strings(blank)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_problem_itself_stays(name: str) -> None:
    whole = blank_sheet(name, "none").blocks
    keys = [block.key if isinstance(block, Heading) and block.level == 1 else "" for block in whole]
    end = next((at for at, key in enumerate(keys) if key in ("forward", "backward")), len(whole))
    stated = [block for block in whole[:end] if not isinstance(block, Diagram)]
    for level in LEVELS:
        _, *blocks = blank_sheet(name, level).blocks
        assert [block for block in blocks[:end] if not isinstance(block, Diagram)] == stated


def written(level: str, name: str = "cookie") -> str:
    made = render(example(name), "txt", Options(blank=level))
    assert isinstance(made, str)
    return made


def test_results_keep_the_numbers_that_are_known() -> None:
    shown = written("results")
    assert "= 0.6(3) + 0.1(5) + 0(2) + 0.5(4) + 0.3 = __________\n" in shown
    assert "0.7(__________) + 0.5(__________) + 0.9(__________) + 0.2 = __________\n" in shown
    assert "w₁₁⁽¹⁾ⁿᵉʷ = w₁₁⁽¹⁾ − α(∂L/∂w₁₁⁽¹⁾)" in shown
    assert "saturated" not in shown
    assert "The network decides for ____" in shown
    assert "Nudge w₁⁽²⁾ by 0.001" in shown


def test_steps_keep_the_symbols_only() -> None:
    shown = written("steps")
    assert "0.6(3)" not in shown
    assert "∂L/∂z⁽²⁾ = ∂L/∂ŷ · ∂ŷ/∂z⁽²⁾ = ∂L/∂ŷ · ŷ(1 − ŷ)" in shown
    assert re.search(r"= _{40,}\n", shown)


def test_all_keeps_the_headings_and_room() -> None:
    sheet = blank_sheet("cookie", "all")
    first = next(at for at, block in enumerate(sheet.blocks) if isinstance(block, Heading) and block.key == "forward")
    assert {type(block) for block in sheet.blocks[first:]} == {Heading, Room}
    assert not isinstance(sheet.blocks[-1], Heading)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NAMES)
def test_no_heading_stands_over_nothing(name: str, level: str) -> None:
    blocks = blank_sheet(name, level).blocks
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(block, Heading):
            assert following is not None
            assert not (isinstance(following, Heading) and following.level <= block.level)


def test_a_blank_says_nothing_of_what_was_there() -> None:
    """Two problems that differ in their numbers only give sheets to fill in that differ in the statement only."""
    one, other = (
        solved(loss="mse", data={"x": [x], "y": 1.0}, layers=[{"type": "dense", "activation": "tanh", "W": [[w]]}])
        for x, w in ((0.5, 0.25), (0.123456, 0.7531))
    )
    for level in LEVELS:
        sheets = [compose(trace, Options(blank=level)) for trace in (one, other)]
        solutions = [[block for block in sheet.blocks if not _states(block)] for sheet in sheets]
        assert len(solutions[0]) == len(solutions[1])
        rooms = [[part for part in parts(solution) if isinstance(part, Blank)] for solution in solutions]
        assert rooms[0] == rooms[1]


@pytest.mark.parametrize("number", range(0, 90, 5))
def test_nor_does_what_is_left_depend_on_what_was_found(number: int) -> None:
    """One problem with other numbers takes other branches and raises other remarks; its blanks are the same."""
    problems = [fields for fields in drawn.every_problem() if "layers" in fields]
    pair = _one_problem_with_two_sets_of_numbers(problems[number % len(problems)], random.Random(number))
    options = Options(blank=LEVELS[number // 5 % 3])
    one, other = (_named(compose(trace, options).blocks, trace) for trace in pair)
    assert one == other


TANH_THEN_SIGMOID: dict[str, Any] = {
    "loss": "binary_cross_entropy",
    "layers": [
        {"type": "dense", "activation": "tanh", "W": [[0.3, 0.2], [0.4, 0.1]]},
        {"type": "dense", "activation": "sigmoid", "W": [[0.3, 0.5], [0.2, 0.1]]},
    ],
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("view", ["scalar", "matrix"])
def test_nor_on_whether_a_unit_is_saturated(level: str, view: str) -> None:
    first, last = TANH_THEN_SIGMOID["layers"]
    large = [first, {**last, "W": [[3000, 500], [0.2, 0.1]]}]
    mild, saturated, beyond = (
        _named(compose(trace, Options(blank=level, view=view)).blocks, trace)
        for trace in (
            solved(**TANH_THEN_SIGMOID, data={"x": [1.5, 0.5], "y": [0, 1]}),
            solved(**TANH_THEN_SIGMOID, data={"x": [150, 50], "y": [0, 1]}),
            solved(loss="binary_cross_entropy", layers=large, data={"x": [1.5, 0.5], "y": [0, 1]}),
        )
    )
    assert mild == saturated == beyond


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "data", [{"x": [1.5, 0.5], "y": [0, 1]}, {"x": [[1.5, 0.5], [0.1, 0.2]], "y": [[0, 1], [1, 0]]}]
)
def test_nor_is_said_what_is_too_large_for_a_number(level: str, data: dict[str, Any]) -> None:
    """The first output is so close to 1 that the slope of the loss is more than a double holds."""
    first, last = TANH_THEN_SIGMOID["layers"]
    layers = [first, {**last, "W": [[3000, 500], [0.2, 0.1]]}]
    trace = solved(loss="binary_cross_entropy", layers=layers, data=data)
    assert "too large" in strings(compose(trace, Options(view="matrix")))
    assert "too large" not in strings(compose(trace, Options(blank=level, view="matrix")))


RUN: dict[str, Any] = {
    "loss": "mse",
    "layers": [{"type": "dense", "W": [[0.5, 0.2], [0.3, 0.4]]}, {"type": "dense", "W": [[1, 2]]}],
    "data": {"x": [1.5, 0.5], "y": 0.25},
}


@pytest.mark.parametrize("steps", [1, 4, 50])
@pytest.mark.parametrize("level", LEVELS)
def test_nor_on_how_far_a_run_got(level: str, steps: int) -> None:
    """A rate far too large ends the run at the first update that is no number any more, or kills every unit."""
    runs = [
        solved(**RUN, optimizer={"type": "gradient_descent", "learning_rate": rate, "steps": steps})
        for rate in (0.01, 1e30, 1e300)
    ]
    assert steps == 1 or len({len(run.history) for run in runs}) > 1
    one, *others = (_named(compose(run, Options(blank=level)).blocks, run) for run in runs)
    assert all(other == one for other in others)


def _one_problem_with_two_sets_of_numbers(fields: dict[str, Any], rng: random.Random) -> list[Trace]:
    """Two traces that differ in inputs, weights and biases."""
    traces: list[Trace] = []
    while len(traces) < 2:
        with suppress(InputError):  # a cross-entropy of an output outside of 0 and 1
            traces.append(solved(**_redrawn(fields, rng)))
    return traces


def _redrawn(fields: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A problem with other inputs, weights and biases."""

    def drawn_like(value: Any) -> Any:
        return [drawn_like(part) for part in value] if isinstance(value, list) else rng.randint(-200, 200) / 100 or 0.5

    layers = [
        {key: drawn_like(value) if key in ("W", "b") else value for key, value in layer.items()}
        for layer in fields["layers"]
    ]
    data = {**fields["data"], "x": drawn_like(fields["data"]["x"])}
    return {**fields, "data": data, "layers": layers, "rounding": {}}


def _named(thing: Any, trace: Trace) -> Any:
    """``thing`` with the name of each number of the problem in its place."""
    if isinstance(thing, Num) and thing.item and is_data(trace, thing):
        return thing.item
    if isinstance(thing, Num) and (setting := _setting(thing, trace)):
        return setting
    if isinstance(thing, tuple):
        return tuple(_named(part, trace) for part in thing)
    if is_dataclass(thing):
        return (type(thing), *(_named(getattr(thing, field.name), trace) for field in fields(thing)))
    return thing


def _setting(number: Num, trace: Trace) -> str | None:
    """The learning rate, or what else an optimizer has, where the problem states it."""
    optimizer = trace.problem.optimizer
    if optimizer is None or number.found:
        return None
    settings = optimizer.model_dump(exclude={"type", "steps"})
    return next((f"@{name}" for name, value in settings.items() if float(number.text) == value), None)


def _states(block: Any) -> bool:
    return isinstance(block, Prose) and not block.text


def test_every_printed_equation_keeps_its_left_side() -> None:
    for name in NAMES:
        for level in ("results", "steps"):
            for block in blank_sheet(name, level).blocks:
                if isinstance(block, Formula):
                    assert all(isinstance(line, Equation) and line.parts for line in block.lines)
                    assert all(line_text(line) for line in block.lines)


def test_json_has_no_blanks() -> None:
    with pytest.raises(InputError, match="json holds every number"):
        render(stepcalc.solve(stepcalc.load(EXAMPLES[0])), "json", Options(blank="results"))
