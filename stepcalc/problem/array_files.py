"""Arrays from files in the problem's own folder: ``.npy``, ``.npz`` (never pickles) and ``.csv``."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import PydanticCustomError

from stepcalc.errors import did_you_mean
from stepcalc.problem.faults import kind, listed, refuse, shown

MAX_BYTES = 400_000_000
MAX_CSV_BYTES = 20_000_000


def array_from_file(table: Mapping[str, Any], folder: Path, rows: bool) -> np.ndarray[Any, Any]:
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
        array = _READERS[suffix](path, key)
    except PydanticCustomError:
        raise
    except Exception:  # a damaged file may make NumPy or zipfile raise anything at all
        refuse([(("file",), f'"{shown(name)}" is not a readable {suffix} file without pickles')])
    single = suffix == ".csv" and 1 in array.shape and not rows
    return array.reshape(-1) if single else array


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


def _npy(path: Path, key: str | None) -> np.ndarray[Any, Any]:
    _refuse_large(path.stat().st_size, MAX_BYTES)
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _npz(path: Path, key: str | None) -> np.ndarray[Any, Any]:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if key is None and len(members) == 1:
            (key,) = members
        if key is None:
            refuse([(("key",), f"missing; the arrays are {listed(map(shown, members))}")])
        if key not in members:
            refuse([(("key",), f'there is no array "{shown(key)}"{did_you_mean(key, members)}')])
        _refuse_large(members[key].file_size, MAX_BYTES)
        with archive.open(members[key]) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _csv(path: Path, key: str | None) -> np.ndarray[Any, Any]:
    _refuse_large(path.stat().st_size, MAX_CSV_BYTES)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse([(("file",), "not UTF-8 text")])
    rows = [
        [_number(cell, row, column) for column, cell in enumerate(cells, 1)]
        for row, cells in enumerate(csv.reader(io.StringIO(text)), 1)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        refuse([(("file",), "the file is empty")])
    for row, cells in enumerate(rows, 1):
        if len(cells) != len(rows[0]):
            refuse([(("file",), f"row {row} has {len(cells)} cells, the first one {len(rows[0])}")])
    return np.array(rows)


def _number(cell: str, row: int, column: int) -> float:
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        refuse([(("file",), f'row {row}, cell {column}: "{shown(cell)}" is not a finite number')])
    return value


_READERS: dict[str, Callable[[Path, str | None], np.ndarray[Any, Any]]] = {".npy": _npy, ".npz": _npz, ".csv": _csv}
