"""What each item is worth, under whichever id its marks are said."""

from __future__ import annotations

from typing import Any

import pytest

from stepcalc.marking.steps import Steps
from stepcalc.marking.worth import worths
from tests.printed import solved

OUTPUTS = ("y_hat[1]@1", "y_hat[2]@1", "y_hat[1]@2", "y_hat[2]@2")


def worth(marks: dict[str, float], *items: str) -> list[float]:
    layer: dict[str, Any] = {"type": "dense", "W": [[1.0], [2.0]], "b": [0.5, 1.5]}
    data = {"x": [[1.0], [2.0]], "y": [[1, 2], [3, 4]]}
    optimizer = {"learning_rate": 0.1, "steps": 2}
    trace = solved(loss="mse", data=data, layers=[layer], optimizer=optimizer, marking={"marks": marks})
    return list(worths(Steps(trace), items).values())


@pytest.mark.parametrize("array", ["y_hat", "a1"])
def test_an_array_is_shared_among_what_is_asked_of_it_in_all_samples(array: str) -> None:
    assert worth({array: 8}, *OUTPUTS, "L") == [2, 2, 2, 2, 1]
    assert worth({array: 8}, *OUTPUTS[:2], "L") == [4, 4, 1]


def test_what_has_marks_of_its_own_takes_none_from_the_others() -> None:
    assert worth({"a1": 6, "y_hat[1]@1": 5, "default": 3}, *OUTPUTS, "L") == [5, 2, 2, 2, 3]


def test_the_first_update_may_be_numbered() -> None:
    marks = {"dL/dW1#1": 6.0, "dL/dW1#2": 10.0}
    assert worth(marks, "dL/dW1[1,1]", "dL/dW1[2,1]", "dL/dW1[1,1]#2", "dL/dW1[2,1]#2") == [3, 3, 5, 5]
