from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answers:
    items: tuple[str, ...]
    students: tuple[str, ...]
    raw: Mapping[str, tuple[str, ...]]
    variants: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
