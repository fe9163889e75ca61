"""What every command's arguments have in common: how they are read, and how a wrong one is told."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any, NoReturn

from stepcalc.errors import Fault, InputError, did_you_mean
from stepcalc.output import write_stdout


class Parser(argparse.ArgumentParser):
    """Complains in one line, like everything else here, and does not guess at shortened options."""

    def __init__(self, **settings: object) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,  # type: ignore[arg-type]
        )

    def print_help(self, file: Any = None) -> None:
        """The help as UTF-8, whatever the locale."""
        if file is None:
            write_stdout(self.format_help())
        else:
            super().print_help(file)

    def error(self, message: str) -> NoReturn:
        """Raise :class:`~stepcalc.errors.InputError` in place of argparse's own complaint."""
        raise InputError(Fault("", f"{message} (see {self.prog} --help)"))


def nearest(name: str, known: Collection[str]) -> str:
    """What ``name`` may have been meant to be, else all that there is."""
    return did_you_mean(name, known) or f"; there are {', '.join(known)}"
