"""Several files of a variant as one string of bytes, on their way from the process that made them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""No time is kept: the same files are the same bytes."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files in one piece."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, BEGINNING), content)
    return written.getvalue()


def unpacked(piece: bytes) -> dict[str, bytes]:
    """The files that were packed."""
    with zipfile.ZipFile(io.BytesIO(piece)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
