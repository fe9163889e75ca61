"""The variants of a quiz that ships, drawn once for the tests of all platforms."""

from __future__ import annotations

import pytest

from stepcalc.exams.entrance import generate
from stepcalc.exams.paper import Paper
from tests.platforms.hand_made import QUIZ


@pytest.fixture(scope="session")
def papers() -> list[Paper]:
    return [Paper(variant) for variant in generate(QUIZ, 2, 7)]


@pytest.fixture(scope="session")
def paper(papers: list[Paper]) -> Paper:
    return papers[0]
