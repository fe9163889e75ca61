"""Sentences with places in braces, ``{name}``, and what is put in there: the one way in which words and parts meet.

``{name|day|days}`` is the first word where what is put in for ``name`` is 1, else the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

PLACE = re.compile(r"\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}")
"""A place and its name, perhaps with a word for 1 and one for other numbers; other braces have no meaning."""

Part = TypeVar("Part")


def put_in(sentence: str, parts: Mapping[str, Part]) -> Iterator[str | Part]:
    """The pieces of ``sentence`` with ``parts`` at their places. Raises :class:`KeyError` for a part not given."""
    pieces = iter(_pieces(sentence))
    for text in pieces:
        yield text
        if name := next(pieces, None):
            one, several = next(pieces), next(pieces)
            part = parts[name]
            yield part if several is None else one if str(part) == "1" else several


def names(sentence: str) -> list[str]:
    """The names of its places, in order."""
    return [place[1] for place in PLACE.finditer(sentence)]


@cache
def _pieces(sentence: str) -> list[str]:
    return PLACE.split(sentence)
