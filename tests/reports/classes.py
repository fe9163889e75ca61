"""A class made up for the tests: names that mean harm, answers of every verdict."""

from __future__ import annotations

from functools import cache

import stepcalc
from stepcalc.answers.base import Answers
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import Marks
from stepcalc.problem.items import with_marking
from stepcalc.trace import Trace
from tests.made import trace_of
from tests.marking.students import going_on, typed

SCRIPT, FORMULA, PATH = "<script>alert(1)</script>", "=cmd()|'/C calc'!A0", "../../x"
NOTICE = 'row 9: "Ada" & <b>Ada</b>'
ITEMS = (
    *("z1[1]", "z1[2]", "z1[3]", "a1[1]", "a1[2]", "a1[3]", "z2", "y_hat", "L", "dL/dy_hat", "dL/dz2"),
    *("dL/dW2[1]", "dL/dW2[2]", "dL/dW2[3]", "dL/db2", "dL/da1[1]", "dL/dz1[1]", "dL/dW1[1,1]", "dL/dW1[2,3]"),
    *("W1_new[1,1]", "W2_new[1]"),
)


def cookie() -> Trace:
    """The worked example."""
    trace = trace_of("cookie")
    assert isinstance(trace, Trace)
    return trace


def key() -> dict[str, str]:
    """Every answer right."""
    trace = cookie()
    return {item: trace.rounding.printed(number) for item in ITEMS if (number := trace.value(_id(item))) is not None}


def _id(item: str) -> str:
    return str(cookie().problem.items.scalar(item))


def after(wrong: str, value: float) -> dict[str, str]:
    """The answers of somebody who makes one mistake and goes on rightly."""
    ids = {item: _id(item) for item in ITEMS}
    found = going_on(cookie(), ids[wrong], value, ids.values())
    return {item: typed(found[known], 6) for item, known in ids.items()}


def of(students: dict[str, dict[str, str]], notices: tuple[str, ...] = (), **marking: object) -> Marks:
    """The marks of these students."""
    trace = cookie()
    if marking:
        trace = stepcalc.solve(with_marking(trace.problem, marking))
    items = tuple(dict.fromkeys(item for given in students.values() for item in given))
    raw = {item: tuple(given.get(item, "") for given in students.values()) for item in items}
    others = {"e-mail": tuple(f"@{place}" for place in range(len(students)))}
    return mark(trace, Answers(items, tuple(students), raw, others=others, notices=notices))


@cache
def classroom() -> Marks:
    """Seven students."""
    right = key()
    return of(
        {
            SCRIPT: after("y_hat", 0.7),
            FORMULA: right | {"z2": "abc", "L": ""},
            PATH: after("dL/dz1[1]", cookie().value("dL/da1[1]") or 0.0),
            "Ada": right,
            "ada": after("dL/dW1[1,1]", 0.5) | {"W2_new[1]": "0.78986"},
            "Zoë 王": right | {"dL/dW1[1,1]": "0.0187", "dL/dz2": "0.90763"},
            "nobody": dict.fromkeys(right, ""),
        },
        notices=(NOTICE,),
    )
