"""The story of a sheet: which parts it has and in which order. Each part is a module of its own beside this one."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.errors import Fault, InputError
from stepcalc.options import PLAIN, VIEWS, Options
from stepcalc.sheet.appendix import appendix
from stepcalc.sheet.backward import backward
from stepcalc.sheet.blocks import Block, Formula, Sheet
from stepcalc.sheet.context import Context
from stepcalc.sheet.expressions import expression_story
from stepcalc.sheet.forward import forward
from stepcalc.sheet.opening import opening
from stepcalc.sheet.update import checks, update
from stepcalc.trace import Trace

BOTH_UP_TO = 40
"""Up to this many parameters the default view writes out every scalar beside the matrices."""
SAMPLES_UP_TO = 8
SCALARS_UP_TO = 1000
"""With more parameters than this, a sheet of scalars is refused."""


def compose(trace: Trace, options: Options = PLAIN) -> Sheet:
    """The worked solution as blocks; without a view, small networks get both scalars and matrices.

    Raises :class:`~stepcalc.errors.InputError` where the scalar view would be too long to read.
    """
    sheet = Context(trace, chosen_view(trace, options.view))
    parts = _network(sheet) if sheet.layers else expression_story(sheet)
    blocks = tuple(block for block in parts if not (isinstance(block, Formula) and not block.lines))
    return Sheet(trace.problem.title or trace.problem.source_name, blocks, sheet.words.language)


def chosen_view(trace: Trace, view: str | None) -> str:
    """The view asked for, or the one that suits the problem's size."""
    size, samples = trace.parameter_count, trace.graph.samples or 1
    if view is None:
        return "both" if size <= BOTH_UP_TO and samples <= SAMPLES_UP_TO else "matrix"
    if view not in VIEWS:
        raise InputError(Fault("--view", f"{view!r}, expected one of {', '.join(VIEWS)}"))
    if view != "matrix" and size * samples > SCALARS_UP_TO:
        raise InputError(
            Fault(
                "--view",
                f"{view} would write out {size:,} parameters one by one{_each(samples)}; "
                f"that is more than {SCALARS_UP_TO:,}: use --view matrix",
            )
        )
    return view


def _each(samples: int) -> str:
    return f" for each of {samples:,} samples" if samples > 1 else ""


def _network(sheet: Context) -> Iterator[Block]:
    yield from opening(sheet)
    yield from forward(sheet)
    yield from backward(sheet)
    yield from update(sheet)
    yield from checks(sheet)
    yield from appendix(sheet)
