"""The layers of a network as they are written, one file per type."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from stepcalc.problem.layers.base import MAX_UNITS, HandedOn, Layer, LayerArray, Product, Shape
from stepcalc.problem.layers.dense import DenseLayer
from stepcalc.problem.layers.lstm import LSTMLayer
from stepcalc.problem.layers.rnn import RNNLayer
from stepcalc.problem.section import by_type, each
from stepcalc.problem.vocabulary import LATER

__all__ = [
    "LAYERS",
    "MAX_UNITS",
    "AnyLayer",
    "DenseLayer",
    "HandedOn",
    "LSTMLayer",
    "Layer",
    "LayerArray",
    "Layers",
    "Product",
    "RNNLayer",
    "Shape",
]

AnyLayer: TypeAlias = DenseLayer | RNNLayer | LSTMLayer
LAYERS: dict[str, type[AnyLayer]] = {"dense": DenseLayer, "rnn": RNNLayer, "lstm": LSTMLayer}

Layers: TypeAlias = Annotated[
    tuple[AnyLayer, ...], Field(min_length=1), each(by_type(LAYERS, "layer", LATER["layer"]), "layer")
]
