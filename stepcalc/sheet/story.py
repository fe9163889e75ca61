"""The story of a sheet: which parts it has and in which order. Each part is a module of its own beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from stepcalc.board.nodes import Blank
from stepcalc.options import PLAIN, Options
from stepcalc.reference import Reference
from stepcalc.sheet.appendix import appendix
from stepcalc.sheet.backward import backward
from stepcalc.sheet.blank import STATEMENT, blanked, settled
from stepcalc.sheet.blocks import Block, Formula, Heading, Part, Prose, Sheet
from stepcalc.sheet.chosen import sheet_view
from stepcalc.sheet.context import Context, title
from stepcalc.sheet.expressions import expression_story
from stepcalc.sheet.forward import forward
from stepcalc.sheet.opening import opening
from stepcalc.sheet.tables import reference_sheet
from stepcalc.sheet.training import training
from stepcalc.sheet.update import checks, update
from stepcalc.sheet.wording import worded
from stepcalc.sheet.words import words
from stepcalc.trace import Trace


def compose(trace: Trace | Reference, options: Options = PLAIN) -> Sheet:
    """The worked solution as blocks; without a view, small networks get both scalars and matrices.

    A sheet to be filled in begins with a line for the name.

    Raises :class:`~stepcalc.errors.InputError` where the view or the chains would be too long to read, or there is no
    such parameter.
    """
    whole = reference_sheet(trace, options) if isinstance(trace, Reference) else _solution(trace, options)
    return _to_hand_in(whole) if options.blank != "none" and options.layout == "sheet" else whole


def statement(sheet: Context) -> tuple[Block, ...]:
    """The problem as it was asked: what a sheet begins with, with nothing that was found."""
    parts = _network(sheet) if sheet.layers else expression_story(sheet)
    opening = takewhile(lambda block: not _opens_solution(block), settled(parts, "all"))
    written = (block for block in opening if not (isinstance(block, Formula) and not block.lines))
    return blanked(worded(written, sheet.words), "all", sheet.scribe.is_data)


def _opens_solution(block: Block) -> bool:
    return isinstance(block, Heading) and block.level == 1 and block.key not in STATEMENT


def _solution(trace: Trace, options: Options) -> Sheet:
    sheet = Context(trace, sheet_view(trace, options.view), options.chains, words(options.template))
    parts = _network(sheet) if sheet.layers else expression_story(sheet)
    found = settled(parts, options.blank)
    written = (block for block in found if not (isinstance(block, Formula) and not block.lines))
    blocks = blanked(worded(written, sheet.words), options.blank, sheet.scribe.is_data)
    return Sheet(title(trace.problem, sheet.words), blocks, sheet.words)


def _to_hand_in(sheet: Sheet) -> Sheet:
    line = sheet.words.say("blank.name", name=Blank(30), date=Blank(14))
    return replace(sheet, blocks=(Prose(line), *sheet.blocks))


def _network(sheet: Context) -> Iterator[Part]:
    yield from opening(sheet)
    yield from forward(sheet)
    yield from backward(sheet)
    yield from update(sheet)
    yield from checks(sheet)
    yield from training(sheet)
    yield from appendix(sheet)
