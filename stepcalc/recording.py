"""A NumPy calculation, recorded once and then repeated on other numbers of the same shapes.

Kernels make a new array with every operation. Repeated, they write into the same memory each time, what is calculated
twice is calculated once, and what nobody asked for is left out: what someone would do by hand who has millions of
problems of one kind to calculate. :mod:`stepcalc.repetition` does the repeating.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepcalc.backend import Array

UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.abs}
BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "pow": np.pow,
    "matmul": np.matmul,
}
COMPARISONS = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}


class Recorded:
    """An array of the calculation that is being recorded: its slot among all arrays, and its value this time."""

    def __init__(self, recorder: Recorder, slot: int, value: Array) -> None:
        self.recorder, self.slot = recorder, slot
        self.shape, self.ndim, self.dtype = value.shape, value.ndim, value.dtype

    def __getitem__(self, key: Any) -> Any:
        return self.recorder.call(operator.getitem, self, key)

    def __bool__(self) -> bool:
        raise TypeError("a recorded calculation must not depend on the numbers that it is recorded with")


def _method(function: Callable[..., Any], swapped: bool = False) -> Callable[..., Any]:
    def method(self: Recorded, *others: Any) -> Any:
        return self.recorder.call(function, *((*others, self) if swapped else (self, *others)))

    return method


for _name, _function in (UNARY | BINARY | COMPARISONS).items():
    setattr(Recorded, f"__{_name}__", _method(_function))
for _name, _function in BINARY.items():
    setattr(Recorded, f"__r{_name}__", _method(_function, swapped=True))


@dataclass(frozen=True)
class Call:
    """``function`` of the arrays in the slots ``operands``; the result goes to a slot of its own."""

    function: Callable[..., Array]
    operands: tuple[int, ...]
    keywords: Mapping[str, Any]
    result: int

    @property
    def takes_memory(self) -> bool:
        """Whether the result can be written into memory that is there; otherwise it may be a view of an operand."""
        return isinstance(self.function, np.ufunc)

    @property
    def takes_own_memory(self) -> bool:
        """Whether that may be an operand's: the function works element by element."""
        return isinstance(self.function, np.ufunc) and self.function.signature is None


class Recorder:
    """NumPy's namespace, writing down what is done to arrays that vary."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.calls: list[Call] = []
        self._vary: set[int] = set()
        self._results: dict[Any, Recorded] = {}
        self._constants: dict[Any, int] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if isinstance(found, type) or not callable(found):
            return found
        return lambda *operands, **keywords: self.call(found, *operands, **keywords)

    def broadcast_arrays(self, *arrays: Any) -> list[Any]:
        """The arrays as they are: what joins them broadcasts them."""
        return list(arrays)

    def stack(self, arrays: list[Any], axis: int = 0) -> Recorded:
        """The arrays along a new axis, broadcast against one another."""
        return self.call(_stack, *arrays, axis=axis)

    def concat(self, arrays: list[Any], axis: int = 0) -> Recorded:
        """The arrays one after the other along an axis that they have."""
        return self.call(_concat, *arrays, axis=axis)

    def varying(self, value: Array) -> Recorded:
        """An array that will be another one at every repetition."""
        slot = self._slot(value)
        self._vary.add(slot)
        return Recorded(self, slot, value)

    def call(self, function: Callable[..., Any], *operands: Any, **keywords: Any) -> Recorded:
        """``function`` of ``operands``; written down if one of them varies, and then made only once."""
        slots = tuple(each.slot if isinstance(each, Recorded) else self._constant(each) for each in operands)
        key = (function, slots, repr(keywords))
        if key not in self._results:
            self._results[key] = self._new_call(function, slots, keywords)
        return self._results[key]

    def _new_call(self, function: Callable[..., Any], slots: tuple[int, ...], keywords: Mapping[str, Any]) -> Recorded:
        value = function(*(self.arrays[slot] for slot in slots), **keywords)
        if self._vary.isdisjoint(slots):
            return Recorded(self, self._constant(value), value)
        if function is np.multiply:
            for factor, other in (slots, slots[::-1]):
                if self._is_one(factor) and np.shape(value) == np.shape(self.arrays[other]):
                    return Recorded(self, other, self.arrays[other])
        result = self.varying(value)
        self.calls.append(Call(function, slots, keywords, result.slot))
        return result

    def _is_one(self, slot: int) -> bool:
        """Whether the array in ``slot`` is always 1, a factor that changes nothing."""
        return slot not in self._vary and np.size(self.arrays[slot]) == 1 and np.all(self.arrays[slot] == 1.0).item()

    def _slot(self, value: Any) -> int:
        self.arrays.append(value)
        return len(self.arrays) - 1

    def _constant(self, value: Any) -> int:
        plain = isinstance(value, int | float | slice | tuple | type(None) | type(...))
        key = (type(value), repr(value)) if plain else id(value)
        if key not in self._constants:
            self._constants[key] = self._slot(value)
        return self._constants[key]


def _stack(*arrays: Array, axis: int) -> Array:
    return np.stack(np.broadcast_arrays(*arrays), axis=axis)


def _concat(*arrays: Array, axis: int) -> Array:
    return np.concatenate(arrays, axis=axis)
