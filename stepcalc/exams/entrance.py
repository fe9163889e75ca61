"""Drawing an exam from Python: a recipe, how many variants, and a seed."""

from __future__ import annotations

import os

from stepcalc.backend import namespace
from stepcalc.drawing.search import Search
from stepcalc.errors import Fault, InputError
from stepcalc.exams.variant import Exam, Variant, variant_id
from stepcalc.recipes import Recipe, load_recipe

MAX_VARIANTS, MAX_SEED = 100_000, 2**63


def generate(recipe: Recipe | str | os.PathLike[str], n: int, seed: int = 0, backend: str = "numpy") -> Exam:
    """``n`` variants of an exam. Variant 17 is the same whatever ``n`` is.

    Raises :class:`InputError` for a recipe that cannot be used, or gives no ``n`` variants that are fit to be set.
    """
    if not 1 <= n <= MAX_VARIANTS:
        raise InputError(Fault("", f"{n:,}, expected 1 to {MAX_VARIANTS:,}"), "--variants")
    if not 0 <= seed < MAX_SEED:
        raise InputError(Fault("", f"{seed}, expected a whole number from 0 to 2^63 − 1"), "--seed")
    known = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    search = Search(known, seed, namespace(backend))
    found = search.found(n)
    variants = (
        Variant(variant_id(number), known, one, search.model(one.structure).asked, seed, search.space.sha256)
        for number, one in enumerate(found, start=1)
    )
    return Exam(known, seed, tuple(variants), search, found)
