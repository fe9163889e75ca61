"""A training on the sheet: its table, its figures, what is said of learning rates, and what blank sheets keep."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import stepcalc
from stepcalc.board.nodes import Words
from stepcalc.options import BLANKS, Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Block, Heading, Panels, Plot, Prose, Sheet, Table
from stepcalc.sheet.plot import place_figure, place_plot
from stepcalc.sheet.plot_drawing import svg, tikz
from stepcalc.sheet.slides import slides
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.printed import example, said, sentences, solved

PARABOLA: dict[str, Any] = {"given": {"w": 3}, "define": {"J": "w^2"}}
BOWL: dict[str, Any] = {"given": {"v": 1, "w": 3}, "define": {"J": "w^2 + 3*v^2 + v*w"}}
RATES = [0.01, 0.3, 1.05]


def trained(fields: dict[str, Any], rate: float = 0.1, epochs: int = 12, **training: Any) -> Trace:
    return solved(**fields, optimizer={"learning_rate": rate}, training={"epochs": epochs, **training})


def network(samples: int = 5, **fields: Any) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(samples, 2)).tolist(), rng.normal(size=samples).tolist()
    layer = {"type": "dense", "activation": "tanh", "units": 2, "init": {"type": "xavier_uniform", "seed": 1}}
    return {
        "loss": "mse",
        "data": {"x": x, "y": y},
        "layers": [layer, {**layer, "units": 1, "activation": "linear"}],
        **fields,
    }


def part(sheet: Sheet) -> list[Block]:
    """The blocks of the training."""
    keys = [block.key if isinstance(block, Heading) else "" for block in sheet.blocks]
    found = sheet.blocks[keys.index("training") :]
    end = next((at for at, block in enumerate(found) if isinstance(block, Heading) and block.key == "appendix"), None)
    return list(found[:end])


def the_table(trace: Trace) -> list[list[str]]:
    (table,) = (block for block in part(compose(trace)) if isinstance(block, Table))
    return [[said(cell) for cell in row] for row in table.rows if all(isinstance(cell, tuple) for cell in row)]


def plots(sheet: Sheet) -> list[Plot]:
    return [block for block in part(sheet) if isinstance(block, Plot)]


def panels(sheet: Sheet) -> Panels:
    (found,) = (block for block in part(sheet) if isinstance(block, Panels))
    return found


# --------------------------------------------------------------------------------------------------- the table


def test_the_table_is_the_run() -> None:
    assert the_table(trained(PARABOLA, epochs=3)) == [
        ["0", "", "3", "9"],
        ["1", "6", "2.4", "5.76"],
        ["2", "4.8", "1.92", "3.686"],
        ["3", "3.84", "1.536", "2.359"],
    ]


def test_with_mini_batches_it_tells_whose_cost_it_is() -> None:
    trace = example("mini_batches")
    rows = the_table(trace)
    rng = np.random.default_rng(1)
    order = (rng.permutation(5) + 1).tolist()
    assert [row[1] for row in rows[1:4]] == [f"{order[0]}, {order[1]}", f"{order[2]}, {order[3]}", str(order[4])]
    assert rows[1][2] == trace.rounding.printed(float(trace.values["L"]))
    assert [row[-1] for row in rows[:5]] == [trace.rounding.printed(cost) for cost in trace.history[:5]]


def test_long_runs_are_shortened() -> None:
    rows = the_table(trained(PARABOLA, rate=0.001, epochs=1000))
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4", "⋮", "996", "997", "998", "999", "1000"]


def test_a_run_that_stops_has_the_rows_up_to_there_and_says_where() -> None:
    trace = trained(PARABOLA, rate=1e60, epochs=12)
    rows = the_table(trace)
    assert rows[-1] == [str(len(trace.history)), "–", "–", "–"]
    assert len(trace.history) < 12


def with_optimizer(fields: dict[str, Any], kind: str) -> list[list[str]]:
    made = compose(solved(**fields, optimizer={"type": kind, "learning_rate": 0.01}, training={"epochs": 3}))
    (table,) = (block for block in part(made) if isinstance(block, Table))
    return [[said(cell) for cell in row if isinstance(cell, tuple)] for row in (table.header, *table.rows)]


def test_the_table_has_what_the_optimizer_remembers_where_there_is_room() -> None:
    header, _, first, second, _ = with_optimizer(PARABOLA, "momentum")
    assert header[1:4] == ["dJ/dw", "v", "w"]
    assert first[2] == first[1]
    assert float(second[2]) == pytest.approx(0.9 * float(first[2]) + float(second[1]), rel=1e-3)
    assert with_optimizer(PARABOLA, "adam")[0][1:5] == ["dJ/dw", "m", "v", "w"]
    assert len(with_optimizer(BOWL, "momentum")[0]) == 8
    assert len(with_optimizer(BOWL, "adam")[0]) == 6


def test_the_cost_of_mini_batches_is_told_of_all_samples() -> None:
    assert any(
        text.startswith("J of all goes from 0.1388 down to") for text in sentences(compose(example("mini_batches")))
    )


def test_a_long_run_that_stops_has_the_updates_before_that() -> None:
    trace = trained(network(), rate=9.8765, epochs=40, batch_size=2, seed=4)
    last = len(trace.history)
    rows = the_table(trace)
    assert 20 < last < 120
    assert [row[0] for row in rows[-5:]] == [str(number) for number in range(last - 4, last + 1)]
    assert all("–" not in row for row in rows[:-1])
    assert rows[-1][1] != "–", "its samples are known"
    (told,) = [text for text in sentences(compose(trace)) if "The run stopped" in text]
    assert f"in update {len(trace.history)}" in told


@pytest.mark.parametrize("rate", [1e60, 1e308])
@pytest.mark.parametrize("fields", [PARABOLA, BOWL, network()], ids=["one", "two", "network"])
def test_a_diverging_run_has_a_sheet_in_every_format(fields: dict[str, Any], rate: float) -> None:
    trace = trained(fields, rate=rate, epochs=40, learning_rates=[1e-3, rate])
    assert trace.stopped is not None
    for kind, layout in (("txt", "sheet"), ("html", "slides"), ("tex", "sheet")):
        written = str(render(trace, kind, Options(layout=layout)))
        assert not re.search(r"\b(nan|inf)\b", re.sub(r"(?s)<(style|script).*?</\1>", "", written))


def test_what_is_worked_out_is_the_first_mini_batch() -> None:
    text = str(render(example("mini_batches"), "txt"))
    order = (np.random.default_rng(1).permutation(5) + 1).tolist()
    assert f"has the samples {order[0]}, {order[1]}" in " ".join(text.split())
    assert "default_rng(1).permutation(5)" in " ".join(text.split())
    (whole,) = [block for block in compose(example("mini_batches")).blocks if isinstance(block, Table)][:1]
    places = [said(row[-1]) for row in whole.rows]
    assert places[order[0] - 1] == "[1]"
    assert places[order[1] - 1] == "[2]"
    assert places.count("–") == 3


def test_many_samples_are_not_all_listed() -> None:
    trace = trained(network(200), epochs=1, batch_size=50, seed=2)
    text = " ".join(str(render(trace, "txt")).split())
    assert "and 42 more" in text
    assert len(text) < 20_000


# ------------------------------------------------------------------------------------------------ the figures


def test_one_parameter_has_its_way_on_the_curve() -> None:
    trace = trained(PARABOLA, epochs=5)
    cost, way = plots(compose(trace))
    assert [mark.at for mark in cost.marks] == [(float(n), pytest.approx(9 * 0.64**n)) for n in range(6)]
    *_, first = way.marks
    assert first.kind == "chosen"
    assert first.at == (3.0, 9.0)
    (curve,) = (curve for curve in way.curves if curve.kind == "curve")
    assert all(y == pytest.approx(x * x) for x, y in curve.points[1:-1])
    steps = [curve for curve in way.curves if curve.kind in ("step", "run")]
    assert [step.points[0][0] for step in steps] == pytest.approx([3 * 0.8**n for n in range(5)])


def test_two_parameters_have_levels() -> None:
    _, way = plots(compose(trained(BOWL, epochs=5)))
    assert way.shape == "tall"
    levels = [curve for curve in way.curves if curve.kind == "level"]
    assert len(levels) >= 8
    for curve in levels:
        costs = [w * w + 3 * v * v + v * w for v, w in curve.points]
        assert max(costs) - min(costs) <= 0.02 * max(costs) + 0.05


def test_more_parameters_have_no_way() -> None:
    sheet = compose(trained(network(), epochs=5, learning_rates=[0.1, 0.2]))
    assert len(plots(sheet)) == 1
    assert [len(row) for row in panels(sheet).rows] == [2]


@pytest.mark.parametrize("fields", [PARABOLA, BOWL], ids=["one", "two"])
@pytest.mark.parametrize("rates", [[0.1], RATES, [0.001, 0.01, 0.1, 0.2, 0.5, 7.0]])
def test_rates_stand_side_by_side_on_the_same_axes(fields: dict[str, Any], rates: list[float]) -> None:
    found = panels(compose(trained(fields, learning_rates=rates)))
    assert [len(row) for row in found.rows] == [len(rates[at : at + 3]) for at in range(0, len(rates), 3) for _ in "wc"]
    for number in range(2):
        axes = {(plot.x, plot.y) for row in found.rows[number::2] for plot in row}
        assert len(axes) == 1
    placed = place_figure(found)
    for (x, y), plot in placed.plots:
        assert x >= 0
        assert x + plot.width <= placed.width + 0.01
        assert y + plot.height <= placed.height + 0.01
    corners = [at for at, _ in placed.plots]
    assert len(set(corners)) == len(corners) == 2 * len(rates)


@pytest.mark.parametrize("rate", [0.1, 0.9, 1.3, 1e40])
@pytest.mark.parametrize("fields", [PARABOLA, BOWL, network()], ids=["one", "two", "network"])
def test_everything_is_drawn_inside_its_frame(fields: dict[str, Any], rate: float) -> None:
    sheet = compose(trained(fields, rate=rate, epochs=30, learning_rates=[0.01, rate]))
    every = [*plots(sheet), *(plot for row in panels(sheet).rows for plot in row)]
    assert every
    for plot in every:
        placed = place_plot(plot)
        frame = placed.frame
        for _, points in placed.lines:
            for x, y in points:
                assert frame.left - 0.01 <= x <= frame.right + 0.01
                assert frame.top - 0.01 <= y <= frame.bottom + 0.01
        for _, (x, y) in placed.marks:
            assert frame.left - 0.01 <= x <= frame.right + 0.01
            assert frame.top - 0.01 <= y <= frame.bottom + 0.01


def test_what_leaves_the_picture_is_said_to() -> None:
    captions = {
        rate: ["".join(map(str, plot.caption)) for plot in plots(compose(trained(PARABOLA, rate=rate, epochs=60)))]
        for rate in (0.1, 1.3)
    }
    assert not any("outside these axes" in caption for caption in captions[0.1])
    assert all("outside these axes" in caption for caption in captions[1.3])


def test_a_long_noisy_run_keeps_its_ups_and_downs() -> None:
    trace = trained(network(), rate=0.1, epochs=300, batch_size=1, seed=3)
    (plot,) = plots(compose(trace))
    (curve,) = (curve for curve in plot.curves if curve.kind == "run")
    costs = [cost for _, cost in curve.points]
    assert (min(costs), max(costs)) == (min(trace.history), max(trace.history))
    assert len(curve.points) <= 250
    assert any(curve.kind == "curve" for curve in plot.curves), "the ends of epochs"


def test_ends_of_epochs_are_marked() -> None:
    trace = example("mini_batches")
    cost, _ = plots(compose(trace))
    assert [mark.at for mark in cost.marks] == [(float(at), trace.history[at]) for at in range(0, 19, 3)]


def test_panels_are_one_picture_in_both_drawings() -> None:
    found = panels(compose(trained(PARABOLA, learning_rates=RATES)))
    picture, drawing = svg(found), tikz(found)
    assert picture.count("<svg") == 1
    assert picture.count("translate(") == len([1 for at, _ in place_figure(found).plots if any(at)]) == 5
    assert drawing.count(r"\begin{scope}") == drawing.count(r"\end{scope}") == 5
    assert drawing.count(r"\begin{tikzpicture}") == 1


def test_levels_differ_from_steps_in_grey() -> None:
    from stepcalc.sheet.plot_drawing import STROKES

    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert grey(STROKES["level"].colour) - grey(STROKES["run"].colour) > 60
    assert grey(STROKES["level"].colour) < 200


# ---------------------------------------------------------------------------------------- what is said of rates


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (
            0.005,
            "α = 0.005 is too small for 20 updates: J comes down to 6.021, 33 % of the way that it goes with α = 0.4.",
        ),
        (0.3, "α = 0.3 is a good choice: J comes down to"),
        (0.95, "α = 0.95 is rather large: 19 updates go back against the one before"),
        (1.0, "α = 1 is too large: 19 updates go straight back where the one before came from, and J stays at 9."),
        (1.05, "α = 1.05 is too large: J goes from 9 up to 407.3."),
        (1e160, "is too large: J runs away until, in update 1, the numbers are too large to be stored."),
    ],
)
def test_each_rate_has_its_sentence(rate: float, words: str) -> None:
    sheet = compose(trained(PARABOLA, rate=0.4, epochs=20, learning_rates=[rate, 0.4]))
    told = [said(block.text) for block in part(sheet) if isinstance(block, Prose) and block.kind == "insight"]
    assert len(told) == 2
    assert words in told[0]


def test_newtons_method_has_sentences_of_its_own() -> None:
    cubic = {"given": {"w": 2}, "define": {"J": "w^3/3 - w"}}
    newton = {"type": "newton", "learning_rate": 1}
    rates = [1.0, 1.6]
    to_zero = solved(**cubic, optimizer=newton, training={"epochs": 4, "learning_rates": rates})
    text = " ".join(sentences(compose(to_zero)))
    assert "α = 1 is a good choice" in text
    flat = solved(
        given={"w": 1},
        define={"J": "w^3"},
        optimizer={**newton, "learning_rate": 2},
        training={"epochs": 3, "learning_rates": [2.0, 1.0]},
    )
    assert flat.stopped == "update 2: singular Hessian"
    told = sentences(compose(flat))
    assert "α = 2: the run ends in update 2, where the second derivatives leave Newton's method no step." in told
    assert any("The run stopped in update 2: the second derivatives" in text for text in told)


# --------------------------------------------------------------------------------------------- blank sheets


@pytest.mark.parametrize(
    ("fields", "level"), [*zip((PARABOLA, BOWL, network()), BLANKS[1:], strict=True)], ids=["one", "two", "network"]
)
def test_a_blank_sheet_does_not_tell_what_became_of_a_run(fields: dict[str, Any], level: str) -> None:
    """With another rate, and whatever it leads to, it is the same but for the rate itself."""
    batches = {} if "define" in fields else {"batch_size": 2, "seed": 4}

    def blank(rate: float) -> str:
        trace = trained(fields, rate=rate, epochs=40, learning_rates=[rate, 0.0123], **batches)
        _, text = str(render(trace, "txt", Options(blank=level))).split("\nTRAINING\n")
        return re.sub(r"\s+", " ", text.replace(trace.rounding.exact(rate), "RATE"))

    rates = (0.098765, 9.8765, 98765.0)
    assert len({blank(rate) for rate in rates}) == 1


def test_dashes_are_findings() -> None:
    (table,) = (block for block in part(compose(trained(PARABOLA, rate=1e60))) if isinstance(block, Table))
    dashes = [piece for row in table.rows for cell in row for piece in cell if piece == Words("–")]  # type: ignore[union-attr]
    assert dashes
    assert all(dash.found for dash in dashes)


# ------------------------------------------------------------------------------------------------------ slides


@pytest.mark.parametrize("fields", [PARABOLA, BOWL, network()], ids=["one", "two", "network"])
def test_slides_have_every_figure(fields: dict[str, Any]) -> None:
    sheet = compose(trained(fields, learning_rates=RATES))
    shown = {id(block) for slide in slides(sheet) for block in slide.blocks}
    figures = [block for block in part(sheet) if isinstance(block, Plot | Panels)]
    assert figures
    assert all(id(figure) in shown for figure in figures)


def test_a_sheet_without_training_says_nothing_of_it() -> None:
    sheet = compose(solved(**PARABOLA, optimizer={"learning_rate": 0.1, "steps": 4}))
    assert not any(isinstance(block, Heading) and block.key == "training" for block in sheet.blocks)
    assert "training" not in str(render(solved(**PARABOLA), "json"))


def test_one_update_is_no_plural() -> None:
    for batch_size in (None, 3):
        mini_batches = {} if batch_size is None else {"batch_size": batch_size, "seed": 1}
        trace = trained(network(samples=5), epochs=1, learning_rates=[0.01, 0.1, 9.0], **mini_batches)
        assert re.findall(r"\b1 (?:updates|epochs)", str(render(trace, "txt"))) == []


def test_thousands_of_steps_are_few_pages() -> None:
    problem = stepcalc.Problem(**network(), optimizer={"learning_rate": 0.1}, training={"epochs": 2000})
    text = str(render(stepcalc.solve(problem), "txt"))
    assert len(text.splitlines()) < 500


def test_a_run_that_ends_at_once_has_not_come_to_anything() -> None:
    fields = {"loss": "mse", "data": {"x": [[1], [2]], "y": [2, 4]}, "layers": [{"type": "dense", "W": [[0.5]]}]}
    made = compose(solved(**fields, optimizer={"learning_rate": 1e308}, training={"epochs": 5}))
    told = "\n".join(sentences(made))
    assert "the run stopped in its first update" in told
    assert "the first of 0 updates" not in told
    assert "The problem asks for 5 updates" not in told, "a table of none"
