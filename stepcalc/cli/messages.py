"""What the commands say to the person at the keyboard, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from stepcalc.output import printable


def complain(lines: Iterable[str]) -> None:
    """Each of ``lines`` as an error."""
    for line in lines:
        tell(f"error: {line}")


def tell(line: str) -> None:
    """One line, which cannot steer the terminal."""
    if sys.stderr is not None:
        print(printable(line), file=sys.stderr)  # noqa: T201


def os_message(error: OSError) -> str:
    """``cookie.toml: no such file or directory``: what could not be read or written, and why."""
    reason = error.strerror or str(error) or type(error).__name__
    reason = reason[:1].lower() + reason[1:]
    return f"{error.filename}: {reason}" if error.filename else reason
