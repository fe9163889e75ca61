"""Sentences with places in braces, ``{name}``, and what is put in there: the one way in which words and parts meet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

PLACE = re.compile(r"\{(\w+)\}")
"""A place and its name; a brace in any other way has no meaning."""

Part = TypeVar("Part")


def put_in(sentence: str, parts: Mapping[str, Part]) -> Iterator[str | Part]:
    """The pieces of ``sentence`` with ``parts`` at their places. Raises :class:`KeyError` for a part not given."""
    for at, piece in enumerate(_pieces(sentence)):
        yield parts[piece] if at % 2 else piece


@cache
def _pieces(sentence: str) -> list[str]:
    return PLACE.split(sentence)
