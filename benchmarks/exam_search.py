"""A million candidates of an exam on a 2-2-1 network, drawn and judged by the cheap rules, in one thread.

The recipe is the quiz that ships. Beside it stands what PyTorch takes for the gradients of as many networks alone.
"""

from __future__ import annotations

import sys
import time

from _by_hand import random_networks, vmap_grad
from _measure import REPOSITORY, Row, best, print_table

from stepcalc.drawing.search import Search, Tally
from stepcalc.recipes import load_recipe

RECIPE = REPOSITORY / "worked_examples" / "exams" / "quiz_two_two_one.toml"
CANDIDATES, SECONDS, SEED = 1_000_000, 2.0, 2026
ROUNDS = 5


def judged(search: Search, candidates: int) -> Tally:
    """What became of as many candidates of a recipe, or a few more: batches are drawn whole."""
    tally, number = Tally(), 0
    while tally.looked_at < candidates:
        batch = search.sifted(search.stream.draws(number))
        batch.count(tally, len(batch.verdicts))
        number += 1
    return tally


def compare(candidates: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Processor seconds a million candidates, ours and those of PyTorch's gradients; the share that the rules leave."""
    search = Search(load_recipe(RECIPE), SEED)
    tally = judged(search, candidates)  # what is prepared once is prepared here
    ours = best(lambda: judged(search, candidates), rounds, time.process_time) / tally.looked_at
    gradients = vmap_grad(random_networks(candidates))
    theirs = best(gradients, rounds, time.process_time) / candidates
    return {"ours": ours * 1e6, "vmap": theirs * 1e6, "left": 1 - sum(tally.refused.values()) / tally.looked_at}


def main(candidates: int) -> None:
    found = compare(candidates)
    ours, vmap = found["ours"], found["vmap"]
    rows = [
        Row("drawn and judged", f"{ours:.2f} s a million", f"{SECONDS:.2f} s", SECONDS / ours),
        Row(
            "beside vmap(grad) for the gradients alone",
            f"{ours / vmap:.1f} ×",
            f"{SECONDS / 0.2:.0f} ×",
            10 * vmap / ours,
        ),
    ]
    print_table(f"{candidates:,} candidates of {RECIPE.stem}", rows)
    print(
        f"{1 / ours:.2f} M candidates/s; {found['left']:.0%} of them are left; vmap(grad): {1 / vmap:.2f} M networks/s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CANDIDATES)
