"""``stepcalc generate``: the variants of an exam, with their keys."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepcalc.cli.messages import tell
from stepcalc.cli.solve import BACKENDS
from stepcalc.cli.targets import chosen_formats, not_empty
from stepcalc.errors import Fault, InputError

FORMATS = ("pdf", "tex", "html", "json", "csv", "moodle", "canvas", "qti")

HELP = "draw the variants of an exam, with their keys"
DESCRIPTION = "Draw the variants of an exam from a recipe, each with its question and its key."
EXAMPLES = """\
DIR is made if absent; one that holds another exam is refused. The same recipe, seed and version give the same
files, and variant 017 is the same whether 20 or 2,000 are made.

examples:
  stepcalc generate quiz.toml --variants 30 --seed 2026 -o quiz/
  stepcalc generate exam.toml --variants 60 --seed 2026 -o exam/ -f pdf,csv,moodle
  stepcalc check exam/ answers.csv                  each student against their own variant
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc generate``."""
    parser.add_argument("recipe", metavar="RECIPE", help="recipe of an exam, TOML or JSON")
    parser.add_argument("--variants", metavar="N", type=int, required=True, help="how many variants")
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="what they are drawn with (default: 0)")
    parser.add_argument("-o", "--out", metavar="DIR", required=True, help="the directory of the exam")
    parser.add_argument(
        "-f", "--format", metavar="FORMAT,…", help=f"one or more of {', '.join(FORMATS)} (default: {FORMATS[0]})"
    )
    parser.add_argument(
        "--backend", choices=BACKENDS, default="numpy", help="the array library that draws (default: numpy)"
    )


def run(options: argparse.Namespace) -> None:
    """Draw an exam and write it into its directory."""
    not_empty({"RECIPE": options.recipe, "-o": options.out})
    formats = chosen_formats(options.format, None, FORMATS)
    from stepcalc.exams.entrance import generate
    from stepcalc.publishing.publish import publish

    folder = Path(options.out)
    if folder.exists() and not folder.is_dir():
        raise InputError(Fault("", "is not a directory"), f"-o {options.out}")
    try:
        exam = generate(options.recipe, options.variants, options.seed, options.backend)
    except InputError as error:
        raise error if error.source else error.named(options.recipe) from None
    publish(exam, folder, formats, {})
    tell(f"wrote {len(exam):,} variants into {folder}")
