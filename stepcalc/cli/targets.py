"""Where the results of a command go: formats and OUT, alike for every command that writes files."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from stepcalc.cli.arguments import nearest
from stepcalc.cli.messages import tell
from stepcalc.errors import Fault, InputError
from stepcalc.output import Content, write_files, write_stdout

STANDARD_OUTPUT = "-"


def not_empty(names: Mapping[str, str | None]) -> None:
    """Refuses a file or folder whose name is empty."""
    for name, given in names.items():
        if given == "":
            raise InputError(Fault("", "the name is empty"), name)


def folder_of(asked: str | None) -> Path | None:
    """The folder of ``--template``, which is to be there whatever the format."""
    folder = Path(asked) if asked is not None else None
    if folder is not None and not folder.is_dir():
        raise InputError(Fault("", "is not a folder"), str(folder))
    return folder


def chosen_formats(asked: str | None, out: str | None, formats: Sequence[str]) -> tuple[str, ...]:
    """The formats asked for, each once; by OUT's ending, else the first of ``formats``, where none is."""
    if asked is None:
        ending = Path(out or "").suffix.lower().removeprefix(".")
        if not ending or out == STANDARD_OUTPUT or is_directory(out or ""):
            return (formats[0],)
        if ending not in formats:
            raise InputError(Fault("", f'unknown format "{ending}"{nearest(ending, formats)}'), f"-o {out}")
        return (ending,)
    names = [name.strip().lower() for name in asked.split(",")]
    faults = [Fault("", f'unknown format "{name}"{nearest(name, formats)}') for name in names if name not in formats]
    if faults:
        raise InputError(faults, "-f")
    return tuple(dict.fromkeys(names))


def targets_of(
    problem_file: Path, formats: Sequence[str], out: str | None, text_formats: Collection[str]
) -> dict[str, Path | None]:
    """Where each format goes; None is standard output."""
    texts = [name for name in formats if name in text_formats]
    if out == STANDARD_OUTPUT:
        if len(formats) != 1 or not texts:
            raise InputError(Fault("", f"standard output takes one text format: {', '.join(text_formats)}"), "-o -")
        return {formats[0]: None}
    if out is not None and len(formats) == 1 and not is_directory(out):
        return {formats[0]: not_an_input(Path(out), {"problem": problem_file})}
    targets: dict[str, Path | None] = {
        name: not_an_input(Path(out or "") / f"{problem_file.stem}.{name}", {"problem": problem_file})
        for name in formats
    }
    if out is None and len(texts) == 1:
        targets[texts[0]] = None
    return targets


def is_directory(out: str) -> bool:
    """Whether OUT names a directory: it is one, ends like one, or is new and has no ending."""
    path = Path(out)
    return path.is_dir() or out.endswith(("/", os.sep)) or not (path.suffix or path.exists())


def not_an_input(target: Path, inputs: Mapping[str, Path]) -> Path:
    """``target``, unless writing it would destroy one of the ``inputs``, by what they are."""
    for what, path in inputs.items():
        if target.exists() and path.exists() and target.samefile(path):
            raise InputError(Fault("", f"is the {what} file itself; not overwritten"), str(target))
    return target


def deliver(rendered: Mapping[str, Content], targets: Mapping[str, Path | None]) -> None:
    """Write every file, and say so; then what goes to standard output."""
    write_files({path: rendered[name] for name, path in targets.items() if path is not None})
    for path in targets.values():
        if path is not None:
            tell(f"wrote {path}")
    for name, path in targets.items():
        if path is None:
            write_stdout(rendered[name])
