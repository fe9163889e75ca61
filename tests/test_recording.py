"""What is written down of a NumPy calculation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stepcalc.recording import Recorder


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def functions(recorder: Recorder) -> list[str]:
    return [call.function.__name__ for call in recorder.calls]


@pytest.mark.parametrize(
    ("calculation", "expected"),
    [
        (lambda x: -x + 2.0, ["negative", "add"]),
        (lambda x: 3.0 - abs(x) / 2, ["absolute", "divide", "subtract"]),
        (lambda x: x**2 @ x, ["power", "matmul"]),
        (lambda x: (x > 1.0)[0], ["greater", "getitem"]),
    ],
)
def test_operators_are_written_down_as_functions(recorder: Recorder, calculation: Any, expected: list[str]) -> None:
    values = np.array([[1.0, 2.0], [3.0, -4.0]])
    found = calculation(recorder.varying(values))
    assert functions(recorder) == expected
    np.testing.assert_array_equal(recorder.arrays[found.slot], calculation(values))
    assert found.shape == np.shape(calculation(values))


def test_the_same_call_is_made_once(recorder: Recorder) -> None:
    x: Any = recorder.varying(np.array([1.0, 2.0]))
    assert recorder.exp(-x) is recorder.exp(-x)
    assert recorder.exp(x) is not recorder.exp(-x)
    assert functions(recorder) == ["negative", "exp", "exp"]


@pytest.mark.parametrize(("one", "other"), [(0.0, -0.0), (1, 1.0), (1, True), (slice(None), slice(0, None))])
def test_constants_that_look_alike_are_kept_apart(recorder: Recorder, one: Any, other: Any) -> None:
    x: Any = recorder.varying(np.array([1.0, 2.0]))
    if isinstance(one, slice):
        assert x[one] is not x[other]
    else:
        assert x + one is not x + other


def test_what_does_not_vary_is_not_written_down(recorder: Recorder) -> None:
    x: Any = recorder.varying(np.array([[1.0, 2.0]]))
    identity = 1.0 - recorder.eye(2, dtype=recorder.float64)
    assert not recorder.calls
    assert (x @ identity).shape == (1, 2)
    assert functions(recorder) == ["matmul"]


@pytest.mark.parametrize("one", [1, 1.0, np.array(1.0), np.array([[1.0]])])
def test_a_factor_one_is_left_out(recorder: Recorder, one: Any) -> None:
    x: Any = recorder.varying(np.array([[1.0, 2.0]]))
    assert (x * recorder.asarray(one)).slot == (recorder.asarray(one) * x).slot == x.slot


@pytest.mark.parametrize("factor", [2.0, np.array([1.0, 1.0]), np.ones((3, 1, 1)), np.array([1.0, 2.0])])
def test_other_factors_are_not(recorder: Recorder, factor: Any) -> None:
    x: Any = recorder.varying(np.array([[1.0, 2.0]]))
    assert (x * recorder.asarray(factor)).shape == (np.ones((1, 2)) * factor).shape
    assert functions(recorder) == ["multiply"]


def test_a_calculation_that_looks_at_the_numbers_cannot_be_recorded(recorder: Recorder) -> None:
    x: Any = recorder.varying(np.array([1.0, 2.0]))
    with pytest.raises(TypeError, match="must not depend on the numbers"):
        assert x > 0
