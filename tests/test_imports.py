"""Imports point one way along the road, the dependencies are declared, and nothing heavy loads before its time."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "stepcalc"

# Who may import whom. A room is a module or a folder of stepcalc; the order is that of the road, and a room may also
# import from itself. docs/architecture.md tells the same story in words.
GROUND = {"errors", "items"}
PICTURED = {"curves", "contours", "outcomes", "training"}
SEQUENCES = {"sequences", "memory"}
TOLD = {"facts", "decisions", "agreement", "weights", "maps", "notation", "lines"}
WRITING = {"rounding", "resources", "trace"} | TOLD | PICTURED | SEQUENCES
STEPS = {"filling", "moves", "cost_steps", "steps", "chains", "reasons", "roads"}
READING = GROUND | {"board", "calculus", "problem", "graph", "derive"}
DRAWING = {
    "answers",
    "backend",
    "descend",
    "evaluate",
    "many",
    "marking",
    "notation",
    "ops",
    "repetition",
    "solving",
    "trace",
    "typed",
}
ROAD = {
    "_version": set[str](),
    "errors": set[str](),
    "items": set[str](),
    "resources": set[str](),
    "output": set[str](),
    "options": set[str](),
    "notebook": set[str](),
    "rounding": GROUND,
    "reproducible": set[str](),
    "backend": GROUND | {"reproducible"},
    "board": GROUND | {"rounding"},
    "sentences": {"board", "resources"},
    "calculus": GROUND | {"rounding", "backend", "board"},
    "problem": GROUND | {"output", "rounding", "board", "calculus", "ops"},  # ops only for operations that do not ship
    "models": GROUND | {"problem"},
    "ops": GROUND | {"backend", "board", "calculus"},
    "graph": GROUND | {"calculus", "problem", "ops"},
    "derive": GROUND | {"rounding", "backend", "board", "calculus", "problem", "ops", "graph"},
    "recording": {"backend"},
    "repetition": {"backend", "recording"},
    "evaluate": GROUND | {"rounding", "backend", "calculus", "problem", "ops", "graph"},
    "many": GROUND | {"rounding", "backend", "ops", "graph", "evaluate", "repetition"},
    "costs": GROUND | {"backend", "graph", "evaluate", "many"},
    "curvature": GROUND | {"backend", "calculus", "problem", "ops", "graph", "derive", "evaluate"},
    "descend": GROUND | {"rounding", "backend", "calculus", "problem", "ops", "graph", "evaluate", "curvature"},
    "passes": GROUND | {"backend", "ops", "graph", "evaluate", "many", "repetition", "descend"},
    "training": GROUND | {"backend", "problem", "ops", "graph", "evaluate", "costs", "curvature", "descend", "passes"},
    "reference": READING | {"notebook", "ops", "notation", "reasons"},
    "trace": READING
    | {"notebook", "rounding", "backend", "ops", "evaluate", "costs", "curvature", "descend", "training"},
    "solving": READING | {"backend", "evaluate", "curvature", "descend", "training", "reference", "trace"},
    "notation": GROUND | {"board", "calculus", "problem", "ops", "graph"},
    "lines": READING | {"rounding", "trace", "notation"},
    "facts": READING | {"ops", "trace"},
    "decisions": READING | {"ops", "facts", "trace"},
    "agreement": {"costs", "trace"},
    "weights": READING | {"ops", "trace"},
    "sequences": GROUND | {"board", "graph", "notation", "ops"},
    "memory": {"ops", "trace"},
    "maps": READING | {"ops", "trace"},
    "curves": READING | {"backend", "ops", "trace"},
    "contours": set[str](),
    "outcomes": GROUND | {"training"},
    "filling": READING | {"ops", "trace", "notation", "lines"},
    "moves": READING | {"ops", "trace", "notation", "lines", "filling"},
    "cost_steps": READING | {"ops", "lines", "filling", "moves"},
    "steps": READING | WRITING | {"ops", "filling", "moves", "cost_steps"},
    "chains": READING | WRITING | {"filling", "moves", "steps"},
    "reasons": READING | {"ops", "notation"},
    "roads": READING | WRITING | {"costs", "ops", "filling", "moves", "steps"},
    "typed": READING | {"ops", "notation"},
    "answers": READING | WRITING | {"ops", "sentences"},
    "marking": READING | {"backend", "notation", "ops", "trace", "solving", "typed", "answers", "notebook"},
    "sheet": READING | WRITING | STEPS | {"costs", "options", "reference", "sentences"},  # never ops
    "reports": READING | WRITING | {"answers", "marking", "options", "sheet"},
    "recipes": GROUND | {"problem"},
    "drawing": READING | DRAWING | {"rounding", "curvature", "evaluate", "repetition", "sentences", "recipes"},
    "exams": READING | WRITING | STEPS | DRAWING | {"recipes", "drawing", "sheet"},
    "papers": READING | WRITING | STEPS | DRAWING | {"options", "output", "recipes", "drawing", "exams", "sheet"},
    "platforms": READING
    | WRITING
    | {"options", "output", "sentences", "recipes", "answers", "typed", "exams", "sheet"},
    "publishing": READING
    | DRAWING
    | {"_version", "output", "options", "recipes", "drawing", "exams", "papers", "platforms", "sheet"},
}
ENTRANCES = {"__init__", "__main__", "cli"}  # these see every room

MODULE = re.compile(r"stepcalc(\.\w+)+\.?")
"""A string that names a module of the house, as ``import_module`` is given it."""

# Import name → name in pyproject.toml, where they differ, or whose name stands for its own part.
DISTRIBUTIONS = {
    "array_api_compat": "array-api-compat",
    "PIL": "pillow",
    "cupy": "cupy-cuda12x",
    "fontTools": "fonttools",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "typing_extensions": "typing-extensions",
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(module: Path) -> str:
    first = module.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@cache
def nodes(module: Path) -> tuple[ast.AST, ...]:
    """All that the text of ``module`` is made of."""
    return tuple(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))


def imports(module: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that ``module`` imports, inside functions and by name in a string too."""
    package = ("stepcalc", *module.relative_to(PACKAGE).parent.parts)
    for node in nodes(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*start, *filter(None, [node.module])))
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and MODULE.fullmatch(str(node.value)):
            yield node.lineno, str(node.value)


def test_every_module_belongs_to_a_room_of_the_plan() -> None:
    assert {room_of(module) for module in modules()} <= ROAD.keys() | ENTRANCES


def test_the_road_has_no_circles() -> None:
    done: set[str] = set()
    waiting = dict(ROAD)
    while ready := [room for room, sources in waiting.items() if sources <= done]:
        done |= set(ready)
        for room in ready:
            del waiting[room]
    assert not waiting


@pytest.mark.parametrize("room", ROAD)
def test_imports_point_one_way(room: str) -> None:
    allowed = ROAD[room] | {room}
    wrong = [
        f"{module.relative_to(PACKAGE)}, line {line}: {name}"
        for module in modules()
        if room_of(module) == room
        for line, name in imports(module)
        if name.startswith("stepcalc.") and name.split(".")[1] not in allowed | {"__version__"}
    ]
    assert not wrong, f"{room} may import {sorted(allowed)}"


def test_every_library_imported_is_declared() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    declared = " ".join((*project["dependencies"], *optional["cupy"], *optional["dask"]))
    used = {name.split(".")[0] for module in modules() for _, name in imports(module)}
    foreign = used - sys.stdlib_module_names - {"stepcalc"}
    assert [name for name in sorted(foreign) if DISTRIBUTIONS.get(name, name) not in declared] == []


def test_user_text_is_never_executed() -> None:
    found = [
        f"{module.relative_to(PACKAGE)}:{node.lineno} {name}"
        for module in modules()
        for node in nodes(module)
        if isinstance(node, ast.Call) and (name := executes_text(node))
    ]
    assert found == []


def executes_text(call: ast.Call) -> str:
    """The name of the function called, if it may run a string as code: ``sympify`` does so unless it is strict."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    plain = {"eval", "exec", "compile", "__import__"} if isinstance(call.func, ast.Name) else set[str]()
    if name == "sympify" and any(word.arg == "strict" for word in call.keywords):
        return ""
    return name if name in plain | {"sympify", "parse_expr", "lambdify"} else ""


def loaded_after(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("statement", ["import stepcalc", "import stepcalc.cli; stepcalc.cli.parser()"])
def test_nothing_heavy_loads_before_it_is_needed(statement: str) -> None:
    heavy = {
        "sympy",
        "numpy",
        "pydantic",
        "lark",
        "jinja2",
        "weasyprint",
        "ziamath",
        "cupy",
        "torch",
        "keras",
        "sklearn",
    }
    assert loaded_after(statement) & heavy == set()
