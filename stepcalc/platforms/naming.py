"""What the parts of an export are called: always the same, and no two exams or variants alike."""

from __future__ import annotations

import hashlib
import json

from stepcalc.exams.variant import Variant

_DIGITS = 12


def name_of_variant(variant: Variant) -> str:
    """The name of a variant in a package: ``v007_3f2a9c01b7de``; it may stand wherever XML wants a name.

    The digits are a hash of what it is drawn from and of the right numbers, so that another exam has other ones.
    """
    known = json.dumps([variant.drawn_from, variant.numbers], sort_keys=True).encode()
    return f"v{variant.id}_{hashlib.sha256(known).hexdigest()[:_DIGITS]}"


def common_name(names: list[str]) -> str:
    """The name of all of them together."""
    return f"exam_{hashlib.sha256(' '.join(names).encode()).hexdigest()[:_DIGITS]}"
