"""One mistake is one wrong item: whatever is calculated on from it, rightly, follows through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.made import NAMES, numeric, trace_of
from tests.marking.students import by_item, going_on, items_of, one, typed

PLAIN = [
    name
    for name in NAMES
    if name not in ("cnn", "activations", "losses") and not name.startswith("newton") and not name.startswith("adam")
]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("activations", "losses")])
def test_the_key_marks_itself(name: str) -> None:
    if not numeric(name):
        pytest.skip("no numbers")
    trace = trace_of(name)
    key = {item: trace.rounding.printed(trace.value(item)) for item in items_of(trace)}
    marks = one(trace, key)
    assert {mark.verdict for mark in marks.items} == {"correct"}
    assert marks.marks == len(key)
    assert marks.first_error is None


@pytest.mark.parametrize("name", PLAIN)
@settings(max_examples=12)
@given(data=st.data())
def test_one_mistake_is_one_wrong_item(name: str, data: st.DataObject) -> None:
    if not numeric(name):
        pytest.skip("no numbers")
    trace = trace_of(name)
    items = items_of(trace)
    wrong = data.draw(st.sampled_from(items))
    right = trace.value(wrong)
    value = float(typed(right + data.draw(st.sampled_from([0.37, -0.61, 1.9])) * (abs(right) + 0.05)))
    found = going_on(trace, wrong, value, items)
    assume(all(np.isfinite(number) for number in found.values()))
    marks = one(trace, {item: typed(number) for item, number in found.items()})
    verdicts = by_item(marks)
    assert verdicts[wrong].verdict == "wrong"
    others = {
        item: mark
        for item, mark in verdicts.items()
        if item != wrong and mark.verdict == "wrong" and not mark.blocked_by
    }
    assert not others
    assert marks.first_error == wrong
