"""The sheet: the worked solution as blocks, and the formats that blocks are written in."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from stepcalc.errors import Fault, InputError
from stepcalc.options import BLANKS, FORMATS, LAYOUTS, PAPERS, PLAIN, Options
from stepcalc.reference import Reference
from stepcalc.trace import Trace

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
    _check(options)
    if format == "json":
        if options.blank != "none":
            raise InputError(Fault("--blank", "json holds every number; blanks are for pdf, html, tex and txt"))
        if isinstance(trace, Reference):
            from stepcalc.sheet.tables import reference_json

            return reference_json(trace, options)
        from stepcalc.sheet.trace_json import trace_json

        return trace_json(trace, options.view)
    if format not in _WRITERS:
        raise InputError(Fault("", f"unknown format {format!r}, expected one of {', '.join(FORMATS)}"))
    from stepcalc.sheet.story import compose

    module, name = _WRITERS[format]
    write: Callable[..., str | bytes] = getattr(import_module(module), name)
    return write(compose(trace, options), options)


def _check(options: Options) -> None:
    """Refuse what is none of the choices; the view and the chains depend on the problem, and are looked at with it."""
    for name, choices in (("layout", LAYOUTS), ("paper", PAPERS), ("blank", BLANKS)):
        chosen = getattr(options, name)
        if chosen not in choices:
            raise InputError(Fault(f"--{name}", f"{chosen!r}, expected one of {', '.join(choices)}"))
