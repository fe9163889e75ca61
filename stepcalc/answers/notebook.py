"""Answers in a notebook: variables named like the items, ``z1 = [4.6, 4.5, 5.9]``, read off the code and never run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path
from typing import Any

from stepcalc.answers.base import Batch, Notices, Submission, name_of
from stepcalc.answers.columns import STUDENT, VARIANT
from stepcalc.answers.files import refuse
from stepcalc.answers.json_file import read_json
from stepcalc.answers.names import ItemNames, elements
from stepcalc.problem.arrays import shape_text
from stepcalc.problem.faults import quoted, shown

MAX_CODE_CELLS = 2_000
MAX_CODE = 50_000
"""The most characters of one cell; of what is so short, Python's parser says in time that it is nested too deeply."""
MAX_AXES = 5

WRAPPERS = frozenset(("array", "asarray", "tensor", "matrix", "float", "float32", "float64", "Matrix"))
"""Functions that only make an array or a number of the numbers they are given, whatever library they are of."""

_MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)
_BEGINS = re.compile(r"^(?=[^\s)\]}#])", re.MULTILINE)
"""Where a statement may begin: at the left edge, but for what closes a bracket."""

Number = str
"""A number as it is typed; "" for None, which stands where nobody has put one."""
Nested = Number | list["Nested"]


@dataclass
class Found:
    """What has been read so far of one notebook: the last text for each item, and for other names that count."""

    answers: dict[str, str] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)


def read_notebook(path: Path, names: ItemNames) -> Batch:
    """The answers in a notebook of format 4. Raises :class:`InputError` where it is none."""
    found, notices = Found(), Notices()
    for number, code in _code_cells(read_json(path)):
        if len(code) > MAX_CODE:
            notices.tell(f"cell {number}: {len(code):,} characters, more than {MAX_CODE:,}; not read")
            continue
        reader = _Cell(f"cell {number}", names, found, notices)
        for statement, source in statements(code, f"cell {number}", notices):
            reader.read(statement, source)
    student = name_of(found.own.get(STUDENT, "")) or name_of(path.stem)
    submission = Submission(student, path.name, found.answers, name_of(found.own.get(VARIANT, "")))
    return Batch([submission], found.spelled, notices)


def _code_cells(notebook: Any) -> Iterator[tuple[int, str]]:
    """The code of each cell that is Python, with the cell's number."""
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    if not isinstance(cells, list):
        refuse("no notebook of format 4: it has no cells")
    if len(cells) > MAX_CODE_CELLS:
        refuse(f"{len(cells):,} cells, at most {MAX_CODE_CELLS:,} are read")
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, Mapping) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            lines = source if isinstance(source, list) else [source]
            code = "".join(line for line in lines if isinstance(line, str))
            yield number, code


def statements(code: str, place: str, notices: Notices) -> Iterator[tuple[ast.stmt, Source]]:
    """The statements of a cell; where it is not Python as a whole, those of its parts that are."""
    code = _MAGIC.sub("", code.replace("\r\n", "\n"))
    whole = _parsed(code)
    if isinstance(whole, str):
        notices.tell(f"{place}: {whole}; what stands around it is read")
    parts = [part for part in _BEGINS.split(code) if part.strip()] if isinstance(whole, str) else [code]
    for part in parts:
        tree = whole if len(parts) == 1 else _parsed(part)
        if isinstance(tree, ast.Module):
            source = Source(part)
            yield from ((statement, source) for statement in tree.body)


def _parsed(code: str) -> ast.Module | str:
    """The code as a tree, or what is wrong with it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except SyntaxError as error:
        return f"line {error.lineno} is not valid Python"
    except (ValueError, RecursionError, MemoryError):
        return "not valid Python, or nested too deeply"


class Source:
    """A text, and what of it a node of its tree was read from."""

    def __init__(self, code: str) -> None:
        self._lines = [line.encode() for line in code.split("\n")]

    def of(self, node: ast.expr) -> str:
        """The characters that ``node`` was read from, its lines joined."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(line.decode("utf-8", "replace").strip() for line in lines)


@dataclass(frozen=True)
class _Cell:
    """Reads the assignments of one cell."""

    place: str
    names: ItemNames
    found: Found
    notices: Notices

    def read(self, statement: ast.stmt, source: Source) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value, source)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, value, source)
            case ast.AugAssign(target=target):
                self.tell_calculated(target)

    def assign(self, target: ast.expr, value: ast.expr, source: Source) -> None:
        if not isinstance(target, ast.Name):
            self.tell_calculated(target)
        elif target.id in (STUDENT, VARIANT):
            if isinstance(value, ast.Constant) and isinstance(value.value, str | int):
                self.found.own[target.id] = str(value.value)
        else:
            self.answer(spelled_back(target.id), nested(value, source))

    def tell_calculated(self, target: ast.expr) -> None:
        """Code that changes an item is not run: say so, where its name is one."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and self.names.items.array(spelled_back(node.id)):
                told = "is changed by code, which is not run; write its numbers as a list"
                self.notices.tell(f"{self.place}: {shown(node.id)} {told}")

    def answer(self, name: str, value: Nested) -> None:
        items = self.names.items
        array, scalar = items.array(name), self.names.scalar(name)
        if array in self.names.given or (scalar or "").partition("[")[0] in self.names.given:
            return
        if scalar is not None and isinstance(value, str):
            self.found.answers[scalar] = value
            self.found.spelled.setdefault(scalar, name)
        elif array is not None:
            self.answer_array(name, array, value)
        elif self.names.is_near(name):
            self.notices.tell(f"{self.place}: {self.names.complaint(name)}")

    def answer_array(self, name: str, array: str, value: Nested) -> None:
        ids = list(elements(self.names.items, array))
        wanted, given = shape_of(self.names.items, array), nested_shape(value)
        numbers = list(flat(value))
        if isinstance(value, str):  # calculated by code: nobody can read that as a number, which the marker will say
            numbers = [value] * len(ids)
        elif given is None or _without_ones(given) != _without_ones(wanted):
            told = "rows of different lengths" if given is None else f"shape {shape_text(given)}"
            self.notices.tell(f"{self.place}: {quoted(name)} has {told}, expected {shape_text(wanted)}; not read")
            return
        for item, number in zip(ids, numbers, strict=True):
            key = self.names.scalar(item) or item
            self.found.answers[key] = number
            self.found.spelled.setdefault(key, item)


def spelled_back(name: str) -> str:
    """The name that a variable stands for: that of a Python keyword has an underscore behind it."""
    return name[:-1] if name.endswith("_") and iskeyword(name[:-1]) else name


def shape_of(items: Any, array: str) -> tuple[int, ...]:
    """The natural shape of an array, its samples first where it has several."""
    ids = [item.partition("@") for item in elements(items, array)]
    samples = len({sample for _, _, sample in ids})
    shape: tuple[int, ...] = items.shape(array)
    return (samples, *shape) if ids and ids[0][1] else shape


def nested(value: ast.expr, source: Source) -> Nested:
    """A value as numbers in lists, each as it is typed; what is neither is the code that stands there."""
    match value:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [nested(part, source) for part in parts]
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inner]) if name in WRAPPERS:
            return nested(inner, source)
        case ast.Constant(value=None):
            return ""
        case ast.Constant(value=str(text)):
            return text
    return source.of(value)


def nested_shape(value: Nested) -> tuple[int, ...] | None:
    """The shape of lists in lists; None where they are of different lengths, or too deep."""
    if isinstance(value, str):
        return ()
    inner = {nested_shape(part) for part in value}
    if len(inner) > 1 or None in inner:
        return None
    below = inner.pop() if inner else ()
    return None if below is None or len(below) >= MAX_AXES else (len(value), *below)


def flat(value: Nested) -> Iterator[Number]:
    """The numbers in lists in lists, row by row."""
    if isinstance(value, str):
        yield value
    else:
        for part in value:
            yield from flat(part)


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [size for size in shape if size != 1]
