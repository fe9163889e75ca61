"""Where the derivatives come from: every rule applied, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.reasons import REST_SYMBOL, reasons
from stepcalc.sheet.blocks import Block, Formula
from stepcalc.sheet.context import Context

_HEADINGS = {"activation": "derivative_of", "loss": "derivative_of_loss", "softmax": "derivative_of_softmax"}


def appendix(sheet: Context) -> Iterator[Block]:
    """One derivation for each activation and loss in use; none where the network is large."""
    if sheet.large:
        return
    found = list(reasons(sheet.graph, sheet.notation))
    if found:
        yield sheet.heading("appendix", level=1)
    for reason in found:
        yield sheet.heading(_HEADINGS[reason.kind], name=reason.name)
        if reason.kind == "softmax":
            yield sheet.prose("appendix.softmax", s=REST_SYMBOL)
        yield Formula(reason.lines)
