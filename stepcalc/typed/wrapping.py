"""What stands around an answer: dollars, a sign of equality; and what counts as no answer."""

from __future__ import annotations

import re

from stepcalc.typed.characters import CHARACTERS

_SHELLS = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
_RELATION = re.compile(r"\s*(?:[=≈~]|\\approx(?![A-Za-z])|\\sim(?:eq)?(?![A-Za-z]))")
_NAMED = re.compile(r"\s*(?=[^\W\d_]|[∂\\])[^-+*·=≈~,;]{1,80}?(?=" + _RELATION.pattern + ")")
_NO_ANSWER = frozenset({"", "?", "n/a", "none"})


def is_missing(raw: str) -> bool:
    """Whether nothing is answered: an empty cell, spaces, dashes, question marks, ``n/a`` or ``none``."""
    if len(raw) > 1000:
        return not raw.strip()
    plain = raw.translate(CHARACTERS).strip()
    return plain.lower() in _NO_ANSWER or not plain.strip("-") or not plain.strip("?")


def unwrapped(text: str) -> str:
    """``text`` in plain characters, with spaces in place of dollars and the like, = or ≈ before it, a full stop."""
    plain = text.translate(CHARACTERS)
    for _ in range(2):
        relation = _RELATION.match(plain)
        if relation:
            plain = " " * relation.end() + plain[relation.end() :]
        for opening, closing in _SHELLS:
            inside = plain.strip()
            if len(inside) > len(opening + closing) and inside.startswith(opening) and inside.endswith(closing):
                first, last = plain.index(opening), plain.rindex(closing)
                plain = " " * (first + len(opening)) + plain[first + len(opening) : last]
    ended = plain.rstrip()
    return ended[:-1] if re.search(r"[0-9)\]}]\.$", ended) else ended


def without_name(text: str) -> str:
    """An unwrapped number with spaces in place of what it is called: ``z_1 = 0.37`` is 0.37, whatever z₁ is."""
    name = _NAMED.match(text)
    if name is None:
        return text
    relation = _RELATION.match(text, name.end())
    assert relation is not None
    return " " * relation.end() + text[relation.end() :]
