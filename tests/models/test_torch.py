"""PyTorch's models: the same cost and the same gradients, and a name for what cannot be translated."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

import stepcalc
from stepcalc.errors import InputError
from stepcalc.models.torch_layers import CALLS, LAYERS
from stepcalc.models.torch_losses import FUNCTIONAL_LOSSES, LOSSES
from tests.models.agreement import DOUBLE, SINGLE, agrees

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "ReLU": nn.ReLU,
    "Sigmoid": nn.Sigmoid,
    "Tanh": nn.Tanh,
    "Softmax": lambda: nn.Softmax(dim=-1),
    "LeakyReLU": lambda: nn.LeakyReLU(0.3),
    "ELU": lambda: nn.ELU(0.7),
    "Softplus": nn.Softplus,
    "Identity": nn.Identity,
}

COSTS: dict[str, Callable[[str], nn.Module]] = {
    "MSELoss": lambda reduction: nn.MSELoss(reduction=reduction),
    "L1Loss": lambda reduction: nn.L1Loss(reduction=reduction),
    "HuberLoss": lambda reduction: nn.HuberLoss(reduction=reduction, delta=0.4),
    "SmoothL1Loss": lambda reduction: nn.SmoothL1Loss(reduction=reduction, beta=0.3),
    "BCELoss": lambda reduction: nn.BCELoss(reduction=reduction),
    "BCEWithLogitsLoss": lambda reduction: nn.BCEWithLogitsLoss(reduction=reduction),
    "CrossEntropyLoss": lambda reduction: nn.CrossEntropyLoss(reduction=reduction),
    "NLLLoss": lambda reduction: nn.NLLLoss(reduction=reduction),
}
LAST: dict[str, Callable[[], nn.Module]] = {"BCELoss": nn.Sigmoid, "NLLLoss": lambda: nn.LogSoftmax(dim=-1)}
"""What the model has to end in."""


def dense(*widths: int, activation: Callable[[], nn.Module] = nn.Tanh, seed: int = 0) -> nn.Sequential:
    """Linear layers of these widths with activations between them, in double precision."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for inputs, units in pairwise(widths):
        layers += [nn.Linear(inputs, units), activation()]
    return nn.Sequential(*layers[:-1]).double()


def targets(loss: str, samples: int | None, outputs: int) -> torch.Tensor:
    shape = (outputs,) if samples is None else (samples, outputs)
    if loss in ("CrossEntropyLoss", "NLLLoss"):
        return torch.randint(0, outputs, shape[:-1])
    return torch.rand(shape, dtype=torch.double)


def explained(model: nn.Module, x: torch.Tensor, y: Any, loss: Any, tolerance: float = DOUBLE, **fields: Any) -> Any:
    """The problem, after it was found to agree."""
    problem = stepcalc.from_torch(model, x, y, loss, **fields)
    model.zero_grad()
    cost = loss(model(x), y)
    cost.backward()
    agrees(problem, cost.item(), [each.grad for each in model.parameters()], tolerance)
    return problem


def test_every_reader_is_tried() -> None:
    apart = {"Linear", "Flatten", "Dropout", "LogSoftmax", "Squeeze", "Item", "Conv2d", "MaxPool2d", "RNN", "LSTM"}
    assert set(LAYERS) - apart == ACTIVATIONS.keys()
    assert LOSSES.keys() == COSTS.keys()
    assert set(FUNCTIONAL_LOSSES.values()) == LOSSES.keys()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation: str) -> None:
    model = dense(4, 3, 3, 2, activation=ACTIVATIONS[activation])
    explained(model, torch.randn(5, 4).double(), torch.randn(5, 2).double(), nn.MSELoss())


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("samples", [None, 1, 4])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("loss", COSTS)
def test_losses(loss: str, outputs: int, samples: int | None, reduction: str) -> None:
    model = dense(4, 3, outputs)
    if loss in LAST:
        model.append(LAST[loss]())
    x = torch.randn((4,) if samples is None else (samples, 4)).double()
    explained(model, x, targets(loss, samples, outputs), COSTS[loss](reduction))


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=5),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from([None, 1, 3]),
    st.integers(0, 999),
)
def test_networks(widths: list[int], activation: str, samples: int | None, seed: int) -> None:
    model = dense(*widths, activation=ACTIVATIONS[activation], seed=seed)
    x = torch.randn((widths[0],) if samples is None else (samples, widths[0])).double()
    y = torch.randn((widths[-1],) if samples is None else (samples, widths[-1])).double()
    explained(model, x, y, nn.MSELoss())


@pytest.mark.parametrize("name", sorted(FUNCTIONAL_LOSSES))
def test_losses_as_functions(name: str) -> None:
    loss = FUNCTIONAL_LOSSES[name]
    model = dense(4, 3, 2)
    if loss in LAST:
        model.append(LAST[loss]())
    explained(model, torch.randn(3, 4).double(), targets(loss, 3, 2), getattr(functional, name))


def test_single_precision_is_read_as_the_decimals_it_stands_for() -> None:
    model = nn.Sequential(nn.Linear(2, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[0.1, -0.7]]))
        model[0].bias.copy_(torch.tensor([1e-9]))
    problem = explained(model, torch.tensor([[0.3, 3.0]]), torch.tensor([[0.2]]), nn.MSELoss(), SINGLE)
    assert problem.parameters()["W1"].tolist() == [[0.1, -0.7]]
    assert problem.parameters()["b1"].tolist() == [1e-9]
    assert problem.x.tolist() == [[0.3, 3.0]]
    exact = stepcalc.from_torch(model.double(), [[0.3, 3.0]], [[0.2]], nn.MSELoss())
    assert exact.parameters()["W1"].tolist() == [[float(np.float32(0.1)), float(np.float32(-0.7))]]


def test_it_is_single_precision_that_is_read() -> None:
    model = dense(6, 5, 3).float()
    problem = explained(model, torch.randn(4, 6), torch.randint(0, 3, (4,)), nn.CrossEntropyLoss(), SINGLE)
    assert np.array_equal(problem.parameters()["W1"].astype(np.float32), model[0].weight.detach().numpy())


@pytest.mark.parametrize(
    "kind", [lambda t: t, lambda t: t.numpy(), lambda t: t.tolist()], ids=["tensor", "array", "list"]
)
def test_numbers_may_be_tensors_arrays_or_lists(kind: Callable[[torch.Tensor], Any]) -> None:
    x, y = torch.randn(3, 4).double(), torch.tensor([0, 2, 1])
    problem = stepcalc.from_torch(dense(4, 3), kind(x), kind(y), nn.CrossEntropyLoss())
    assert problem.x is not None
    assert problem.x.tolist() == x.tolist()
    assert problem.data.y is not None
    assert problem.data.y.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_a_loss_may_be_stepcalcs_own() -> None:
    problem = stepcalc.from_torch(dense(4, 3), torch.randn(4), [1.0, 2.0, 3.0], {"type": "mse", "scale": 0.5})
    assert (problem.loss.type, problem.loss.parameters["scale"]) == ("mse", 0.5)
    assert stepcalc.from_torch(dense(4, 3), torch.randn(4), [1.0, 2.0, 3.0], "mae").loss.type == "mae"


def test_the_rest_of_a_problem_file_may_be_given() -> None:
    model = dense(2, 1)
    problem = stepcalc.from_torch(
        model, [1.0, 2.0], [1.0], nn.BCEWithLogitsLoss(),
        title="Mood", data={"x_names": ["a", "b"], "classes": ["sad", "happy"]},
        optimizer={"learning_rate": 0.5}, notation={"product": "xW", "hidden": "h"},
    )  # fmt: skip
    assert (problem.title, problem.data.classes, problem.notation.hidden) == ("Mood", ("sad", "happy"), "h")
    assert problem.parameters()["W1"].tolist() == model[0].weight.T.tolist()
    assert problem.source_name == "model"


class Written(nn.Module):
    """A module with a forward of its own, as people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 3)
        self.body = nn.Sequential(nn.Linear(3, 3, bias=False), nn.ELU(), nn.Dropout(0.9))
        self.last = nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.view(x.size(0), -1)
        x = functional.leaky_relu(self.first(x), 0.2)
        x = functional.dropout(self.body(x), 0.5, self.training)
        x = x.reshape(x.shape[0], 3)
        return torch.sigmoid(self.last(x)).squeeze(-1)


def test_a_forward_of_ones_own_is_followed() -> None:
    torch.manual_seed(5)
    problem = explained(Written().double().eval(), torch.randn(6, 2, 2).double(), torch.rand(6).double(), nn.BCELoss())
    assert problem.input_shape == (4,)
    assert [layer.activation.type for layer in problem.layers] == ["leaky_relu", "elu", "sigmoid"]
    assert problem.layers[0].activation.parameters == {"alpha": 0.2}


def following(step: Callable[[torch.Tensor], torch.Tensor]) -> nn.Module:
    """Two layers with ``step`` after them."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = dense(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return step(self.body(x))

    return Model().double()


STEPS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": functional.relu,
    "sigmoid": torch.sigmoid,
    "tanh": lambda x: x.tanh(),
    "softmax": lambda x: torch.softmax(x, dim=1),
    "log_softmax": lambda x: functional.log_softmax(x, dim=-1),
    "leaky_relu": functional.leaky_relu,
    "elu": lambda x: functional.elu(x, 0.5),
    "softplus": functional.softplus,
    "dropout": lambda x: functional.dropout(x, training=False),
    "flatten": lambda x: torch.flatten(x, 1),
    "view": lambda x: x.view(-1, 3),
    "reshape": lambda x: x.reshape(x.size(0), -1),
}


def test_every_function_is_tried() -> None:
    elsewhere = {"squeeze", "getitem", "max_pool2d"}
    assert STEPS.keys() == CALLS.keys() - elsewhere


@pytest.mark.parametrize("name", STEPS)
def test_functions(name: str) -> None:
    loss, y = (
        (nn.NLLLoss(), torch.tensor([0, 2])) if name == "log_softmax" else (nn.MSELoss(), torch.rand(2, 3).double())
    )
    explained(following(STEPS[name]), torch.randn(2, 4).double(), y, loss)


def test_a_module_by_itself_is_a_model() -> None:
    torch.manual_seed(2)
    explained(nn.Linear(3, 2).double(), torch.randn(3).double(), torch.randn(2).double(), nn.MSELoss())


def complaint(model: Any, x: Any, y: Any, loss: Any, **fields: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        stepcalc.from_torch(model, x, y, loss, **fields)
    assert all(len(line.splitlines()) == 1 for line in caught.value.lines())
    return caught.value.lines()


READS = ", ".join(LAYERS)


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([nn.Linear(2, 2), nn.BatchNorm1d(2)], f"model[1]: stepcalc cannot translate BatchNorm1d: it can read {READS}"),
        ([nn.Linear(2, 2), nn.GELU()], f"model[1]: stepcalc cannot translate GELU: it can read {READS}"),
        (
            [nn.Linear(2, 2), nn.Dropout()],
            (
                "model[1]: stepcalc cannot translate Dropout: it drops units at random while the model is in training "
                "mode; call model.eval() first"
            ),
        ),
        (
            [nn.ReLU(), nn.Linear(2, 2)],
            "model[0]: stepcalc cannot translate ReLU: there is no layer before it whose activation it could be",
        ),
        (
            [nn.Linear(2, 2), nn.Tanh(), nn.ReLU()],
            (
                "model[2]: stepcalc cannot translate ReLU: the layer has an activation already, tanh; "
                "stepcalc's layers have one"
            ),
        ),
        (
            [nn.Linear(2, 2), nn.Softplus(beta=2)],
            "model[1]: stepcalc cannot translate Softplus: beta is 2, stepcalc has only 1",
        ),
        (
            [nn.Linear(2, 2), nn.Softplus(threshold=1)],
            "model[1]: stepcalc cannot translate Softplus: threshold is 1, stepcalc has only 20",
        ),
        (
            [nn.Linear(2, 2), nn.Softmax(dim=0)],
            "model[1]: stepcalc cannot translate Softmax: dim is 0, which is not the outputs of a layer; dim=-1 is",
        ),
        ([], "the model has no layer"),
    ],
)
def test_what_cannot_be_translated_is_named(layers: list[nn.Module], told: str) -> None:
    assert complaint(nn.Sequential(*layers), [[1.0, 2.0]], [[1.0, 2.0]], nn.MSELoss()) == [told]


def test_everything_that_cannot_be_translated_is_named_at_once() -> None:
    model = nn.Sequential(nn.Sequential(nn.Conv1d(2, 2, 1), nn.ReLU()), nn.LayerNorm(2))
    assert [line.partition(":")[0] for line in complaint(model, [1.0], 1.0, "mse")] == ["model[0][0]", "model[1]"]


class Branching(nn.Module):
    """A skip connection."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.fc(x)


class Twice(Branching):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.fc(x))


class Deciding(Branching):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x) if x.sum() > 0 else x


class Pair(Branching):
    def forward(self, x: torch.Tensor) -> Any:
        return self.fc(x), x


class Parameter(Branching):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x) * self.weight


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Branching, "model: add: expected a chain, each step taking what the one before it gives"),
        (Twice, "model.fc: is used twice; each layer of stepcalc has weights of its own"),
        (Deciding, "model: its forward cannot be followed: symbolically traced variables cannot be used as inputs to"),
        (Pair, "model: its forward returns other than the single array at the end of a chain"),
        (Parameter, "model.weight: is used outside a layer; expected a chain of layers"),
    ],
)
def test_what_is_no_chain_is_named(model: Callable[[], nn.Module], told: str) -> None:
    [line] = complaint(model(), [[1.0, 2.0]], [[1.0, 2.0]], nn.MSELoss())
    assert line.startswith(told)


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (nn.CrossEntropyLoss(label_smoothing=0.1), "CrossEntropyLoss: label_smoothing is 0.1, stepcalc has only 0.0"),
        (
            nn.CrossEntropyLoss(weight=torch.ones(2)),
            "CrossEntropyLoss: weight is tensor([1., 1.]), stepcalc has only None",
        ),
        (nn.CrossEntropyLoss(ignore_index=1), "CrossEntropyLoss: ignore_index is 1, stepcalc leaves no class out"),
        (nn.BCEWithLogitsLoss(pos_weight=torch.ones(2)), "BCEWithLogitsLoss: pos_weight is tensor([1., 1.]), "),
        (
            nn.MSELoss(reduction="none"),
            'MSELoss: reduction is "none", which gives no single number; "mean" and "sum" do',
        ),
        (nn.NLLLoss(), "NLLLoss: it needs a model that ends in LogSoftmax, and this one ends in linear"),
        (nn.KLDivLoss(), f"KLDivLoss: it can read {', '.join(LOSSES)}"),
    ],
)
def test_losses_that_cannot_be_translated_are_named(loss: nn.Module, told: str) -> None:
    [line] = complaint(dense(2, 2), [[1.0, 2.0]], [[0.0, 1.0]], loss)
    assert line.startswith(f"loss: stepcalc cannot translate {told}")


def test_logits_are_not_made_probabilities_twice() -> None:
    model = dense(2, 2).append(nn.Softmax(dim=-1))
    [line] = complaint(model, [[1.0, 2.0]], torch.tensor([1]), nn.CrossEntropyLoss())
    assert line.endswith("it needs a model that ends in linear, and this one ends in softmax")


def test_a_log_softmax_is_only_for_its_loss() -> None:
    [line] = complaint(dense(2, 2).append(nn.LogSoftmax(dim=-1)), [[1.0, 2.0]], [[0.0, 1.0]], nn.MSELoss())
    assert line.startswith('layers[1].activation: "LogSoftmax" is no activation')


@pytest.mark.parametrize(("y", "told"), [((4,), "(4)"), ((1, 4), "(1, 4)")])
def test_targets_that_pytorch_would_compare_crosswise_are_refused(y: tuple[int, ...], told: str) -> None:
    [line] = complaint(dense(2, 1), torch.randn(4, 2), torch.zeros(y), nn.MSELoss())
    assert line == (
        f"y: shape {told}, the model's output has (4, 1): MSELoss would compare each with each; "
        "give y the shape of the output"
    )


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        ([[1.0, 2.0], [3.0]], [0, 1], ["x: its rows are of different lengths"]),
        ([["a", "b"]], [0], ["x: an array of <U1, expected numbers"]),
        ([[1.0, float("nan")]], [0], ["data.x[1][2]: nan is not a finite number"]),
        ([[1.0, 2.0]], [2], ["y: 2, expected the number of a class, from 0 to 1"]),
        ([[1.0, 2.0]], [-1], ["y: -1, expected the number of a class, from 0 to 1"]),
        ([[1.0, 2.0, 3.0]], [1], ["layers[1].W: shape (2, 2), expected (2, 3)"]),
        (
            [[1.0, 2.0]],
            [[0.5, 0.5]],
            ["data.y[1]: expected a single 1 among 0s (one-hot) for categorical_cross_entropy"],
        ),
    ],
)
def test_numbers_that_do_not_fit_are_named(x: Any, y: Any, told: list[str]) -> None:
    assert complaint(dense(2, 2), x, y, nn.CrossEntropyLoss()) == told


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"layers": []}, "layers: those of the model are meant; give no others"),
        ({"data": 3}, "data: a number, expected a table"),
        ({"notation": "xW"}, "notation: a string, expected a table"),
        ({"titel": "x"}, 'titel: unknown key; did you mean "title"?'),
    ],
)
def test_other_fields_are_those_of_a_problem_file(fields: dict[str, Any], told: str) -> None:
    assert complaint(dense(2, 1), [1.0, 2.0], [1.0], nn.MSELoss(), **fields) == [told]


def test_what_is_no_model_is_named() -> None:
    assert complaint({"W": 1}, [1.0], [1.0], nn.MSELoss()) == ["a dict, expected a torch.nn.Module"]
