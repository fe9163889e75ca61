"""Where a weight leads, in either order of the product."""

from __future__ import annotations

import pytest

from stepcalc.weights import weight_echoes, weights_into
from tests.printed import solved

FIELDS = {
    "data": {"x": [1, 2], "y": 1, "x_names": ["Sugar", "Milk"]},
    "loss": "mse",
    "layers": [{"type": "dense", "activation": "sigmoid", "W": [[1, 2], [3, 4]]}],
}


@pytest.mark.parametrize(("product", "weight"), [("Wx", "W1[2,1]"), ("xW", "W1[1,2]")])
def test_the_weight_from_the_first_input_to_the_second_unit(product: str, weight: str) -> None:
    last = [[5, 6]] if product == "Wx" else [[5], [6]]
    layers = [FIELDS["layers"][0], {"type": "dense", "W": last}]
    trace = solved(**{**FIELDS, "layers": layers, "notation": {"product": product}})
    echo = weight_echoes(trace)[0]
    assert (echo.weight, echo.source, echo.source_name, echo.logit) == (weight, "x[1]", "Sugar", "z1[2]")
    assert [found.unit for found in weights_into(trace, "z1", None)] == [1, 1, 2, 2]
