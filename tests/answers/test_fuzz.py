"""Whatever bytes somebody sends: answers, or a complaint, and nothing else."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepcalc.answers.base import Answers
from stepcalc.answers.gradebook import Result, fill
from stepcalc.answers.overrides import read_overrides, read_previous
from stepcalc.answers.reading import read_answers
from stepcalc.errors import InputError
from tests.answers.conftest import worked
from tests.answers.test_gradebook import CANVAS, MOODLE
from tests.answers.test_notebook import notebook
from tests.answers.test_overrides import MARKS
from tests.answers.test_xlsx import BOOK

COOKIE = worked("cookie")
TABLE = 'student,z1[1],"dL/dW1[1,2]",email\nanna,4.6,0.031,anna@x.org\nben,"4,60",,\n'
SEEDS = {
    ".csv": [TABLE.encode(), TABLE.encode("utf-16"), b"First name,Question 1,Response 1\na,[z1_1],part 1: 3\n"],
    ".json": [b'{"anna": {"z1[1]": 4.60, "L": ["x"]}, "ben": {"y_hat": "1/3"}}'],
    ".xlsx": [BOOK],
    ".ipynb": [notebook("z1 = [1, 2.0, None]\nL = np.array(3)", "%x\nz2 = (1")],
}
CASES = [
    (ending, seed.encode() if isinstance(seed, str) else seed) for ending, seeds in SEEDS.items() for seed in seeds
]


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    """``seed`` with a few bytes changed, taken away or put in."""
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(data)


@pytest.mark.parametrize(("ending", "seed"), CASES)
def test_damaged_answers(ending: str, seed: bytes) -> None:
    @settings(max_examples=100)
    @given(damaged(seed))
    @example(b"\0" * 100)
    @example(b"\xff\xfe\xd8")
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"a{ending}"
            path.write_bytes(data)
            try:
                answers = read_answers(path, COOKIE)
            except InputError as error:
                assert error.source == str(path)  # noqa: PT017
                return
        assert isinstance(answers, Answers)
        assert all(len(column) == len(answers.students) for column in (*answers.raw.values(), *answers.others.values()))

    read()


@pytest.mark.parametrize("seed", [MOODLE, CANVAS])
def test_damaged_grade_books(seed: str) -> None:
    @settings(max_examples=100)
    @given(damaged(seed.encode()))
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "grades.csv"
            path.write_bytes(data)
            try:
                assert fill(path, [], "Grade" if seed == MOODLE else "8756").data == data
                fill(path, [Result("Anna Müller", 1.0, "x")], "Grade" if seed == MOODLE else "8756")
            except InputError:
                pass

    read()


def test_damaged_marks() -> None:
    @settings(max_examples=100)
    @given(damaged(json.dumps(MARKS).encode()), damaged(b"student,item,marks,reason\nanna,L,1,x\n"))
    def read(marks: bytes, overrides: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a"
            for data, reader in ((marks, read_previous), (overrides, lambda path: read_overrides(path, COOKIE))):
                path.write_bytes(data)
                with suppress(InputError):
                    reader(path)

    read()
