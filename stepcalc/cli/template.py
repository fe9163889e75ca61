"""``stepcalc template``: a file for students to fill in."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepcalc.cli.messages import tell
from stepcalc.cli.solve import solved
from stepcalc.cli.targets import STANDARD_OUTPUT, chosen_formats, deliver, targets_of
from stepcalc.errors import Fault, InputError
from stepcalc.output import Content, write_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stepcalc.answers.class_list import ClassList, Member
    from stepcalc.marking.exam import Exam
    from stepcalc.trace import Trace

FORMATS = ("csv", "xlsx", "ipynb")
TEXT_FORMATS = ("csv", "ipynb")
BYTE_ORDER_MARK = "\ufeff"
"""What Excel needs at the beginning of a CSV file to read it as UTF-8."""

HELP = "write a file for students to fill in"
DESCRIPTION = "Write a file for students to fill in: the items asked, a legend in words, the class if it is given."
EXAMPLES = """\
The items are those under [marking] items; without it, every quantity that is calculated forward, the gradients of
the parameters and their new values. Without -o, csv goes to standard output, xlsx and ipynb into the current
directory, named after the problem. With --students, ipynb makes a folder with a notebook for each student. For an
exam there is a column for the variant, filled in where the class list or the exam says whose is which.

examples:
  stepcalc template cookie.toml -o answers.csv              one column per item
  stepcalc template cookie.toml -f xlsx                     cookie.xlsx, its cells formatted as text
  stepcalc template cookie.toml -f ipynb                    cookie.ipynb, with variables named like the items
  stepcalc template cookie.toml -o answers.xlsx --students class.csv
  stepcalc template cookie.toml -f ipynb --students class.csv -o notebooks/
  stepcalc template exam/ -f xlsx --students class.csv
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc template``."""
    parser.add_argument("problem", metavar="PROBLEM", help="problem file, TOML or JSON, or the directory of an exam")
    parser.add_argument("-o", "--out", metavar="OUT", help="file, directory, or - for standard output")
    parser.add_argument("-f", "--format", metavar="FORMAT", help=f"one of {', '.join(FORMATS)} (default: {FORMATS[0]})")
    parser.add_argument(
        "--students", metavar="CLASS", help="the class: CSV or xlsx with a column student, maybe variant, and others"
    )


def run(options: argparse.Namespace) -> None:
    """Write the file, or with a class a notebook for each student."""
    for name, given in (("PROBLEM", options.problem), ("-o", options.out), ("--students", options.students)):
        if given == "":
            raise InputError(Fault("", "the name is empty"), name)
    from stepcalc.marking.exam import is_exam, load_exam
    from stepcalc.problem import TableProblem

    formats = chosen_formats(options.format, options.out, FORMATS)
    if len(formats) > 1:
        raise InputError(Fault("", f"one format at a time: {', '.join(formats)}"), "-f")
    problem_file = Path(options.problem)
    group = _class(options.students)
    if is_exam(problem_file):
        exam = load_exam(problem_file)
        group, variants = _with_variants(exam, group), _solved(exam)
    else:
        variants = {"": solved(options.problem, "numpy")}
    traces = tuple(dict.fromkeys(variants.values()))
    if isinstance(traces[0].problem, TableProblem):
        raise InputError(Fault("", "a reference table asks nothing that could be answered"), options.problem)
    if formats == ("ipynb",) and (group.members or len(traces) > 1):
        own = [(member, traces[0] if len(traces) == 1 else variants.get(member.variant)) for member in group.members]
        _write_notebooks(own, Path(options.out or f"{problem_file.stem}_notebooks"), options.problem)
        return
    shown_as_text = ("csv",) if options.out is None else TEXT_FORMATS
    targets = targets_of(problem_file, formats, options.out, shown_as_text)
    try:
        content = _template(traces, formats[0], group, to_file=None not in targets.values())
    except InputError as error:
        raise error.named(options.problem) from None
    deliver({formats[0]: content}, targets)


def _with_variants(exam: Exam, group: ClassList) -> ClassList:
    """The class of an exam, everybody with a variant who is in its list or the exam's own."""
    from stepcalc.answers.class_list import Member
    from stepcalc.marking.exam import spelled

    members = group.members or tuple(Member(student) for student in exam.students)
    named = [(one, one.variant or exam.students.get(one.student, "")) for one in members]
    having = tuple(replace(one, variant=spelled(variant, exam.problems)) for one, variant in named)
    return replace(group, members=having, has_variants=True)


def _solved(exam: Exam) -> dict[str, Trace]:
    """For each variant one of its kind, asking what the exam asks of it; of the widest kind first."""
    from stepcalc.marking.exam import kind_of
    from stepcalc.problem.items import with_marking
    from stepcalc.solving import solve

    found: dict[str, Trace] = {}
    for problem in exam.structures:
        asked = [item for item in exam.asked if problem.items.scalar(item) is not None]
        asking = problem if problem.marking.items or not asked else with_marking(problem, {"items": asked})
        trace, kind = solve(asking), kind_of(problem)
        found |= {variant: trace for variant, one in exam.problems.items() if kind_of(one) == kind}
    return found


def _class(path: str | None) -> ClassList:
    from stepcalc.answers.class_list import ClassList, read_class

    group = ClassList() if path is None else read_class(path)
    for notice in group.notices:
        tell(f"{path}: {notice}")
    return group


def _template(traces: Sequence[Trace], format: str, group: ClassList, to_file: bool) -> Content:
    from stepcalc.answers.template import csv_template, notebook_template, xlsx_template

    trace, *others = traces
    if format == "csv":
        return (BYTE_ORDER_MARK if to_file else "") + csv_template(trace, group, others)
    return xlsx_template(trace, group, others) if format == "xlsx" else notebook_template(trace)


def _write_notebooks(own: Sequence[tuple[Member, Trace | None]], folder: Path, source: str) -> None:
    """A notebook for each student, of what their variant is asked, into ``folder``."""
    from stepcalc.answers.template import notebooks

    known = [(member, trace) for member, trace in own if trace is not None]
    without = [member.student for member, trace in own if trace is None]
    if without or not own:
        told = "the variants are asked different things, and a notebook is for one of them"
        whose = f"; without a variant: {', '.join(without)}" if without else "; say with --students whose is which"
        raise InputError(Fault("", told + whose), source)
    if str(folder) == STANDARD_OUTPUT or folder.is_file():
        raise InputError(
            Fault("", "expected a folder: with a class there is a notebook for each student"), f"-o {folder}"
        )
    write_files({folder / name: content for name, content in notebooks(known).items()})
    tell(f"wrote {len(known):,} notebooks into {folder}")
