"""Drawn problems: every activation, loss, convention and rounding, easy numbers and nasty ones. The same every time."""

from __future__ import annotations

import random
from typing import Any

Fields = dict[str, Any]

ACTIVATIONS: tuple[Any, ...] = (
    "linear", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "softmax",
    {"type": "leaky_relu", "alpha": 0.2}, {"type": "elu", "alpha": 0.5}, {"type": "step", "threshold": 2},
)  # fmt: skip
LOSSES: tuple[Any, ...] = (
    "mse", "mae", "binary_cross_entropy", "categorical_cross_entropy", "hinge", "huber",
    {"type": "mse", "scale": 0.5}, {"type": "huber", "delta": 0.3}, {"type": "mae", "scale": 2},
)  # fmt: skip
ROUNDINGS: tuple[Fields, ...] = (
    {}, {"significant": 3}, {"significant": 6}, {"significant": 2}, {"significant": 1}, {"decimals": 0},
    {"decimals": 2}, {"decimals": 4}, {"decimals": 6}, {"significant": 4, "carry": True},
    {"decimals": 3, "carry": True},
)  # fmt: skip
MOVES = ("gradient_descent", "newton", "momentum", "gradient_descent", "adam") * 20
"""The optimizer of each problem by its number."""
MODES = ("half_up", "half_even", "truncate")

EXPRESSIONS: tuple[tuple[dict[str, float], dict[str, str]], ...] = (
    ({"x": 2}, {"y": "3*x - 2", "z": "y^2"}),
    ({"x": 0.3, "y": -1.2}, {"u": "exp(x) + ln(2 - y)", "v": "u*sin(x)/cos(y)", "w": "tanh(v) + sigmoid(u)"}),
    ({"a": 0.5, "b": -0.25}, {"c": "sqrt(a) + abs(b)", "d": "tan(c) - softplus(b*c)", "f": "d^3 - c*d + 1"}),
    ({"x": -1.5}, {"y": "relu(x) + max(x, 2) - min(x, 0.5)", "z": "step(x)*x + y^2"}),
    ({"x": 1.5}, {"y": "relu(x) + max(x, 2) - min(x, 0.5)", "z": "log(y)/x"}),
    ({"w": 3}, {"J": "w^2"}),
    ({"w": 0.1, "v": 0.2}, {"s": "w + v", "J": "(s - 0.3)^2 + w*v"}),
    ({"x": 1e-7, "y": 4e6}, {"u": "x*y", "f": "u^2 + x/y"}),
    ({"x": 40}, {"s": "sigmoid(x)", "f": "1 - s"}),
    ({"x": -700}, {"s": "exp(x)", "f": "2*s + 1"}),
    ({"x": 2, "y": 3}, {"f": "x^y"}),
    ({"x": 0.7}, {"f": "-x^2 + 2^x - 2^-x"}),
    ({"x": 4, "y": -2}, {"u": "(x + y)/(x - y)", "v": "u/(1 + u)", "f": "v*u - x"}),
    ({"x": 1.25, "w": -0.4}, {"z": "w*x", "a": "1/(1 + exp(-z))", "J": "(a - 1)^2/2"}),
    ({"t": 0.25}, {"x": "cos(t)", "y": "sin(t)", "f": "x^2 + y^2"}),
    ({"e": 5, "pi": 2}, {"f": "e^2 + pi*e"}),
)  # fmt: skip


def expression_problems(rng: random.Random) -> list[Fields]:
    """Every list of expressions, each under another rounding."""
    problems = []
    for number, (given, define) in enumerate(EXPRESSIONS):
        rounding = {**ROUNDINGS[(number * 3) % 9], "mode": MODES[number % 3]}
        fields: Fields = {"title": f"expressions {number}", "given": given, "define": define, "rounding": rounding}
        if number % 3 == 0:
            fields["optimizer"] = {"type": MOVES[number], "learning_rate": 0.05, "steps": rng.choice((1, 3))}
        if number % 4 == 1:
            fields["gradient_check"] = {"epsilon": 0.001}
        problems.append(fields)
    return problems


def network_problems(rng: random.Random, count: int) -> list[Fields]:
    """``count`` networks: activations and losses in turn, everything else drawn."""
    return [network_problem(rng, number) for number in range(count)]


def network_problem(rng: random.Random, number: int) -> Fields:
    loss = LOSSES[number % len(LOSSES)]
    kind = loss if isinstance(loss, str) else loss["type"]
    outputs = rng.randint(2, 3) if kind == "categorical_cross_entropy" else rng.choice((1, 1, 2))
    depth = rng.choice((1, 2, 2, 3))
    widths = [rng.randint(1, 3), *(rng.randint(1, 3) for _ in range(depth - 1)), outputs]
    product = rng.choice(("Wx", "xW"))
    draw = rng.choice((_school, _school, _wide, _tenths))
    layers = [
        _layer(rng, draw, widths[place], widths[place + 1], product, _activation(number, place, depth, kind, outputs))
        for place in range(depth)
    ]
    samples = rng.choice((None, None, 2, 3))
    x: Any = [[draw(rng) for _ in range(widths[0])] for _ in range(samples or 1)]
    y: Any = [_target(rng, kind, outputs) for _ in range(samples or 1)]
    fields: Fields = {
        "title": f"network {number}",
        "loss": loss,
        "data": {"x": x if samples else x[0], "y": y if samples else y[0]},
        "layers": layers,
        "notation": {"product": product, "hidden": rng.choice("ah"), "log": rng.choice(("ln", "log"))},
        "rounding": {**ROUNDINGS[number % len(ROUNDINGS)], "mode": MODES[number % 3]},
    }
    if rng.random() < 0.7:
        rate = rng.choice((0.1, 0.5, 1, 0.003))
        fields["optimizer"] = {"type": MOVES[number], "learning_rate": rate, "steps": 1 + number % 2}
    if rng.random() < 0.2:
        fields["gradient_check"] = {"epsilon": 0.001}
    return fields


def _activation(number: int, place: int, depth: int, loss: str, outputs: int) -> Any:
    """The last layer's suits the loss; the others take their turn."""
    if place < depth - 1:
        return ACTIVATIONS[(number + 5 * place) % len(ACTIVATIONS)]
    if loss == "categorical_cross_entropy":
        return "softmax"
    if loss == "binary_cross_entropy":
        return "sigmoid"
    suited = [a for a in ACTIVATIONS if a != "softmax" or outputs > 1]
    return suited[(7 * number) % len(suited)]


def _layer(rng: random.Random, draw: Any, inputs: int, units: int, product: str, activation: Any) -> Fields:
    layer: Fields = {"type": "dense", "activation": activation}
    if rng.random() < 0.15:
        return {**layer, "units": units, "init": {"type": "normal", "seed": rng.randint(0, 99)}}
    rows, columns = (units, inputs) if product == "Wx" else (inputs, units)
    layer["W"] = [[draw(rng) for _ in range(columns)] for _ in range(rows)]
    if rng.random() < 0.8:
        layer["b"] = [draw(rng) for _ in range(units)]
    return layer


def _target(rng: random.Random, loss: str, outputs: int) -> Any:
    if loss == "categorical_cross_entropy":
        hot = rng.randrange(outputs)
        return [int(place == hot) for place in range(outputs)]
    choices = {"binary_cross_entropy": (0, 1, 1, 0.25), "hinge": (-1, 1)}.get(loss, (0, 1, -0.5, 2.5))
    target = [rng.choice(choices) for _ in range(outputs)]
    return target if outputs > 1 else target[0]


def _school(rng: random.Random) -> float:
    return rng.choice((0, 1, -1, 2, 3, 0.5, -0.5, 0.1, -0.3, 0.7, 1.5))


def _tenths(rng: random.Random) -> float:
    return rng.randint(-30, 30) / 10


def _wide(rng: random.Random) -> float:
    return float(f"{rng.choice((-1, 1)) * rng.uniform(1, 10):.3g}e{rng.randint(-4, 1)}")


def one_unit(loss: Any, activation: Any, w: float, x: float = 1, b: float = 0, y: Any = 0, **more: Any) -> Fields:
    """A network of a single unit."""
    layer = {"type": "dense", "activation": activation, "W": [[w]], "b": [b]}
    return {"loss": loss, "data": {"x": [x], "y": y}, "layers": [layer], **more}


def nasty_problems() -> list[Fields]:
    """Saturated units, kinks hit exactly, zeros, huge and tiny numbers."""
    descent = {"type": "gradient_descent", "learning_rate": 0.1}
    problems = [
        one_unit(loss, activation, z, y=y, optimizer=descent)
        for loss, activation, y in (("binary_cross_entropy", "sigmoid", 0), ("binary_cross_entropy", "sigmoid", 1),
                                    ("mse", "sigmoid", 1), ("mse", "tanh", 1), ("mae", "softplus", 0.5))
        for z in (40, -40, 700, -700, 12.5, -12.5)
    ]  # fmt: skip
    problems += [
        one_unit("mse", activation, 0.3, x=2, b=-0.6, y=1, optimizer=descent)
        for activation in ("relu", "leaky_relu", "elu", "step", {"type": "step", "threshold": 0.0})
    ]
    problems += [
        one_unit("mae", "linear", 0.5, x=2, y=1, optimizer=descent),
        one_unit("hinge", "linear", 0.5, x=2, y=1, optimizer=descent),
        one_unit("huber", "linear", 0.5, x=4, y=1, optimizer=descent),
        one_unit("mse", "linear", 0, x=0, y=0, optimizer=descent),
        one_unit("mse", "linear", 1e-9, x=3e-8, y=0, optimizer=descent),
        one_unit("mse", "linear", 2.5e7, x=3e8, y=0, optimizer={"type": "gradient_descent", "learning_rate": 1e-20}),
        one_unit("mse", "linear", 0.1, x=3, b=-0.3, y=0, optimizer=descent),
        one_unit("binary_cross_entropy", "sigmoid", 0, x=0, y=0.5, optimizer=descent),
        one_unit("binary_cross_entropy", "sigmoid", 800, y=0, optimizer=descent),
        one_unit("binary_cross_entropy", "sigmoid", -800, y=1, rounding={"decimals": 3}),
        one_unit("binary_cross_entropy", "linear", 0.25, y=1, optimizer=descent),
    ]
    softmax = {"type": "dense", "activation": "softmax", "W": [[50], [0], [-50]], "b": [0, 0, 1]}
    problems += [
        {"loss": "categorical_cross_entropy", "data": {"x": [x], "y": [0, 1, 0]}, "layers": [softmax]}
        for x in (0, 0.02, 1, -3, 20)
    ]
    return problems


def sequence_problems() -> list[Fields]:
    """Recurrent networks: one step and many, one unit and several, to one output and to one per step, in batches."""
    rng = random.Random(7)
    descent = {"type": "gradient_descent", "learning_rate": 0.1}
    return [
        {**_sequence(rng, kind, steps, units, samples, every_step), "optimizer": descent, **more}
        for kind, steps, units, samples, every_step, more in (
            ("rnn", 1, 1, None, False, {}),
            ("rnn", 3, 1, None, False, {"rounding": {"significant": 3}}),
            ("rnn", 3, 2, 2, True, {"notation": {"product": "xW"}}),
            ("rnn", 9, 1, None, False, {"rounding": {"decimals": 2}}),
            ("lstm", 1, 2, None, False, {}),
            ("lstm", 2, 1, None, True, {"rounding": {"significant": 4, "carry": True}}),
            ("lstm", 3, 2, None, False, {}),
            ("lstm", 3, 1, 2, False, {"rounding": {"significant": 2, "mode": "truncate"}}),
        )
    ]


def _sequence(rng: random.Random, kind: str, steps: int, units: int, samples: int | None, every_step: bool) -> Fields:
    def weights() -> Fields:
        w_x, w_h = ([[_tenths(rng) for _ in range(columns)] for _ in range(units)] for columns in (2, units))
        return {"W_x": w_x, "W_h": w_h, "b": [_tenths(rng) for _ in range(units)]}

    x = [[[_tenths(rng), _tenths(rng)] for _ in range(steps)] for _ in range(samples or 1)]
    y = [[_tenths(rng) for _ in range(steps)] if every_step else _tenths(rng) for _ in range(samples or 1)]
    own = weights() if kind == "rnn" else {gate: weights() for gate in "figo"}
    dense = {"type": "dense", "units": 1, "init": {"type": "uniform", "low": -1, "high": 1, "seed": steps}}
    return {
        "loss": "mse",
        "data": {"x": x if samples else x[0], "y": y if samples else y[0]},
        "layers": [{"type": kind, "return_sequences": every_step, **own}, dense],
    }


def map_problems() -> list[Fields]:
    """Convolutional networks: images that are not square, several channels, strides, padding, pools that overlap."""
    rng = random.Random(11)
    pool, overlapping = {"type": "maxpool2d", "size": 2}, {"type": "maxpool2d", "size": 2, "stride": 1}
    return [
        _convolution(rng, shape, between, samples, **more)
        for shape, between, samples, more in (
            ((1, 4, 5, 1, 2, 3, 1, 0), [pool], None, {}),
            ((2, 5, 4, 2, 3, 2, 2, 1), [], None, {"rounding": {"significant": 3}}),
            ((1, 4, 4, 1, 2, 2, 1, 0), [overlapping], 2, {"rounding": {"decimals": 3}}),
            ((1, 2, 3, 1, 2, 3, 1, 0), [], None, {"notation": {"product": "xW"}}),
            ((1, 3, 3, 1, 3, 3, 1, 1), [overlapping], None, {"rounding": {"significant": 4, "carry": True}}),
        )
    ]


def _convolution(
    rng: random.Random, shape: tuple[int, ...], between: list[Fields], samples: int | None, **more: Any
) -> Fields:
    channels, height, width, filters, rows, columns, stride, padding = shape

    def maps(*shape: int) -> Any:
        return [maps(*shape[1:]) for _ in range(shape[0])] if shape else _tenths(rng)

    kernels = {"K": maps(filters, channels, rows, columns), "b": maps(filters), "stride": stride, "padding": padding}
    dense = {"type": "dense", "units": 1, "init": {"type": "uniform", "low": -1, "high": 1, "seed": height}}
    return {
        "loss": "mse",
        "data": {"x": maps(*([samples] if samples else []), channels, height, width), "y": maps(samples or 1)},
        "layers": [
            {"type": "conv2d", "activation": "relu", **kernels}, *between, {"type": "flatten"}, dense,
        ],
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        **more,
    }  # fmt: skip


def every_problem() -> list[Fields]:
    """All drawn problems."""
    rng = random.Random(2026)
    return [*nasty_problems(), *expression_problems(rng), *network_problems(rng, 42)]
