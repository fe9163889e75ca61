"""Numbers of libraries as doubles; a library that is not there is named."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import stepcalc
from stepcalc.errors import InputError, StepcalcError
from stepcalc.models.numbers import array, doubles, one_hot
from tests.test_imports import loaded_after


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_single_precision_becomes_the_shortest_decimal(numbers: list[float]) -> None:
    single = np.array(numbers, dtype=np.float32)
    found = doubles(single, "x")
    assert found.dtype == np.float64
    assert np.array_equal(found.astype(np.float32), single)
    assert found.tolist() == [float(str(number)) for number in single]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_doubles_stay_what_they_are(numbers: list[float]) -> None:
    assert doubles(np.array(numbers), "x").tolist() == numbers
    assert doubles(numbers, "x").tolist() == numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.tensor([0.5, 2], requires_grad=True), [0.5, 2.0]),
        (torch.tensor([0.5, 2], dtype=torch.bfloat16), [0.5, 2.0]),
        (np.float16([0.1, 3]), [0.1, 3.0]),
        (torch.tensor([1, 2]), [1.0, 2.0]),
        ([True, False], [1.0, 0.0]),
        (3, 3.0),
    ],
)
def test_whatever_holds_numbers(value: Any, expected: Any) -> None:
    assert doubles(value, "x").tolist() == expected


@pytest.mark.parametrize("value", [["a"], [None], {"a": 1}, [1j]])
def test_what_is_no_numbers_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^x: an array of .*, expected numbers$"):
        doubles(value, "x")


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match=r"^y: its rows are of different lengths$"):
        array([[1, 2], [3]], "y")


def test_one_hot() -> None:
    assert one_hot(np.array([[0, 2], [1, 1]]), 3, "y").tolist() == [[[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]]]
    assert one_hot(np.array(1), 2, "y").tolist() == [0, 1]


@pytest.mark.parametrize("wrong", [-1, 3, 0.5])
def test_classes_that_are_not_there_are_refused(wrong: float) -> None:
    with pytest.raises(InputError, match=rf"^y: {wrong}, expected the number of a class, from 0 to 2$"):
        one_hot(np.array([0, wrong]), 3, "y")


@pytest.mark.parametrize(
    ("name", "module", "arguments"),
    [("torch", "torch", ("mse",)), ("keras", "keras", ()), ("sklearn", "sklearn.neural_network", ())],
)
def test_a_library_that_is_not_installed_is_named(
    name: str, module: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(StepcalcError, match=rf"^{name} is not installed; pip install 'stepcalc\[{name}\]' brings it$"):
        getattr(stepcalc, f"from_{name}")(None, [1], [1], *arguments)


def test_libraries_are_loaded_only_when_they_are_used() -> None:
    functions = "stepcalc.from_torch, stepcalc.from_keras, stepcalc.from_sklearn, stepcalc.save"
    assert loaded_after(f"import stepcalc; {functions}") & {"torch", "keras", "sklearn", "scipy"} == set()
