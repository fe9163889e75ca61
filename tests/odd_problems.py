"""Problems as nobody should pose them, and large, small and foreign ones: every form of the sheet must bear them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

WORDS = "A title that goes on and on, as titles of exercise sheets sometimes do when nobody stops them; "
COMMANDS = r"\input{/etc/passwd} \write18{ls} \csname end\endcsname \def\a{\a}\a"
SPECIALS = r"100 % & $x$ #1 _a ^b ~ {c} }{ \\ [d] *e |f| <g> `h' \"i\" -- // \ "
MARKUP = "<script>alert(1)</script> </title> {{ 7*7 }} {% raw %} ((( x ))) ((* if *)) &amp; ]]>"
SCRIPTS = {
    "greek": "Θα είναι νόστιμο το μπισκότο;",
    "cyrillic": "Будет ли печенье вкусным?",
    "chinese": "饼干会好吃吗？",
    "emoji": "Cookie 🍪 good? 👩‍🔬 ✅ ½ cup, 180 °C – naïve façade, Łódź, Ærø, ſ",
    "arabic": "هل ستكون الكعكة لذيذة؟",
    "hebrew": "האם העוגייה תהיה טעימה? \u202eabc",
    "thai": "คุกกี้จะอร่อยไหม",
}


def network(units: tuple[int, ...] = (2, 2, 1), **fields: Any) -> dict[str, Any]:
    """A network of sigmoid units with ``units`` in its layers (the inputs first), and ``fields`` on top."""
    weights = [[[round(((7 * i + 3 * j) % 11 - 5) / 10, 1) for j in range(inputs)] for i in range(outputs)]
               for inputs, outputs in pairwise(units)]  # fmt: skip
    layers = [{"type": "dense", "activation": "sigmoid", "W": W, "b": [0.1] * len(W)} for W in weights]
    data = {"x": [(j % 5) - 1 for j in range(units[0])], "y": [0.5] * units[-1]}
    return {
        "title": "A network", "loss": "mse", "data": data, "layers": layers,
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1}, **fields,
    }  # fmt: skip


def named(words: str) -> dict[str, Any]:
    """A network with ``words`` wherever a user may write some."""
    data = {"x": [1, 2], "y": 1, "x_names": [words, f"{words} 2"], "classes": [words, f"{words} 2"]}
    return network(title=words, loss="binary_cross_entropy", data=data)


def batch(samples: int) -> dict[str, Any]:
    """A network whose mini-batch has so many samples."""
    data = {"x": [[n % 3, n % 4 - 1] for n in range(samples)], "y": [[n % 2] for n in range(samples)]}
    return network(title=f"{samples} samples", data=data)


def layer(units: int, activation: str, seed: int) -> dict[str, Any]:
    """A dense layer of drawn weights."""
    return {"type": "dense", "units": units, "activation": activation, "init": {"type": "xavier_uniform", "seed": seed}}


def one_output(hidden: list[int], x: list[Any], y: Any) -> dict[str, Any]:
    """A network of drawn weights: hidden layers of tanh and one output, a probability."""
    layers = [layer(units, "tanh", seed) for seed, units in enumerate(hidden)]
    return {
        "loss": "binary_cross_entropy", "layers": [*layers, layer(1, "sigmoid", len(hidden))],
        "data": {"x": x, "y": y}, "optimizer": {"type": "gradient_descent"},
    }  # fmt: skip


def expression(title: str, of: str, **given: float) -> dict[str, Any]:
    """An expression differentiated by everything that is given."""
    return {"title": title, "given": given, "define": {"f": of}, "differentiate": {"of": "f"}}


def nested(depth: int) -> str:
    """A continued fraction."""
    return "x" if depth == 0 else f"1/(1 + {nested(depth - 1)})"


LONG_NAME = "the_width_of_the_widest_biscuit"

ODD: dict[str, dict[str, Any]] = {
    "long title": named(WORDS * 5),
    "long word": named("Donaudampfschifffahrt" * 12),
    "wide letters": named("W" * 90),
    "endless word": named("W" * 490),
    "endless Chinese word": named("饼" * 490),
    "commands": named(COMMANDS),
    "specials": named(SPECIALS),
    "markup": named(MARKUP),
    **{script: named(words) for script, words in SCRIPTS.items()},
    "ten by ten": network((10, 10, 10)),
    "twelve outputs": network((3, 12), title="Softmax of twelve"),
    "long numbers": network((4, 3, 1), rounding={"significant": 12}),
    "deep": network((2, 2, 2, 2, 2, 2, 2, 1)),
    "mini-batch of 6": batch(6),
    "mini-batch of 60": batch(60),
    "many updates": network(optimizer={"type": "gradient_descent", "learning_rate": 0.1, "steps": 80}),
    "Adam": network(optimizer={"type": "adam", "learning_rate": 0.1, "steps": 80}),
    "momentum at its end": network(optimizer={"type": "momentum", "learning_rate": 1e300, "steps": 3}),
    "Newton's method": network((2, 2, 1), optimizer={"type": "newton", "learning_rate": 1, "steps": 3}),
    "large": network((60, 25, 10)),
    "one unit": network((1, 1)),
    "tiny and huge": network((2, 1), data={"x": [1e-12, 3e2], "y": [1e-5]}, loss="mse"),
    "other names": network(
        notation={"hidden": "h", "loss": "J", "product": "Wx", "names": {"W2[1,1]": r"\theta_{11}^{(1)}"}},
        gradient_check={"epsilon": 0.001},
    ),
    "continued fraction": expression("A continued fraction", nested(4), x=0.5),
    "nested calls": expression("Nested", "exp(sin(tanh(ln(1 + sqrt(sigmoid(cos(x^2)))))))", x=0.5),
    "long sum": expression("A long sum", " + ".join(f"{n}*x^{n}" for n in range(1, 25)), x=1.5),
    "long product": expression("A long product", " * ".join(f"(x + {n})" for n in range(1, 13)), x=1.5),
    "long names": expression(
        "Long names",
        f"{LONG_NAME} * exp({LONG_NAME}_too) + {LONG_NAME}^2",
        **{LONG_NAME: 1.5, f"{LONG_NAME}_too": 0.25},
    ),
    "power towers": expression("Towers", "x^y^x^y", x=1.5, y=0.5),
}
"""Each problem's fields, by what is odd about it."""

MORE: dict[str, dict[str, Any]] = {
    "one weight": one_output([], [2], 1),
    "one sample": one_output([2], [[1, 2]], [1]),
    "two hundred samples": one_output(
        [3],
        [[(7 * n + 3 * i) % 19 / 10 - 0.9 for i in range(4)] for n in range(200)],
        [n * n % 7 % 2 for n in range(200)],
    ),
    "784-128-10": {
        "loss": "categorical_cross_entropy",
        "data": {"x": [(7 * i % 256) / 255 for i in range(784)], "y": [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]},
        "layers": [layer(128, "relu", 1), layer(10, "softmax", 2)],
        "optimizer": {"type": "gradient_descent"},
    },
    "three classes": {
        "title": "Three classes",
        "data": {"x": [[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [-0.4, 0.8, 0.1]], "y": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        "loss": "categorical_cross_entropy",
        "layers": [
            {"type": "dense", "activation": "tanh", "b": [0.1, 0, -0.2, 0.3],
             "W": [[0.2, -0.3, 0.5], [0.7, 0.1, -0.4], [-0.6, 0.4, 0.3], [0.1, 0.9, -0.2]]},
            {"type": "dense", "activation": "softmax", "b": [0, 0.1, -0.1],
             "W": [[0.3, -0.1, 0.6, 0.2], [-0.5, 0.4, 0.1, 0.7], [0.2, 0.8, -0.3, -0.6]]},
        ],
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "gradient_check": {"epsilon": 0.001},
    },
}  # fmt: skip
"""Problems of which some forms only are looked at: about a hundred thousand parameters, many samples, slides."""
