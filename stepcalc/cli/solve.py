"""``stepcalc solve``: the worked solution of a problem, in files or on standard output."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepcalc.cli.progress import progress_bar
from stepcalc.cli.targets import chosen_formats, deliver, folder_of, not_empty, targets_of
from stepcalc.errors import InputError
from stepcalc.options import BLANKS, FORMATS, LAYOUTS, PAPERS, TEXT_FORMATS, VIEWS, Options
from stepcalc.output import Content, columns_of_stdout, stdout_shows_colour

if TYPE_CHECKING:
    from stepcalc.trace import Trace

BACKENDS = ("numpy", "cupy")

HELP = "write the worked solution of a problem"
DESCRIPTION = "Write the worked solution of a problem."
EXAMPLES = """\
OUT is a file when there is one format and OUT has an ending (or exists already), else a directory, made if
absent. Without -f, the ending of OUT chooses the format. Without -o, a text format goes to standard output;
pdf, and several text formats, go into the current directory, named after the problem.

examples:
  stepcalc solve cookie.toml                        cookie.pdf in the current directory
  stepcalc solve cookie.toml -f txt                 as text, on standard output
  stepcalc solve cookie.toml -o solution.html       one file
  stepcalc solve cookie.toml -f pdf,json -o out/    out/cookie.pdf and out/cookie.json
  stepcalc solve cookie.toml -f json -o - | jq .history
  stepcalc solve cookie.toml --layout slides        cookie.pdf as slides, one step a page
  stepcalc solve cookie.toml --chains 'W1[2,3]'     the chain of another weight in full
  stepcalc solve cookie.toml --template my_course/  with the course's own header and colours
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc solve``."""
    parser.add_argument("problem", metavar="PROBLEM", help="problem file, TOML or JSON")
    parser.add_argument("-o", "--out", metavar="OUT", help="file, directory, or - for standard output")
    parser.add_argument(
        "-f", "--format", metavar="FORMAT,…", help=f"one or more of {', '.join(FORMATS)} (default: {FORMATS[0]})"
    )
    parser.add_argument(
        "--view",
        choices=VIEWS,
        help="a scalar at a time, in matrices, or both (default: what suits the problem's size)",
    )
    parser.add_argument(
        "--chains",
        metavar="one|all|ITEM",
        help="whose chain is written in full: one parameter's, every one's, or that of ITEM, such as W1[1,2]",
    )
    parser.add_argument(
        "--template", metavar="DIR", help="a folder with a course's own header, logo, colours and words"
    )
    choices: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
        ("--layout", LAYOUTS, "sheet", "a sheet to print, or slides that build up"),
        ("--paper", PAPERS, "a4", "the paper of pdf and tex"),
        ("--blank", BLANKS, "none", "what is left out for students to fill in"),
        ("--backend", BACKENDS, "numpy", "the array library that calculates"),
    )
    for option, values, default, text in choices:
        parser.add_argument(option, choices=values, default=default, help=f"{text} (default: {default})")


def run(options: argparse.Namespace) -> None:
    """Solve a problem and write it in every format asked for, or in none."""
    not_empty({"PROBLEM": options.problem, "-o": options.out, "--template": options.template})
    problem_file = Path(options.problem)
    formats = chosen_formats(options.format, options.out, FORMATS)
    targets = targets_of(problem_file, formats, options.out, TEXT_FORMATS)
    trace = solved(options.problem, options.backend)
    written = Options(
        view=options.view,
        layout=options.layout,
        paper=options.paper,
        blank=options.blank,
        chains=options.chains,
        template=folder_of(options.template),
    )
    if targets.get("txt", problem_file) is None:
        written = replace(written, width=columns_of_stdout(), colour=stdout_shows_colour())
    rendered = _render(trace, formats, written, options.problem)
    deliver(rendered, targets)


def solved(problem: str, backend: str) -> Trace:
    """The solved problem in a file, with a progress bar where that takes long; its faults told of the file."""
    import stepcalc

    try:
        read = stepcalc.load(problem)  # before solve is looked up, which brings in SymPy
        with progress_bar("updates") as progress:
            return stepcalc.solve(read, backend=backend, progress=progress)
    except InputError as error:
        raise error if error.source else error.named(problem) from None


def _render(trace: Trace, formats: Iterable[str], options: Options, source: str) -> dict[str, Content]:
    from stepcalc.sheet import render_each

    try:
        return render_each(trace, formats, options)
    except InputError as error:
        raise error if error.source else error.named(source) from None
