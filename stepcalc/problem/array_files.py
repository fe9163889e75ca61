"""Arrays from files in the problem's own folder: ``.npy``, ``.npz`` (never pickles) and ``.csv``.

What a file claims to hold is looked at before it is read: a few bytes of an archive may unpack to many gigabytes.
"""

from __future__ import annotations

import csv
import io
import math
import os
import zipfile
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from pydantic_core import PydanticCustomError

from stepcalc.errors import did_you_mean
from stepcalc.problem.faults import kind, listed, refuse, refuse_one, shown

MAX_AXES = 4
MAX_NUMBERS = 10_000_000
"""Numbers that the files of one problem may hold together."""

MAX_BYTES = 400_000_000
MAX_CSV_BYTES = 5_000_000
MAX_CSV_CELLS = 200_000
MAX_HEADER_BYTES = 20_000
MAX_NAMES_SHOWN = 20
MAX_PIECE_BYTES = 500_000
"""What is read of an archive at once: NumPy reads less, and only a table of contents of thousands of rows is longer."""


class Allowance:
    """How many numbers may still be read from the files of one problem."""

    def __init__(self) -> None:
        self.left = MAX_NUMBERS

    def take(self, count: int) -> None:
        """Refuse to read ``count`` more numbers, or count them as read."""
        if count > self.left:
            too_many = f"{count:,} numbers" if count < 10**15 else "too many numbers"
            refuse([(("file",), f"{too_many}; the files of one problem may hold {MAX_NUMBERS:,} together")])
        self.left -= count


def array_from_file(table: Mapping[str, Any], folder: Path, rows: bool, allowance: Allowance) -> np.ndarray[Any, Any]:
    """The array, in any type of number, that ``{ file = …, key = … }`` stands for.

    A ``.csv`` of a single row or column is a vector, unless ``rows`` are wanted (a matrix of one row).
    """
    for word in table:
        if word not in ("file", "key"):
            refuse([((str(word),), "unknown key; the keys here are file, key")])
    name: Any = table.get("file")
    key: Any = table.get("key")
    if not isinstance(name, str):
        refuse([(("file",), "missing" if name is None else f"{kind(name)}, expected a string")])
    if key is not None and not isinstance(key, str):
        refuse([(("key",), f"{kind(key)}, expected a string")])
    path = _inside(name, folder)
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        refuse([(("file",), f'"{shown(name)}" is none of {listed(_READERS)}')])
    if key is not None and suffix != ".npz":
        refuse([(("key",), f"only an .npz file has keys, not {suffix}")])
    try:
        values = _READERS[suffix](path, key, allowance)
    except PydanticCustomError:
        raise
    except Exception:  # a damaged file may make NumPy or zipfile raise anything at all
        refuse([(("file",), f'"{shown(name)}" is not a readable {suffix} file without pickles')])
    single = suffix == ".csv" and 1 in values.shape and not rows
    return values.reshape(-1) if single else values


def _inside(name: str, folder: Path) -> Path:
    if "\0" in name or not name.strip():
        refuse([(("file",), "not a file name")])
    if Path(name).is_absolute() or "\\" in name or ".." in Path(name).parts or ":" in name:
        refuse([(("file",), f'"{shown(name)}" is not in the problem\'s own folder')])
    try:
        path, home = (folder / name).resolve(), folder.resolve()
        if not path.is_relative_to(home):
            refuse([(("file",), f'"{shown(name)}" leads out of the problem\'s own folder')])
        if not path.is_file():
            refuse([(("file",), f'there is no file "{shown(name)}" in the problem\'s own folder')])
    except (OSError, RuntimeError):
        refuse([(("file",), f'"{shown(name)}" cannot be opened')])
    return path


def _refuse_large(size: int, limit: int) -> None:
    if size > limit:
        refuse([(("file",), f"{size / 1e6:,.0f} MB large, at most {limit / 1e6:,.0f} MB are read")])


def refuse_unusable(dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """Refuse an array that is not one of numbers, is empty, or has too many axes."""
    if dtype.kind not in "iuf":
        refuse_one(f"an array of {dtype}, expected numbers")
    if 0 in shape:
        refuse_one("an empty array")
    if len(shape) > MAX_AXES:
        refuse_one(f"an array of {len(shape)} axes, at most {MAX_AXES} are possible")


def _npy(path: Path, key: str | None, allowance: Allowance) -> np.ndarray[Any, Any]:
    with path.open("rb") as file:
        return _array_in(file, path.stat().st_size, allowance)


def _npz(path: Path, key: str | None, allowance: Allowance) -> np.ndarray[Any, Any]:
    _refuse_large(path.stat().st_size, MAX_BYTES)
    with _InPieces(path) as file, zipfile.ZipFile(file) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if key is None and len(members) == 1:
            (key,) = members
        if key is None:
            refuse([(("key",), f"missing; the arrays are {_named(members)}")])
        if key not in members:
            refuse([(("key",), f'there is no array "{shown(key)}"{did_you_mean(key, members)}')])
        if members[key].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("NumPy does not compress like that, and nothing bounds what it unpacks to")
        with archive.open(members[key]) as member:
            return _array_in(member, members[key].file_size, allowance)


def _named(members: Mapping[str, Any]) -> str:
    names = [shown(name) for name in members]
    return listed(names[:MAX_NAMES_SHOWN]) + (", …" if len(names) > MAX_NAMES_SHOWN else "")


class _InPieces(io.FileIO):
    """A file that refuses to be read in large pieces."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted > MAX_PIECE_BYTES:
            raise ValueError("too large a piece")
        return super().read(wanted) or b""


def _array_in(file: IO[bytes], size: int, allowance: Allowance) -> np.ndarray[Any, Any]:
    """The array in an open ``.npy`` file of ``size`` bytes."""
    _refuse_large(size, MAX_BYTES)
    header = io.BytesIO(file.read(MAX_HEADER_BYTES))
    shape, _, dtype = _HEADERS[np.lib.format.read_magic(header)](header)
    if dtype.hasobject or min(shape, default=1) < 0:
        raise ValueError("objects are pickles")
    refuse_unusable(dtype, shape)
    allowance.take(math.prod(shape))
    if header.tell() + math.prod(shape) * dtype.itemsize > size:
        raise ValueError("fewer numbers than it claims")
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


_HEADERS: dict[tuple[int, int], Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def _csv(path: Path, key: str | None, allowance: Allowance) -> np.ndarray[Any, Any]:
    _refuse_large(path.stat().st_size, MAX_CSV_BYTES)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse([(("file",), "not UTF-8 text")])
    cells = text.count(",") + text.count("\n")
    if cells > MAX_CSV_CELLS:
        refuse([(("file",), f"about {cells:,} cells, at most {MAX_CSV_CELLS:,} are read; use a .npy or .npz file")])
    allowance.take(cells)
    values, width = array("d"), 0
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not any(map(str.strip, row)):
            continue
        values.extend([_number(cell, number, column) for column, cell in enumerate(row, 1)])
        width = width or len(row)
        if len(row) != width:
            refuse([(("file",), f"row {number} has {len(row)} cells, the first one {width}")])
    if not width:
        refuse([(("file",), "the file is empty")])
    return np.array(values).reshape(-1, width)


def _number(cell: str, row: int, column: int) -> float:
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        refuse([(("file",), f'row {row}, cell {column}: "{shown(cell)}" is not a finite number')])
    return value


_Reader: TypeAlias = Callable[[Path, str | None, Allowance], np.ndarray[Any, Any]]
_READERS: dict[str, _Reader] = {".npy": _npy, ".npz": _npz, ".csv": _csv}
