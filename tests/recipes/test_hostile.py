"""Whatever somebody writes into a recipe: it gives variants, or faults in words, and soon."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepcalc.drawing.search import Search
from stepcalc.errors import InputError
from stepcalc.recipes import DEAR, Recipe
from tests.recipes.asked import EXAMPLES, TENTHS

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [10**400, -(2**63), 0.1, -0.5, 1e308, 5e-324, 1e-12, float("inf"), float("nan"), "", "tanh", "z1", "\n"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["low", "type", "units"]), inner),
    max_leaves=8,
)
numbers = st.lists(st.integers(-3, 3) | st.sampled_from([0.1, 0.25]), min_size=1, max_size=3)
variations = st.one_of(
    values,
    st.just(TENTHS),
    st.fixed_dictionaries({"choices": st.lists(values, max_size=3) | numbers | st.lists(numbers, max_size=3)}),
    st.fixed_dictionaries({"integers": st.lists(scalars, max_size=3)}, optional={"exclude": values}),
    st.fixed_dictionaries({"low": scalars, "high": scalars, "step": scalars}, optional={"exclude": values}),
)
NAMES = "W1 W1[1,2] W1_1_1 x data.x data.y y x[1] b2 learning_rate optimizer.learning_rate given.x define.z"
PLACES = "loss layers layers[1] layers[1].activation layers[2].units layers[1].W optimizer data define given training"
ODD = ["rounding", "notation.product", "title", "", "[", "a.b.c", "layers[0]", "data.x[1]", "given.q", "\n"]
places = st.sampled_from([*NAMES.split(), *PLACES.split(), *ODD])
asked = st.sampled_from(["z1", "L", "dL/dW1", "W1_new", "y_hat[1]", "z", "dz/dx", "x_new", "W1_new#2", "?", "d2L/dW1"])


@settings(max_examples=80)
@given(
    st.sampled_from(["two_two_one.toml", "chain_rule.toml", "house_prices.toml"]),
    st.dictionaries(places, variations, max_size=3),
    st.lists(asked, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["marking", "quality", "paper", "questions", "title", "ask"]), values, max_size=1),
)
def test_it_gives_variants_or_faults(problem: str, vary: Any, items: list[str], more: dict[str, Any]) -> None:
    fields = {"problem": problem, "vary": vary, "ask": {"items": items}, "quality": {"allow": list(DEAR)}} | more
    try:
        search = Search(Recipe.from_fields(fields, "quiz", EXAMPLES), 1)
        for one in search.found(2):
            assert one.structure.candidate(one.levels).title
    except InputError as error:
        for fault in error.faults:
            assert "\n" not in str(fault)
            assert len(str(fault)) < 2000
