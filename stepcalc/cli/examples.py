"""``stepcalc examples``: the worked examples, listed or copied."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from stepcalc.cli.arguments import nearest
from stepcalc.cli.messages import tell
from stepcalc.errors import Fault, InputError
from stepcalc.output import write_files, write_stdout

HELP = "list the worked examples, or copy one here"
DESCRIPTION = "List the worked examples, or copy one into the current directory to start from."
EXAMPLES = """\
examples:
  stepcalc examples                      list them
  stepcalc examples chain_rule           copy chain_rule.toml into the current directory
"""
ANSWERS = "_answers.csv"
"""How a file ends that holds answers to an example."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc examples``."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="the example to copy")


def run(options: argparse.Namespace) -> None:
    """List the examples, or copy one here; never over a file."""
    from stepcalc.resources import data_dir

    files = {path.stem: path for path in sorted(data_dir("worked_examples").glob("*.toml"))}
    if options.name is None:
        write_stdout("\n".join(_summary(name, path) for name, path in files.items()))
        return
    name = options.name.removesuffix(".toml")
    if name not in files:
        raise InputError(Fault("", f"no such worked example{nearest(name, files)}"), options.name)
    copied = [files[name], *sorted(files[name].parent.glob(f"{name}_*{ANSWERS}"))]
    for target in (Path(path.name) for path in copied):
        if os.path.lexists(target):
            raise InputError(Fault("", "is here already; not overwritten"), str(target))
    write_files({Path(path.name): path.read_bytes() for path in copied})
    problem, *answers = (path.name for path in copied)
    tell(f"wrote {problem}; next: stepcalc solve {problem}")
    for given in answers:
        tell(f"wrote {given}; next: stepcalc check {problem} {given}")


def _summary(name: str, path: Path) -> str:
    """Two lines: the name with the problem's title, and the first line of the comment that opens the file."""
    import tomllib

    text = path.read_text(encoding="utf-8")
    comment = text.partition("\n")[0].removeprefix("#").strip()
    return f"{name:<22}{tomllib.loads(text)['title']}\n{'':<22}{comment}"
