"""Many LaTeX documents as one: they share a preamble, and each begins on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcalc.board.latex_text import escape

BEGIN, END = "\\begin{document}", "\\end{document}"


def joined(documents: Iterable[str], pages_multiple: int, left_blank: str) -> str:
    """The documents in one, each filled up with pages that say ``left_blank`` to a multiple of ``pages_multiple``."""
    return "".join(_parts(documents, f"\\stepcalcpad{{{pages_multiple}}}{{{escape(left_blank)}}}\n"))


def _parts(documents: Iterable[str], padding: str) -> Iterator[str]:
    for place, document in enumerate(documents):
        preamble, _, rest = document.partition(BEGIN)
        if place == 0:
            yield preamble + BEGIN
        yield rest.rpartition(END)[0] + padding
    yield END + "\n"
