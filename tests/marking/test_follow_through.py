"""One mistake is one wrong item: whatever is calculated on from it, rightly, follows through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from stepcalc.items import derivative_id
from stepcalc.marking.judge import AT_A_CORNER
from stepcalc.trace import Trace
from tests.made import NAMES, numeric, trace_of
from tests.marking.students import by_item, going_on, items_of, later_items_of, one, several, typed
from tests.printed import solved

NUMERIC = [name for name in NAMES if numeric(name)]
STUDENTS = 8
"""So many, each with a mistake of their own, are marked together."""
CHANGES = 0.37, -0.61, 1.9
"""How far off a wrong number is, in shares of the right one."""
AS_DRAWN = (Phase.generate,)
"""A case that fails says what was wrong as it is, and to look for a smaller one takes long."""
APART = 1e-4
"""A number that is off by more than this, of itself and of 1, is not the key's in another rounding."""


@pytest.mark.parametrize("name", NUMERIC)
def test_the_key_marks_itself(name: str) -> None:
    trace = trace_of(name)
    key = {item: trace.rounding.printed(trace.value(item)) for item in [*items_of(trace), *later_items_of(trace, 2)]}
    marks = one(trace, key)
    assert {mark.verdict for mark in marks.items} == {"correct"}
    assert marks.marks == len(key)
    assert marks.first_error is None


def check_one_mistake(data: st.DataObject, trace: Trace, items: list[str], wrong_ones: list[str]) -> None:
    """Students who change one of some items, and go on from there without another mistake."""
    mistakes = st.tuples(st.sampled_from(wrong_ones), st.sampled_from(CHANGES))
    drawn = data.draw(st.lists(mistakes, min_size=STUDENTS // 2, max_size=STUDENTS))
    students = []
    for wrong, change in drawn:
        right = trace.value(wrong)
        value = float(typed(right + change * (abs(right) + 0.05)))
        students.append((wrong, going_on(trace, wrong, value, items)))
    students = [(wrong, found) for wrong, found in students if all(map(np.isfinite, found.values()))]
    assume(students)
    marked = several(trace, [{item: typed(found[item]) for item in items} for _, found in students])
    for (wrong, found), marks in zip(students, marked, strict=True):
        verdicts = by_item(marks)
        assert marks.first_error == wrong
        assert verdicts[wrong].verdict == "wrong"
        for item in set(items) - {wrong}:
            mark, right = verdicts[item], trace.value(item)
            assert mark.verdict != "wrong" or mark.blocked_by, (wrong, mark)
            if abs(found[item] - right) > APART * (1 + abs(right)) and not mark.remarks & AT_A_CORNER:
                assert mark.verdict != "correct", (wrong, mark)


def may_be_wrong(trace: Trace, items: list[str]) -> list[str]:
    """The items in which a mistake can be made and gone on from with the kernels.

    The kernel of a softmax takes 1 − ŷ₂ as the sum of the other outputs, which nobody does on paper: for a wrong one
    of these there is a test of its own. Newton's system holds second derivatives, which the kernels take from the
    parameters alone: there, only slopes by parameters, and what is made of them, can be gone on from as a student does.
    That second derivatives are judged by their own steps is seen in ``test_kinds.py``.
    """
    outputs = trace.graph[trace.graph.canonical("y_hat")] if "y_hat" in trace.graph.quantities else None
    if outputs is not None and outputs.op is not None and outputs.op.name == "softmax":
        items = [item for item in items if trace.graph.canonical(trace.graph.read(item).name) != outputs.name]
    if trace.optimizer is None or trace.optimizer.name != "newton":
        return items
    slopes = {derivative_id(trace.graph.cost, name) for name in trace.graph.parameters}
    plain = {item: item.partition("#")[0] for item in items}
    return [item for item in items if plain[item] in slopes or trace.graph.read(item).part]


@pytest.mark.parametrize("name", NUMERIC)
@settings(max_examples=3, phases=AS_DRAWN)
@given(data=st.data())
def test_one_mistake_is_one_wrong_item(name: str, data: st.DataObject) -> None:
    trace = trace_of(name)
    items = items_of(trace)
    check_one_mistake(data, trace, items, may_be_wrong(trace, items))


def test_a_wrong_output_of_a_softmax() -> None:
    trace = trace_of("multi_output")
    y_hat, y = trace.values["y_hat"].copy(), trace.values["y"]
    y_hat[2] += 0.2
    hidden = trace.values["W2"].T @ (y_hat - y)
    given = {f"y_hat[{i}]": typed(value) for i, value in enumerate(y_hat, start=1)}
    given |= {f"dL/dz2[{i}]": typed(value) for i, value in enumerate(y_hat - y, start=1)}
    given |= {f"dL/da1[{i}]": typed(value) for i, value in enumerate(hidden, start=1)}
    marks = by_item(one(trace, given))
    verdicts = {item: mark.verdict for item, mark in marks.items()}
    assert [item for item, verdict in verdicts.items() if verdict == "wrong"] == ["y_hat[3]"]
    assert verdicts["dL/dz2[3]"] == verdicts["dL/da1[1]"] == "follow_through"


def network(**optimizer: object) -> Trace:
    layers = [
        {"type": "dense", "activation": "tanh", "W": [[0.3, -0.5], [0.8, 0.2]], "b": [0.1, -0.2]},
        {"type": "dense", "activation": "sigmoid", "W": [[0.7, -0.4]], "b": [0.25]},
    ]
    data = {"x": [[1.0, 2.0], [0.5, -1.5]], "y": [1, 0]}
    return solved(loss="binary_cross_entropy", data=data, layers=layers, optimizer={"steps": 3, **optimizer})


UPDATED: dict[str, Callable[[], Trace]] = {
    "gradient_descent": lambda: network(type="gradient_descent", learning_rate=0.3),
    "momentum": lambda: network(type="momentum", learning_rate=0.2, momentum=0.6),
    "adam": lambda: network(type="adam", learning_rate=0.05),
    "newton": lambda: trace_of("newton"),
}


@pytest.mark.parametrize("optimizer", UPDATED)
@settings(max_examples=3, phases=AS_DRAWN)
@given(data=st.data())
def test_one_mistake_in_one_of_several_updates(optimizer: str, data: st.DataObject) -> None:
    trace = UPDATED[optimizer]()
    items = [*items_of(trace), *later_items_of(trace, 3)]
    assert any(item.endswith("#3") for item in items)
    check_one_mistake(data, trace, items, may_be_wrong(trace, items))
