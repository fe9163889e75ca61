"""A formula as rows of three columns: left side, relation with right side, reason."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

_NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of display mathematics; ``whole`` when it has no relation and takes the whole width."""

    left: Markup
    right: Markup
    reason: str = ""
    aside: Markup = _NOTHING
    whole: bool = False
