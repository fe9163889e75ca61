"""``stepcalc generate``: the variants of an exam, with their keys."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcalc.cli.messages import tell
from stepcalc.cli.progress import progress_bar
from stepcalc.cli.solve import BACKENDS
from stepcalc.cli.targets import STANDARD_OUTPUT, chosen_formats, not_an_input, not_empty
from stepcalc.errors import Fault, InputError
from stepcalc.options import PAPERS
from stepcalc.output import write_files, write_stdout

if TYPE_CHECKING:
    from stepcalc.answers.class_list import ClassList
    from stepcalc.exams.variant import Exam
    from stepcalc.papers.options import PaperOptions
    from stepcalc.publishing.workers import Do

FORMATS = ("pdf", "tex", "html", "json", "csv", "moodle", "canvas", "qti")
EACH = 4
"""Without --jobs, there are so many variants for each process: it takes a second or two to start."""
MAX_JOBS = 256

HELP = "draw the variants of an exam, with their keys"
DESCRIPTION = "Draw the variants of an exam from a recipe, each with its question and its key."
EXAMPLES = """\
DIR is made if absent; one that holds another exam is refused. The same recipe, seed and version give the same
files, and variant 017 is the same whether 20 or 2,000 are made.

examples:
  stepcalc generate quiz.toml --variants 30 --seed 2026 -o quiz/
  stepcalc generate exam.toml --students class.csv --seed 2026 -o exam/ -f pdf,csv,moodle
  stepcalc generate exam.toml --students class.csv --seed 2026 -o exam/ -f pdf,csv,moodle --resume
  stepcalc generate exam.toml --seed 2026 --only 017 -o exam/ -f pdf
  stepcalc check exam/ answers.csv                  each student against their own variant
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc generate``."""
    parser.add_argument("recipe", metavar="RECIPE", help="recipe of an exam, TOML or JSON")
    parser.add_argument(
        "--variants", metavar="N", type=int, help="how many variants (with --students: one for each, if left out)"
    )
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="what they are drawn with (default: 0)")
    parser.add_argument("-o", "--out", metavar="DIR", required=True, help="the directory of the exam")
    parser.add_argument(
        "-f", "--format", metavar="FORMAT,…", help=f"one or more of {', '.join(FORMATS)} (default: {FORMATS[0]})"
    )
    parser.add_argument(
        "--students", metavar="CLASS", help="the class, CSV or xlsx: each student gets a variant of their own"
    )
    parser.add_argument("--only", metavar="ID", help="make one variant again, in the directory of its exam")
    parser.add_argument(
        "--report", metavar="FILE", help="the quality of the variants, as text or .json, or - for standard output"
    )
    parser.add_argument("--resume", action="store_true", help="finish an exam whose making was interrupted")
    parser.add_argument(
        "--pages-multiple", metavar="N", type=int, default=1,
        help="in the booklet each variant gets a multiple of N pages: 2 for printing on both sides (default: 1)",
    )  # fmt: skip
    parser.add_argument("--paper", choices=PAPERS, default=PAPERS[0], help=f"of pdf and tex (default: {PAPERS[0]})")
    parser.add_argument("--template", metavar="DIR", type=Path, help="a folder with your own blocks and words")
    parser.add_argument("--jobs", metavar="N", type=int, help="how many processes (default: one for each core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="send the work to a Dask cluster: tcp://host:8786")
    parser.add_argument(
        "--backend", choices=BACKENDS, default="numpy", help="the array library that draws (default: numpy)"
    )


def run(options: argparse.Namespace) -> None:
    """Draw an exam and write it into its directory."""
    named = {"RECIPE": options.recipe, "-o": options.out, "--students": options.students, "--report": options.report}
    not_empty({**named, "--only": options.only})
    _refuse_contradictions(options)
    formats = chosen_formats(options.format, None, FORMATS)
    group, paper = _class(options.students), _paper(options)
    exam = _drawn(options, _wanted(options, group))
    if options.only is not None:
        from stepcalc.publishing.publish import publish_again

        publish_again(exam, exam[-1].id, options.out, formats, paper)
        tell(f"wrote variant {exam[-1].id} into {options.out}")
        return
    _publish(options, exam, formats, group, paper)
    if options.report is not None:
        _write_report(exam, options.report)
    tell(f"wrote {len(exam):,} {'variants' if len(exam) > 1 else 'variant'} into {options.out}")


def _refuse_contradictions(options: argparse.Namespace) -> None:
    """Options that exclude one another, or are out of bounds."""
    others = ("resume", "scheduler", "students", "report") if options.only else ()
    together = [name for name in others if getattr(options, name)]
    if together:
        raise InputError(Fault("", f"cannot stand beside --{together[0]}"), "--only")
    if options.jobs is not None and options.scheduler:
        raise InputError(Fault("", "cannot stand beside --scheduler"), "--jobs")
    if options.jobs is not None and not 1 <= options.jobs <= MAX_JOBS:
        raise InputError(Fault("", f"{options.jobs}, expected 1 to {MAX_JOBS}"), "--jobs")
    if options.report is not None:
        inputs = {"recipe": options.recipe, "class": options.students}
        not_an_input(Path(options.report), {what: Path(file) for what, file in inputs.items() if file is not None})


def _class(path: str | None) -> ClassList | None:
    if path is None:
        return None
    from stepcalc.answers.class_list import read_class

    group = read_class(path)
    for notice in group.notices:
        tell(f"{path}: {notice}")
    if not group.members:
        raise InputError(Fault("", "names no student"), path)
    return group


def _wanted(options: argparse.Namespace, group: ClassList | None) -> int:
    """How many variants are drawn."""
    if options.only is not None:
        if not (options.only.isascii() and options.only.isdecimal() and int(options.only[:9]) > 0):
            raise InputError(Fault("", f"{options.only}, expected the id of a variant, such as 017"), "--only")
        return int(options.only[:9])
    if options.variants is not None:
        return int(options.variants)
    if group is None:
        raise InputError(Fault("", "missing; say how many, or --students CLASS for one each"), "--variants")
    named = [int(name) for name in group.variants.values() if name.isascii() and name.isdecimal() and len(name) < 9]
    return max([len(group.members), *named])


def _drawn(options: argparse.Namespace, wanted: int) -> Exam:
    import stepcalc

    try:
        return stepcalc.generate(options.recipe, wanted, options.seed, options.backend)
    except InputError as error:
        raise error.named(
            _asked_by(options) if error.source == "--variants" else error.source or options.recipe
        ) from None


def _asked_by(options: argparse.Namespace) -> str:
    """What says how many variants are drawn."""
    return "--only" if options.only is not None else "--variants" if options.variants is not None else options.students


def _write_report(exam: Exam, file: str) -> None:
    from stepcalc.drawing.report import report_json, report_text

    written = (report_json if Path(file).suffix.lower() == ".json" else report_text)(exam.report)
    if file == STANDARD_OUTPUT:
        write_stdout(written)
    else:
        write_files({Path(file): written})
        tell(f"wrote {file}")


def _paper(options: argparse.Namespace) -> PaperOptions:
    from stepcalc.papers.options import PaperOptions

    return PaperOptions(options.paper, options.template, options.pages_multiple)


def _publish(
    options: argparse.Namespace, exam: Exam, formats: tuple[str, ...], group: ClassList | None, paper: PaperOptions
) -> None:
    from stepcalc.publishing.publish import publish
    from stepcalc.publishing.shelf import Shelf
    from stepcalc.publishing.students import assigned

    try:
        students = {} if group is None else assigned(group, [variant.id for variant in exam])
    except InputError as error:
        raise error.named(options.students) from None
    try:
        with _workers(options, len(exam)) as do, progress_bar("variants") as progress:
            publish(exam, options.out, formats, students, options.resume, do, progress, paper)
    except InputError as error:
        raise error if error.source else error.named(options.recipe) from None
    except (OSError, KeyboardInterrupt):
        if Shelf(Path(options.out)).is_begun:
            tell(f"{options.out} is not finished; the same command with --resume finishes it")
        raise


def _cores() -> int:
    """How many cores this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _workers(options: argparse.Namespace, variants: int) -> Iterator[Do[Any, Any]]:
    from stepcalc.publishing.workers import cluster, one_by_one, processes

    if options.scheduler:
        with cluster(options.scheduler) as do:
            yield do
        return
    jobs = options.jobs or max(1, min(_cores(), variants // EACH))
    if jobs == 1:
        yield one_by_one
        return
    with processes(jobs) as do:
        yield do
