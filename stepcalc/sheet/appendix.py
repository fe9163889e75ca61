"""Where the derivatives come from: every rule applied, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.reasons import REST_SYMBOL, Reason, reasons
from stepcalc.sheet.blocks import Block, Formula, Inline
from stepcalc.sheet.context import Context

_HEADINGS = {"activation": "derivative_of", "loss": "derivative_of_loss", "softmax": "derivative_of_softmax"}


def _reasons(sheet: Context) -> tuple[Reason, ...]:
    return () if sheet.large else tuple(reasons(sheet.graph, sheet.notation))


def appendix_heading(sheet: Context, kind: str) -> tuple[Inline, ...]:
    """The heading under which a kind of operation is differentiated; empty where none is."""
    found = next((reason for reason in _reasons(sheet) if reason.kind == kind), None)
    return () if found is None else sheet.words.say(f"headings.{_HEADINGS[kind]}", name=found.name)


def appendix(sheet: Context) -> Iterator[Block]:
    """One derivation for each activation and loss in use; none where the network is large."""
    found = _reasons(sheet)
    if found:
        yield sheet.heading("appendix", level=1)
    for reason in found:
        yield sheet.heading(_HEADINGS[reason.kind], name=reason.name)
        if reason.kind == "softmax":
            yield sheet.prose("appendix.softmax", s=REST_SYMBOL)
        yield Formula(reason.lines)
