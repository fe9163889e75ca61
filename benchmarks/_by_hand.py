"""The other sides of the comparisons: one 2-2-1 network with sigmoids and binary cross-entropy, written by hand.

``columns`` is what someone would write who needs just this network, many times over, and knows NumPy well:
every scalar of the network is a column of problems, every operation runs along columns, results go where
they belong, and the work can be cut into blocks that stay in the processor's cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray
WANTED = ("L", "dL/dW1", "dL/db1", "dL/dW2", "dL/db2")


def random_networks(problems: int, seed: int = 2026) -> dict[str, Array]:
    """Arrays with a leading axis of problems that lie next to one another in memory; one sample each."""
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> Array:
        return np.moveaxis(rng.normal(size=(*shape, problems)), -1, 0)

    feeds = {"x": drawn(1, 2), "W1": drawn(2, 2), "b1": drawn(2), "W2": drawn(1, 2), "b2": drawn(1)}
    target = np.moveaxis(rng.integers(0, 2, (1, 1, problems)).astype(float), -1, 0)
    return {**feeds, "y": target}


def columns(feeds: dict[str, Array], block: int) -> dict[str, Array]:
    """Loss and gradients of all parameters, ``block`` problems at a time."""
    problems = feeds["x"].shape[0]
    given = {name: np.moveaxis(array, 0, -1) for name, array in feeds.items()}
    shapes = {"L": (), "dL/dW1": (2, 2), "dL/db1": (2,), "dL/dW2": (1, 2), "dL/db2": (1,)}
    found = {name: np.empty((*shape, problems)) for name, shape in shapes.items()}
    for start in range(0, problems, block):
        cut = np.s_[..., start : start + block]
        _one_block({k: v[cut] for k, v in given.items()}, {k: v[cut] for k, v in found.items()})
    return {name: np.moveaxis(array, -1, 0) for name, array in found.items()}


def _sigmoid(z: Array) -> Array:
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1.0
    return np.reciprocal(z, out=z)


def _one_block(given: dict[str, Array], found: dict[str, Array]) -> None:
    (x1, x2), w, v, y = given["x"][0], given["W1"], given["W2"][0], given["y"][0, 0]
    hidden = []
    for unit in (0, 1):
        z = w[unit, 0] * x1
        z += w[unit, 1] * x2
        z += given["b1"][unit]
        hidden.append(_sigmoid(z))
    z = v[0] * hidden[0]
    z += v[1] * hidden[1]
    z += given["b2"][0]
    # L = ln(1 + e^z) − yz = max(z, 0) − yz + ln(1 + e^(−|z|))
    loss = found["L"]
    np.abs(z, out=loss)
    np.negative(loss, out=loss)
    np.exp(loss, out=loss)
    np.log1p(loss, out=loss)
    loss += np.maximum(z, 0.0)
    loss -= y * z
    delta = found["dL/db2"][0]
    np.subtract(_sigmoid(z), y, out=delta)
    for unit, a in enumerate(hidden):
        np.multiply(delta, a, out=found["dL/dW2"][0, unit])
        by_z = found["dL/db1"][unit]
        np.subtract(1.0, a, out=by_z)
        by_z *= a
        by_z *= v[unit]
        by_z *= delta
        np.multiply(by_z, x1, out=found["dL/dW1"][unit, 0])
        np.multiply(by_z, x2, out=found["dL/dW1"][unit, 1])


def vmap_grad(feeds: dict[str, Array]) -> Any:
    """A function of no arguments: loss and gradients of the same networks by ``torch.func.vmap(grad_and_value)``."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    def loss(parameters: dict[str, Any], x: Any, y: Any) -> Any:
        hidden = torch.sigmoid(parameters["W1"] @ x + parameters["b1"])
        return binary_cross_entropy_with_logits(parameters["W2"] @ hidden + parameters["b2"], y)

    torch.set_num_threads(1)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in feeds.items()}
    parameters = {name: tensors[name] for name in ("W1", "b1", "W2", "b2")}
    calculate = torch.func.vmap(torch.func.grad_and_value(loss))
    return lambda: calculate(parameters, tensors["x"][:, 0], tensors["y"][:, 0])
