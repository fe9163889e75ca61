"""One training step, beside PyTorch's on the CPU: the lecture's convolutional network, and a dense 784-128-10.

Forward, backward and the gradient descent step, in single precision on one thread, both sides in one process. Ours is
what a graph made from a problem does with feeds in float32. Measured on an Intel Xeon at 2.5 GHz: 2.0 times PyTorch's
time for the convolutional network, 0.9 times for the dense one.

Where there is a CUDA GPU with CuPy, the same on it, by the time on the clock. The machine of these measurements has
none: what CuPy takes has not been measured yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from _measure import REPOSITORY, Row, print_table

CNN, DENSE = 3.0, 1.0
"""So many times PyTorch's processor time may be taken."""
ON_GPU = 2.0
"""So many times PyTorch's time on the same GPU may be taken."""
CNN_SAMPLES, DENSE_SAMPLES = 8, 64
RATE = 0.01
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def layers(name: str) -> list[dict[str, Any]]:
    """The layers as in a problem file, with drawn weights."""
    dense = [("relu", 128), ("softmax", 10)]
    found: list[dict[str, Any]] = []
    if name == "cnn":
        for filters in (32, 64):
            found += [
                {"type": "conv2d", "filters": filters, "size": 3, "activation": "relu"},
                {"type": "maxpool2d", "size": 2},
            ]
        found.append({"type": "flatten"})
    found += [{"type": "dense", "units": units, "activation": activation} for activation, units in dense]
    drawn = ("conv2d", "dense")
    return [{**layer, "init": {"type": "he_normal", "seed": 1}} if layer["type"] in drawn else layer for layer in found]


def data(name: str) -> dict[str, Any]:
    """A mini-batch of noise."""
    import numpy as np

    rng = np.random.default_rng(7)
    samples, shape = (CNN_SAMPLES, (3, 64, 64)) if name == "cnn" else (DENSE_SAMPLES, (784,))
    return {"x": rng.uniform(size=(samples, *shape)), "y": np.eye(10)[rng.integers(0, 10, samples)]}


def ours(name: str, backend: str) -> tuple[Callable[[], Mapping[str, Any]], dict[str, Any]]:
    """A training step that returns the gradients, and the arrays that it is fed, as NumPy's."""
    from stepcalc.backend import namespace, to_host
    from stepcalc.descend import feeds_of
    from stepcalc.evaluate import Arithmetic, backward, forward
    from stepcalc.graph import build
    from stepcalc.ops.optimizer import State
    from stepcalc.ops.optimizers import GradientDescent
    from stepcalc.problem import Problem

    problem = Problem(loss="categorical_cross_entropy", data=data(name), layers=layers(name))
    graph, xp, optimizer = build(problem), namespace(backend), GradientDescent(learning_rate=RATE)
    arithmetic = Arithmetic(xp)
    feeds = {key: xp.asarray(array, dtype=xp.float32) for key, array in feeds_of(problem, graph, xp).items()}
    needed = graph.differentiable - {"x", "y_hat"}

    def step() -> Mapping[str, Any]:
        parameters = {key: feeds[key] for key in graph.parameters}
        gradients = backward(graph, forward(graph, feeds, arithmetic), arithmetic, needed)
        optimizer.step(xp, parameters, {key: gradients[key] for key in parameters}, State())
        return gradients

    return step, {key: to_host(array) for key, array in feeds.items()}


def theirs(name: str, feeds: Mapping[str, Any], device: str) -> tuple[Callable[[], None], Any]:
    """The same step by PyTorch, from the same numbers, and its model."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    convolutions: list[Any] = []
    for channels, filters in ((3, 32), (32, 64)):
        convolutions += [nn.Conv2d(channels, filters, 3), nn.ReLU(), nn.MaxPool2d(2)]
    first = [*convolutions, nn.Flatten(), nn.Linear(12544, 128)] if name == "cnn" else [nn.Linear(784, 128)]
    model = nn.Sequential(*first, nn.ReLU(), nn.Linear(128, 10))
    x, classes = torch.tensor(feeds["x"], device=device), torch.tensor(feeds["y"], device=device).argmax(1)
    given = [array for key, array in feeds.items() if key not in ("x", "y")]
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), given, strict=True):
            parameter.copy_(torch.tensor(array))
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), classes).backward()
        optimizer.step()

    return step, model


def compare(name: str, rounds: int = 15, on_gpu: bool = False) -> dict[str, float]:
    """Median ratio of the times of both sides in turn, and each side's median; the gradients are compared."""
    import numpy as np
    import torch
    from many_networks import paired

    from stepcalc.backend import to_host

    step, feeds = ours(name, "cupy" if on_gpu else "numpy")
    other, model = theirs(name, feeds, "cuda" if on_gpu else "cpu")
    gradients = step()
    other()
    for parameter, key in zip(model.parameters(), (key for key in feeds if key not in ("x", "y")), strict=True):
        np.testing.assert_allclose(to_host(gradients[key]), parameter.grad.cpu().numpy(), rtol=1e-2, atol=1e-4)
    if on_gpu:
        sides = [lambda side=side: (side(), torch.cuda.synchronize()) for side in (step, other)]
        found = paired(*sides, rounds, time.perf_counter)
    else:
        found = paired(step, other, rounds)
    return {**found, "ratio": 1 / found["ratio"]}


def gpu_is_there() -> bool:
    """Whether both sides can calculate on a CUDA GPU."""
    import torch

    return find_spec("cupy") is not None and torch.cuda.is_available()


def alone(name: str, rounds: int = 15, on_gpu: bool = False) -> dict[str, float]:
    """:func:`compare` in a fresh process whose libraries have one thread."""
    script = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY / 'benchmarks')!r}); "
        f"import json, training_steps; print(json.dumps(training_steps.compare({name!r}, {rounds}, {on_gpu})))"
    )
    command = [sys.executable, "-W", "ignore", "-c", script]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows(on_gpu: bool) -> list[Row]:
    """A line for each network."""
    targets = {"cnn": (CNN, CNN_SAMPLES), "dense": (DENSE, DENSE_SAMPLES)}
    names = {"cnn": "CNN 64×64×3, 32 and 64 filters, 128, 10", "dense": "784-128-10"}
    found = []
    for name, (on_cpu, samples) in targets.items():
        measured, most = alone(name, on_gpu=on_gpu), ON_GPU if on_gpu else on_cpu
        found.append(
            Row(
                f"{names[name]}, batch {samples}",
                f"{1000 * measured['ours']:.1f} ms = {measured['ratio']:.2f} ×",
                f"at most {most} × {1000 * measured['other']:.1f} ms",
                most / measured["ratio"],
            )
        )
    return found


def main() -> None:
    print_table("A training step in float32, beside PyTorch on one thread", rows(on_gpu=False))
    if gpu_is_there():
        print_table("The same by CuPy, beside PyTorch on the same GPU", rows(on_gpu=True))
    else:
        print("no CUDA GPU with CuPy here: CuPy is not measured")


if __name__ == "__main__":
    main()
