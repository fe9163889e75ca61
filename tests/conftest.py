"""What every test may use."""

from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from stepcalc.cli import COLLECT_SELDOM

gc.set_threshold(*COLLECT_SELDOM)  # as the commands do
# The same examples in every run, and no time limit each: the machine that runs the tests may be busy.
settings.register_profile("house", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("house")

# Of what runs in the background a shell lets Ctrl-C pass by, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several processes share the tests by what the tests are about."""
    from tests.scheduling import ByProblem

    return ByProblem(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest in one process begins first: at the end, no process waits for another."""
    from tests.scheduling import WHOLE

    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds ``stepcalc``, ``templates`` and ``worked_examples``."""
    return REPOSITORY


@pytest.fixture(scope="session")
def worked_examples(repository: Path) -> list[Path]:
    """Every worked example's file, in the order of their names."""
    return sorted((repository / "worked_examples").glob("*.toml"))
