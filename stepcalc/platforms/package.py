"""Packages of files: written piece by piece, a variant each, and opened without trust."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from stepcalc.answers.archives import archive
from stepcalc.errors import Fault, InputError

MANIFEST = "imsmanifest.xml"
MAX_FILES, MAX_BYTES = 2_000_000, 2_000_000_000
MAX_RATIO = 500
"""How many times as large as in the archive a file may be: figures are XML, and shrink well."""


def pieces(archives: Iterable[bytes]) -> list[dict[str, bytes]]:
    """The files of each variant."""
    return [opened(one) for one in archives]


def packed(manifest: bytes, variants: Iterable[Mapping[str, bytes]]) -> bytes:
    """The package of all variants; the manifest comes first."""
    return archive({MANIFEST: manifest} | {name: data for files in variants for name, data in files.items()})


def opened(data: bytes) -> dict[str, bytes]:
    """The files of an archive by their names. Raises :class:`InputError` where it is damaged, or too large unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _bound(entries, len(data))
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise InputError(Fault("", "damaged: no archive that can be opened")) from None


def _bound(entries: list[zipfile.ZipInfo], size_packed: int) -> None:
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_FILES or size > min(MAX_BYTES, MAX_RATIO * size_packed):
        raise InputError(Fault("", f"{len(entries):,} files with {size:,} bytes, more than are opened"))
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise InputError(Fault("", "two files have the same name"))
