"""Zip archives: the same bytes whenever they are made, opened without trust; and those that course platforms take."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stepcalc.answers.safe import file_name, names_of_files
from stepcalc.errors import Fault, InputError

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time that every file in an archive bears."""
MAX_FILES, MAX_BYTES = 2_000_000, 2_000_000_000
MAX_RATIO = 500
"""How many times as large as in the archive a file may be: figures are XML, and shrink well."""
_NUMBER = re.compile(r"(\d+)\D*$")


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip archive; the same files give the same bytes, whenever it is made."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, data)
    return stream.getvalue()


def opened(data: bytes) -> dict[str, bytes]:
    """The files of an archive by their names. Raises :class:`InputError` where it is damaged, or too large unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            _bound(entries, len(data))
            return {entry.filename: packed.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise InputError(Fault("", "damaged: no archive that can be opened")) from None


def _bound(entries: list[zipfile.ZipInfo], size_packed: int) -> None:
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_FILES or size > min(MAX_BYTES, MAX_RATIO * size_packed):
        raise InputError(Fault("", f"{len(entries):,} files with {size:,} bytes, more than are opened"))
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise InputError(Fault("", "two files have the same name"))


@dataclass(frozen=True)
class Feedback:
    """A file for one student; ``identifier`` is Moodle's, ``Participant 1234567``, or "" where nobody knows it."""

    student: str
    identifier: str
    name: str
    data: bytes


def feedback_zip(files: Iterable[Feedback]) -> bytes:
    """The archive that Moodle takes under "Upload multiple feedback files in a zip".

    Moodle finds the student by the number in the folder's name, ``Full name_1234567_assignsubmission_file_``, which
    it splits at the underscores (``mod/assign/feedback/file/importziplib.php``), so that a name may have none. A file
    without a number lies in a folder of the student's name, which Moodle leaves alone.
    """
    chosen = list(files)
    folders = names_of_files([_folder(file) for file in chosen], "")
    return archive(
        {f"{folder}/{file_name(file.name)}": file.data for folder, file in zip(folders, chosen, strict=True)}
    )


def _folder(file: Feedback) -> str:
    name = file_name(file.student.replace("_", " "))
    number = _NUMBER.search(file.identifier)
    return f"{name}_{number[1]}_assignsubmission_file_" if number else name
