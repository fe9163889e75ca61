"""Item ids: the one name that every scalar has in the trace, in answers and in problem files.

``z1[2]``, ``W1[2,3]``, ``L``, in a mini-batch ``z1[2]@3``; a derivative ``dL/dW1[2,3]``, a second one
``d2L/dW1[2,3]/db1[1]``; after the update ``W1_new[2,3]``, and what the optimizer calculates on the way,
``W1_v[2,3]`` or ``W1_m_hat[2,3]``; in a later update ``W1_v[2,3]#2``. Indices count from 1, in the order of the
array's axes.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from functools import lru_cache

Index = tuple[int, ...]

NEW = "new"
"""The part of an update that is a parameter's new value."""

SINGULAR = "singular Hessian"
"""What stands in the place of an id, which has no space, where a run stopped because the optimizer has no step."""

_PATTERN = re.compile(
    r"(?:d2(?P<twice>\w+)/d(?P<by>[^/#]+)/d|d(?P<of>\w+)/d)?"
    rf"(?P<name>\w+?)(?:_(?P<part>{NEW}|[a-z](?:_hat)?))?"
    r"(?:\[(?P<index>\d+(?:,\d+)*)\])?(?:@(?P<sample>\d+))?(?:#(?P<update>\d+))?"
)


def item_id(name: str, index: Index = (), sample: int | None = None) -> str:
    """The id of one scalar of the quantity ``name``."""
    where = f"[{','.join(map(str, index))}]" if index else ""
    return f"{name}{where}" if sample is None else f"{name}{where}@{sample}"


@dataclass(frozen=True, slots=True)
class Item:
    """An id taken apart. ``of`` is the quantity differentiated (``L``), or "" when the item is a plain value.

    ``by`` is the item that it was differentiated by before, where this is a second derivative. ``part`` says what of an
    update it is: ``new``, or a letter of the optimizer's; "" for none. ``update`` is the number of the update, None for
    the one at hand, which is the first.
    """

    name: str
    index: Index = ()
    sample: int | None = None
    of: str = ""
    part: str = ""
    update: int | None = None
    by: str = ""

    @classmethod
    def parse(cls, text: str) -> Item:
        """Take an id apart. Raises :class:`ValueError` when it is not spelled as one."""
        return _taken_apart(text)

    def __str__(self) -> str:
        base = item_id(self.name + (f"_{self.part}" if self.part else ""), self.index, self.sample)
        prefix = f"d2{self.of}/d{self.by}/d" if self.by else f"d{self.of}/d" if self.of else ""
        return prefix + base + ("" if self.update is None else f"#{self.update}")

    def derivative(self, of: str) -> Item:
        """The derivative of ``of`` by this item."""
        return replace(self, of=of)

    def updated(self, part: str = NEW) -> Item:
        """This parameter after the update, or another ``part`` of its update."""
        return replace(self, part=part)

    def own_name(self, known: Container[str]) -> Item:
        """This item with what looks like a part taken for the end of its name, where ``known`` has that name."""
        own = f"{self.name}_{self.part}"
        return replace(self, name=own, part="") if self.part and own in known else self

    @property
    def plain(self) -> Item:
        """The quantity itself, without derivative or update."""
        return replace(self, of="", part="", update=None, by="")


def derivative_id(of: str, item: str) -> str:
    """The id of ∂of/∂item."""
    return f"d{of}/d{item}"


def second_derivative_id(of: str, item: str, other: str) -> str:
    """The id of ∂²of/∂item ∂other."""
    return f"d2{of}/d{item}/d{other}"


@lru_cache(maxsize=65_536)
def _taken_apart(text: str) -> Item:
    found = _PATTERN.fullmatch(text)
    if not found:
        raise ValueError(f"not an item id: {text!r}")
    index = tuple(int(part) for part in found["index"].split(",")) if found["index"] else ()
    sample, update = (int(found[key]) if found[key] else None for key in ("sample", "update"))
    of, by = found["twice"] or found["of"] or "", found["by"] or ""
    return Item(found["name"], index, sample, of, found["part"] or "", update, by)
