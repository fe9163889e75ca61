"""A user's text in LaTeX: it typesets as it reads, and can never be a command."""

from __future__ import annotations

import unicodedata

from stepcalc.board.plain import clean

GREEK = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ϵ": r"\epsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ϑ": r"\vartheta", "ι": r"\iota", "κ": r"\kappa",
    "λ": r"\lambda", "μ": r"\mu", "µ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "ο": "o", "π": r"\pi", "ρ": r"\rho",
    "ϱ": r"\varrho", "σ": r"\sigma", "ς": r"\varsigma", "τ": r"\tau", "υ": r"\upsilon", "φ": r"\varphi",
    "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta",
    "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma", "Υ": r"\Upsilon", "Φ": r"\Phi", "Ψ": r"\Psi",
    "Ω": r"\Omega", "ℓ": r"\ell", "∇": r"\nabla", "∂": r"\partial",
}  # fmt: skip

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "'": "'", "-": "-", "[": "{[}", "]": "{]}",
}  # fmt: skip

SIGNS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "⊙": r"\odot", "±": r"\pm", "÷": r"\div", "≈": r"\approx",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow",
    "⇒": r"\Rightarrow", "∈": r"\in", "∞": r"\infty", "√": r"\surd", "∑": r"\sum", "′": "'", "″": "''",
    "✓": r"\checkmark", "⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots", "∝": r"\propto", "ᵀ": r"^{\top}",
    "∼": r"\sim", "⊤": r"\top", "℮": "e", "ℝ": r"\mathbb{R}", "ᵢ": "_{i}", "ⱼ": "_{j}", "ₖ": "_{k}", "ₜ": "_{t}",
}  # fmt: skip

_TYPESET = {
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\dots{}", "\u00a0": "~",
    "\u2009": r"\,", "\u202f": r"\,", "•": r"\textbullet{}", "€": r"\texteuro{}", "°": r"\textdegree{}",
    "½": r"\textonehalf{}", "²": r"\textsuperscript{2}", "³": r"\textsuperscript{3}", "¹": r"\textsuperscript{1}",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "ð": r"\dh{}", "þ": r"\th{}", "£": r"\pounds{}", "§": r"\S{}",
    "¡": r"\textexclamdown{}", "¿": r"\textquestiondown{}", "«": r"\guillemotleft{}", "»": r"\guillemotright{}",
}  # fmt: skip

LONGEST_WORD = 30

_ACCENTS = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0308": r'\"', "\u0304": r"\=",
    "\u0307": r"\.", "\u0306": r"\u", "\u030c": r"\v", "\u030b": r"\H", "\u0327": r"\c", "\u0328": r"\k",
    "\u030a": r"\r", "\u0323": r"\d", "\u0331": r"\b",
}  # fmt: skip


def escape(text: str) -> str:
    r"""A user's text for LaTeX's text mode: it typesets as it reads and can never be a command.

    What pdfLaTeX's fonts lack (scripts other than Latin and Greek) is written ``\stepcalcchar{4E2D}{中}``, which
    the sheet's preamble prints as the character where a font has it and as ``[U+4E2D]`` elsewhere. A word too long
    for any line is a ``\longword{…}``, which may be broken anywhere.
    """
    return " ".join(map(_escape_word, clean(text).split(" ")))


def _escape_word(word: str) -> str:
    letters = map(_escape_char, word)
    if len(word) <= LONGEST_WORD:
        return "".join(letters)
    return rf"\longword{{{''.join(letter if len(letter) == 1 else f'{{{letter}}}' for letter in letters)}}}"


def _escape_char(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isascii():
        return char
    if char in _TYPESET:
        return _TYPESET[char]
    if char in GREEK or char in SIGNS:
        return rf"\ensuremath{{{GREEK.get(char) or SIGNS[char]}}}"
    return _decomposed(char) or rf"\stepcalcchar{{{ord(char):04X}}}{{{char}}}"


def _decomposed(char: str) -> str:
    """A Latin letter with an accent, a raised or a lowered digit or sign; "" for anything else."""
    compatibility, _, plain = unicodedata.decomposition(char).rpartition("> ")
    if compatibility in ("<super", "<sub"):
        inside = chr(int(plain, 16))
        inside = SIGNS.get(inside, inside)
        return rf"\ensuremath{{{'^' if compatibility == '<super' else '_'}{{{inside}}}}}" if inside.isascii() else ""
    letters = unicodedata.normalize("NFD", char)
    if len(letters) == 2 and letters[0].isascii() and letters[0].isalpha() and letters[1] in _ACCENTS:
        base = {"i": r"\i", "j": r"\j"}.get(letters[0], letters[0]) if letters[1] != "\u0328" else letters[0]
        return rf"{_ACCENTS[letters[1]]}{{{base}}}"
    return ""
