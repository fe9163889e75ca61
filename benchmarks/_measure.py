"""Measuring and printing, for all benchmarks.

Where one process does the work, its processor time is taken: on a quiet machine that is the time on the clock,
and on a busy one it is the part that is ours.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One line of a table: what was measured, against what it is held; ``ratio`` above 1 is within the target."""

    what: str
    measured: str
    target: str
    ratio: float

    def __str__(self) -> str:
        return f"{self.what:<44} {self.measured:>22} {self.target:>26} {self.ratio:>8.2f}"


def print_table(title: str, rows: list[Row]) -> None:
    """The rows under their headings; a ratio below 1 misses its target."""
    print(f"\n{title}\n{'':<44} {'measured':>22} {'target':>26} {'ratio':>8}")
    for row in rows:
        print(row)


def best(work: Callable[[], Any], repeats: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """The shortest of several runs in seconds: what the machine can do when nothing else disturbs it."""
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def in_fresh_process(script: str, timeout: float = 300) -> dict[str, Any]:
    """What ``script`` prints as JSON, from a Python that has seen nothing yet."""
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True, cwd=REPOSITORY)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_megabytes() -> float:
    """The most memory that this process has had; ru_maxrss would count what its parent had before exec."""
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    return int(peak[1]) / 1024
