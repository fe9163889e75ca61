"""The plan of the house names every room of it, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from tests.test_imports import ENTRANCES, PACKAGE, ROAD


def rooms_told_of(plan: str) -> set[str]:
    """The rooms in the first column of the table in docs/architecture.md."""
    table = plan.partition("| room |")[2].partition("\n\n")[0]
    first = " ".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    return {name.removesuffix("/").removesuffix(".py") for name in re.findall(r"`([^`]+)`", first)}


def test_the_plan_names_every_room(repository: Path) -> None:
    plan = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert sorted(rooms_told_of(plan) ^ (ROAD.keys() | ENTRANCES)) == []


def test_every_room_is_there() -> None:
    gone = [name for name in ROAD if not ((PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file())]
    assert gone == []
