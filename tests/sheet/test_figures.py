"""Which figures a solution gets, and that what they show is so: held to difference quotients and to PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from stepcalc.board.nodes import Num, Rel
from stepcalc.items import derivative_id
from stepcalc.options import Options
from stepcalc.sheet.blocks import Curve, Plot, Sheet
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.drawn import one_unit
from tests.made import example_sheet
from tests.printed import EXAMPLES, example, said, solved

DESCENT = {"type": "gradient_descent", "learning_rate": 0.1}
SYMBOLIC = ("sigmoid_derivative", "two_two_one_symbolic")


def plots(sheet: Sheet) -> list[Plot]:
    return [block for block in sheet.blocks if isinstance(block, Plot)]


def of_kind(plot: Plot, kind: str) -> list[Curve]:
    return [curve for curve in plot.curves if curve.kind == kind]


def slope_of(curve: Curve) -> float:
    (x1, y1), *_, (x2, y2) = curve.points
    return (y2 - y1) / (x2 - x1)


def chosen(plot: Plot) -> tuple[float, float]:
    (mark,) = [mark for mark in plot.marks if mark.kind == "chosen"]
    return mark.at


def on_curve(plot: Plot, at: tuple[float, float]) -> float:
    """How far a point is from the nearest curve, up or down, as a share of the picture's height."""
    away = []
    for curve in of_kind(plot, "curve"):
        for (x1, y1), (x2, y2) in zip(curve.points, curve.points[1:], strict=False):
            if x1 <= at[0] <= x2 and x1 < x2:
                away.append(abs(y1 + (at[0] - x1) / (x2 - x1) * (y2 - y1) - at[1]))
    return min(away) / (plot.y.high - plot.y.low)


def figures(**fields: Any) -> list[Plot]:
    return plots(compose(solved(**fields)))


# -------------------------------------------------------------------------------------------------- the cookie


def test_the_cookies_figures() -> None:
    first, second, cost = plots(example_sheet("cookie"))
    z, a = 4.6, 0.9900481981
    assert chosen(first) == pytest.approx((z, a))
    assert [mark.at[0] for mark in first.marks] == pytest.approx([4.5, 5.9, 4.6])
    assert slope_of(of_kind(first, "tangent")[0]) == pytest.approx(a * (1 - a))
    assert slope_of(of_kind(second, "tangent")[0]) == pytest.approx(0.0838345, abs=1e-7)
    assert chosen(cost) == pytest.approx((0.7, 2.381996), abs=1e-6)
    assert slope_of(of_kind(cost, "tangent")[0]) == pytest.approx(0.898601, abs=1e-6)
    assert said(first.alternative).endswith("The slope of the tangent at a₁: ∂a₁/∂z₁⁽¹⁾ ≈ 0.009853.")
    assert "An arrow shows the step to w₁⁽²⁾ⁿᵉʷ ≈ 0.6101." in said(cost.alternative)


def test_the_cookies_cost_is_pytorchs() -> None:
    """The curve over w⁽²⁾₁, its tangent, and where the step alone leads, calculated again by PyTorch."""
    cost = plots(example_sheet("cookie"))[-1]
    weights = torch.tensor([[0.6, 0.1, 0.0, 0.5], [0.2, 0.4, 0.7, 0.1], [0.1, 0.8, 0.3, 0.2]], dtype=torch.float64)
    x, b = (torch.tensor(values, dtype=torch.float64) for values in ([3, 5, 2, 4], [0.3, 0.1, 0.2]))
    hidden = torch.sigmoid(weights @ x + b)

    def loss(weight: torch.Tensor) -> torch.Tensor:
        logit = torch.stack([weight, *torch.tensor([0.5, 0.9], dtype=torch.float64)]) @ hidden + 0.2
        return torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.zeros_like(logit))

    (curve,) = of_kind(cost, "curve")
    for place, value in curve.points[::20]:
        assert value == pytest.approx(loss(torch.tensor(place, dtype=torch.float64)).item(), abs=1e-12)
    weight = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    loss(weight).backward()
    assert weight.grad is not None
    assert slope_of(of_kind(cost, "tangent")[0]) == pytest.approx(weight.grad.item())
    (hollow,) = [mark.at for mark in cost.marks if mark.kind == "hollow"]
    stepped = torch.tensor(0.7 - 0.1 * weight.grad.item(), dtype=torch.float64)
    assert hollow == pytest.approx((stepped.item(), loss(stepped).item()))
    (arrow,) = of_kind(cost, "step")
    assert arrow.points == (chosen(cost), (hollow[0], chosen(cost)[1]))


# -------------------------------------------------------------------------------------------------- every sheet


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_what_is_marked_lies_on_its_curve(name: str) -> None:
    for plot in plots(example_sheet(name)):
        assert plot.reveals
        assert said(plot.caption)
        assert said(plot.alternative)
        for mark in plot.marks if of_kind(plot, "curve") else ():
            assert on_curve(plot, mark.at) < 0.005
        for tangent in of_kind(plot, "tangent"):
            x1, y1 = tangent.points[0]
            x, y = chosen(plot)
            assert y1 + slope_of(tangent) * (x - x1) == pytest.approx(y)
        for curve in plot.curves:
            assert all(plot.y.low <= y <= plot.y.high for _, y in curve.points)


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES if path.stem not in SYMBOLIC])
def test_no_more_than_one_figure_a_layer_and_two_and_the_way_down(name: str) -> None:
    found = plots(example_sheet(name))
    trained = example(name).trained
    ways = 1 if trained is not None and trained.run.path else 0
    assert len(found) <= example(name).parameter_count + 2 + ways
    layers = sum(
        1
        for q in example(name).graph.quantities.values()
        if q.op is not None and getattr(q.op.core, "function", "") not in ("", "softmax")
    )
    assert len(found) <= layers + 2 + ways


@pytest.mark.parametrize("name", SYMBOLIC)
def test_symbols_have_no_figures(name: str) -> None:
    assert plots(example_sheet(name)) == []


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "step"])
@pytest.mark.parametrize("z", [-3.0, 0.0, 0.7, 40.0])
def test_the_slope_of_every_activation(activation: str, z: float) -> None:
    trace = solved(**one_unit("mse", activation, z, y=1))
    plot = plots(compose(trace))[0]
    at = chosen(plot)
    assert at == pytest.approx((trace.value("z1[1]"), trace.value("y_hat[1]")))
    (tangent,) = of_kind(plot, "tangent")
    loss, local = (trace.value(derivative_id("L", item)) for item in ("z1[1]", "y_hat[1]"))
    if local:
        assert slope_of(tangent) == pytest.approx((loss or 0.0) / local, abs=1e-9)
    assert isinstance(tangent.label, Rel)
    assert isinstance(tangent.label.right, Num)
    assert float(tangent.label.right.text) == pytest.approx(slope_of(tangent), rel=1e-3, abs=1e-12)


def test_straight_lines_and_softmax_are_not_drawn() -> None:
    assert len(figures(**one_unit("mse", "linear", 0.5, y=1))) == 1
    softmax = solved(
        loss="categorical_cross_entropy", data={"x": [1], "y": [0, 1]},
        layers=[{"type": "dense", "activation": "softmax", "W": [[0.1], [0.2]]}],
    )  # fmt: skip
    assert len(plots(compose(softmax))) == 1


def test_a_step_function_is_drawn_in_two_pieces() -> None:
    plot = figures(**one_unit("mse", "step", 0.7, y=1))[0]
    low, high = of_kind(plot, "curve")
    assert (low.points[-1], high.points[0]) == ((0.0, 0.0), (0.0, 1.0))


def test_a_weight_that_moves_nothing_has_no_figure_of_the_cost() -> None:
    assert len(figures(**one_unit("mse", "relu", -3, y=1, optimizer=DESCENT))) == 1


# ------------------------------------------------------------------------------------- the step, near and far


def cost_of(rate: float) -> Plot:
    fields = one_unit("mse", "linear", 2.0, x=1, y=1, optimizer=DESCENT | {"learning_rate": rate})
    return plots(compose(solved(**fields)))[0]


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.99, 3.0, 1e6, 1e150])
def test_the_step_can_be_seen(rate: float) -> None:
    plot = cost_of(rate)
    (arrow,) = of_kind(plot, "step")
    (start, _), (end, _) = arrow.points
    share = abs(end - start) / (plot.x.high - plot.x.low)
    assert 0.05 < share < 0.5
    assert plot.x.low <= end <= plot.x.high
    (hollow,) = [mark.at for mark in plot.marks if mark.kind == "hollow"]
    assert plot.y.low <= hollow[1] <= plot.y.high


def test_a_step_too_small_to_see_is_not_drawn() -> None:
    plot = cost_of(1e-6)
    assert of_kind(plot, "step") == of_kind(plot, "guide") == []
    assert "step" not in said(plot.caption)


def test_without_an_update_there_is_no_step() -> None:
    (plot,) = figures(title="p", given={"w": 3}, define={"J": "w^2"})
    assert of_kind(plot, "step") == []
    assert chosen(plot) == (3, 9)
    assert slope_of(of_kind(plot, "tangent")[0]) == pytest.approx(6)
    assert plot.x.low < 0 < plot.x.high  # the lowest point is seen


def test_a_cost_with_a_pole_stays_on_the_page() -> None:
    (plot,) = figures(title="p", given={"w": 0.5}, define={"J": "1/w + ln(w)"})
    assert all(y < 50 for curve in plot.curves for _, y in curve.points)
    assert on_curve(plot, chosen(plot)) < 0.005


def test_a_large_layer_names_a_few_units_of_many() -> None:
    drawn = {"type": "he_normal", "seed": 3}
    layers = [
        {"type": "dense", "activation": "relu", "units": 128, "init": drawn},
        {"type": "dense", "activation": "softmax", "units": 10, "init": drawn},
    ]
    data = {"x": [(i % 7) / 7 for i in range(784)], "y": [int(i == 3) for i in range(10)]}
    sheet = compose(solved(loss="categorical_cross_entropy", data=data, layers=layers, optimizer=DESCENT))
    (activation,) = plots(sheet)
    assert len(activation.marks) == 128
    named = [mark for mark in activation.marks if mark.label is not None]
    across = [mark.at[0] for mark in activation.marks]
    assert len(named) <= 5
    assert {min(across), max(across)} <= {mark.at[0] for mark in named}
    assert {mark.kind for mark in activation.marks if mark.label is None} == {"stroke"}
    assert said(activation.caption).endswith(f"Strokes: the other {128 - len(named)} units.")
    assert said(activation.alternative).count(",") <= 5


# ---------------------------------------------------------------------------------------------------- history


def test_the_loss_from_update_to_update() -> None:
    trace = example("house_prices")
    history = plots(example_sheet("house_prices"))[-1]
    (run,) = of_kind(history, "run")
    assert run.points == tuple(enumerate(trace.history))
    assert [tick.text for tick in history.x.ticks] == ["0", "1", "2", "3", "4", "5"]


def run_of(steps: int, rate: float = 0.1) -> list[Plot]:
    trace: Trace = solved(
        **one_unit("mse", "linear", 2.0, x=1, y=1, optimizer=DESCENT | {"learning_rate": rate, "steps": steps})
    )
    return [plot for plot in plots(compose(trace, Options())) if of_kind(plot, "run")]


def test_one_update_is_no_history() -> None:
    assert run_of(1) == []
    assert len(run_of(2)) == 1


def test_a_long_run_is_drawn_with_fewer_points() -> None:
    (plot,) = run_of(3000)
    (run,) = of_kind(plot, "run")
    assert len(run.points) == 201
    assert (run.points[0][0], run.points[-1][0]) == (0, 3000)
    assert plot.marks == ()


def test_a_run_that_explodes_is_drawn_as_far_as_it_is_finite() -> None:
    for plot in run_of(200, rate=1e3):
        assert all(abs(y) < 1e308 for _, y in of_kind(plot, "run")[0].points)
