"""The characters that people type for one another."""

from __future__ import annotations

_SAME = {
    "-": "−‐‑‒–—﹣－⁃",
    " ": "\u00a0\u00ad\u1680\u180e\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x200B))),
    "*": "×·⋅∙•⨯✕∗",
    "/": "÷∕⁄",
    "'": "’‘ʼ′",
    "≈": "≃≅∼〜",
    "^": "ˆ",
    "|": "∣",
    "σ": "ς",
    "ε": "ϵ",
    "φ": "ϕ",
    "θ": "ϑ",
}
_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(0x5E)}

CHARACTERS: dict[int, str | int] = {ord(other): plain for plain, others in _SAME.items() for other in others}
"""Character by character, for ``str.translate``, so that a place in the text stays the same place."""
CHARACTERS |= {code: plain for code, plain in _FULL_WIDTH.items() if code not in CHARACTERS}

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", "0123456789+-=()", strict=True))
_RAISED |= dict(zip("ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵝᵞᵟᵠᵡ", "abcdefghijklmnoprstuvwxyzβγδφχ", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True))
_LOWERED |= dict(zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", "aehijklmnoprstuvxβγρφχ", strict=True))
RAISED, LOWERED = str.maketrans(_RAISED), str.maketrans(_LOWERED)
"""Raised and lowered characters as those on the line."""
RAISED_CLASS, LOWERED_CLASS = "".join(_RAISED), "".join(_LOWERED)

_NO_LETTERS = RAISED_CLASS + LOWERED_CLASS + "¼½¾⅐-⅞"
LETTER, WORD_CHARACTER = rf"[^\W\d_{_NO_LETTERS}]", rf"[^\W{_NO_LETTERS}]"
"""What a name may begin with, and what it may go on with: to Python, ² is a letter too."""
