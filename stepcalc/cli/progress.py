"""How far a long calculation is, on one line of the terminal; nothing where nobody watches."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WAIT, EVERY = 0.5, 0.1
"""Seconds before the bar is shown at all, and from one picture of it to the next."""
WIDEST = 30
WORTH_TELLING = 3.0


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """To be told how many there have been of how many; shown on standard error if that is a terminal.

    The line is wiped in the end, also when the calculation is interrupted.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    begun = time.monotonic()
    due, shown = begun + WAIT, 0

    def tell(done: int, most: int) -> None:
        nonlocal due, shown
        if (now := time.monotonic()) >= due:
            line = _line(what, done, most, (now - begun) * (most - done) / done if done else 0.0)
            _write("\r" + line.ljust(shown))
            due, shown = now + EVERY, len(line)

    try:
        yield tell
    finally:
        if shown:
            _write("\r" + " " * (_columns() - 1) + "\r")


def _line(what: str, done: int, most: int, seconds: float) -> str:
    """The bar; how long it will still take is told where that is long enough to be worth it."""
    left = f", {_in_words(seconds)} left" if seconds >= WORTH_TELLING else ""
    counted = f"{done:,} of {most:,} {what}{left}"
    room = min(WIDEST, _columns() - len(f"{most:,} of {most:,} {what}, 59 min left") - 4)
    full = room * done // most if room > 0 else 0
    bar = f"[{'#' * full}{'.' * (room - full)}] " if room > 4 else ""
    return (bar + counted)[: _columns() - 1]


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
