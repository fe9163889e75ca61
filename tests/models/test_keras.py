"""Keras' models, on PyTorch: the same cost and the same gradients, and a name for what cannot be translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import stepcalc
from stepcalc.errors import InputError, ModelWarning
from stepcalc.models.keras_layers import ACTIVATIONS, LAYERS
from stepcalc.models.keras_losses import LOSSES
from tests.models.agreement import SINGLE, agrees

RNG = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def same_weights_every_time() -> None:
    keras.utils.set_random_seed(1)


def chain(*middle: Any, inputs: int = 4, outputs: int = 3) -> Any:
    return keras.Sequential([keras.Input((inputs,)), *middle, layers.Dense(outputs)])


def of_library(model: Any, x: Any, y: Any, loss: Any) -> tuple[float, list[Any]]:
    """The loss that training minimises, and its gradients."""
    model.zero_grad()
    function = keras.losses.get(loss) if isinstance(loss, str) else loss
    given = model(np.atleast_2d(x))
    y = keras.ops.convert_to_tensor(np.asarray(y))
    cost = function(y, given)
    cost = cost.mean() if cost.ndim else cost
    cost.backward()
    return cost.item(), [variable.value.grad.numpy() for variable in model.trainable_weights]


def explained(model: Any, x: Any, y: Any, loss: Any) -> Any:
    """The problem, after it was found to agree: in single precision, as Keras takes means in it whatever it is told."""
    problem = stepcalc.from_keras(model, x, y, loss)
    agrees(problem, *of_library(model, x, y, loss), SINGLE)
    return problem


BETWEEN: dict[str, Callable[[], Any]] = {
    "Dense": lambda: layers.Dense(3, use_bias=False),
    "Activation": lambda: layers.Activation("tanh"),
    "ReLU": lambda: layers.ReLU(negative_slope=0.1),
    "LeakyReLU": lambda: layers.LeakyReLU(negative_slope=0.2),
    "ELU": lambda: layers.ELU(alpha=0.6),
    "Softmax": layers.Softmax,
    "Flatten": layers.Flatten,
    "Dropout": lambda: layers.Dropout(0.5),
    "Identity": layers.Identity,
}


def test_every_reader_is_tried() -> None:
    below = {"Conv2D", "MaxPooling2D", "SimpleRNN", "LSTM", "TimeDistributed"}
    assert LAYERS.keys() == BETWEEN.keys() | below | {"InputLayer"}


@pytest.mark.parametrize("kind", BETWEEN)
def test_layers(kind: str) -> None:
    explained(chain(layers.Dense(5), BETWEEN[kind]()), RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3)), "mse")


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation: str) -> None:
    model = chain(layers.Dense(5, activation=activation))
    problem = explained(model, RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3)), "mse")
    assert problem.layers[0].activation.type == activation


def test_an_activation_may_be_a_layer() -> None:
    model = chain(layers.Dense(5, activation=layers.LeakyReLU(negative_slope=0.3)))
    problem = explained(model, RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3)), "mse")
    assert problem.layers[0].activation.parameters == {"alpha": 0.3}


COSTS: dict[str, tuple[str | None, Callable[..., Any]]] = {
    "mean_squared_error": (None, keras.losses.MeanSquaredError),
    "mean_absolute_error": (None, keras.losses.MeanAbsoluteError),
    "huber": (None, lambda **kw: keras.losses.Huber(delta=0.4, **kw)),
    "hinge": (None, keras.losses.Hinge),
    "binary_crossentropy": ("sigmoid", keras.losses.BinaryCrossentropy),
    "categorical_crossentropy": ("softmax", keras.losses.CategoricalCrossentropy),
    "sparse_categorical_crossentropy": ("softmax", keras.losses.SparseCategoricalCrossentropy),
}


def test_every_loss_is_tried() -> None:
    assert LOSSES.keys() == COSTS.keys()


def targets(loss: str, samples: int, outputs: int) -> Any:
    classes = RNG.integers(0, outputs, samples)
    if loss.startswith("categorical"):
        return np.eye(outputs)[classes]
    if loss.startswith("sparse"):
        return classes
    shape = (samples, outputs)
    return (
        RNG.integers(0, 2, shape).astype(float) if loss in ("hinge", "binary_crossentropy") else RNG.normal(size=shape)
    )


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum"])
@pytest.mark.parametrize(
    ("loss", "outputs"),
    [(loss, outputs) for loss, (last, _) in COSTS.items() for outputs in (1, 3) if outputs > 1 or last != "softmax"],
)
def test_losses(loss: str, outputs: int, reduction: str) -> None:
    last, made = COSTS[loss]
    model = chain(layers.Dense(5, activation="tanh"), outputs=outputs)
    if last:
        model.add(layers.Activation(last))
    explained(model, RNG.normal(size=(6, 4)), targets(loss, 6, outputs), made(reduction=reduction))


@pytest.mark.parametrize("loss", [name for name, (last, _) in COSTS.items() if last])
def test_losses_of_logits(loss: str) -> None:
    _, made = COSTS[loss]
    problem = explained(chain(), RNG.normal(size=(6, 4)), targets(loss, 6, 3), made(from_logits=True))
    assert problem.layers[-1].activation.type == COSTS[loss][0]


@pytest.mark.parametrize("loss", [*COSTS, "mse", "mae"])
def test_losses_by_name(loss: str) -> None:
    last = COSTS.get(loss, (None,))[0]
    model = chain(outputs=2)
    if last:
        model.add(layers.Activation(last))
    explained(model, RNG.normal(size=(5, 4)), targets(loss, 5, 2), loss)


def test_the_loss_is_the_one_that_it_was_compiled_with() -> None:
    model = chain()
    model.compile(loss="mse")
    problem = stepcalc.from_keras(model, RNG.normal(size=(2, 4)), RNG.normal(size=(2, 3)))
    assert (problem.loss.type, problem.loss.parameters) == ("mse", {"scale": 1 / 3})
    assert stepcalc.from_keras(model, [1, 2, 3, 4], [1, 2, 3], {"type": "mse"}).loss.parameters == {"scale": 1}


def test_a_functional_model_may_be_a_chain() -> None:
    entrance = keras.Input((4,))
    hidden = layers.Dense(5, activation="sigmoid")(entrance)
    model = keras.Model(entrance, layers.Dense(2)(layers.Dropout(0.5)(hidden)))
    explained(model, RNG.normal(size=(6, 4)), RNG.normal(size=(6, 2)), "mse")


def test_a_model_may_hold_a_model() -> None:
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2, activation="relu")]
    )
    model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(1)])
    assert len(explained(model, RNG.normal(size=(6, 4)), RNG.normal(size=(6, 1)), "mse").layers) == 3


def test_pictures_are_laid_flat() -> None:
    model = keras.Sequential([keras.Input((3, 2, 2)), layers.Flatten(), layers.Dense(2)])
    x, y = RNG.normal(size=(5, 3, 2, 2)), RNG.normal(size=(5, 2))
    explained(model, x, y, "mse")


def test_one_sample() -> None:
    model = chain(layers.Dense(2, activation="tanh"))
    x, y = RNG.normal(size=4), RNG.normal(size=3)
    problem = stepcalc.from_keras(model, x, y, "mse")
    assert problem.samples is None
    agrees(problem, *of_library(model, x, y[None], "mse"), SINGLE)


def in_our_order(model: Any, gradients: list[Any]) -> list[Any]:
    """The gradients as stepcalc has its parameters: kernels' axes in its order, an LSTM's by gate."""
    left, found = iter(gradients), []
    for layer in model.layers:
        own = [next(left) for _ in layer.trainable_weights]
        kind = type(layer).__name__
        if kind == "Conv2D":
            own[0] = own[0].transpose(3, 2, 0, 1)
        if kind in ("SimpleRNN", "LSTM"):
            own = [each.T for each in own]
        if kind == "LSTM":
            gates = [dict(zip("ifgo", np.split(each, 4), strict=True)) for each in own]
            own = [gate[letter] for letter in "figo" for gate in gates]
        found += own
    return found


def of_layers(model: Any, x: Any, y: Any) -> Any:
    problem = stepcalc.from_keras(model, x, y, "mse")
    loss, gradients = of_library(model, x, y, "mse")
    agrees(problem, loss, in_our_order(model, gradients), SINGLE)
    return problem


RECURRENT = [pytest.param(layers.SimpleRNN), pytest.param(layers.LSTM)]


@pytest.mark.parametrize("kind", RECURRENT)
def test_recurrent_layers(kind: Any) -> None:
    model = keras.Sequential(
        [keras.Input((5, 3)), kind(4, return_sequences=True), kind(2, use_bias=False), layers.Dense(2)]
    )
    of_layers(model, RNG.normal(size=(4, 5, 3)), RNG.normal(size=(4, 2)))


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("head", [lambda: layers.Dense(2), lambda: layers.TimeDistributed(layers.Dense(2))])
def test_an_output_for_every_time_step(kind: Any, head: Callable[[], Any]) -> None:
    model = keras.Sequential([keras.Input((5, 3)), kind(4, return_sequences=True), head()])
    problem = of_layers(model, RNG.normal(size=(4, 5, 3)), RNG.normal(size=(4, 5, 2)))
    assert problem.loss.parameters["scale"] == pytest.approx(1 / 10)


def test_a_recurrent_layer_has_the_activation_that_it_was_given() -> None:
    for activation in ("relu", "linear"):
        model = keras.Sequential([keras.Input((5, 3)), layers.SimpleRNN(4, activation=activation), layers.Dense(2)])
        problem = of_layers(model, RNG.normal(size=(4, 5, 3)), RNG.normal(size=(4, 2)))
        assert problem.layers[0].activation.type == activation


@pytest.mark.parametrize("padding", [pytest.param("same"), pytest.param("valid")])
def test_a_convolutional_network(padding: str) -> None:
    """Keras has the channels last: of x, of the kernels and of what is laid flat."""
    model = keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            layers.Conv2D(3, 3, padding=padding, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(4, (2, 1), strides=1, use_bias=False),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3, activation="tanh"),
            layers.Dense(2),
        ]
    )
    x, y = RNG.normal(size=(3, 9, 8, 2)), RNG.normal(size=(3, 2))
    problem = stepcalc.from_keras(model, x, y, "mse")
    loss, gradients = of_library(model, x, y, "mse")
    ours = in_our_order(model, gradients)
    height, width, channels = model.layers[3].input.shape[1:]
    by_channel = ours[3].reshape(height, width, channels, -1).transpose(2, 0, 1, 3)
    ours[3] = by_channel.reshape(height * width * channels, -1)
    agrees(problem, loss, ours, SINGLE)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        pytest.param(lambda: layers.SimpleRNN(2, go_backwards=True), "SimpleRNN: go_backwards is True"),
        pytest.param(lambda: layers.LSTM(2, activation="relu"), "LSTM: activation is relu"),
        pytest.param(
            lambda: layers.TimeDistributed(layers.LayerNormalization()),
            "TimeDistributed: at every time step stepcalc can do a Dense layer, not LayerNormalization",
        ),
    ],
)
def test_recurrent_layers_that_cannot_be_translated_are_named(layer: Callable[[], Any], told: str) -> None:
    [line] = complaint(keras.Sequential([keras.Input((5, 3)), layer()]))
    assert f"stepcalc cannot translate {told}" in line


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (
            lambda: layers.Conv2D(2, 2, padding="same"),
            'Conv2D: padding is "same", which stepcalc has for square kernels',
        ),
        (lambda: layers.Conv2D(2, 3, strides=(1, 2)), "Conv2D: strides is (1, 2), stepcalc has the same for rows and"),
        (lambda: layers.Conv2D(2, 1, data_format="channels_first"), "Conv2D: data_format is 'channels_first'"),
        (lambda: layers.MaxPooling2D(2, padding="same"), "MaxPooling2D: padding is 'same', stepcalc has only 'valid'"),
    ],
)
def test_convolutional_settings_that_stepcalc_lacks_are_named(layer: Callable[[], Any], told: str) -> None:
    [line] = complaint(keras.Sequential([keras.Input((6, 6, 2)), layer()]))
    assert f"stepcalc cannot translate {told}" in line


def test_weights_are_those_of_the_model_inputs_by_units() -> None:
    model = chain(layers.Dense(2, activation="tanh"))
    x, y = RNG.normal(size=(5, 4)).astype(np.float32), RNG.normal(size=(5, 3)).astype(np.float32)
    problem = explained(model, x, y, "mse")
    kernel = model.layers[0].kernel.value.detach().numpy()
    assert problem.notation.product == "xW"
    assert np.array_equal(problem.parameters()["W1"].astype(np.float32), kernel)
    assert problem.parameters()["W1"][0, 0] == float(str(kernel[0, 0]))


def complaint(model: Any, loss: Any = "mse", x: Any = ((1.0, 2.0),), y: Any = ((1.0, 0.0),)) -> list[str]:
    with pytest.raises(InputError) as caught:
        stepcalc.from_keras(model, x, y, loss)
    assert all(len(line.splitlines()) == 1 for line in caught.value.lines())
    return caught.value.lines()


def named(*middle: Any) -> Any:
    return keras.Sequential([keras.Input((2,)), layers.Dense(2, name="first"), *middle])


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (lambda: layers.BatchNormalization(name="it"), f"BatchNormalization: it can read {', '.join(LAYERS)}"),
        (
            lambda: layers.Dense(2, activation="gelu", name="it"),
            "Dense: its activation is gelu; those that can be read ",
        ),
        (lambda: layers.Dense(2, activation=lambda z: z * 2, name="it"), "Dense: its activation is <lambda>; "),
        (lambda: layers.ReLU(max_value=6.0, name="it"), "ReLU: max_value is 6.0, stepcalc has only None"),
        (lambda: layers.Softmax(axis=1, name="it"), "Softmax: axis is 1, stepcalc has only -1"),
    ],
)
def test_what_cannot_be_translated_is_named(layer: Callable[[], Any], told: str) -> None:
    [line] = complaint(named(layer()))
    assert line.startswith(f"it: stepcalc cannot translate {told}")


def test_what_is_no_chain_is_named() -> None:
    entrance = keras.Input((2,))
    dense = layers.Dense(2)
    hidden = dense(entrance)
    chain_expected = "expected a chain, each layer taking what the one before it gives"
    [line] = complaint(keras.Model(entrance, layers.Add(name="sum")([entrance, hidden])))
    assert line == f"sum: {chain_expected}"
    [line] = complaint(keras.Model(entrance, dense(hidden)))
    assert line == f"{dense.name}: is used twice; each layer of stepcalc has weights of its own"
    [line] = complaint(keras.Model(entrance, [hidden, layers.Dense(1)(hidden)], name="two"))
    assert line == "two: 2 outputs, expected one"


def test_what_has_no_weights_or_no_layers_to_be_seen_is_named() -> None:
    [line] = complaint(keras.Sequential([layers.Dense(2)], name="new"))
    assert line == "new: it has no weights yet; give it an Input, or call it once"

    class Own(keras.Model):
        pass

    [line] = complaint(Own(name="own"))
    assert line.startswith("own: its call() cannot be followed")
    assert complaint("model.keras") == ["a str, expected a Keras model"]


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (
            lambda: keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
            "label_smoothing is 0.1, stepcalc has only ",
        ),
        (
            lambda: keras.losses.MeanSquaredError(reduction="none"),
            "its reduction is none, which gives no single number",
        ),
        (lambda: "kl_divergence", f"it can read {', '.join(LOSSES)}"),
        (
            lambda: keras.losses.BinaryCrossentropy(from_logits=True),
            "it needs a model that ends in linear, and this one ",
        ),
    ],
)
def test_losses_that_cannot_be_translated_are_named(loss: Callable[[], Any], told: str) -> None:
    [line] = complaint(named(layers.Softmax()), loss())
    assert line.startswith("loss: stepcalc cannot translate ")
    assert told in line


def test_a_loss_that_is_missing_is_named() -> None:
    assert complaint(named(), None) == ["loss: missing; the model was not compiled with one either"]
    assert complaint(named(), "mean_sqared_error") == ['loss: "mean_sqared_error" is no loss of Keras']


def test_the_penalty_that_the_cost_is_without_is_told() -> None:
    model = named(layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.5), name="last"))
    penalty = 0.5 * float((model.layers[-1].kernel.value.detach() ** 2).sum())
    with pytest.warns(ModelWarning, match=rf"^regularizers add a penalty .*\({penalty:.2g} here\)") as caught:
        stepcalc.from_keras(model, [[1.0, 2.0]], [[1.0]], "mse")
    assert caught[0].filename == __file__
