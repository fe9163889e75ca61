"""Which tests run in one process when several run them: those of one problem, so that what is made of it is made once.

A problem's name comes first in the ids of its tests: ``test_sheets[cookie-html]``.
"""

from __future__ import annotations

import re
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

from tests.odd_problems import MORE, ODD

EXAMPLES = [path.stem for path in (Path(__file__).resolve().parent.parent / "worked_examples").glob("*.toml")]
PROBLEM = re.compile(rf"\[({'|'.join(map(re.escape, (*EXAMPLES, *ODD, *MORE)))})[-\]]")
TOGETHER = ("tests/sheet/test_tex_compiles.py", "tests/test_imports.py", "tests/test_packaging.py")
"""Files whose tests share what is costly."""


def scope(test: str) -> str:
    """What runs in the same process as ``test``, by its id: the tests of the same scope."""
    problem = PROBLEM.search(test)
    file = test.partition("::")[0]
    return problem[1] if problem else file if file in TOGETHER else test


class ByProblem(LoadScopeScheduling):
    """Gives a process the tests of one problem, or a test of none, whenever it has nothing to do."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
