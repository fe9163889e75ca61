"""Results show themselves in a notebook. They know of no sheet: the package's entrance says how a page is made."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, ClassVar


class Shown:
    """What a notebook shows as a page in a frame of its own; ``page`` makes it."""

    page: ClassVar[Callable[[Any], str]]

    def _repr_html_(self) -> str:
        page = Shown.page(self)
        return f'<iframe srcdoc="{escape(page)}" style="width: 100%; height: 40em; border: 0"></iframe>'
