"""What PDF/UA asks for and WeasyPrint leaves undone, in its document in the making."""

from __future__ import annotations

from typing import Any

POINTS_PER_PIXEL = 0.75
FORMULA = "\x02"
"""What the alternative text of a formula begins with until it is tagged; nobody's words hold control characters."""


def finish_tags(pdf: Any) -> None:
    """Tag every picture whose alternative text is marked ``FORMULA`` as a formula, and page numbers as no content.

    The headers of tables say what they are the headers of, and are found by their names.
    """
    elements: list[Any] = [item for item in pdf.objects if isinstance(item, dict)]
    pages = [element for element in elements if element.get("Type") == "/Page"]
    _finish_pictures(elements, {page.reference: float(page["MediaBox"][3]) for page in pages})
    objects = {item.reference: item for item in pdf.objects}
    _finish_headers(objects, pdf.catalog["StructTreeRoot"])
    _release_margins(objects, pdf.catalog["StructTreeRoot"], pages)


def _finish_pictures(elements: list[Any], heights: dict[bytes, float]) -> None:
    """Their boxes are in pixels from the top of the page, and should be in points from below."""
    for element in elements:
        if element.get("S") != "/Figure":
            continue
        left, top, right, bottom = (POINTS_PER_PIXEL * side for side in element["A"]["BBox"])
        height = heights[element["Pg"]]
        element["A"]["BBox"][:] = (round(side, 2) for side in (left, height - bottom, right, height - top))
        if "Alt" in element and element["Alt"].string.startswith(FORMULA):
            element["S"] = "/Formula"
            element["Alt"].string = element["Alt"].string.removeprefix(FORMULA)


def _finish_headers(objects: dict[bytes, Any], tree: bytes) -> None:
    headers = {ref: item for ref, item in objects.items() if isinstance(item, dict) and item.get("S") == "/TH"}
    for header in headers.values():
        group = objects[objects[header["P"]]["P"]]
        header["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
    if headers:
        names = sorted((header["ID"].string, header["ID"], reference) for reference, header in headers.items())
        listed = type(objects[tree]["K"])(part for _, *entry in names for part in entry)
        objects[tree]["IDTree"] = type(objects[tree])({"Names": listed})


def _release_margins(objects: dict[bytes, Any], tree: bytes, pages: list[Any]) -> None:
    """What stands in the margins is marked, but hangs on no branch of the structure: mark it as an artifact."""
    root = objects[tree]
    reached: set[Any] = set()
    waiting = list(root["K"])
    while waiting:
        child = waiting.pop()
        if isinstance(child, bytes) and child not in reached:
            reached.add(child)
            waiting += objects[child].get("K", ())
    marked = objects[root["ParentTree"]]["Nums"]
    for page, owners in zip(pages, marked[1::2], strict=False):
        loose = {number for number, owner in enumerate(owners) if owner not in reached}
        stream = objects[page["Contents"]].stream
        for at, part in enumerate(stream):
            if isinstance(part, dict) and part.get("MCID") in loose:
                stream[at - 1 : at + 1] = ["/Artifact", "<</Type /Pagination>>"]
        owners[:] = ["null" if number in loose else owner for number, owner in enumerate(owners)]
