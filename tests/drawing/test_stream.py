"""The candidates in their order: the same for a seed, whatever is read of them, in whatever pieces."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from stepcalc.drawing import stream
from stepcalc.drawing.stream import Stream, raw_numbers
from stepcalc.recipes import Space, load_recipe
from tests.recipes.asked import EXAMPLES, TENTHS, recipe

QUIZ = EXAMPLES / "exams" / "quiz_two_two_one.toml"


def test_the_bits_are_those_of_every_numpy() -> None:
    """Exams already set must be drawn again: if this fails with a new NumPy, its generator has changed."""
    assert [f"{bits:08x}" for bits in raw_numbers(2026, 0, (6,))] == [
        "616bb037", "6c0a6e9a", "65c7cc70", "57adeab2", "8fc0c4c6", "1c9ffa38",
    ]  # fmt: skip
    assert [f"{bits:08x}" for bits in raw_numbers(2026, 7, (4,))] == ["ddc9a50d", "3df5634f", "96889b50", "7fb53bdb"]
    assert raw_numbers(1, 2, (3, 5)).shape == (3, 5)


def test_the_quiz_that_ships_begins_with_these_candidates() -> None:
    found = Stream(Space(load_recipe(QUIZ)), 2026)
    (draw,) = found.draws(0)
    assert draw.levels[:, :2].T.tolist() == [
        [7, 1, 3, 12, 9, 8, 11, 8, 8, 3, 3, 0],
        [8, 16, 17, 15, 4, 6, 2, 0, 1, 2, 0, 1],
    ]
    (draw,) = found.draws(1)
    assert draw.numbers[0] == found.batch
    assert draw.levels[:, 0].tolist() == [11, 10, 15, 15, 8, 3, 2, 9, 9, 0, 3, 1]


@pytest.mark.skipif(sys.byteorder != "little", reason="compares with the other order of bytes")
def test_machines_with_another_order_of_bytes_draw_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    here = raw_numbers(5, 6, (7,))
    monkeypatch.setattr(stream.np, "little_endian", False)
    there = raw_numbers(5, 6, (7,))
    assert (here.tolist(), here.dtype) == (there.tolist(), there.dtype)


def test_batches_do_not_depend_on_one_another() -> None:
    space = Space(recipe({"W1": TENTHS, "b1": TENTHS, "layers[1].activation": {"choices": ["tanh", "relu"]}}))
    one, other = Stream(space, 3), Stream(space, 3)
    backwards = {number: other.draws(number) for number in (4, 2, 0)}
    for number in (0, 2, 4):
        for here, there in zip(one.draws(number), backwards[number], strict=True):
            np.testing.assert_array_equal(here.levels, there.levels)
            np.testing.assert_array_equal(here.numbers, there.numbers)


def test_every_candidate_of_a_small_space_comes_once() -> None:
    vary = {"b1": {"integers": [1, 5]}, "layers[1].activation": {"choices": ["tanh", "relu", "sigmoid"]}}
    space = Space(recipe(vary))
    orders = []
    for seed in (1, 2):
        found = Stream(space, seed)
        draws = [draw for batch in range(3) for draw in found.draws(batch)]
        numbers = np.concatenate([draw.numbers for draw in draws])
        assert sorted(numbers) == list(range(75)) == list(range(found.count or 0))
        each = [(draw.structure.number, *levels) for draw in draws for levels in draw.levels.T.tolist()]
        assert len(set(each)) == 75
        orders.append([one for _, one in sorted(zip(numbers.tolist(), each, strict=True))])
    assert orders[0][:3] == [(0, 1, 2), (2, 0, 4), (2, 0, 2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_all_levels_are_drawn_equally_often() -> None:
    (draw,) = Stream(Space(load_recipe(QUIZ)), 1).draws(0)
    for row, count in zip(draw.levels, draw.structure.columns_counts, strict=True):
        times = np.bincount(row, minlength=count)
        assert len(times) == count
        expected = len(row) / count
        assert (np.abs(times - expected) < 6 * np.sqrt(expected)).all()


def test_structures_are_drawn_equally_often_and_a_pilot_by_itself() -> None:
    vary = {"W1": TENTHS, "b1": TENTHS, "layers[1].activation": {"choices": ["tanh", "relu", "sigmoid"]}}
    found = Stream(Space(recipe(vary)), 1)
    draws = found.draws(0)
    assert [abs(len(draw.numbers) / found.batch - 1 / 3) < 0.01 for draw in draws] == [True] * 3
    assert all(np.bincount(row, minlength=20).min() > 800 for draw in draws for row in draw.levels)
    pilots = [found.pilot(structure, 100) for structure in found.space.structures]
    assert len({pilot.tobytes() for pilot in pilots}) == 3
    assert not any((draw.levels[:, :100] == pilot).all() for draw, pilot in zip(draws, pilots, strict=True))


def test_structures_may_have_different_numbers_of_columns() -> None:
    few, many = ([{"type": "dense", "units": units}, {"type": "dense", "units": 1}] for units in (2, 3))
    vary = dict.fromkeys(("W1", "b1", "W2", "b2"), TENTHS) | {"layers": {"choices": [few, many]}}
    space = Space(recipe(vary, "z1"))
    for draw in Stream(space, 1).draws(0):
        assert draw.levels.shape == (len(draw.structure.columns), len(draw.numbers))
        assert all(np.bincount(row, minlength=20).min() > 0.8 * len(row) / 20 for row in draw.levels)


def test_a_pilot_has_bits_of_its_own() -> None:
    found = Stream(Space(recipe({"W1": TENTHS, "b1": TENTHS, "b2": TENTHS})), 1)
    (draw,), pilot = found.draws(0), found.pilot(found.space.structures[0], 100)
    assert not (draw.levels[0, :100] == pilot[0]).all()


def test_large_networks_come_in_small_batches() -> None:
    assert Stream(Space(recipe({"K1": TENTHS}, "L", problem="cnn")), 1).batch < 64_000
