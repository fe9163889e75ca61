"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds ``stepcalc``, ``templates`` and ``worked_examples``."""
    return REPOSITORY


@pytest.fixture(scope="session")
def worked_examples(repository: Path) -> list[Path]:
    """Every worked example's file, in the order of their names."""
    return sorted((repository / "worked_examples").glob("*.toml"))
