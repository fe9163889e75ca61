"""Marking: every answer is judged against its own step on the student's own earlier numbers."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """This room can be called: ``stepcalc.check(problem, answers)`` and ``stepcalc.check`` share a name."""

    def __call__(self, problem: Any, answers: Any) -> Any:
        """As :func:`stepcalc.check.entrance.check`."""
        from stepcalc.check.entrance import check

        return check(problem, answers)


sys.modules[__name__].__class__ = _Room
