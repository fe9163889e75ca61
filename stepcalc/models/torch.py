"""PyTorch: a module, its loss and what they are given, as a problem."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from stepcalc.errors import Fault, InputError
from stepcalc.models.draft import Sizes, as_given
from stepcalc.models.numbers import array, doubles, library
from stepcalc.models.reading import assemble, read_layers, read_loss
from stepcalc.models.torch_chain import chain
from stepcalc.models.torch_layers import LAYERS
from stepcalc.models.torch_losses import LOSSES, as_module
from stepcalc.problem import NetworkProblem
from stepcalc.problem.arrays import shape_text
from stepcalc.problem.layers import Shape


def from_torch(model: Any, x: Any, y: Any, loss: Any, **fields: Any) -> NetworkProblem:
    """The problem of explaining ``model``, a ``torch.nn.Module``, on the sample or mini-batch ``x`` with target ``y``.

    ``loss`` is a loss of ``torch.nn`` or ``torch.nn.functional``, or what a problem file may say; ``y`` is what that
    loss takes. ``fields`` are other parts of a problem file: ``title``, ``optimizer``, ``data`` for names.
    Weights in single precision become the shortest decimals that they stand for; ``model.double()`` keeps every bit.

    Raises :class:`InputError` naming each layer and setting that has no counterpart, and all that is wrong with the
    numbers; :class:`StepcalcError` if PyTorch is not installed.
    """
    torch = library("torch", "torch")
    if not isinstance(model, torch.nn.Module):
        raise InputError(Fault("", f"a {type(model).__name__}, expected a torch.nn.Module"))
    draft = read_layers(chain(model, torch), LAYERS)
    inputs = draft.laid_out(doubles(x, "x"))
    sizes = draft.sizes(inputs)
    if isinstance(loss, (str, Mapping)):
        return assemble(draft, inputs, doubles(y, "y"), loss, "Wx", fields)
    part = as_module(loss, torch)
    cost = read_loss(part, LOSSES, draft, sizes)
    targets = array(y, "y")
    if cost.targets is as_given:
        _refuse_spreading(targets.shape, sizes, draft.squeezed, part.name)
    return assemble(draft, inputs, cost.targets(targets, sizes), cost.told, "Wx", fields)


def _refuse_spreading(given: Shape, sizes: Sizes, squeezed: bool, loss: str) -> None:
    """Refuse a y that PyTorch would compare with more than its own output: (4) with (4, 1) makes 16 pairs."""
    output = sizes.shape[:-1] if squeezed else sizes.shape
    try:
        pairs = np.broadcast_shapes(given, output)
    except ValueError:
        return  # what does not fit at all is told by the problem
    if prod(pairs) > max(prod(given), prod(output)):
        shapes = f"shape {shape_text(given)}, the model's output has {shape_text(output)}"
        raise InputError(Fault("y", f"{shapes}: {loss} would compare each with each; give y the shape of the output"))
