"""The layers of a network as they are written, one file per type."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from stepcalc.problem.layers.base import MAX_UNITS, Layer, LayerArray, Product, Shape
from stepcalc.problem.layers.dense import DenseLayer
from stepcalc.problem.section import by_type, each
from stepcalc.problem.vocabulary import LATER

__all__ = ["LAYERS", "MAX_UNITS", "AnyLayer", "DenseLayer", "Layer", "LayerArray", "Layers", "Product", "Shape"]

AnyLayer: TypeAlias = DenseLayer
LAYERS: dict[str, type[AnyLayer]] = {"dense": DenseLayer}

Layers: TypeAlias = Annotated[
    tuple[AnyLayer, ...], Field(min_length=1), each(by_type(LAYERS, "layer", LATER["layer"]), "layer")
]
