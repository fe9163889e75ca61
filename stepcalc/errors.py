"""What stepcalc says when it cannot do what was asked.

Every complaint is a :class:`Fault`: where in the user's file, and what is wrong with it.
The command line prints one line per fault and exits with 2; nothing else is printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MAX_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input.

    ``place`` is the way to it as the user sees it, counted from 1 (``layers[2].W``), or ``""``
    when it is the file as a whole; ``message`` says what was found and what was expected.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class StepcalcError(Exception):
    """Base of every error that stepcalc raises on purpose."""


class InputError(StepcalcError):
    """The user's input cannot be used.

    ``faults`` holds everything found wrong, ``source`` the file's name as the user gave it.
    """

    def __init__(self, faults: Fault | Iterable[Fault], source: str = "") -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        self.source = source
        super().__init__("\n".join(self.lines()))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...], str]]:
        return type(self), (self.faults, self.source)

    def lines(self) -> list[str]:
        """One line per fault, each with its place; at most ``MAX_FAULTS_SHOWN`` and a count of the rest."""
        shown = [f"{self.source}: {fault}" if self.source else str(fault) for fault in self.faults[:MAX_FAULTS_SHOWN]]
        left = len(self.faults) - len(shown)
        if left:
            shown.append(f"{self.source}: and {left} more" if self.source else f"and {left} more")
        return shown

    def named(self, source: str) -> InputError:
        """The same faults, told of the file ``source``."""
        return InputError(self.faults, source)


class NumberError(InputError):
    """A calculation left the numbers that a double can hold (overflow, ln 0); the place is the step."""


class BackendError(StepcalcError):
    """The array library asked for is not there."""


class ModelWarning(UserWarning):
    """A problem read from another library's model leaves out something that the model does in training."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "…"?`` if one of ``known`` is close to ``word``, whatever its case, else ``""``."""
    spelled = {item.lower(): item for item in known}
    close = get_close_matches(word[:80].lower(), spelled, n=1)
    return f'; did you mean "{spelled[close[0]]}"?' if close else ""
