"""Files for students to fill in: the items as headings, a legend under them, the class if it is known."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Sequence
from html import escape
from itertools import groupby
from keyword import iskeyword
from typing import Any

from stepcalc.answers.class_list import ClassList, Member
from stepcalc.answers.columns import STUDENT, VARIANT
from stepcalc.answers.legends import Legend
from stepcalc.answers.names import as_name, asked_items, elements
from stepcalc.answers.notebook import shape_of
from stepcalc.answers.safe import names_of_files, neutralised
from stepcalc.answers.table import LEGEND
from stepcalc.answers.xlsx_write import workbook
from stepcalc.errors import Fault, InputError
from stepcalc.problem.items import Items
from stepcalc.sentences import said
from stepcalc.trace import Trace

MAX_ITEMS = 500
INDENT = "    "


def template_items(trace: Trace) -> tuple[str, ...]:
    """The ids of the items that are asked. Raises :class:`InputError` where they are too many to be filled in."""
    asked = asked_items(trace.problem)
    _refuse_too_many(asked)
    return asked


def _refuse_too_many(asked: Collection[str]) -> None:
    if len(asked) > MAX_ITEMS:
        told = f"{len(asked):,} items to fill in, at most {MAX_ITEMS} are possible; list those you ask"
        raise InputError(Fault("marking.items", told))


def csv_template(trace: Trace, group: ClassList, others: Sequence[Trace] = ()) -> str:
    """A CSV file to fill in; ``others`` are variants with other layers, which are asked other things."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    header, legend, rows = _table(trace, group, others)
    writer.writerows([header, legend, *([neutralised(cell) for cell in row] for row in rows)])
    return stream.getvalue()


def xlsx_template(trace: Trace, group: ClassList, others: Sequence[Trace] = ()) -> bytes:
    """A workbook to fill in, as :func:`csv_template`."""
    return workbook(*_table(trace, group, others), trace.problem.title or trace.problem.source_name)


def _table(trace: Trace, group: ClassList, others: Sequence[Trace]) -> tuple[list[str], list[str], list[list[str]]]:
    """Headings, legend and rows."""
    asked = _asked((trace, *others))
    own = [STUDENT, *([VARIANT] if group.has_variants else []), *group.others]
    first = [f"{LEGEND} {said('legend.first')}", *[""] * (len(own) - 1)]
    rows = [
        [m.student, *([m.variant] if group.has_variants else []), *m.others.values(), *[""] * len(asked)]
        for m in group.members
    ]
    return [*own, *asked], [*first, *asked.values()], rows


def _asked(traces: Sequence[Trace]) -> dict[str, str]:
    """What any of the variants is asked: its heading, and its line in the legend."""
    found: dict[str, list[tuple[str, Legend]]] = {}
    for trace in traces:
        legend = Legend(trace)
        for item in asked_items(trace.problem):
            found.setdefault(item, []).append((short(trace.problem.items, item), legend))
    _refuse_too_many(found)
    return {_heading(item, {name for name, _ in known}): _line(item, known) for item, known in found.items()}


def _heading(item: str, names: set[str]) -> str:
    """What an item is called in all variants; the id, where its array has several elements in some of them."""
    return next(iter(names)) if len(names) == 1 else item


def _line(item: str, known: Sequence[tuple[str, Legend]]) -> str:
    """An item's line in the legend; nothing but its symbol where that stands for something else in other variants."""
    (_, first), *others = known
    alike = (legend for _, legend in others if legend.written(item) == first.written(item))
    return first.line(item) if all(one.what(item) == first.what(item) for one in alike) else first.written(item)


def short(items: Items, item: str) -> str:
    """An id without the index that says nothing, that of an array with a single element."""
    whole = re.sub(r"\[[\d,]*\]$", "", item)
    return whole if items.scalar(whole) == item else item


def notebook_template(trace: Trace, member: Member | None = None) -> str:
    """A notebook to fill in, of one student if one is given: a variable for each item or array."""
    member = member or Member("")
    who = f"{STUDENT} = {_quoted(member.student)}\n{VARIANT} = {_quoted(member.variant)}"
    title = _markdown(trace.problem.title or trace.problem.source_name)
    cells = [_text(f"# {title}\n\n{said('legend.how')}\n\n{said('legend.who')}"), _code(who)]
    legend = Legend(trace)
    for heading, items in _phases(trace):
        lines = [f"- `{short(trace.problem.items, item)}`: {_markdown(legend.line(item))}" for item in items]
        cells += [
            _text("\n".join([f"## {heading}", "", *lines])),
            _code("\n".join(_variables(trace.problem.items, items))),
        ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def notebooks(members: Sequence[tuple[Member, Trace]]) -> dict[str, str]:
    """A notebook for each student, of their own problem, by the names of their files, no two of which are alike."""
    names = names_of_files([member.student for member, _ in members], ".ipynb")
    return {name: notebook_template(trace, member) for name, (member, trace) in zip(names, members, strict=True)}


def _quoted(text: str) -> str:
    """A name as a Python string."""
    return json.dumps(text, ensure_ascii=False)


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}


def _markdown(text: str) -> str:
    """A user's text in Markdown: nothing in it is markup."""
    return re.sub(r"([\\`*_{}\[\]$#|~])", r"\\\1", escape(" ".join(text.split()), quote=False))


def _phases(trace: Trace) -> Iterator[tuple[str, list[str]]]:
    """The items by phase and layer, each with what its cell is headed by."""

    layers = {quantity.layer for quantity in trace.graph.quantities.values()} - {None}

    def place(item: str) -> tuple[str, int | None]:
        parsed = trace.graph.read(item)
        phase = "backward" if parsed.of else "update" if parsed.part else "forward"
        quantity = trace.graph[parsed.name]
        return ("loss" if phase == "forward" and quantity.role == "cost" else phase), quantity.layer

    for (phase, layer), items in groupby(template_items(trace), key=place):
        heading = said(f"headings.{phase}")
        several = layer is not None and len(layers) > 1
        yield said("legend.phase_layer", phase=heading, layer=layer or 0) if several else heading, list(items)


def _variables(items: Items, asked: Sequence[str]) -> Iterator[str]:
    """Assignments of None, a whole array at once where all of it is asked or it has no scalar variables."""
    left = list(dict.fromkeys(asked))
    while left:
        array = items.array(re.sub(r"\[[\d,]*\]|@\d+", "", left[0])) or left[0]
        whole = list(elements(items, array))
        if "@" in left[0] or (len(whole) > 1 and set(whole) <= set(left)):
            yield f"{variable(array)} = {_nones(shape_of(items, array))}"
            left = [item for item in left if item not in set(whole)]
        else:
            name = array if len(whole) == 1 else left[0]
            yield f"{variable(name)} = None"
            del left[0]


def variable(item: str) -> str:
    """An id as the name of a variable; that of a Python keyword has an underscore behind it."""
    name = as_name(item)
    return f"{name}_" if iskeyword(name) else name


def _nones(shape: tuple[int, ...], indent: str = "") -> str:
    """Nested lists of None, a line for each innermost list."""
    if len(shape) < 2:
        return f"[{', '.join(['None'] * (shape[0] if shape else 1))}]"
    inner = indent + INDENT
    rows = "".join(f"{inner}{_nones(shape[1:], inner)},\n" for _ in range(shape[0]))
    return f"[\n{rows}{indent}]"
