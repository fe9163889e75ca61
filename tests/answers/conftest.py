"""Files of answers to the cookie, as people send them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import stepcalc
from stepcalc.answers.base import Answers
from stepcalc.answers.reading import read_answers
from stepcalc.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
Read = Callable[..., Answers]


def worked(name: str) -> Problem:
    """A worked example, not solved."""
    return stepcalc.load(ROOT / "worked_examples" / f"{name}.toml")


@pytest.fixture(scope="session")
def cookie() -> Problem:
    """The problem that the answers are to."""
    return worked("cookie")


@pytest.fixture
def read(tmp_path: Path, cookie: Problem) -> Read:
    """Reads a text, or bytes, as the file ``name``."""

    def written_and_read(content: str | bytes, name: str = "class.csv") -> Answers:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return read_answers(path, cookie)

    return written_and_read
