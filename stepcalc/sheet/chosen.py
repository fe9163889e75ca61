"""What the options leave open, settled: which view suits the problem, and whose chains are written in full."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from stepcalc.errors import Fault, InputError
from stepcalc.options import ALL_CHAINS, ONE_CHAIN, VIEWS
from stepcalc.sheet.shortened import LAYERS
from stepcalc.steps import Scribe
from stepcalc.trace import Trace

BOTH_UP_TO = 40
"""Up to this many parameters the default view writes out every scalar beside the matrices."""
SAMPLES_UP_TO = 8
SCALARS_UP_TO = 1000
"""With more parameters than this, a sheet of scalars is refused."""
CHAINS_UP_TO = 40
"""More chains than this are not written in full."""


def chosen_view(trace: Trace, view: str | None) -> str:
    """The view asked for, or the one that suits the problem's size.

    Raises :class:`~stepcalc.errors.InputError` for one that is unknown, or would be too long to read.
    """
    samples = trace.graph.samples or 1
    computed = [quantity.size for quantity in trace.graph.quantities.values() if quantity.role == "computed"]
    size = max(trace.parameter_count, *computed, 0)
    if view is None:
        return "both" if size <= BOTH_UP_TO and samples <= SAMPLES_UP_TO else "matrix"
    if view not in VIEWS:
        raise InputError(Fault("--view", f"{view!r}, expected one of {', '.join(VIEWS)}"))
    if view != "matrix" and size * samples > SCALARS_UP_TO:
        what = "parameters" if size == trace.parameter_count else "numbers of one layer"
        raise InputError(
            Fault(
                "--view",
                f"{view} would write out {size:,} {what} one by one{_each(samples)}; "
                f"that is more than {SCALARS_UP_TO:,}: use --view matrix",
            )
        )
    return view


def sheet_view(trace: Trace, view: str | None) -> str:
    """The view of a sheet. Where there are maps, these show all numbers, and of each array one element is written out.

    Raises as ``chosen_view`` does, which is for what is read by programs.
    """
    maps = any(len(quantity.shape) > 2 for quantity in trace.graph.quantities.values())
    return "matrix" if view is None and maps else chosen_view(trace, view)


def _each(samples: int) -> str:
    return f" for each of {samples:,} samples" if samples > 1 else ""


def chosen_chains(scribe: Scribe, chains: str | None) -> tuple[str, ...]:
    """The ids of the parameters whose chains are written in full.

    Unless told otherwise, a network has one chain, and expressions those of every name that they are differentiated by.
    Raises :class:`~stepcalc.errors.InputError` for what is no parameter, or too many chains.
    """
    trace, graph = scribe.trace, scribe.graph
    if chains is None and scribe.wrt:
        return scribe.wrt
    if chains is None or chains == ONE_CHAIN:
        return (trace.problem.sheet.chain or (scribe.wrt[0] if scribe.wrt else scribe.chain_item),)
    if chains == ALL_CHAINS:
        if trace.parameter_count > CHAINS_UP_TO:
            count = f"{trace.parameter_count:,} chains in full; at most {CHAINS_UP_TO} are written"
            raise InputError(Fault("--chains", f"{count}: use --chains one, or the id of a parameter"))
        return scribe.wrt or tuple(item for name in graph.parameters for item in graph.items(name))
    try:
        return (trace.problem.items.parameter(chains),)
    except ValueError as error:
        raise InputError(Fault("--chains", str(error))) from None


def chosen_layers(count: int, asked: Iterable[int] = (), bare: Collection[int] = ()) -> frozenset[int]:
    """Which of ``count`` layers are shown: of a deep network the first, the last, and those ``asked`` for.

    A layer asked for brings the one that feeds it, and one layer between two that are shown is not left out. Layers
    that are ``bare`` of parameters, as those that pool, do not count: they are shown with the one that feeds them.
    """
    counted = [layer for layer in range(1, count + 1) if layer not in bare]
    shown = {counted[place - 1] for place in LAYERS.places(len(counted)) if place is not None}
    for layer in sorted(bare):
        shown |= {layer} if layer == 1 or layer - 1 in shown else set()
    shown |= {layer for end in asked for layer in (end - 1, end) if layer > 0}
    return frozenset(layer for layer in range(1, count + 1) if layer in shown or {layer - 1, layer + 1} <= shown)
