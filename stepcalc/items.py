"""Item ids: the one name that every scalar has in the trace, in answers and in problem files.

``z1[2]``, ``W1[2,3]``, ``L``, in a mini-batch ``z1[2]@3``; a derivative ``dL/dW1[2,3]``; after the update
``W1_new[2,3]``. Indices count from 1, in the order of the array's axes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

Index = tuple[int, ...]

_PATTERN = re.compile(
    r"(?:d(?P<of>\w+)/d)?(?P<name>\w+?)(?P<new>_new)?(?:\[(?P<index>\d+(?:,\d+)*)\])?(?:@(?P<sample>\d+))?"
)


def item_id(name: str, index: Index = (), sample: int | None = None) -> str:
    """The id of one scalar of the quantity ``name``."""
    where = f"[{','.join(map(str, index))}]" if index else ""
    return f"{name}{where}" if sample is None else f"{name}{where}@{sample}"


@dataclass(frozen=True, slots=True)
class Item:
    """An id taken apart. ``of`` is the quantity differentiated (``L``), or "" when the item is a plain value."""

    name: str
    index: Index = ()
    sample: int | None = None
    of: str = ""
    new: bool = False

    @classmethod
    def parse(cls, text: str) -> Item:
        """Take an id apart. Raises :class:`ValueError` when it is not spelled as one."""
        found = _PATTERN.fullmatch(text)
        if not found:
            raise ValueError(f"not an item id: {text!r}")
        index = tuple(int(part) for part in found["index"].split(",")) if found["index"] else ()
        sample = int(found["sample"]) if found["sample"] else None
        return cls(found["name"], index, sample, found["of"] or "", bool(found["new"]))

    def __str__(self) -> str:
        base = item_id(self.name + ("_new" if self.new else ""), self.index, self.sample)
        return f"d{self.of}/d{base}" if self.of else base

    def derivative(self, of: str) -> Item:
        """The derivative of ``of`` by this item."""
        return replace(self, of=of)

    def updated(self) -> Item:
        """This parameter after the update."""
        return replace(self, new=True)

    @property
    def plain(self) -> Item:
        """The quantity itself, without derivative or update."""
        return replace(self, of="", new=False)


def derivative_id(of: str, item: str) -> str:
    """The id of ∂of/∂item."""
    return f"d{of}/d{item}"
