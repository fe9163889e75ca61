"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, and no time limit each: the machine that runs the tests may be busy.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of one problem, by its ``name``, run in one process, where what is made of it is made once."""
    for item in items:
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if isinstance(parameters.get("name"), str):
            item.add_marker(pytest.mark.xdist_group(parameters["name"]))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds ``stepcalc``, ``templates`` and ``worked_examples``."""
    return REPOSITORY


@pytest.fixture(scope="session")
def worked_examples(repository: Path) -> list[Path]:
    """Every worked example's file, in the order of their names."""
    return sorted((repository / "worked_examples").glob("*.toml"))
