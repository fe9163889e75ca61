"""stepcalc: backpropagation worked out step by step, for people who teach it.

``load`` reads a problem file, ``solve`` derives and calculates it; a :class:`Trace` holds every number with its
reason. Of a reference table, ``solve`` gives a :class:`Reference`. Both show themselves in a notebook, and ``render``
writes both as ``Options`` say. ``check(problem, answers)`` marks answers; :class:`Marks` show themselves as well.
``generate(recipe, n, seed)`` draws the variants of an exam, ``publish(exam, folder)`` writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepcalc._version import __version__
from stepcalc.errors import BackendError, Fault, InputError, ModelWarning, NumberError, StepcalcError
from stepcalc.notebook import Shown

if TYPE_CHECKING:
    from stepcalc.exams.entrance import generate
    from stepcalc.exams.variant import Exam
    from stepcalc.marking.entrance import check
    from stepcalc.marking.marks import Marks
    from stepcalc.models import from_keras, from_sklearn, from_torch
    from stepcalc.options import Options
    from stepcalc.problem import ExpressionProblem, NetworkProblem, Problem, TableProblem, load, save
    from stepcalc.publishing.publish import publish
    from stepcalc.recipes import Recipe
    from stepcalc.reference import Reference
    from stepcalc.sheet import render
    from stepcalc.solving import solve
    from stepcalc.trace import Trace

__all__ = [
    "BackendError",
    "Exam",
    "ExpressionProblem",
    "Fault",
    "InputError",
    "Marks",
    "ModelWarning",
    "NetworkProblem",
    "NumberError",
    "Options",
    "Problem",
    "Recipe",
    "Reference",
    "StepcalcError",
    "TableProblem",
    "Trace",
    "__version__",
    "check",
    "from_keras",
    "from_sklearn",
    "from_torch",
    "generate",
    "load",
    "publish",
    "render",
    "save",
    "solve",
]

_LAZY = {
    "Exam": "stepcalc.exams.variant",
    "ExpressionProblem": "stepcalc.problem",
    "Marks": "stepcalc.marking.marks",
    "NetworkProblem": "stepcalc.problem",
    "Options": "stepcalc.options",
    "Problem": "stepcalc.problem",
    "Recipe": "stepcalc.recipes",
    "Reference": "stepcalc.reference",
    "TableProblem": "stepcalc.problem",
    "check": "stepcalc.marking.entrance",
    "from_keras": "stepcalc.models",
    "from_sklearn": "stepcalc.models",
    "from_torch": "stepcalc.models",
    "generate": "stepcalc.exams.entrance",
    "load": "stepcalc.problem",
    "publish": "stepcalc.publishing.publish",
    "render": "stepcalc.sheet",
    "save": "stepcalc.problem",
    "Trace": "stepcalc.trace",
    "solve": "stepcalc.solving",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: SymPy takes its time."""
    from importlib import import_module

    if name not in _LAZY:
        raise AttributeError(f"module 'stepcalc' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _page(result: Trace | Reference | Marks) -> str:
    from stepcalc.marking.marks import Marks
    from stepcalc.reports import overview
    from stepcalc.sheet import render

    return overview(result) if isinstance(result, Marks) else str(render(result, "html"))


Shown.page = staticmethod(_page)
