"""What PDF/UA asks for and WeasyPrint leaves undone: formulas are tagged as such, boxes stand where they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

POINTS_PER_PIXEL = 0.75


def finish_tags(pdf: Any, formulas: Collection[str]) -> None:
    """Make every tagged picture whose alternative text is one of ``formulas`` a formula.

    ``pdf`` is WeasyPrint's document in the making. The boxes of its pictures are in pixels from the top of the page.
    """
    elements: list[Any] = [item for item in pdf.objects if isinstance(item, dict)]
    heights = {item.reference: float(item["MediaBox"][3]) for item in elements if item.get("Type") == "/Page"}
    for element in elements:
        if element.get("S") != "/Figure":
            continue
        left, top, right, bottom = (POINTS_PER_PIXEL * side for side in element["A"]["BBox"])
        height = heights[element["Pg"]]
        element["A"]["BBox"][:] = (round(side, 2) for side in (left, height - bottom, right, height - top))
        if "Alt" in element and element["Alt"].string in formulas:
            element["S"] = "/Formula"
