"""``stepcalc solve``: the worked solution of a problem, in files or on standard output."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepcalc.cli.arguments import nearest
from stepcalc.cli.messages import tell
from stepcalc.cli.progress import progress_bar
from stepcalc.errors import Fault, InputError
from stepcalc.options import BLANKS, FORMATS, LAYOUTS, PAPERS, TEXT_FORMATS, VIEWS, Options
from stepcalc.output import Content, columns_of_stdout, stdout_shows_colour, write_files, write_stdout

if TYPE_CHECKING:
    from stepcalc.trace import Trace

BACKENDS = ("numpy", "cupy")
STANDARD_OUTPUT = "-"

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
    for name, given in (("PROBLEM", options.problem), ("-o", options.out), ("--template", options.template)):
        if given == "":
            raise InputError(Fault("", "the name is empty"), name)
    problem_file = Path(options.problem)
    formats = _formats(options.format, options.out)
    targets = _targets(problem_file, formats, options.out)
    trace = _trace(options.problem, options.backend)
    written = Options(
        view=options.view,
        layout=options.layout,
        paper=options.paper,
        blank=options.blank,
        chains=options.chains,
        template=_folder(options.template),
    )
    if targets.get("txt", problem_file) is None:
        written = replace(written, width=columns_of_stdout(), colour=stdout_shows_colour())
    rendered = _render(trace, formats, written, options.problem)
    _deliver(rendered, targets)


def _folder(asked: str | None) -> Path | None:
    """The folder of ``--template``, which is to be there whatever the format."""
    folder = Path(asked) if asked is not None else None
    if folder is not None and not folder.is_dir():
        raise InputError(Fault("", "is not a folder"), str(folder))
    return folder


def _formats(asked: str | None, out: str | None) -> tuple[str, ...]:
    """The formats asked for, each once; by OUT's ending, else pdf, where none is."""
    if asked is None:
        ending = Path(out or "").suffix.lower().removeprefix(".")
        if not ending or out == STANDARD_OUTPUT or _is_directory(out or ""):
            return (FORMATS[0],)
        if ending not in FORMATS:
            raise InputError(Fault("", f'unknown format "{ending}"{nearest(ending, FORMATS)}'), f"-o {out}")
        return (ending,)
    names = [name.strip().lower() for name in asked.split(",")]
    faults = [Fault("", f'unknown format "{name}"{nearest(name, FORMATS)}') for name in names if name not in FORMATS]
    if faults:
        raise InputError(faults, "-f")
    return tuple(dict.fromkeys(names))


def _targets(problem_file: Path, formats: tuple[str, ...], out: str | None) -> dict[str, Path | None]:
    """Where each format goes; None is standard output."""
    text_formats = [name for name in formats if name in TEXT_FORMATS]
    if out == STANDARD_OUTPUT:
        if len(formats) != 1 or not text_formats:
            raise InputError(Fault("", f"standard output takes one text format: {', '.join(TEXT_FORMATS)}"), "-o -")
        return {formats[0]: None}
    if out is not None and len(formats) == 1 and not _is_directory(out):
        return {formats[0]: _not_the_problem(Path(out), problem_file)}
    targets: dict[str, Path | None] = {
        name: _not_the_problem(Path(out or "") / f"{problem_file.stem}.{name}", problem_file) for name in formats
    }
    if out is None and len(text_formats) == 1:
        targets[text_formats[0]] = None
    return targets


def _is_directory(out: str) -> bool:
    """Whether OUT names a directory: it is one, ends like one, or is new and has no ending."""
    path = Path(out)
    return path.is_dir() or out.endswith(("/", os.sep)) or not (path.suffix or path.exists())


def _not_the_problem(target: Path, problem_file: Path) -> Path:
    if target.exists() and problem_file.exists() and target.samefile(problem_file):
        raise InputError(Fault("", "is the problem file itself; not overwritten"), str(target))
    return target


def _trace(problem: str, backend: str) -> Trace:
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


def _deliver(rendered: dict[str, Content], targets: dict[str, Path | None]) -> None:
    write_files({path: rendered[name] for name, path in targets.items() if path is not None})
    for path in targets.values():
        if path is not None:
            tell(f"wrote {path}")
    for name, path in targets.items():
        if path is None:
            write_stdout(rendered[name])
