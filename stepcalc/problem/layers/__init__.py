"""The layers of a network as they are written, one file per type."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from stepcalc.problem.layers.base import MAX_UNITS, HandedOn, Layer, LayerArray, Product, Shape
from stepcalc.problem.layers.conv2d import Conv2DLayer
from stepcalc.problem.layers.dense import DenseLayer
from stepcalc.problem.layers.flatten import FlattenLayer
from stepcalc.problem.layers.lstm import LSTMLayer
from stepcalc.problem.layers.maxpool2d import MaxPool2DLayer
from stepcalc.problem.layers.rnn import RNNLayer
from stepcalc.problem.section import by_type, each

__all__ = [
    "LAYERS",
    "MAX_UNITS",
    "AnyLayer",
    "Conv2DLayer",
    "DenseLayer",
    "FlattenLayer",
    "HandedOn",
    "LSTMLayer",
    "Layer",
    "LayerArray",
    "Layers",
    "MaxPool2DLayer",
    "Product",
    "RNNLayer",
    "Shape",
]

AnyLayer: TypeAlias = DenseLayer | Conv2DLayer | MaxPool2DLayer | FlattenLayer | RNNLayer | LSTMLayer
LAYERS: dict[str, type[AnyLayer]] = {
    "dense": DenseLayer,
    "conv2d": Conv2DLayer,
    "maxpool2d": MaxPool2DLayer,
    "flatten": FlattenLayer,
    "rnn": RNNLayer,
    "lstm": LSTMLayer,
}

Layers: TypeAlias = Annotated[tuple[AnyLayer, ...], Field(min_length=1), each(by_type(LAYERS, "layer"), "layer")]
