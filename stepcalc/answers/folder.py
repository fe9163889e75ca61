"""A folder with a file, or a folder with files, for each student."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stepcalc.answers.base import Batch, Notices, Submission, name_of
from stepcalc.answers.files import refuse
from stepcalc.answers.formats import READERS, read_file
from stepcalc.answers.names import ItemNames
from stepcalc.errors import InputError
from stepcalc.problem.faults import listed, shown

MAX_FILES = 20_000

IDENTIFIER = "Identifier"
_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_\w+")
"""The folder that Moodle packs a student's files into."""


def read_folder(folder: Path, names: ItemNames) -> Batch:
    """The answers in all files of ``folder``. A file that cannot be used is told, and keeps nobody from being read.

    Whose a file is says the file; else its folder's name, of one inside ``folder``, or its own.

    Raises :class:`InputError` where there is no file of answers, or none that can be used.
    """
    batch, faults = Batch(), []
    files = list(_files(folder, batch.notices))
    if not files:
        refuse(f"no file of answers in this folder: {listed(READERS)}")
    for file in files:
        place = shown(str(file.relative_to(folder)), 120)
        try:
            read = read_file(file, names)
        except InputError as error:
            faults += [*error.named(place).faults]
            batch.notices.tell(*(f"{line}; not read" for line in error.named(place).lines()))
            continue
        batch.notices.tell(*(f"{place}: {notice}" for notice in read.notices.told()))
        for item, typed in read.spelled.items():
            batch.spelled.setdefault(item, typed)
        batch.submissions.extend(_placed(submission, file, folder, place) for submission in read.submissions)
    if not batch.submissions:
        raise InputError(faults or [])
    return batch


def _files(folder: Path, notices: Notices) -> Iterator[Path]:
    """The files of answers, in the order of their names; links and hidden files are none."""
    entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith((".", "~", "__"))]
    inner = [file for entry in entries if _is_folder(entry) for file in sorted(entry.iterdir())]
    every = [entry for entry in (*entries, *inner) if not entry.is_dir() and not entry.name.startswith((".", "~"))]
    found = [file for file in every if file.suffix.lower() in READERS]
    if len(found) > MAX_FILES:
        refuse(f"{len(found):,} files, at most {MAX_FILES:,} are read")
    for file in found:
        if file.is_symlink():
            notices.tell(f"{shown(file.name)}: a link; not followed")
        elif file.is_file():
            yield file
    others = [shown(str(file.relative_to(folder)), 120) for file in every if file.suffix.lower() not in READERS]
    notices.tell(*(f"{name}: no file of answers, {listed(READERS)}; not read" for name in others))


def _is_folder(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink()


def _placed(submission: Submission, file: Path, folder: Path, place: str) -> Submission:
    """The submission with its place, and with the student whose folder it lies in where it does not say whose it is."""
    submission = replace(submission, place=place)
    if file.parent == folder or submission.student != name_of(file.stem):
        return submission
    moodle = _MOODLE.fullmatch(file.parent.name)
    if moodle is None:
        return replace(submission, student=name_of(file.parent.name))
    others = {IDENTIFIER: f"Participant {moodle['number']}", **submission.others}
    return replace(submission, student=name_of(moodle["name"]), others=others)
