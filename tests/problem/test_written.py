"""No two scalars of a problem look the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from stepcalc.board.glyph_text import appearance
from stepcalc.graph import build
from stepcalc.notation import Notation
from stepcalc.problem import Problem

SIZES = [(2, (3, 1)), (1, (1,)), (4, (2,)), (3, (12, 2)), (2, (2, 2, 2))]


def network(inputs: int, units: tuple[int, ...], names: dict[str, str] | None = None) -> Problem:
    layers = [{"type": "dense", "activation": "tanh", "units": count} for count in units]
    notation = {"names": names or {}}
    return Problem(loss="mse", data={"inputs": inputs}, layers=layers, notation=notation)


def looks(problem: Problem) -> dict[str, Any]:
    """Every scalar of the problem as the sheet writes it."""
    graph = build(problem)
    notation = Notation(graph, problem)
    return {item: appearance(notation.glyph(item)) for name in graph.quantities for item in graph.items(name)}


@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_in_a_network_each_scalar_looks_different(inputs: int, units: tuple[int, ...]) -> None:
    assert [look for look, count in Counter(looks(network(inputs, units)).values()).items() if count > 1] == []


@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_a_symbol_in_use_is_no_name_for_another(inputs: int, units: tuple[int, ...]) -> None:
    """Each scalar's own symbol, typed, is refused for another scalar, and accepted for itself."""
    written = looks(network(inputs, units))
    for item, (base, sub, sup, *_) in written.items():
        hat = "\u0302" in base or base == "ŷ"
        typed = ("\\hat{y}" if hat else base) + (f"_{{{sub}}}" if sub else "") + (f"^{{{sup}}}" if sup else "")
        other = "L" if item != "L" else "y" if units[-1] == 1 else "y[1]"
        assert network(inputs, units, {item: typed}).notation.names == {item: typed}
        with pytest.raises(Exception, match="would be written like") as caught:
            network(inputs, units, {other: typed})
        assert str(caught.value).endswith(f"would be written like {item}")


def test_a_name_that_collides_tells_both(network_complaints: Any) -> None:
    def lines(names: dict[str, str]) -> list[str]:
        told: list[str] = network_complaints({"notation": {"names": names}})
        return told

    assert lines({"W1[1,1]": "x_1"}) == ['notation.names."W1[1,1]": W1[1,1] would be written like x[1]']
    assert lines({"b1[1]": "w_1", "b1[2]": "w_{1}"}) == [
        'notation.names."b1[2]": b1[2] would be written like b1[1]',
    ]
    assert lines({"L": "\\hat{y}"}) == ["notation.names.L: L would be written like y_hat[1]"]
    assert lines({"x[1]": "x_2", "x[2]": "x_1"}) == []
    assert lines({"W1[1,1]": "x_1", "x[1]": "q"}) == []


def test_the_last_output_has_one_name(network: Any, network_complaints: Any) -> None:
    assert network({"notation": {"names": {"a2[1]": "p"}}}).notation.names == {"y_hat[1]": "p"}
    assert network_complaints({"notation": {"names": {"a2[1]": "p", "y_hat": "q"}}}) == [
        "notation.names.y_hat: y_hat[1] is renamed twice"
    ]


def test_in_a_mini_batch_samples_share_their_symbols(network_complaints: Any) -> None:
    batch = {"data.x": [[1, 2], [3, 4]], "data.y": [1, 0]}
    assert network_complaints(batch | {"notation": {"names": {"z1[1]@2": "z_1^{(1)}"}}}) == []
    assert network_complaints(batch | {"notation": {"names": {"z1[1]@2": "z_2^{(1)}"}}}) == [
        'notation.names."z1[1]@2": z1[1]@2 would be written like z1[2]'
    ]


def expressions(*names: str, **sections: Any) -> Problem:
    define = {"f": " + ".join(f"{name}^2" for name in names)}
    return Problem(given=dict.fromkeys(names, 1.0), define=define, **sections)


@pytest.mark.parametrize(
    "names", [("x1", "x_1", "x"), ("alpha", "α"), ("x", "x_"), ("y_hat", "ŷ"), ("w_11", "w11", "w_1")]
)
def test_names_of_a_users_own_never_look_the_same(names: tuple[str, ...]) -> None:
    written = looks(expressions(*names))
    assert len(set(written.values())) == len(names) + 1


def test_a_name_of_ones_own_stands_as_typed_only_where_it_must() -> None:
    written = looks(expressions("x1", "x_1", "x2"))
    assert written["x2"] == ("x", "2", "", False, False)
    assert written["x1"] == ("x1", "", "", True, False)
    assert looks(expressions("x1", "x_1", notation={"names": {"x1": "q"}}))["x_1"] == ("x", "1", "", False, False)


def test_an_expression_is_not_renamed_to_another_ones_symbol(expression_complaints: Any) -> None:
    changes = {"given": {"x1": 1, "v": 2}, "define": {"z": "x1*v"}, "notation": {"names": {"v": "x_1"}}}
    assert expression_complaints(changes) == ["notation.names.v: v would be written like x1"]
    changes["notation"] = {"names": {"v": "x_1", "x1": "v"}}
    assert expression_complaints(changes) == []


def test_a_large_network_is_compared_at_once() -> None:
    assert network(3000, (3000, 2), {"W1[7,2000]": "w"}).notation.names == {"W1[7,2000]": "w"}
    with pytest.raises(Exception, match=r"would be written like W1\[7,2000\]"):
        network(3000, (3000, 2), {"b1[1]": "w_{7,2000}^{(1)}"})
