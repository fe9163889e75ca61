"""The code of a variant: of which exam it is, which variant, and with which numbers; as text and as a QR code.

Two exams drawn from one recipe with different seeds share the first part, and differ in the last one.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from stepcalc.exams.variant import Variant
from stepcalc.output import as_bytes
from stepcalc.problem.writer import problem_files
from stepcalc.sheet.blocks import Code

EXAM_DIGITS, NUMBERS_DIGITS = 8, 4
ERRORS = "m"
"""So many errors that a smudge or a staple makes may be in a code: 15 %."""


def variant_code(variant: Variant) -> str:
    """``3F9A1C2B-017-9D3A``: eight digits of the hash in the manifest, the variant's id, four of its problem's."""
    files = problem_files(variant.problem, "problem.toml")
    numbers = hashlib.sha256(b"".join(as_bytes(files[name]) for name in sorted(files))).hexdigest()
    return f"{variant.drawn_from[:EXAM_DIGITS].upper()}-{variant.id}-{numbers[:NUMBERS_DIGITS].upper()}"


@lru_cache(maxsize=16)
def qr_code(content: str) -> Code:
    """``content`` as a QR code."""
    import segno

    matrix = segno.make(content, error=ERRORS, micro=False, boost_error=False).matrix
    return Code(tuple(tuple(map(bool, row)) for row in matrix), content)
