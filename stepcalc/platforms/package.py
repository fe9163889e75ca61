"""Packages of files, written piece by piece, a variant each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stepcalc.answers.archives import archive, opened

MANIFEST = "imsmanifest.xml"


def pieces(archives: Iterable[bytes]) -> list[dict[str, bytes]]:
    """The files of each variant."""
    return [opened(one) for one in archives]


def packed(manifest: bytes, variants: Iterable[Mapping[str, bytes]]) -> bytes:
    """The package of all variants; the manifest comes first."""
    return archive({MANIFEST: manifest} | {name: data for files in variants for name, data in files.items()})
