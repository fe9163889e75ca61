"""How the layers of each type are told: a table from the type to the modules that tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from stepcalc.sheet import (
    conv_backward,
    conv_forward,
    dense_backward,
    dense_forward,
    flatten_story,
    pool_story,
    recurrent_backward,
    recurrent_forward,
)
from stepcalc.sheet.blocks import Block
from stepcalc.sheet.context import Context
from stepcalc.sheet.depth import WrittenLayer

Part: TypeAlias = Callable[[Context, WrittenLayer], Iterator[Block]]


@dataclass(frozen=True)
class Story:
    """A layer on the way forward, and on the way back, where it comes with its last quantity first."""

    forward: Part
    backward: Part


_DENSE = Story(dense_forward.forward, dense_backward.backward)

_RECURRENT = Story(recurrent_forward.forward, recurrent_backward.backward)

STORIES = {
    "dense": _DENSE,
    "conv2d": Story(conv_forward.forward, conv_backward.backward),
    "maxpool2d": Story(pool_story.forward, pool_story.backward),
    "flatten": Story(flatten_story.forward, flatten_story.backward),
    "rnn": _RECURRENT,
    "lstm": _RECURRENT,
}
"""By the type of the layer."""
