"""The commands. Nothing heavy is imported before a command needs it, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from stepcalc._version import __version__
from stepcalc.errors import Fault, InputError, StepcalcError, did_you_mean
from stepcalc.options import BLANKS, LAYOUTS, PAPERS, VIEWS, Options
from stepcalc.output import (
    Content,
    columns_of_stdout,
    printable,
    stdout_shows_colour,
    write_files,
    write_stdout,
)

if TYPE_CHECKING:
    from stepcalc.trace import Trace

COLLECT_SELDOM = (100_000, 50, 1000)
"""A command makes many small objects and is soon over: looking for cycles every 700 took a third of its time."""

DONE = 0
BUG = 1
UNUSABLE = 2
INTERRUPTED = 130
READER_GONE = 141

TEXT_FORMATS = ("html", "tex", "json", "txt")
FORMATS = ("pdf", *TEXT_FORMATS)
BACKENDS = ("numpy", "cupy")
STANDARD_OUTPUT = "-"

SHOW_TRACEBACK = "STEPCALC_TRACEBACK"
"""Set this environment variable to see where an internal failure comes from."""

MAIN_EXAMPLES = """\
examples:
  stepcalc examples                      list the worked examples
  stepcalc examples cookie               copy one here to start from
  stepcalc solve cookie.toml             write its worked solution, cookie.pdf
"""

SOLVE_EXAMPLES = """\
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

EXAMPLES_EXAMPLES = """\
examples:
  stepcalc examples                      list them
  stepcalc examples chain_rule           copy chain_rule.toml into the current directory
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 2 unusable arguments or input."""
    gc.set_threshold(*COLLECT_SELDOM)
    try:
        options = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], None] = options.run
        run(options)
    except BrokenPipeError:
        _silence_stdout()
        return READER_GONE
    except KeyboardInterrupt:
        _complain(["interrupted"])
        return INTERRUPTED
    except InputError as error:
        _complain(error.lines())
        return UNUSABLE
    except StepcalcError as error:
        _complain([str(error)])
        return UNUSABLE
    except OSError as error:
        _complain([_os_message(error)])
        return UNUSABLE
    except MemoryError:
        _complain(["the problem does not fit into memory"])
        return UNUSABLE
    except Exception as error:
        if os.environ.get(SHOW_TRACEBACK):
            raise
        told = " ".join(f"{type(error).__name__}: {error}".split())
        _complain([f"stepcalc itself failed ({told}); {SHOW_TRACEBACK}=1 shows where"])
        return BUG
    return DONE


# ---------------------------------------------------------------------------------------------- solve


def _solve(options: argparse.Namespace) -> None:
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
        return (ending,) if ending in FORMATS and not _is_directory(out or "") else (FORMATS[0],)
    names = [name.strip().lower() for name in asked.split(",")]
    faults = [Fault("", f'unknown format "{name}"{_nearest(name, FORMATS)}') for name in names if name not in FORMATS]
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
    if out == "":
        raise InputError(Fault("", "the name is empty"), "-o")
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
        return stepcalc.solve(read, backend=backend)
    except InputError as error:
        raise error if error.source else error.named(problem) from None


def _render(trace: Trace, formats: Iterable[str], options: Options, source: str) -> dict[str, Content]:
    from stepcalc.sheet import render

    try:
        return {name: render(trace, name, options) for name in formats}
    except InputError as error:
        raise error if error.source else error.named(source) from None


def _deliver(rendered: dict[str, Content], targets: dict[str, Path | None]) -> None:
    write_files({path: rendered[name] for name, path in targets.items() if path is not None})
    for path in targets.values():
        if path is not None:
            _tell(f"wrote {path}")
    for name, path in targets.items():
        if path is None:
            write_stdout(rendered[name])


# ------------------------------------------------------------------------------------------- examples


def _examples(options: argparse.Namespace) -> None:
    from stepcalc.resources import data_dir

    files = {path.stem: path for path in sorted(data_dir("worked_examples").glob("*.toml"))}
    if options.name is None:
        write_stdout("\n".join(_summary(name, path) for name, path in files.items()))
        return
    name = options.name.removesuffix(".toml")
    if name not in files:
        raise InputError(Fault("", f"no such worked example{_nearest(name, files)}"), options.name)
    target = Path(files[name].name)
    if os.path.lexists(target):
        raise InputError(Fault("", "is here already; not overwritten"), str(target))
    write_files({target: files[name].read_bytes()})
    _tell(f"wrote {target}; next: stepcalc solve {target}")


def _summary(name: str, path: Path) -> str:
    """Two lines: the name with the problem's title, and the first line of the comment that opens the file."""
    import tomllib

    text = path.read_text(encoding="utf-8")
    comment = text.partition("\n")[0].removeprefix("#").strip()
    return f"{name:<22}{tomllib.loads(text)['title']}\n{'':<22}{comment}"


# ---------------------------------------------------------------------------------- arguments, messages


class _Parser(argparse.ArgumentParser):
    """Complains in one line, like everything else here, and does not guess at shortened options."""

    def __init__(self, **settings: object) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,  # type: ignore[arg-type]
        )

    def print_help(self, file: Any = None) -> None:
        if file is None:
            write_stdout(self.format_help())
        else:
            super().print_help(file)

    def error(self, message: str) -> NoReturn:
        raise InputError(Fault("", f"{message} (see {self.prog} --help)"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="stepcalc",
        description="Backpropagation by hand: every step of a small network's worked solution, in symbols and numbers.",
        epilog=MAIN_EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"stepcalc {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    _add_solve(commands.add_parser("solve", help="write the worked solution of a problem", epilog=SOLVE_EXAMPLES))
    _add_examples(
        commands.add_parser("examples", help="list the worked examples, or copy one here", epilog=EXAMPLES_EXAMPLES)
    )
    return parser


def _add_solve(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write the worked solution of a problem."
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
        "--template", metavar="DIR", help="a folder with a course's own header, logo and colours for pdf, html and tex"
    )
    choices: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
        ("--layout", LAYOUTS, "sheet", "a sheet to print, or slides that build up"),
        ("--paper", PAPERS, "a4", "the paper of pdf and tex"),
        ("--blank", BLANKS, "none", "what is left out for students to fill in"),
        ("--backend", BACKENDS, "numpy", "the array library that calculates"),
    )
    for option, values, default, text in choices:
        parser.add_argument(option, choices=values, default=default, help=f"{text} (default: {default})")
    parser.set_defaults(run=_solve)


def _add_examples(parser: argparse.ArgumentParser) -> None:
    parser.description = "List the worked examples, or copy one into the current directory to start from."
    parser.add_argument("name", metavar="NAME", nargs="?", help="the example to copy")
    parser.set_defaults(run=_examples)


def _nearest(name: str, known: Collection[str]) -> str:
    return did_you_mean(name, known) or f"; there are {', '.join(known)}"


def _complain(lines: Iterable[str]) -> None:
    for line in lines:
        _tell(f"error: {line}")


def _tell(line: str) -> None:
    if sys.stderr is not None:
        print(printable(line), file=sys.stderr)  # noqa: T201


def _os_message(error: OSError) -> str:
    """``cookie.toml: no such file or directory``: what could not be read or written, and why."""
    reason = error.strerror or str(error) or type(error).__name__
    reason = reason[:1].lower() + reason[1:]
    return f"{error.filename}: {reason}" if error.filename else reason


def _silence_stdout() -> None:
    """Nobody reads any more; keep the interpreter from complaining when it closes standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
