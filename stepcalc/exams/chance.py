"""What is decided for each variant by itself: an order of options, a place for a mistake. The same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Decides by the raw bits of a hash of what is ``known``, such as the seed, the variant and the question."""

    def __init__(self, *known: str | int) -> None:
        self._known = "/".join(map(str, known))
        self._drawn = 0

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count`` − 1: of 256 bits the remainder, which is as good as fair."""
        self._drawn += 1
        bits = hashlib.sha256(f"{self._known}/{self._drawn}".encode()).digest()
        return int.from_bytes(bits, "big") % count

    def one(self, things: Sequence[T]) -> T:
        """One of several things."""
        return things[self.below(len(things))]

    def shuffled(self, things: Sequence[T]) -> tuple[T, ...]:
        """The things in another order, every one as likely."""
        left = list(things)
        return tuple(left.pop(self.below(len(left))) for _ in things)

    def some(self, things: Sequence[T], count: int) -> tuple[T, ...]:
        """So many of the things, in their own order."""
        places = self.shuffled(range(len(things)))[:count]
        return tuple(things[place] for place in sorted(places))
