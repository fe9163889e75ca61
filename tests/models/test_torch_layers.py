"""Recurrent and convolutional models of PyTorch: the same cost and the same gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

import stepcalc
from stepcalc.errors import InputError
from tests.models.agreement import agrees


def explained(model: nn.Module, x: torch.Tensor, y: torch.Tensor, loss: nn.Module) -> Any:
    """The problem, after it was found to agree; of two biases that are added, the gradient is the same."""
    model = model.double().eval()
    problem = stepcalc.from_torch(model, x, y, loss)
    cost = loss(model(x), y)
    cost.backward()
    agrees(problem, cost.item(), in_our_order(model))
    return problem


def in_our_order(model: nn.Module) -> list[torch.Tensor | None]:
    """The gradients of the parameters as stepcalc has them: an LSTM's by gate, of two biases only one."""
    found: list[torch.Tensor | None] = []
    for module in model.modules():
        own = dict(module.named_parameters(recurse=False))
        gradients = {name: parameter.grad for name, parameter in own.items() if not name.startswith("bias_hh")}
        if not isinstance(module, nn.LSTM):
            found += gradients.values()
            continue
        gates = {name: dict(zip("ifgo", gradient.chunk(4), strict=True)) for name, gradient in gradients.items()}
        for number in range(module.num_layers):
            names = [
                f"{kind}_l{number}" for kind in ("weight_ih", "weight_hh", "bias_ih") if f"{kind}_l{number}" in own
            ]
            found += [gates[name][letter] for letter in "figo" for name in names]
    return found


class Recurrent(nn.Module):
    """A recurrent module, what is taken of it, and a layer behind it."""

    def __init__(self, kind: Any, take: Callable[[Any], torch.Tensor], **settings: Any) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.body = kind(3, 4, **{"batch_first": True, **settings})
        self.take = take
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> Any:
        return self.head(self.take(self.body(x)))


def first_of_two(found: Any) -> torch.Tensor:
    output, _ = found
    return output[:, -1]


LAST: dict[str, Callable[[Any], torch.Tensor]] = {
    "output[:, -1]": first_of_two,
    "output[:, -1, :]": lambda found: found[0][:, -1, :],
}
OF_RNN: dict[str, Callable[[Any], torch.Tensor]] = {
    **LAST, "h[-1]": lambda found: found[1][-1], "h[0]": lambda found: found[1][0],
    "h.squeeze(0)": lambda found: found[1].squeeze(0),
}  # fmt: skip
OF_LSTM: dict[str, Callable[[Any], torch.Tensor]] = {
    **LAST, "h[-1]": lambda found: found[1][0][-1], "h.squeeze(0)": lambda found: found[1][0].squeeze(0),
}  # fmt: skip


@pytest.mark.parametrize("take", OF_RNN)
def test_rnn(take: str) -> None:
    problem = explained(
        Recurrent(nn.RNN, OF_RNN[take]), torch.randn(5, 6, 3).double(), torch.randn(5, 2).double(), nn.MSELoss()
    )
    assert [layer.type for layer in problem.layers] == ["rnn", "dense"]
    assert not problem.layers[0].return_sequences


@pytest.mark.parametrize("take", OF_LSTM)
def test_lstm(take: str) -> None:
    model = Recurrent(nn.LSTM, OF_LSTM[take])
    explained(model, torch.randn(5, 6, 3).double(), torch.randn(5, 2).double(), nn.MSELoss())


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", [pytest.param(nn.RNN), pytest.param(nn.LSTM)])
def test_an_output_for_every_time_step(kind: Any, reduction: str) -> None:
    model = Recurrent(kind, lambda found: found[0])
    x, y = torch.randn(5, 6, 3).double(), torch.randn(5, 6, 2).double()
    assert explained(model, x, y, nn.MSELoss(reduction=reduction)).layers[0].return_sequences
    explained(Recurrent(kind, lambda found: found[0]), x[0], y[0], nn.MSELoss(reduction=reduction))


@pytest.mark.parametrize("kind", [pytest.param(nn.RNN), pytest.param(nn.LSTM)])
def test_recurrent_layers_on_one_another(kind: Any) -> None:
    x, y = torch.randn(2, 4, 3).double(), torch.randn(2, 2).double()
    problem = explained(Recurrent(kind, first_of_two, num_layers=2, bias=False), x, y, nn.MSELoss())
    assert [layer.type for layer in problem.layers] == [kind.__name__.lower()] * 2 + ["dense"]


def test_a_recurrent_layer_of_relus() -> None:
    model = Recurrent(nn.RNN, first_of_two, nonlinearity="relu")
    explained(model, torch.randn(2, 4, 3).double(), torch.randn(2, 2).double(), nn.MSELoss())


def complaint(model: nn.Module, x: torch.Tensor, y: torch.Tensor, loss: nn.Module | None = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        stepcalc.from_torch(model, x, y, loss or nn.MSELoss())
    return caught.value.lines()


ONLY_LAST = "model: stepcalc cannot translate Item: of what comes before it, stepcalc can take the last time step only"


@pytest.mark.parametrize(
    ("take", "settings", "told"),
    [
        (lambda found: found[0][:, 0], {}, ONLY_LAST),
        (lambda found: found, {}, "model.head: stepcalc cannot translate Linear: it takes one array, and what comes "),
        (
            lambda found: found[1][0],
            {"num_layers": 2},
            "model.head: stepcalc cannot translate Linear: it takes one array",
        ),
        (first_of_two, {"batch_first": False}, "model.body: stepcalc cannot translate RNN: batch_first is False, "),
        (first_of_two, {"bidirectional": True}, "model.body: stepcalc cannot translate RNN: bidirectional is True, "),
        (
            first_of_two,
            {"num_layers": 2, "dropout": 0.1},
            "model.body: stepcalc cannot translate RNN: it drops units at ",
        ),
    ],
)
def test_recurrent_models_that_cannot_be_translated_are_named(take: Any, settings: Any, told: str) -> None:
    lines = complaint(Recurrent(nn.RNN, take, **settings), torch.randn(2, 4, 3), torch.randn(2, 2))
    assert any(line.startswith(told) for line in lines)


@pytest.mark.parametrize("dim", [None, 1])
def test_a_softmax_over_samples_or_time_steps_is_none_over_outputs(dim: int | None) -> None:
    model = nn.Sequential(Recurrent(nn.RNN, lambda found: found[0]), nn.Softmax(dim))
    [line] = complaint(model, torch.randn(2, 4, 3), torch.randn(2, 4, 2))
    told = f"dim is {dim}, which is not the outputs of a layer; dim=-1 is"
    assert line == f"model[1]: stepcalc cannot translate Softmax: {told}"


def test_a_softmax_at_every_time_step() -> None:
    model = nn.Sequential(Recurrent(nn.RNN, lambda found: found[0]), nn.Softmax(-1))
    explained(model, torch.randn(2, 4, 3).double(), torch.rand(2, 4, 2).double(), nn.MSELoss())


def test_a_state_is_no_output() -> None:
    assert complaint(nn.RNN(3, 4, batch_first=True), torch.randn(2, 4, 3), torch.randn(2, 4, 4)) == [
        "the model ends with rnn, expected a list of outputs"
    ]


def test_classes_of_a_sequence_are_refused() -> None:
    model = Recurrent(nn.RNN, lambda found: found[0])
    [line] = complaint(model, torch.randn(2, 4, 3), torch.zeros(2, 4, dtype=torch.long), nn.CrossEntropyLoss())
    assert "of a sequence it takes the classes before the time steps" in line


class Convolutional(nn.Module):
    """The stages of many a first network, with the ReLU behind the pool."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.conv = nn.Conv2d(2, 3, 3, padding=1)
        self.body = nn.Sequential(nn.Conv2d(3, 4, (2, 3), stride=2, bias=False), nn.Tanh(), nn.Flatten(), nn.Dropout())
        self.head = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(functional.relu(functional.max_pool2d(self.conv(x), 2))))


@pytest.mark.parametrize("stage", [pytest.param("stages")])
def test_a_convolutional_network(stage: str) -> None:
    x, y = torch.randn(2, 2, 8, 10).double(), torch.tensor([0, 2])
    problem = explained(Convolutional(), x, y, nn.CrossEntropyLoss())
    assert [layer.type for layer in problem.layers] == ["conv2d", "maxpool2d", "conv2d", "flatten", "dense"]
    assert problem.layers[0].activation.type == "relu"


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 3, 3, padding="same"),
        nn.Conv2d(2, 3, 2, padding="valid", stride=(2, 2)),
        nn.Sequential(nn.Conv2d(2, 3, 1), nn.MaxPool2d(3, stride=1), nn.Sigmoid()),
        nn.Sequential(nn.MaxPool2d((2, 2)), nn.Conv2d(2, 1, 2), nn.ReLU()),
    ],
)
@pytest.mark.parametrize("samples", [pytest.param(3)])
def test_convolutions(layer: nn.Module, samples: int) -> None:
    torch.manual_seed(7)
    x = torch.randn(samples, 2, 6, 6).double()
    outputs = layer.double()(x).flatten(1).shape[1]
    model = nn.Sequential(layer, nn.Flatten(), nn.Linear(outputs, 2))
    explained(model, x, torch.randn(samples, 2).double(), nn.MSELoss())


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (nn.Conv2d(2, 4, 3, groups=2), "Conv2d: groups is 2, stepcalc has only 1"),
        (nn.Conv2d(2, 4, 3, dilation=2), "Conv2d: dilation is (2, 2), stepcalc has only (1, 1)"),
        (nn.Conv2d(2, 4, 3, stride=(1, 2)), "Conv2d: stride is (1, 2), stepcalc has the same for rows and columns"),
        (nn.Conv2d(2, 4, 2, padding="same"), 'Conv2d: padding is "same" for a kernel of even size, '),
        (nn.MaxPool2d(3, padding=1), "MaxPool2d: stepcalc has neither padding nor dilation of a pool"),
        (nn.MaxPool2d(3, ceil_mode=True), "MaxPool2d: ceil_mode is True, stepcalc has only False"),
    ],
)
def test_convolutional_settings_that_stepcalc_lacks_are_named(layer: nn.Module, told: str) -> None:
    [line] = complaint(nn.Sequential(layer), torch.randn(1, 2, 6, 6), torch.randn(1, 2))
    assert line.startswith(f"model[0]: stepcalc cannot translate {told}")


def test_behind_a_pool_no_activation_may_fall() -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 2), nn.MaxPool2d(2), nn.LeakyReLU(-0.5), nn.Flatten(), nn.Linear(4, 2))
    [line] = complaint(model, torch.randn(2, 1, 5, 5), torch.randn(2, 2))
    assert line.startswith("model[2]: stepcalc cannot translate LeakyReLU: with a negative slope")


def test_maps_are_no_output() -> None:
    assert complaint(nn.Conv2d(1, 1, 2), torch.randn(1, 1, 3, 3), torch.randn(1, 1, 2, 2)) == [
        "the model ends with conv2d, expected a list of outputs"
    ]
