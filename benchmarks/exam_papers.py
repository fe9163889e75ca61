"""The variants of an exam with question and key as PDF, beside pdflatex on the same pages written as LaTeX.

The recipe is the quiz that ships. Both sides have as many processes, and what counts is how long one waits: for ours
from the recipe on, with drawing, solving, booklet, answer sheet and rubric; for theirs one run on each question and
each key, which leaves the number of pages open.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from _measure import REPOSITORY, Row, print_table

RECIPE = REPOSITORY / "worked_examples" / "exams" / "quiz_two_two_one.toml"
VARIANTS, PROCESSES, FACTOR, SEED = 100, 2, 3.0, 2026


def generated(folder: Path, format: str, variants: int) -> float:
    """Seconds that ``stepcalc generate`` takes."""
    command = [sys.executable, "-m", "stepcalc", "generate", str(RECIPE), "--seed", str(SEED), "-f", format]
    return _seconds([[*command, "--variants", str(variants), "--jobs", str(PROCESSES), "-o", str(folder)]])


def pdflatex(files: Sequence[Path]) -> float:
    """Seconds that one run on each file takes."""
    return _seconds(
        [["pdflatex", "-interaction=batchmode", f"-output-directory={file.parent}", str(file)] for file in files]
    )


def _seconds(commands: Sequence[Sequence[str]]) -> float:
    run = partial(subprocess.run, check=True, capture_output=True)
    start = time.monotonic()
    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(run, commands))
    return time.monotonic() - start


def compare(variants: int, set_by_latex: int) -> dict[str, float]:
    """Seconds of both sides; theirs are measured on some of the variants, each of which takes them as long."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = generated(folder / "pdf", "pdf", variants)
        generated(folder / "tex", "tex", set_by_latex)
        theirs = pdflatex(sorted((folder / "tex" / "variants").glob("*/*.tex"))) * variants / set_by_latex
    return {"ours": ours, "theirs": theirs, "factor": ours / theirs}


def main(variants: int) -> None:
    found = compare(variants, variants)
    row = Row(
        "question and key as PDF",
        f"{found['ours']:.1f} s = {found['factor']:.2f} ×",
        f"at most {FACTOR} × {found['theirs']:.1f} s",
        FACTOR / found["factor"],
    )
    print_table(f"{variants} variants, {PROCESSES} processes, beside pdflatex", [row])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VARIANTS)
