r"""Symbols as people type them: ``w_1``, ``w_11``, ``\theta_{1,2}``, ``\hat{y}``, ``z^{(1)}_2``, or a word."""

from __future__ import annotations

import re
import unicodedata

from stepcalc.board.nodes import Glyph

_NAMES = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
)
_CAPITALS = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega")
GREEK = dict(zip(_NAMES, "αβγδεζηθικλμνξπρστυφχψω", strict=True))
"""The small letters by their names, which are read with and without a backslash."""

_COMMANDS = GREEK | dict(zip(_CAPITALS, "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True))

_BASE = r"\\[A-Za-z]{1,20}|[^\W\d_]{1,20}"
_SCRIPT = r"[_^](?:[^\W_]{1,12}|\{[^{}]{1,12}\})"
_TYPED = re.compile(
    rf"(?:\\hat\s*\{{\s*(?P<inside>{_BASE})\s*\}}|\\hat\s+(?P<after>{_BASE})|(?P<base>{_BASE})(?P<hat>_hat)?)"
    rf"(?P<scripts>(?:{_SCRIPT}){{0,2}})"
)
_IN_SCRIPTS = frozenset("0123456789,()")


def read_glyph(text: str) -> Glyph | None:
    r"""How the symbol ``text`` is written; None if it cannot be one.

    A letter, a word, ``\theta`` or ``theta``, with or without ``\hat{…}`` (also ``y_hat``); then an index ``_1``,
    ``_11`` or ``_{1,2}`` and a superscript ``^2`` or ``^{(1)}``, in either order. ``w_11`` has the index 11.
    """
    found = _TYPED.fullmatch(unicodedata.normalize("NFC", text.strip()))
    if found is None:
        return None
    base = _letter(found["inside"] or found["after"] or found["base"])
    scripts = _scripts(found["scripts"])
    if base is None or scripts is None:
        return None
    hat = found["base"] is None or found["hat"] is not None
    return Glyph(base, scripts.get("_", ""), scripts.get("^", ""), hat, upright=len(base) > 1)


def appearance(glyph: Glyph) -> tuple[str, str, str, bool, bool]:
    """What a reader sees: equal for glyphs that look the same, be it one letter ŷ or a y with a hat."""
    base = unicodedata.normalize("NFC", glyph.base + ("\u0302" if glyph.hat else ""))
    return base, glyph.sub, glyph.sup, glyph.upright, glyph.bold


def _letter(typed: str) -> str | None:
    if typed.startswith("\\"):
        return _COMMANDS.get(typed[1:])
    return GREEK.get(typed, typed) if typed.isalpha() else None


def _scripts(typed: str) -> dict[str, str] | None:
    """The scripts by their sign; None where one stands twice, or holds what cannot be printed."""
    pieces = re.findall(_SCRIPT, typed)
    scripts = {piece[0]: piece[1:].removeprefix("{").removesuffix("}") for piece in pieces}
    printable = all(char.isalpha() or char in _IN_SCRIPTS for script in scripts.values() for char in script)
    return scripts if printable and len(scripts) == len(pieces) else None
