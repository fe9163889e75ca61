"""The sentences of a sheet, from one file, with mathematics put in where a sentence names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcalc.board.sentence import put_in
from stepcalc.board.spoken import Phrases
from stepcalc.sentences import english
from stepcalc.sheet.own_words import with_own

if TYPE_CHECKING:
    from stepcalc.sheet.blocks import Inline


class Words:
    """The sentences of one language."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        self._sentences = sentences
        self.language = str(sentences["language"])
        terms = sorted(sentences["terms"], key=len, reverse=True)
        self._terms = re.compile("|".join(map(re.escape, terms)))

    def say(self, key: str, **parts: Inline | int | tuple[Inline, ...]) -> tuple[Inline, ...]:
        """The sentence ``section.name`` with ``parts`` in their places.

        Raises :class:`KeyError` when there is no such sentence, or it names a part that is not given.
        """
        section, name = key.split(".")
        said: list[Inline] = []
        for part in put_in(self._sentences[section][name], parts):
            said.extend(part if isinstance(part, tuple) else (str(part) if isinstance(part, int) else part,))
        return tuple(part for part in said if part != "")

    def terms(self, english: str) -> str:
        """What the rooms before the sheet say in a word or two (the rules beside a derivation) in this language."""
        return self._terms.sub(lambda term: str(self._sentences["terms"][term[0]]), english)

    @property
    def phrases(self) -> Phrases:
        """What formulas are read out with."""
        spoken: Phrases = self._sentences["spoken"]
        return spoken

    @property
    def updated(self) -> str:
        """What stands above a parameter after its update."""
        return self.phrases["marks"]["new"]

    def plain(self, key: str, **parts: str | int) -> str:
        """A sentence without mathematics, as text."""
        return "".join(str(part) for part in self.say(key, **parts))


def words(folder: Path | None = None) -> Words:
    """The sentences of a sheet: stepcalc's own, in English, or as the course in ``folder`` has them.

    Raises :class:`~stepcalc.errors.InputError` where the course's cannot be used.
    """
    return _english() if folder is None else Words(with_own(folder, english()))


@cache
def _english() -> Words:
    return Words(english())


def joined(items: list[Inline]) -> tuple[Inline, ...]:
    """A list in running text: a, b, c."""
    said: list[Inline] = []
    for item in items:
        said += [", ", item] if said else [item]
    return tuple(said)
