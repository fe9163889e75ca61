"""A recorded NumPy calculation, repeated on stretch after stretch of its feeds in the same memory.

Beforehand it is settled what has to be calculated at all, which memory each operation writes into, and which arrays
stay where they are, so that a repetition is little more than a list of NumPy calls with their operands and results.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import numpy as np

from stepcalc.backend import Array, Namespace, quiet
from stepcalc.recording import Call, Recorder

Calculation = Callable[[Namespace, Mapping[str, Array]], Mapping[str, Array]]
"""From an array namespace and arrays by name to arrays by name.

To be repeated it may look at shapes, not at numbers, and leaves the first axis of all arrays as it is.
"""

BY_SHAPE = ("zeros_like", "ones_like", "full_like")
"""Functions that look at an array's shape only, so that their result is the same every time."""

A_FEW = 2
"""Problems that are enough to see what is calculated."""

CACHE_LINE = 64
"""Bytes; arrays that begin with a line are read and written up to a third faster."""


class Repetition:
    """``calculation`` on one stretch of ``feeds`` after another, all of one ``length``, along their first axis."""

    def __init__(self, calculation: Calculation, feeds: Mapping[str, Array], length: int) -> None:
        recorder = Recorder()
        recorded = {name: recorder.varying(array[:A_FEW, ...]) for name, array in feeds.items()}
        with quiet():
            self._found = {name: array.slot for name, array in calculation(recorder, recorded).items()}
        wanted = set(self._found.values())
        calls = _called_for(recorder.calls, wanted)
        self._whole = _views_of_a_whole(calls, recorder.arrays, wanted)
        calls = [call for call in calls if call.result not in self._whole]
        by_slot = {recorded[name].slot: array for name, array in feeds.items()}
        calls, self._feeds = _views_of_feeds(calls, recorder.arrays, by_slot, wanted)
        written = {call.result for call in calls if call.takes_memory} | self._whole.keys()
        self._direct = {name: slot for name, slot in self._found.items() if slot in written}
        memory = _memory(calls, recorder.arrays, wanted | set(self._whole.values()), length)
        self._arrays = dict(enumerate(recorder.arrays)) | memory
        self._arrays |= {slot: array[:length] for slot, array in self._feeds.items()}
        moving = {*self._feeds, *self._direct.values(), *self._whole.values()}
        with quiet():
            self._steps = [step for call in calls if (step := _step(call, self._arrays, moving))]

    def __call__(self, stretch: slice, into: Mapping[str, Array]) -> None:
        """Calculate one stretch and leave each result in its place."""
        arrays = self._arrays
        for slot, array in self._feeds.items():
            arrays[slot] = array[stretch]
        for name, slot in self._direct.items():
            arrays[slot] = into[name]
            if slot in self._whole:
                whole = self._whole[slot]
                arrays[whole] = into[name].reshape(arrays[whole].shape)
        with quiet():
            for step in self._steps:
                step()
        for name, slot in self._found.items():
            if arrays[slot] is not into[name]:
                into[name][...] = arrays[slot]


class Replay:
    """``calculation`` again and again on arrays of the same shapes as ``feeds``, with new arrays as results.

    For shapes so small that what is calculated takes less time than finding out what to calculate. Any axis may be the
    first.
    """

    def __init__(self, calculation: Calculation, feeds: Mapping[str, Array]) -> None:
        recorder = Recorder()
        recorded = {name: recorder.varying(array) for name, array in feeds.items()}
        with quiet():
            self._found = {name: array.slot for name, array in calculation(recorder, recorded).items()}
        self._feeds = {name: array.slot for name, array in recorded.items()}
        self._arrays = recorder.arrays
        self._calls = [
            (call.function, call.operands, call.keywords, call.result)
            for call in _called_for(recorder.calls, set(self._found.values()))
        ]

    def __call__(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """The results for ``feeds``."""
        arrays = self._arrays
        for name, slot in self._feeds.items():
            arrays[slot] = feeds[name]
        for function, operands, keywords, result in self._calls:
            arrays[result] = function(*[arrays[slot] for slot in operands], **keywords)
        return {name: arrays[slot] for name, slot in self._found.items()}


def _called_for(calls: list[Call], wanted: Collection[int]) -> list[Call]:
    """The calls without whose results the ``wanted`` ones cannot be had."""
    needed, kept = set(wanted), []
    for call in reversed(calls):
        if call.result in needed:
            needed.update(call.operands)
            kept.append(call)
    return kept[::-1]


def _views_of_a_whole(calls: list[Call], arrays: list[Any], slots: Collection[int]) -> dict[int, int]:
    """The ``slots`` whose arrays are another one's but for axes of length one, with the other's slot.

    That other array, rather than its view, can be written where the view is wanted.
    """
    made_by = {call.result: call for call in calls}
    whole: dict[int, int] = {}
    for slot in slots:
        source = slot
        while source in made_by and not made_by[source].takes_memory:
            source = made_by[source].operands[0]
        taken = {*slots, *whole.values()}
        if source in made_by and source not in taken and _without_ones(arrays[slot]) == _without_ones(arrays[source]):
            whole[slot] = source
    return whole


def _without_ones(array: Array) -> list[tuple[int, int]]:
    """Length and stride of every axis but those of length one."""
    return [(size, stride) for size, stride in zip(array.shape, array.strides, strict=True) if size > 1]


def _views_of_feeds(
    calls: list[Call], arrays: list[Any], feeds: Mapping[int, Array], wanted: Collection[int]
) -> tuple[list[Call], dict[int, Array]]:
    """The calls but for those that give a view of a feed, and the feeds and such views that the rest reads."""
    seen, rest = dict(feeds), []
    for call in calls:
        source, *others = call.operands
        if not call.takes_memory and source in seen and seen.keys().isdisjoint(others):
            view = call.function(seen[source], *(arrays[slot] for slot in others), **call.keywords)
            if np.may_share_memory(view, seen[source]):
                seen[call.result] = view
                continue
        rest.append(call)
    read = {slot for call in rest for slot in call.operands} | set(wanted)
    return rest, {slot: array for slot, array in seen.items() if slot in read}


def _memory(calls: list[Call], arrays: list[Any], wanted: Collection[int], length: int) -> dict[int, Array]:
    """For every call that takes memory the array to write into, which may be one that nobody reads any more.

    Anything else that a call gives may be a view of what it was given, which is in use as long as that.
    """
    nothing: frozenset[int] = frozenset()
    seen_in: dict[int, frozenset[int]] = {}
    reads: list[frozenset[int]] = []
    for call in calls:
        reads.append(nothing.union(*(seen_in.get(slot, nothing) for slot in call.operands)))
        seen_in[call.result] = frozenset({call.result}) if call.takes_memory else reads[-1]
    last = {slot: number for number, read in enumerate(reads) for slot in read}
    kept = nothing.union(*(seen_in.get(slot, nothing) for slot in wanted))
    memory: dict[int, Array] = {}
    free: dict[Any, list[Array]] = defaultdict(list)
    for number, call in enumerate(calls):
        done_with = {slot for slot in reads[number] - kept if last[slot] == number}
        own = done_with & set(call.operands) if call.takes_own_memory else nothing
        for slot in own:
            free[_form(memory[slot])].append(memory[slot])
        if call.takes_memory:
            room = _room(arrays[call.result], length)
            reusable = free[_form(room)] if call.result not in kept else []
            memory[call.result] = reusable.pop() if reusable else room
        for slot in done_with - own:
            free[_form(memory[slot])].append(memory[slot])
    return memory


def _form(array: Array) -> Any:
    return array.shape, array.dtype


def _room(array: Array, length: int) -> Array:
    """Room for as many as ``length``, next to one another in memory."""
    dtype, shape = np.dtype(array.dtype), (*array.shape[1:], length)
    size = math.prod(shape) * dtype.itemsize
    room = np.empty(size + CACHE_LINE, dtype=np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    return np.moveaxis(room[start : start + size].view(dtype).reshape(shape), -1, 0)


def _step(call: Call, arrays: dict[int, Any], moving: set[int]) -> Callable[[], Any] | None:
    """The call, its operands and memory settled if they stay where they are; None where nothing is left to do.

    ``moving`` are the slots whose arrays are others at each repetition; the results of such calls are added to it.
    """
    stays = moving.isdisjoint((*call.operands, call.result))
    operands = [arrays[slot] for slot in call.operands]
    if call.takes_memory and stays:
        return partial(call.function, *operands, out=arrays[call.result], **call.keywords)
    if call.takes_memory:
        return partial(_write, call, arrays)
    arrays[call.result] = result = call.function(*operands, **call.keywords)
    views = [each for each in operands if isinstance(each, np.ndarray) and np.may_share_memory(each, result)]
    if call.function.__name__ in BY_SHAPE or (stays and views):
        return None
    moving.add(call.result)
    return partial(_replace, call, arrays)


def _write(call: Call, arrays: dict[int, Any]) -> None:
    call.function(*[arrays[slot] for slot in call.operands], out=arrays[call.result], **call.keywords)


def _replace(call: Call, arrays: dict[int, Any]) -> None:
    arrays[call.result] = call.function(*[arrays[slot] for slot in call.operands], **call.keywords)
