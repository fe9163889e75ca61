"""``stepcalc check``: answers marked, step by step on each student's own numbers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcalc.cli.messages import tell
from stepcalc.cli.progress import progress_bar
from stepcalc.cli.targets import STANDARD_OUTPUT, chosen_formats, folder_of, is_directory, not_an_input, not_empty
from stepcalc.errors import Fault, InputError
from stepcalc.options import PAPERS, Options
from stepcalc.output import Content, columns_of_stdout, stdout_shows_colour, write_each, write_stdout

if TYPE_CHECKING:
    from stepcalc.answers.gradebook import Filled
    from stepcalc.marking.marks import Marks
    from stepcalc.problem import Problem
    from stepcalc.reports.writing import Progress
    from stepcalc.trace import Trace

HELP = "mark homework"
DESCRIPTION = "Mark answers: every step is held to the student's own numbers before it, and the first error is named."
EXAMPLES = """\
OUT is a file when there is one format and OUT has an ending, else a directory. As html and pdf, each student of a
class gets a feedback sheet, and the class a page, in the directory OUT. Without -o, a text format goes to standard
output. How is marked stands under [marking] in the problem, and can be said anew here.

examples:
  stepcalc check cookie.toml class.csv                       the class in the terminal
  stepcalc check cookie.toml class.csv -f csv -o grades.csv  a grade book
  stepcalc check cookie.toml class.csv -f pdf -o feedback/   a feedback sheet for each student, class.pdf
  stepcalc check cookie.toml class.csv -f json -o -          everything, as data
  stepcalc check cookie.toml one.csv --decimals 3            three decimals are asked
  stepcalc check cookie.toml class.csv --marks 'default=1,dL/dW1=6' --follow-through 0.5
  stepcalc check cookie.toml class.csv --overrides by_hand.csv --previous marks.json
  stepcalc check cookie.toml class.csv --fill Grades.csv -f pdf --zip -o back/
"""
WIDTH = 80
"""The columns of a report; a narrower terminal has fewer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc check``."""
    from stepcalc.reports.writing import FORMATS

    parser.add_argument("problem", metavar="PROBLEM", help="problem file, TOML or JSON, or the directory of an exam")
    parser.add_argument("answers", metavar="ANSWERS", help="file of answers, or a folder with one per student")
    parser.add_argument("-o", "--out", metavar="OUT", help="file, directory, or - for standard output")
    parser.add_argument(
        "-f", "--format", metavar="FORMAT,…", help=f"one or more of {', '.join(FORMATS)} (default: {FORMATS[0]})"
    )
    precision = parser.add_argument_group("how is marked, in place of what the problem says under [marking]")
    precision.add_argument("--significant", metavar="N", type=int, help="significant digits asked")
    precision.add_argument("--decimals", metavar="N", type=int, help="decimals asked")
    precision.add_argument("--relative", metavar="X", type=float, help="how far off an answer may be, as a share")
    precision.add_argument("--absolute", metavar="X", type=float, help="how far off an answer may be")
    precision.add_argument(
        "--follow-through", metavar="SHARE", type=float, help="of the marks, for a right step on a wrong number"
    )
    precision.add_argument("--rounding", metavar="SHARE", type=float, help="of the marks, for a slip of precision")
    precision.add_argument("--decimal", choices=("auto", ".", ","), help="the decimal sign of the answers")
    precision.add_argument("--marks", metavar="NAME=N,…", help="what names are worth: default=1,dL/dW1=6")
    precision.add_argument("--items", metavar="NAME,…", help="what is asked (default: what the answers have)")
    precision.add_argument("--drop", metavar="ITEM,…", help="items that do not count")
    parser.add_argument("--students", metavar="CLASS", help="of an exam: who has which variant, CSV or xlsx")
    again = parser.add_argument_group("marking again")
    again.add_argument("--overrides", metavar="CSV", help="marks set by hand: student, item, marks, reason")
    again.add_argument("--previous", metavar="JSON", help="the last marks, to see whose have changed and why")
    back = parser.add_argument_group("back to the course platform")
    back.add_argument("--fill", metavar="CSV", help="fill in Moodle's grading worksheet or Canvas' grade book")
    back.add_argument("--column", metavar="NAME", help="its column of the marks, where that is not clear")
    back.add_argument("--comments", metavar="NAME", help="its column of the comments, where that is not clear")
    back.add_argument("--zip", action="store_true", help="the pages of a class as one archive, as Moodle takes them")
    parser.add_argument("--paper", choices=PAPERS, default="a4", help="the paper of pdf (default: a4)")
    parser.add_argument("--template", metavar="DIR", help="a folder with a course's own header, colours and words")


def run(options: argparse.Namespace) -> None:
    """Mark the answers and write the marks in every format asked for, or in none."""
    from stepcalc.reports.writing import FORMATS, PAGES

    not_empty(
        {"PROBLEM": options.problem, "ANSWERS": options.answers, "-o": options.out, "--template": options.template}
    )
    formats = chosen_formats(options.format, options.out, FORMATS)
    _refuse_idle(options, packs=any(name in PAGES for name in formats))
    marking = overrides(options)
    written = Options(paper=options.paper, template=folder_of(options.template), width=WIDTH)
    marks = _again(_marks(options.problem, options.answers, options.students, marking), options)
    targets = _targets(options, formats, {name for name in formats if name in PAGES and not _alone(marks)})
    if options.fill is not None and _filled_path(options) in targets.values():
        raise InputError(Fault("", "is where the grade book goes that is filled in"), f"-o {options.out}")
    if None in targets.values():
        written = replace(written, width=min(columns_of_stdout(), WIDTH), colour=stdout_shows_colour())
    _deliver(marks, written, targets, options)


def _refuse_idle(options: argparse.Namespace, packs: bool) -> None:
    """Raises :class:`InputError` for options that would do nothing."""
    if options.zip and not packs:
        raise InputError(Fault("", "packs the pages of a class; ask for -f html or -f pdf"), "--zip")
    for name in ("column", "comments"):
        if options.fill is None and getattr(options, name) is not None:
            raise InputError(Fault("", "names a column of the grade book that --fill fills in"), f"--{name}")


def overrides(options: argparse.Namespace) -> dict[str, Any]:
    """What is said of the marking on the command line, as a problem file would have it."""
    ways = ("significant", "decimals", "relative", "absolute")
    tolerance = {name: value for name in ways if (value := getattr(options, name)) is not None}
    shares = ("follow_through", "rounding", "decimal")
    found: dict[str, Any] = {name: value for name in shares if (value := getattr(options, name)) is not None}
    if tolerance:
        found["tolerance"] = tolerance
    if options.marks is not None:
        found["marks"] = dict(map(_worth, _listed(options.marks)))
    if options.items is not None:
        found["items"] = _listed(options.items)
    if options.drop is not None:
        found["drop"] = _listed(options.drop)
    return found


def _listed(text: str) -> list[str]:
    """What stands between commas; those in an index are none: dL/dW1[2,3]."""
    return [part.strip() for part in re.split(r",(?![^\[]*\])", text)]


def _worth(text: str) -> tuple[str, float]:
    name, sign, number = text.rpartition("=")
    try:
        worth = float(number)
    except ValueError:
        worth = -1.0
    if not sign or not 0 <= worth < float("inf"):
        raise InputError(Fault("", f'"{text}", expected a name and its marks, such as dL/dW1=6'), "--marks")
    return name.strip(), worth


def _marks(source: str, answers_file: str, students: str | None, marking: dict[str, Any]) -> Marks:
    """The marks for a problem, or for an exam, whose students have each a variant of their own."""
    from stepcalc.answers.class_list import read_class
    from stepcalc.answers.reading import read_answers
    from stepcalc.marking.exam import is_exam, load_exam, with_variants
    from stepcalc.marking.mark import mark
    from stepcalc.solving import solve

    traces: Trace | dict[str, Trace]
    if is_exam(Path(source)):
        exam = load_exam(Path(source))
        exam = replace(exam, problems={name: _marked_by(each, marking) for name, each in exam.problems.items()})
        listed = read_class(students).variants if students is not None else {}
        exam = replace(exam, students={**exam.students, **listed})
        answers = with_variants(exam, read_answers(answers_file, exam.widest, others=exam.structures))
        traces = exam.solved(set(answers.variants))
    elif students is not None:
        raise InputError(Fault("", "says who has which variant; PROBLEM is no directory of an exam"), "--students")
    else:
        problem = _problem(source, marking)
        answers = read_answers(answers_file, problem)
        traces = solve(problem)
    try:
        with progress_bar("items") as progress:
            return mark(traces, answers, progress)
    except InputError as error:
        raise error.named(answers_file) from None


def _again(marks: Marks, options: argparse.Namespace) -> Marks:
    """The marks with those set by hand, and with what has changed since the last time."""
    from stepcalc.answers.overrides import read_overrides, read_previous
    from stepcalc.marking.exam import widest
    from stepcalc.marking.regrading import decided, since

    if options.overrides is not None:
        problem = widest(trace.problem for trace in marks.traces.values())
        marks = decided(marks, read_overrides(options.overrides, problem))
    return since(marks, read_previous(options.previous)) if options.previous is not None else marks


def _problem(source: str, marking: dict[str, Any]) -> Problem:
    from stepcalc.problem import TableProblem, load

    try:
        problem = load(source)
    except InputError as error:
        raise error if error.source else error.named(source) from None
    if isinstance(problem, TableProblem):
        raise InputError(Fault("", "a reference table asks nothing that could be marked"), source)
    return _marked_by(problem, marking)


def _marked_by(problem: Problem, marking: dict[str, Any]) -> Problem:
    """The problem with what is said of the marking in place of what it says itself."""
    from stepcalc.problem.items import with_marking

    return with_marking(problem, marking) if marking else problem


def _alone(marks: Marks) -> bool:
    return len(marks.answers.students) == 1


def _targets(options: argparse.Namespace, formats: tuple[str, ...], foldered: set[str]) -> dict[str, Path | None]:
    """Where each format goes: a file, for a class's pages a folder; None is standard output."""
    from stepcalc.reports.writing import TEXT_FORMATS

    out, stem = options.out, Path(options.problem).stem
    texts = [name for name in formats if name in TEXT_FORMATS and name not in foldered]
    if out == STANDARD_OUTPUT:
        if len(formats) != 1 or not texts:
            raise InputError(Fault("", f"standard output takes one text: {', '.join(TEXT_FORMATS[:3])}"), "-o -")
        return {formats[0]: None}
    if out is not None and len(formats) == 1 and not is_directory(out):
        if foldered:
            raise InputError(Fault("", "the pages of a class go into a directory"), f"-o {out}")
        return {formats[0]: _guarded(Path(out), options)}
    targets: dict[str, Path | None] = {}
    for name in formats:
        if name in foldered:
            targets[name] = Path(out) if out is not None else Path(stem)
        else:
            targets[name] = _guarded(Path(out or "") / f"{stem}.{name}", options)
    if out is None and len(texts) == 1:
        targets[texts[0]] = None
    return targets


def _guarded(target: Path, options: argparse.Namespace) -> Path:
    given = {"problem": options.problem, "answers": options.answers, "overrides": options.overrides}
    given |= {"last marks": options.previous, "grade book": options.fill, "class": options.students}
    return not_an_input(target, {name: Path(file) for name, file in given.items() if file is not None})


def _deliver(marks: Marks, options: Options, targets: dict[str, Path | None], asked: argparse.Namespace) -> None:
    """Writes all files or none, then what goes to standard output."""
    from stepcalc.cli.gradebooks import filled

    shown: list[Content] = []
    book = None if asked.fill is None else filled(marks, asked.fill, asked.column, asked.comments, options)
    with progress_bar("pages") as progress:
        try:
            write_each(_files(marks, options, targets, asked, book, shown, progress))
        except InputError as error:
            raise error if error.source else error.named(asked.problem) from None
    told = [path for path in targets.values() if path is not None]
    for path in told if book is None else (*told, _filled_path(asked)):
        tell(f"wrote {path}")
    for notice in book.notices if book is not None else ():
        tell(f"notice: {notice}")
    for notice in marks.answers.notices if set(targets) == {"csv"} else ():  # every other format has them
        tell(f"{asked.answers}: {notice}")
    for content in shown:
        write_stdout(content)


def _filled_path(asked: argparse.Namespace) -> Path:
    from stepcalc.cli.gradebooks import filled_name

    folder = asked.out if asked.out is not None and is_directory(asked.out) else ""
    return _guarded(Path(folder) / filled_name(asked.fill), asked)


def _files(
    marks: Marks,
    options: Options,
    targets: dict[str, Path | None],
    asked: argparse.Namespace,
    book: Filled | None,
    shown: list[Content],
    progress: Progress | None,
) -> Iterator[tuple[Path, Content]]:
    """Every file; what goes to standard output is put among those ``shown``."""
    from stepcalc.cli.gradebooks import zipped
    from stepcalc.reports.writing import PAGES, document, pages

    if book is not None:
        yield _filled_path(asked), book.data
    for name, target in targets.items():
        written = (
            pages(marks, name, options, progress) if name in PAGES else iter([("", document(marks, name, options))])
        )
        if target is None:
            shown += (content for _, content in written)
        elif name not in PAGES or _alone(marks):
            yield from ((target, content) for _, content in written)
        else:
            if asked.zip:
                *each, of_class = written
                yield target / f"feedback-{name}.zip", zipped(marks.answers.students, name, each, book)
                written = iter([of_class])
            yield from ((target / f"{page}.{name}", content) for page, content in written)
