"""The sheet: the worked solution as blocks, and the formats that blocks are written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from stepcalc.errors import Fault, InputError
from stepcalc.options import BLANKS, FORMATS, LAYOUTS, PAPERS, PLAIN, Options
from stepcalc.reference import Reference
from stepcalc.trace import Trace

if TYPE_CHECKING:
    from stepcalc.sheet.blocks import Sheet

_WRITERS: dict[str, tuple[str, str]] = {
    "pdf": ("stepcalc.sheet.pdf", "pdf"),
    "html": ("stepcalc.sheet.html", "html"),
    "tex": ("stepcalc.sheet.latex", "latex"),
    "txt": ("stepcalc.sheet.text", "text"),
}
SHEET_FORMATS = tuple(_WRITERS)


def render(trace: Trace | Reference, format: str, options: Options = PLAIN) -> str | bytes:
    """A trace, or a reference table, in one of ``FORMATS``.

    Raises :class:`~stepcalc.errors.InputError` for an unknown format, a view that would be too long, or blanks
    in a format that has every number.
    """
    return render_each(trace, (format,), options)[format]


def render_each(trace: Trace | Reference, formats: Iterable[str], options: Options = PLAIN) -> dict[str, str | bytes]:
    """As :func:`render`, in several formats of the same blocks."""
    _check(options)
    sheet: Sheet | None = None
    written: dict[str, str | bytes] = {}
    for name in formats:
        if name == "json":
            written[name] = _json(trace, options)
        elif name not in _WRITERS:
            raise InputError(Fault("", f"unknown format {name!r}, expected one of {', '.join(FORMATS)}"))
        else:
            from stepcalc.sheet.story import compose

            sheet = sheet or compose(trace, options)
            module, function = _WRITERS[name]
            write: Callable[[Sheet, Options], str | bytes] = getattr(import_module(module), function)
            written[name] = write(sheet, options)
    return written


def _json(trace: Trace | Reference, options: Options) -> str:
    if options.blank != "none":
        raise InputError(Fault("--blank", "json holds every number; blanks are for pdf, html, tex and txt"))
    if isinstance(trace, Reference):
        from stepcalc.sheet.tables import reference_json

        return reference_json(trace, options)
    from stepcalc.sheet.trace_json import trace_json

    return trace_json(trace, options)


def _check(options: Options) -> None:
    """Refuse what is none of the choices; the view and the chains depend on the problem, and are looked at with it."""
    for name, choices in (("layout", LAYOUTS), ("paper", PAPERS), ("blank", BLANKS)):
        chosen = getattr(options, name)
        if chosen not in choices:
            raise InputError(Fault(f"--{name}", f"{chosen!r}, expected one of {', '.join(choices)}"))
