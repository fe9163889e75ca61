"""The promises of speed, with room for a busy machine; ``make bench`` measures them properly."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.tools import needs

BUSY = 1.3
"""So much more time may be taken on a busy machine, where the least of several runs is looked at."""
BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"

pytestmark = [pytest.mark.slow, pytest.mark.timing]


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize(("widths", "seconds"), [((2, 2, 1), 0.2), ((4, 3, 1), 0.5)])
def test_short_forms_are_found_at_once(widths: tuple[int, ...], seconds: float) -> None:
    import short_forms

    found = short_forms.ours(widths)
    assert found["seconds"] <= BUSY * seconds
    assert found["operations"] <= 10


def test_a_large_network_is_solved_and_its_scalar_view_refused() -> None:
    import whole_problems

    found = whole_problems.large()
    assert found["seconds"] <= BUSY * whole_problems.LARGE_SECONDS
    assert "101,770 parameters" in found["refused"]


def test_help_is_there_at_once() -> None:
    import whole_problems

    assert whole_problems.seconds_for_help() <= BUSY * whole_problems.HELP_SECONDS


@needs("pdflatex")
def test_sheets_beside_pdflatex(tmp_path: Path) -> None:
    import sheets

    assert sheets.one_sheet(tmp_path, rounds=2)["factor"] <= BUSY * sheets.ONE_SHEET
    found = sheets.many_sheets(tmp_path, 4)
    assert found["factor"] <= BUSY * sheets.MANY_SHEETS
    assert found["megabytes"] <= sheets.MEGABYTES


@needs("pdflatex")
def test_the_papers_of_an_exam_beside_pdflatex() -> None:
    import exam_papers

    assert exam_papers.compare(10, 5)["factor"] <= BUSY * exam_papers.FACTOR


@pytest.mark.parametrize("name", ["cnn", "dense"])
def test_a_training_step_beside_pytorch(name: str) -> None:
    import training_steps

    most = {"cnn": training_steps.CNN, "dense": training_steps.DENSE}[name]
    assert training_steps.alone(name, rounds=7)["ratio"] <= BUSY * most


def test_the_lectures_network_gets_a_short_sheet(tmp_path: Path) -> None:
    import whole_problems

    found = whole_problems.convolutional(tmp_path)
    assert found["seconds"] <= BUSY * whole_problems.CNN_SECONDS
    assert found["pages"] <= whole_problems.CNN_PAGES


def test_many_networks_at_once() -> None:
    import many_networks

    script = (
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r}); import json, many_networks; "
        "print(json.dumps(many_networks.compare(200_000, rounds=5)))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)

    against: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert against["by hand"]["ratio"] >= 0.7 * many_networks.BY_HAND
    assert against["vmap"]["ratio"] >= 0.7 * many_networks.BY_VMAP


def test_a_million_candidates_are_drawn_and_judged() -> None:
    import exam_search

    search = exam_search.Search(exam_search.load_recipe(exam_search.RECIPE), exam_search.SEED)
    exam_search.judged(search, 1)
    count = exam_search.CANDIDATES // 4
    seconds = exam_search.best(lambda: exam_search.judged(search, count), 3, time.process_time)
    assert seconds * exam_search.CANDIDATES / count <= BUSY * exam_search.SECONDS


def test_a_large_class_is_marked_in_seconds() -> None:
    import marking

    half, whole = marking.in_a_process(marking.STUDENTS // 2), marking.in_a_process(marking.STUDENTS)
    assert whole["seconds"] <= BUSY * marking.SECONDS
    assert whole["megabytes"] <= marking.MEGABYTES
    assert whole["seconds"] <= BUSY * marking.LINEAR * half["seconds"]
    assert whole["judging"] <= BUSY * marking.JUDGING * whole["reading"]
    assert whole["explained"] > marking.STUDENTS / 2
