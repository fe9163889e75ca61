"""The reference tables hold every registered operation, with derivatives that are those of the formulas."""

from __future__ import annotations

import json
from functools import cache
from html import unescape
from io import BytesIO

import numpy as np
import pytest
import sympy as sp
from pypdf import PdfReader

import stepcalc
from stepcalc.board.nodes import Equation
from stepcalc.board.text import text
from stepcalc.calculus.evaluate import evaluate
from stepcalc.errors import InputError
from stepcalc.ops import registry
from stepcalc.ops.activation import Activation, Z
from stepcalc.ops.losses import Y_HAT, Loss, Y
from stepcalc.options import FORMATS, Options
from stepcalc.problem import Problem, TableProblem
from stepcalc.reference import Reference, Row
from stepcalc.sheet import SHEET_FORMATS, render

PARAMETERS = {"alpha": 0.3, "delta": 0.7, "threshold": 0.4}
RANGES = {
    "linear": "(−∞, ∞)", "step": "{0, 1}", "sigmoid": "(0, 1)", "tanh": "(−1, 1)", "relu": "[0, ∞)",
    "leaky_relu": "(−∞, ∞)", "elu": "(−α, ∞)", "softplus": "(0, ∞)", "softmax": "(0, 1), summing to 1",
}  # fmt: skip


@cache
def reference(of: str) -> Reference:
    problem = Problem(table={"of": of})
    assert isinstance(problem, TableProblem)
    return stepcalc.solve(problem)


def rows(of: str) -> dict[str, Row]:
    return {row.word: row for row in reference(of).rows}


def test_every_registered_operation_has_its_row() -> None:
    for of, family in (("activations", "activation"), ("losses", "loss")):
        assert sorted(rows(of)) == registry.names(family)


def test_the_decks_wrong_ranges_are_right_here() -> None:
    found = rows("activations")
    assert {word: found[word].says for word in RANGES} == RANGES


@pytest.mark.parametrize("word", [word for word in registry.names("activation") if word != "softmax"])
def test_ranges_hold_the_values(word: str) -> None:
    """The largest and smallest values far out: in the range, and as near to its ends as they should be."""
    op = registry.make("activation", word, {})
    with np.errstate(over="ignore"):
        values = op.forward(np, np.linspace(-3000.0, 3000.0, 6001))
    said = rows("activations")[word].says.replace("−", "-").replace("α", "1").replace("∞", "inf")
    low, high = (float(part.strip("()[]{} ")) for part in said.split(","))
    assert low <= values.min() <= max(low, -25) + 0.01
    assert min(high, 25) - 0.01 <= values.max() <= high


@pytest.mark.parametrize("word", [word for word in registry.names("activation") if word != "softmax"])
def test_an_activations_written_derivative_is_its_slope(word: str) -> None:
    """The letters filled in, the written derivative is the difference quotient of the operation itself."""
    taken = registry.parameters("activation", word)
    values = {key: PARAMETERS[key] for key in taken}
    op = registry.make("activation", word, values)
    assert isinstance(op, Activation)
    lettered = registry.make("activation", word, {key: sp.Symbol(key, positive=True) for key in taken})
    z = np.array([-2.3, -0.8, 0.55, 1.7])
    put_in = {sp.Symbol(key, positive=True): value for key, value in values.items()}
    written = evaluate(
        lettered.short_derivative.xreplace(put_in), {Z: z, sp.Symbol("a", real=True): op.forward(np, z)}, np
    )
    measured = (op.forward(np, z + 1e-6) - op.forward(np, z - 1e-6)) / 2e-6
    np.testing.assert_allclose(written + 0 * z, measured, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("word", registry.names("loss"))
def test_a_losss_written_derivative_is_its_slope(word: str) -> None:
    letters = [key for key in registry.parameters("loss", word) if key != "scale"]
    op = registry.make("loss", word, {key: sp.Symbol(key, positive=True) for key in letters})
    assert isinstance(op, Loss)
    y = np.array([1.0, 1.0, -1.0, -1.0]) if word == "hinge" else np.array([0.0, 1.0, 1.0, 0.0])
    at = np.array([0.2, 0.45, 0.9, 0.75])
    put_in = {sp.Symbol(key, positive=True): PARAMETERS[key] for key in letters}

    def value(expression: sp.Expr, y_hat: np.ndarray) -> np.ndarray:
        return evaluate(expression.xreplace(put_in), {Y_HAT: y_hat, Y: y}, np) + 0 * y_hat

    measured = (value(op.element, at + 1e-6) - value(op.element, at - 1e-6)) / 2e-6
    np.testing.assert_allclose(value(op.short_slope, at), measured, rtol=1e-6, atol=1e-8)


def test_the_softmax_is_written_as_it_is_calculated() -> None:
    row = rows("activations")["softmax"]
    assert text(row.formula, inline=True) == "aᵢ = e^zᵢ/(Σₖ₌₁ᴷ e^zₖ)"
    z = np.array([0.3, -1.2, 0.8])
    raised = np.exp(z)
    np.testing.assert_allclose(row.usual.forward(np, z), raised / raised.sum())
    assert [text(line, inline=True) for line in row.derivatives] == ["∂aᵢ/∂zᵢ = aᵢ(1 − aᵢ)", "∂aᵢ/∂zⱼ = −aᵢ aⱼ"]


@pytest.mark.parametrize(
    ("word", "formula", "derivative"),
    [
        ("sigmoid", "σ(z) = 1/(1 + e⁻ᶻ)", "σ′(z) = σ(z) (1 − σ(z))"),
        ("tanh", "tanh(z) = (eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ)", "tanh′(z) = 1 − tanh(z)²"),
        ("softplus", "softplus(z) = ln(1 + eᶻ)", "softplus′(z) = σ(z)"),
        ("linear", "f(z) = z", "f′(z) = 1"),
        ("step", "step(z) = {1 if z ≥ threshold; 0 otherwise}", "step′(z) = 0"),
        ("elu", "ELU(z) = {z if z ≥ 0; α(eᶻ − 1) otherwise}", "ELU′(z) = {1 if z ≥ 0; ELU(z) + α otherwise}"),
    ],
)
def test_lines_of_the_activations(word: str, formula: str, derivative: str) -> None:
    row = rows("activations")[word]
    assert text(row.formula, inline=True) == formula
    assert [text(line, inline=True) for line in row.derivatives] == [derivative]


def test_json_is_the_table() -> None:
    table = json.loads(str(render(reference("losses"), "json")))
    assert (table["format"], table["of"]) == ("stepcalc-table/1", "losses")
    found = {row["name"]: row for row in table["rows"]}
    assert found["mse"]["derivatives"] == [r"\frac{\partial L}{\partial \hat{y}} = 2 (\hat{y} - y)"]
    assert found["huber"]["defaults"] == {r"\delta": 1.0}
    assert {row["task"] for row in table["rows"]} == {"regression", "classification"}


@pytest.mark.parametrize("of", ["activations", "losses"])
@pytest.mark.parametrize("format", SHEET_FORMATS)
def test_a_blank_table_asks_for_the_derivatives(of: str, format: str) -> None:
    """Each has its left side and room; what is left out stands nowhere in the file."""
    found = rows(of).values()
    levels = {"results": True, "steps": True, "all": False}
    for blank, says in levels.items() if format != "pdf" else [("results", True)]:  # left out before it is printed
        said = said_by(render(reference(of), format, Options(blank=blank)))
        for row in found:
            assert all(text(line.parts[-1], inline=True) not in said for line in row.derivatives if is_telling(line))
        if format == "txt":
            assert said.count(" = ________________") == sum(len(row.derivatives) for row in found)
            assert all((row.says in said) is says for row in found)


def said_by(written: str | bytes) -> str:
    """A file's text; of a PDF, its words and alternative texts too."""
    if isinstance(written, str):
        return written
    return "".join(page.extract_text() for page in PdfReader(BytesIO(written)).pages)


def is_telling(line: Equation) -> bool:
    """Whether the derivative would be known by what is written: neither a number nor part of the formulas."""
    return len(text(line.parts[-1], inline=True)) > 6


def test_a_blank_table_says_nothing_of_corners() -> None:
    assert "step(z) jumps" in str(render(reference("activations"), "txt"))
    for blank in ("results", "steps", "all"):
        said = str(render(reference("activations"), "txt", Options(blank=blank)))
        assert "jumps" not in said
        assert "no derivative" not in said


def test_a_table_of_losses_tells_targets_and_corners_unless_they_are_asked() -> None:
    told = str(render(reference("losses"), "txt"))
    assert "hinge: y is −1 or 1." in told
    assert "The hinge loss has no derivative at y ŷ = 1; there 0 is used." in told
    assert "no derivative" not in str(render(reference("losses"), "txt", Options(blank="results")))
    assert "hinge: y is" not in str(render(reference("losses"), "txt", Options(blank="all")))


def test_a_table_too_wide_for_a_text_has_its_cells_under_one_another() -> None:
    told = str(render(reference("losses"), "txt", Options(width=80)))
    assert "    mse\n        formula     L = (ŷ − y)²\n" in told
    assert "name" not in told


def test_slides_show_one_function_each() -> None:
    said = str(render(reference("activations"), "txt", Options(layout="slides")))
    slides = [slide for slide in said.split("─ ") if "derivative" in slide]
    assert [row.word for row in reference("activations").rows if f"name        {row.word}" in said] == list(
        rows("activations")
    )
    assert len(slides) >= len(rows("activations"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("choice", [{"view": "matrix"}, {"chains": "all"}])
def test_what_a_table_does_not_have_is_refused(format: str, choice: dict[str, str]) -> None:
    with pytest.raises(InputError, match=f"--{next(iter(choice))}: a reference table has nothing to choose here"):
        render(reference("losses"), format, Options(**choice))  # type: ignore[arg-type]


def test_a_notebook_shows_a_table_like_a_trace() -> None:
    page = str(render(reference("losses"), "html"))
    shown = reference("losses")._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert unescape(shown.partition('srcdoc="')[2].partition('"')[0]) == page


def test_the_package_has_what_it_promises() -> None:
    assert all(getattr(stepcalc, name) is not None for name in stepcalc.__all__)
    assert isinstance(reference("losses"), stepcalc.Reference)
    assert isinstance(reference("losses").problem, stepcalc.TableProblem)
