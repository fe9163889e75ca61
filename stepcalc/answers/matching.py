"""Which row of a grade book is whose."""

from __future__ import annotations

from collections.abc import Sequence

from stepcalc.answers.identity import Identity, key_of


class Matching:
    """Which row is whose."""

    def __init__(self, identity: Identity, rows: Sequence[Sequence[str]]) -> None:
        self._sure: dict[str, set[int]] = {}
        self._names: dict[str, set[int]] = {}
        for place, row in enumerate(rows):
            for key in identity.sure(row):
                self._sure.setdefault(key_of(key), set()).add(place)
            for name in _ways_of_writing(identity.full_name(row)):
                self._names.setdefault(name, set()).add(place)

    def row_of(self, keys: Sequence[str]) -> int | str:
        """The place of the row of whom all of ``keys`` are about, or why nobody can tell."""
        sure = set().union(*(self._sure.get(key_of(key), set()) for key in keys))
        named = set().union(*(self._names.get(way, set()) for key in keys for way in _ways_of_writing(key)))
        found = sure or named
        if not found:
            return "is not in the grade book"
        if len(found) > 1 or (named and not found <= named):
            return f"might be any of {len(found | named)} in the grade book"
        return found.pop()


def _ways_of_writing(name: str) -> set[str]:
    """``Müller, Anna`` and ``Anna Müller``."""
    last, _, first = name.partition(",")
    return {key_of(name), key_of(f"{first} {last}")} - {""}
