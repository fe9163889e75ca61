"""How far a long calculation is, on one line of the terminal; nothing where nobody watches."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WAIT, EVERY = 0.5, 0.1
"""Seconds before the bar is shown at all, and from one picture of it to the next."""
WIDEST = 40


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """To be told how many there have been of how many; shown on standard error if that is a terminal.

    The line is wiped in the end, also when the calculation is interrupted.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    due = time.monotonic() + WAIT
    shown = False

    def tell(done: int, most: int) -> None:
        nonlocal due, shown
        if (now := time.monotonic()) >= due:
            due, shown = now + EVERY, True
            _write("\r" + _line(what, done, most))

    try:
        yield tell
    finally:
        if shown:
            _write("\r" + " " * (_columns() - 1) + "\r")


def _line(what: str, done: int, most: int) -> str:
    counted = f"{done:,} of {most:,} {what}"
    room = min(WIDEST, _columns() - len(f"{most:,} of {most:,} {what}") - 4)
    full = room * done // most if room > 0 else 0
    bar = f"[{'#' * full}{'.' * (room - full)}] " if room > 4 else ""
    return (bar + counted)[: _columns() - 1]


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
