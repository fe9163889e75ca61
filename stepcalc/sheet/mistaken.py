"""What mistakes give an answer, in words: the sentences of misconceptions, with what they are about put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Protocol

from stepcalc.board.nodes import Node
from stepcalc.sheet.blocks import Inline
from stepcalc.sheet.words import Words

MOST_NAMED, MOST_MISTAKES = 12, 4

SymbolOf = Callable[[str], Node]


class Named(Protocol):
    """A misconception that gives an answer: what its sentence is about, and where it was made, if not in that step."""

    @property
    def name(self) -> str: ...

    @property
    def about(self) -> Mapping[str, str]: ...

    @property
    def at(self) -> str: ...


def explained(words: Words, symbol: SymbolOf, findings: Sequence[Named]) -> tuple[Inline, ...]:
    """What gives an answer; where several mistakes do, that there are several."""
    mistakes = told(words, symbol, findings)
    several = len({finding.name for finding in findings}) > 1
    return words.say("marks.explained_many", mistakes=mistakes) if several else mistakes


def told(words: Words, symbol: SymbolOf, findings: Sequence[Named]) -> tuple[Inline, ...]:
    """The sentences of misconceptions; what one of them may be about, several weights say, in one sentence."""
    named: dict[str, list[Named]] = {}
    for finding in findings:
        named.setdefault(finding.name, []).append(finding)
    said: list[Inline] = []
    for name, alike in islice(named.items(), MOST_MISTAKES):
        sentence = _mistake(words, symbol, name, alike)
        said += [words.plain("marks.or_else"), *sentence] if said else sentence
    more = len(named) - MOST_MISTAKES
    if more > 0:
        said += [" ", *words.say("marks.further", count=more)]
    return tuple(said)


def _mistake(words: Words, symbol: SymbolOf, name: str, findings: Sequence[Named]) -> list[Inline]:
    """What belongs there, and in which step, where that is not the answer's own."""
    about: dict[str, dict[str, None]] = {}
    for part, item in (pair for finding in findings for pair in finding.about.items()):
        about.setdefault(part, {})[item] = None
    parts = {part: _either(words, symbol, tuple(items)) for part, items in about.items()}
    said = list(words.say(f"misconceptions.{name}", **parts))
    places = tuple(dict.fromkeys(finding.at for finding in findings))
    if all(places):
        said += [" ", *words.say("marks.made_at", item=_either(words, symbol, places))]
    return said


def _either(words: Words, symbol: SymbolOf, items: tuple[str, ...]) -> tuple[Inline, ...]:
    said: list[Inline] = []
    for item in items[:MOST_NAMED]:
        said += [words.plain("marks.or"), symbol(item)] if said else [symbol(item)]
    return tuple(said)
