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
A recipe of an exam is copied into exams/, and its problem beside that folder, where the recipe looks for it.

examples:
  stepcalc examples                      list them
  stepcalc examples chain_rule           copy chain_rule.toml into the current directory
  stepcalc examples quiz_two_two_one     copy exams/quiz_two_two_one.toml and two_two_one.toml
"""
ANSWERS = "_answers.csv"
"""How a file ends that holds answers to an example."""
RECIPES = "exams"
"""The folder of the recipes of exams, among the worked examples and where one is copied to."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be typed after ``stepcalc examples``."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="the example to copy")


def run(options: argparse.Namespace) -> None:
    """List the examples, or copy one here; never over a file."""
    from stepcalc.resources import data_dir

    root = data_dir("worked_examples")
    files = {path.stem: path for path in (*sorted(root.glob("*.toml")), *sorted((root / RECIPES).glob("*.toml")))}
    if options.name is None:
        write_stdout("\n".join(_summary(name, path) for name, path in files.items()))
        return
    name = options.name.removesuffix(".toml").removeprefix(f"{RECIPES}/")
    if name not in files:
        raise InputError(Fault("", f"no such worked example{nearest(name, files)}"), options.name)
    is_recipe = files[name].parent != root
    copied = [files[name], *(_problem_of(files[name]) if is_recipe else sorted(root.glob(f"{name}_*{ANSWERS}")))]
    targets = [path.relative_to(root) for path in copied]
    for target in targets:
        if os.path.lexists(target):
            raise InputError(Fault("", "is here already; not overwritten"), str(target))
    write_files({target: path.read_bytes() for target, path in zip(targets, copied, strict=True)})
    first, *others = targets
    if is_recipe:
        for problem in others:
            tell(f"wrote {problem}, the problem of {first}")
        tell(f"wrote {first}; next: stepcalc generate {first} --variants 30 --seed 2026 -o {name}/")
        return
    tell(f"wrote {first}; next: stepcalc solve {first}")
    for given in others:
        tell(f"wrote {given}; next: stepcalc check {first} {given}")


def _problem_of(recipe: Path) -> list[Path]:
    """The file of the problem that a recipe names; none where it has been copied already."""
    import tomllib

    named = tomllib.loads(recipe.read_text(encoding="utf-8"))["problem"]
    problem = Path(os.path.normpath(recipe.parent / named))
    copy = Path(problem.name)
    return [] if copy.is_file() and copy.read_bytes() == problem.read_bytes() else [problem]


def _summary(name: str, path: Path) -> str:
    """Two lines: the name with the problem's title, and the first line of the comment that opens the file."""
    import tomllib

    text = path.read_text(encoding="utf-8")
    comment = text.partition("\n")[0].removeprefix("#").strip()
    return f"{name:<22}{tomllib.loads(text)['title']}\n{'':<22}{comment}"
