"""Marking a very large class: ten thousand students with forty answers each to the cookie network.

Every student makes mistakes of their own and rounds as they like, so that hardly two answers are spelled alike.
Follow-through and misconceptions are on. Measured are the time from the file to the marks, the memory, whether twice
the class takes twice the time, and the judging beside the reading of what was typed. Measured on an Intel Xeon at
2.5 GHz with two cores, both busy: 1.75 s, 291 MB, 1.65 times as long, and judging in 0.78 to 1.00 times the time of
reading (medians of several runs; at best 0.52 s beside 0.61 s).
"""

from __future__ import annotations

import csv
import gc
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _measure import REPOSITORY, Row, best, in_fresh_process, peak_megabytes, print_table

if TYPE_CHECKING:
    from stepcalc.trace import Trace

STUDENTS, ANSWERS = 10_000, 40
SECONDS, MEGABYTES = 5.0, 1500.0
"""The most that marking may take, before anything is written."""
LINEAR = 2.3
"""So much longer may twice as many students take."""
JUDGING = 1.0
"""So many times the time of reading the answers may judging them take."""
ROUNDS = 3
WRONG = 0.2
"""The share of answers that are wrong."""


def answers_file(file: Path, students: int) -> Trace:
    """Writes a class's answers and returns the solved problem."""
    import numpy as np

    import stepcalc

    trace = stepcalc.solve(stepcalc.load(REPOSITORY / "worked_examples" / "cookie.toml"))
    random = np.random.default_rng(11)
    columns = {item: _typed(trace.value(item), students, random) for item in items_of(trace)}
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["student", *columns])
        table.writerows([f"s{row}", *cells] for row, cells in enumerate(zip(*columns.values(), strict=True)))
    return trace


def items_of(trace: Trace) -> list[str]:
    """The items asked: everything forward, then gradients and new weights from the output on."""
    graph = trace.graph
    found = [item for _, item in graph.calculated()]
    for name in ("y_hat", "z2", "W2", "b2", "a1", "z1", "W1", "b1"):
        found += [f"dL/d{item}" for item in graph.items(name)]
    found += [str(graph.read(item).updated()) for name in ("W2", "b2") for item in graph.items(name)]
    return found[:ANSWERS]


def _typed(value: Any, students: int, random: Any) -> list[str]:
    """Answers to one item: most of them right, with four to six digits; some twice, half, or minus the right number."""
    import numpy as np

    factors = np.where(random.random(students) < WRONG, random.choice([2.0, 0.5, -1.0, 1.13], students), 1.0)
    numbers = value * factors * (1 + 1e-6 * random.standard_normal(students))
    digits = random.integers(4, 7, students)
    return [f"{number:.{count}g}" for number, count in zip(numbers.tolist(), digits.tolist(), strict=True)]


def measured(students: int) -> dict[str, float]:
    """Seconds of processor time from the file to the marks, those of reading what was typed, and megabytes."""
    from stepcalc.answers.reading import read_answers
    from stepcalc.cli import COLLECT_SELDOM
    from stepcalc.marking.mark import mark

    with tempfile.TemporaryDirectory() as folder:
        few, file = Path(folder) / "few.csv", Path(folder) / "class.csv"
        trace = answers_file(few, 3)
        mark(trace, read_answers(few, trace.problem))  # the derivation is there already
        answers_file(file, students)
        gc.set_threshold(*COLLECT_SELDOM)  # as the command does
        opening = best(lambda: read_answers(file, trace.problem), ROUNDS, time.process_time)
        answers = read_answers(file, trace.problem)
        rounds = [_marked(trace, answers) for _ in range(ROUNDS)]
        judging, reading = min(rounds, key=sum)
        marks = mark(trace, answers)
    assert len(marks.totals) == students
    return {
        "seconds": opening + reading + judging,
        "reading": reading,
        "judging": judging,
        "megabytes": peak_megabytes(),
        "explained": sum(len(column.findings) for column in marks.columns),
    }


def _marked(trace: Trace, answers: Any) -> tuple[float, float]:
    """Seconds of judging and of reading what was typed, in one run."""
    from stepcalc.marking import papers
    from stepcalc.marking.mark import mark

    read, reading = papers.read_columns, 0.0

    def timed(*given: Any) -> Any:
        nonlocal reading
        start = time.process_time()
        found = read(*given)
        reading += time.process_time() - start
        return found

    papers.read_columns = timed
    start = time.process_time()
    mark(trace, answers)
    whole = time.process_time() - start
    papers.read_columns = read
    return whole - reading, reading


def in_a_process(students: int) -> dict[str, float]:
    """The same, measured in a process of its own."""
    return in_fresh_process(
        f"import sys; sys.path.insert(0, {str(REPOSITORY / 'benchmarks')!r}); "
        f"import json, marking; print(json.dumps(marking.measured({students})))"
    )


def main() -> None:
    half, whole = in_a_process(STUDENTS // 2), in_a_process(STUDENTS)
    longer, share = whole["seconds"] / half["seconds"], whole["judging"] / whole["reading"]
    rows = [
        Row(
            "from the file to the marks",
            f"{whole['seconds']:.2f} s",
            f"at most {SECONDS} s",
            SECONDS / whole["seconds"],
        ),
        Row("memory", f"{whole['megabytes']:.0f} MB", f"at most {MEGABYTES:.0f} MB", MEGABYTES / whole["megabytes"]),
        Row(f"beside {STUDENTS // 2:,} students", f"{longer:.2f} times as long", f"at most {LINEAR}", LINEAR / longer),
        Row(
            "judging, beside reading what was typed",
            f"{whole['judging']:.2f} s = {share:.2f} ×",
            f"at most {JUDGING} × {whole['reading']:.2f} s",
            JUDGING / share,
        ),
    ]
    print_table(f"Marking {STUDENTS:,} students with {ANSWERS} answers each; {whole['explained']:,.0f} explained", rows)


if __name__ == "__main__":
    main()
