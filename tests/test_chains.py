"""Chains on the board: built factor by factor, evaluated, what cancels struck out, shortened."""

from __future__ import annotations

import pytest

from stepcalc.board.nodes import Equation, Node, Strike
from stepcalc.board.text import text
from stepcalc.board.transform import walk
from stepcalc.chains import ChainLines, ChainWriter
from stepcalc.ops import registry
from stepcalc.steps import Scribe
from tests.drawn import one_unit
from tests.printed import example, solved


def line(equation: Equation | None) -> str:
    return "" if equation is None else text(equation, inline=True)


def plain(node: Node) -> str:
    return text(node, inline=True)


def chain(name: str, item: str, sample: int | None = None) -> ChainLines:
    writer = ChainWriter(Scribe(example(name), sample))
    mark = None if sample is None else f"[{sample}]"
    return writer.write(writer.scribe.trace.derivation.chain(item, sample), mark)


def struck(lines: ChainLines) -> list[str]:
    assert lines.struck is not None
    return [plain(part.arg) for side in lines.struck.parts for part in walk(side) if isinstance(part, Strike)]


# ---------------------------------------------------------------------------------- the deck's 2-2-1 network


def test_five_factors_one_boxed_at_a_time() -> None:
    lines = chain("two_two_one_symbolic", "W1[1,1]")
    assert [line(built) for built in lines.building] == [
        "∂L/∂w₁₁ = ⟦∂z₁/∂w₁₁⟧ · ∂a₁/∂z₁ · ∂z/∂a₁ · ∂ŷ/∂z · ∂L/∂ŷ",
        "= x₁ · ⟦∂a₁/∂z₁⟧ · ∂z/∂a₁ · ∂ŷ/∂z · ∂L/∂ŷ",
        "= x₁ · a₁(1 − a₁) · ⟦∂z/∂a₁⟧ · ∂ŷ/∂z · ∂L/∂ŷ",
        "= x₁ · a₁(1 − a₁) · w₁ · ⟦∂ŷ/∂z⟧ · ∂L/∂ŷ",
        "= x₁ · a₁(1 − a₁) · w₁ · ŷ(1 − ŷ) · ⟦∂L/∂ŷ⟧",
    ]


def test_what_cancels_is_struck_out_above_and_below() -> None:
    assert struck(chain("two_two_one_symbolic", "W1[1,1]")) == ["ŷ(1 − ŷ)", "ŷ(1 − ŷ)"]


@pytest.mark.parametrize(
    ("item", "short"),
    [
        ("W1[1,1]", "= x₁ · a₁(1 − a₁) · w₁ · (ŷ − y)"),
        ("W1[2,1]", "= x₂ · a₁(1 − a₁) · w₁ · (ŷ − y)"),
        ("W1[1,2]", "= x₁ · a₂(1 − a₂) · w₂ · (ŷ − y)"),
        ("b1[1]", "= a₁(1 − a₁) · w₁ · (ŷ − y)"),
        ("W2[1,1]", "= a₁ · (ŷ − y)"),
        ("b2[1]", "= ŷ − y"),
    ],
)
def test_short_forms_of_the_deck(item: str, short: str) -> None:
    lines = chain("two_two_one_symbolic", item)
    assert line(lines.short) == short
    assert lines.numbers is None
    assert lines.value is None


def test_factors_and_their_product() -> None:
    lines = chain("two_two_one", "W1[1,1]")
    assert [line(row.numbers) for row in lines.factors] == [
        "∂z₁/∂w₁₁ = 1",
        "∂a₁/∂z₁ = 0.7311(1 − 0.7311) ≈ 0.1966",
        "∂z/∂a₁ = 0.6",
        "∂ŷ/∂z = 0.5102(1 − 0.5102) ≈ 0.2499",
        "∂L/∂ŷ = (0.5102 − 1)/(0.5102(1 − 0.5102)) ≈ −1.960",
    ]
    assert line(lines.multiplied) == "∂L/∂w₁₁ = 1 · 0.1966 · 0.6 · 0.2499 · (−1.960) ≈ −0.05778"
    assert lines.value == pytest.approx(example("two_two_one").gradients["W1"][0, 0], rel=1e-12)


# ---------------------------------------------------------------------------------- other networks


def test_the_cookies_chain() -> None:
    lines = chain("cookie", "W1[1,1]")
    assert len(lines.factors) == 5
    assert struck(lines) == ["ŷ(1 − ŷ)", "ŷ(1 − ŷ)"]
    assert line(lines.numbers).endswith("≈ 0.01878")
    assert lines.value == pytest.approx(0.01877968, abs=5e-9)


def test_three_factors_to_the_last_matrix_and_five_to_the_first() -> None:
    last = chain("matrix_deck", "W2[1,1]", 1)
    assert [plain(row.name) for row in last.factors] == ["∂z₁⁽²⁾/∂w₁₁⁽²⁾", "∂ŷ₁/∂z₁⁽²⁾", "∂L/∂ŷ₁"]
    first = chain("matrix_deck", "W1[1,1]", 1)
    own, hidden, paths = (plain(row.name) for row in first.factors)
    assert (own, hidden) == ("∂z₁⁽¹⁾/∂w₁₁⁽¹⁾", "∂h₁/∂z₁⁽¹⁾")
    assert paths == "∂z₁⁽²⁾/∂h₁ · ∂ŷ₁/∂z₁⁽²⁾ · ∂L/∂ŷ₁ + ∂z₂⁽²⁾/∂h₁ · ∂ŷ₂/∂z₂⁽²⁾ · ∂L/∂ŷ₂"


def test_a_contribution_is_marked_with_its_sample() -> None:
    lines = [chain("alien_mood", "W1[1,1]", sample) for sample in (1, 2, 3, 4)]
    assert plain(lines[1].left) == "(∂L/∂w₁)[2]"
    total = sum(found.value or 0 for found in lines)
    assert total == pytest.approx(example("alien_mood").gradients["W1"][0, 0], rel=1e-12)


def test_paths_that_meet_are_added() -> None:
    lines = chain("matrix_deck", "W1[1,1]", 1)
    assert " + " in plain(lines.factors[-1].name)
    assert line(lines.factors[-1].numbers).startswith("∂L/∂h₁ = ")
    assert line(lines.factors[-1].numbers).endswith("≈ −0.1336")


def test_softmax_with_cross_entropy_collapses() -> None:
    writer = ChainWriter(Scribe(example("multi_output")))
    found = writer.collapse("z2[1]")
    assert found is not None
    assert [line(step) for step in found][2:] == [
        "= −y₁(1 − ŷ₁) + y₂ ŷ₁ + y₃ ŷ₁",
        "= −y₁ + y₁ ŷ₁ + y₂ ŷ₁ + y₃ ŷ₁",
        "= −y₁ + ŷ₁(y₁ + y₂ + y₃)",
        "= ŷ₁ − y₁",
    ]
    assert sum(isinstance(part, Strike) for side in found[1].parts for part in walk(side)) == 6
    assert writer.collapse("z1[1]") is None


def test_a_direct_link_with_cases_is_not_taken_for_the_whole_derivative() -> None:
    trace = solved(given={"x": 3}, define={"u": "x^2", "f": "u*x + 5*relu(x)"})
    lines = ChainWriter(Scribe(trace)).write(trace.derivation.chain("x"))
    assert "df/dx" not in line(lines.short)
    assert line(lines.numbers) == "df/dx = 2(3²) + 9 + 5 = 32"


def test_expressions_go_from_the_outside_in() -> None:
    lines = chain("chain_rule_two_links", "v")
    assert line(lines.building[0]) == "dz/dv = ⟦dz/dy⟧ · dy/dx · dx/dv"
    assert line(lines.short) == "= 30y"
    assert line(lines.multiplied) == "dz/dv = 8 · 3 · 5 = 120"


@pytest.mark.parametrize("z", [40, -40, 700])
def test_saturation_does_not_spoil_the_product(z: float) -> None:
    """∂L/∂ŷ is huge and ∂ŷ/∂z is tiny; their product is ŷ − y all the same."""
    trace = solved(**one_unit("binary_cross_entropy", "sigmoid", z, y=int(z < 0)))
    lines = ChainWriter(Scribe(trace)).write(trace.derivation.chain("W1[1,1]"))
    assert lines.value == pytest.approx(1 if z > 0 else -1, rel=1e-12)


def test_a_chain_through_what_no_double_holds_does_not_multiply_it() -> None:
    trace = solved(**one_unit("binary_cross_entropy", "sigmoid", 800))
    lines = ChainWriter(Scribe(trace)).write(trace.derivation.chain("W1[1,1]"))
    assert lines.value is None
    assert line(lines.factors[-1].numbers).endswith("= too large")
    assert line(lines.multiplied) == "∂L/∂w = 1"
    assert line(lines.numbers).endswith("= 1 · (1 − 0) = 1")


ENDS = (("sigmoid", "binary_cross_entropy", 1), ("softmax", "categorical_cross_entropy", 2), ("linear", "huber", 1))


@pytest.mark.parametrize("hidden", registry.names("activation"))
@pytest.mark.parametrize(("output", "loss", "outputs"), ENDS)
def test_a_chain_through_every_activation_is_written(hidden: str, output: str, loss: str, outputs: int) -> None:
    """What cancels at the output stands beside a slope that may be a name of its own: ELU′(z)."""
    first = {"type": "dense", "activation": hidden, "W": [[0.5, 1], [1, 1.5]], "b": [0.1, 0.2]}
    last = {"type": "dense", "activation": output, "W": [[0.5, 1], [0.3, -0.2]][:outputs]}
    trace = solved(loss=loss, data={"x": [1, -2], "y": [1, 0][:outputs]}, layers=[first, last])
    scribe = Scribe(trace)
    lines = ChainWriter(scribe).write(trace.derivation.chain("W1[1,1]"))
    assert lines.value == pytest.approx(trace.value("dL/dW1[1,1]"), rel=1e-12, abs=1e-15)
    assert lines.short.parts


@pytest.mark.parametrize(("units", "forks"), [(2, True), (3, False)])
def test_a_fork_that_would_not_fit_a_line_ends_in_its_gradient(units: int, forks: bool) -> None:
    """Two paths of five links can be read; three are a line that no page has room for."""
    hidden = {"type": "dense", "activation": "tanh", "W": [[0.5] * units] * units}
    last = {"type": "dense", "activation": "sigmoid", "W": [[0.5] * units]}
    data = {"x": [1.0] * units, "y": 1}
    trace = solved(loss="binary_cross_entropy", data=data, layers=[hidden, hidden, last])
    lines = ChainWriter(Scribe(trace)).write(trace.derivation.chain("W1[1,1]"))
    assert all((" + " in line(built)) is forks for built in lines.building)
    assert lines.value == pytest.approx(trace.value("dL/dW1[1,1]"))
