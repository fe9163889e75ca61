"""Which tests run in one process when several run them: those that share what is made, so that it is made once.

Of a worked example or an odd problem, whose name comes first in the ids of its tests (``test_sheets[cookie-html]``),
it is all that ``made.py`` makes; else what the tests of a file make, or of a room.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.odd_problems import MORE, ODD

EXAMPLES = [path.stem for path in (Path(__file__).resolve().parent.parent / "worked_examples").glob("*.toml")]
PROBLEM = re.compile(rf"\[({'|'.join(map(re.escape, (*EXAMPLES, *ODD, *MORE)))})[-\]]")
ROOM = re.compile(r"tests/(?:exams|marking|papers|platforms|publishing|reports)/")
"""Rooms whose tests share what is costly: a class, its marks, an exam and its papers."""
WHOLE = ("tests/sheet/test_tex_compiles.py", "tests/test_packaging.py")
"""Files that stay together, although their tests are named after problems. They take long, and come first."""


def scope(test: str) -> str:
    """What runs in the same process as ``test``, by its id: the tests of the same scope."""
    room, problem, file = ROOM.match(test), PROBLEM.search(test), test.partition("::")[0]
    if room:
        return room[0]
    return problem[1] if problem and file not in WHOLE else file


class ByProblem(LoadScopeScheduling):
    """Gives a process the tests of one scope whenever it has nothing to do."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        config.option.loadscopereorder = False  # in the order of the files, of which the last ones are short
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
