"""Arrays from files: only from the problem's own folder, and never a pickle."""

from __future__ import annotations

import io
import pickle
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stepcalc.errors import InputError
from stepcalc.problem import NetworkProblem, Problem

W = np.array([[1.0, 2.0], [3.0, 4.5]])


class Trap:
    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return Path.touch, ("trapped",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "problem"
    (folder / "sub").mkdir(parents=True)
    np.save(tmp_path / "outside.npy", W)
    np.save(folder / "W.npy", W)
    np.save(folder / "sub" / "W.npy", W)
    np.save(folder / "ints.npy", W.astype(np.int32))
    np.save(folder / "nan.npy", np.array([[1.0, 2.0], [3.0, np.nan]]))
    np.save(folder / "words.npy", np.array([["a", "b"]]))
    np.save(folder / "complex.npy", W + 1j)
    np.save(folder / "trap.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(folder / "model.npz", W1=W, b1=W[0], trap=np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(folder / "one.npz", W1=W)
    (folder / "W.csv").write_text("1, 2\n3,4.5\n\n", encoding="utf-8-sig")
    (folder / "row.csv").write_text("1,2\n")
    (folder / "column.csv").write_text("1\n2\n")
    (folder / "bad.csv").write_text("1,2\n3,x\n")
    (folder / "nan.csv").write_text("1,nan\n")
    (folder / "ragged.csv").write_text("1,2\n3\n")
    (folder / "empty.csv").write_text("\n")
    (folder / "latin.csv").write_bytes(b"1,\xe9\n")
    (folder / "pickle.npy").write_bytes(pickle.dumps(Trap()))
    (folder / "cut.npy").write_bytes((folder / "W.npy").read_bytes()[:-8])
    (folder / "empty.npy").write_bytes(b"")
    (folder / "noise.npz").write_bytes(b"PK\x03\x04 nothing")
    (folder / "notes.txt").write_text("1")
    (folder / "inside.npy").symlink_to("W.npy")
    (folder / "leading_out.npy").symlink_to(tmp_path / "outside.npy")
    (folder / "itself.npy").symlink_to("itself.npy")
    (folder / "up").symlink_to(tmp_path)
    header = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999, 9), }"
    (folder / "boast.npy").write_bytes(header.ljust(127) + b"\n")
    (folder / "odd.npy").write_bytes(header.replace(b"(999999999999, 9)", b"(-1, -4)").ljust(127) + b"\n" + bytes(32))
    with zipfile.ZipFile(folder / "boast.npz", "w") as archive:
        archive.write(folder / "boast.npy", "W1.npy")
    with zipfile.ZipFile(folder / "lzma.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.write(folder / "W.npy", "W1.npy")
    np.save(folder / "deep.npy", np.zeros((1,) * 9))
    np.save(folder / "none.npy", np.zeros((0, 3)))
    return folder


def read(folder: Path, weights: Any, bias: Any = (0.0, 0.0), units: int = 2) -> NetworkProblem:
    layer = {"type": "dense", "W": weights, "b": list(bias) if isinstance(bias, tuple) else bias, "units": units}
    problem = Problem.from_fields({"loss": "mse", "data": {"inputs": 2}, "layers": [layer]}, "p", folder)
    assert isinstance(problem, NetworkProblem)
    return problem


@pytest.mark.parametrize(
    "table",
    [
        {"file": "W.npy"},
        {"file": "sub/W.npy"},
        {"file": "inside.npy"},
        {"file": "model.npz", "key": "W1"},
        {"file": "one.npz"},
        {"file": "W.csv"},
    ],
)
def test_the_same_matrix_from_each_kind_of_file(folder: Path, table: dict[str, str]) -> None:
    weights = read(folder, table).parameters()["W1"]
    assert np.array_equal(weights, W)
    assert weights.dtype == np.float64
    assert not weights.flags.writeable


def test_a_csv_of_one_line_is_a_row_of_weights_or_a_list_of_biases(folder: Path) -> None:
    assert read(folder, {"file": "row.csv"}, bias=(0.0,), units=1).parameters()["W1"].shape == (1, 2)
    for name in ("row.csv", "column.csv"):
        assert read(folder, {"file": "W.npy"}, bias={"file": name}).parameters()["b1"].tolist() == [1.0, 2.0]


def test_whole_numbers_become_doubles(folder: Path) -> None:
    assert read(folder, {"file": "ints.npy"}).parameters()["W1"].tolist() == [[1.0, 2.0], [3.0, 4.0]]


OUTSIDE = "is not in the problem's own folder"
UNREADABLE = ["trap.npy", "model.npz", "pickle.npy", "cut.npy", "empty.npy", "noise.npz", "odd.npy", "lzma.npz"]
TOO_MANY = "the files of one problem may hold 10,000,000 together"
FAULTS = [
    ({"file": "../outside.npy"}, f'.file: "../outside.npy" {OUTSIDE}'),
    ({"file": "boast.npy"}, f".file: 8,999,999,999,991 numbers; {TOO_MANY}"),
    ({"file": "boast.npz"}, f".file: 8,999,999,999,991 numbers; {TOO_MANY}"),
    ({"file": "deep.npy"}, ": an array of 9 axes, at most 4 are possible"),
    ({"file": "none.npy"}, ": an empty array"),
    ({"file": "sub/../../outside.npy"}, f'.file: "sub/../../outside.npy" {OUTSIDE}'),
    ({"file": "/etc/passwd"}, f'.file: "/etc/passwd" {OUTSIDE}'),
    ({"file": "C:\\W.npy"}, f'.file: "C:\\W.npy" {OUTSIDE}'),
    ({"file": "leading_out.npy"}, '.file: "leading_out.npy" leads out of the problem\'s own folder'),
    ({"file": "up/outside.npy"}, '.file: "up/outside.npy" leads out of the problem\'s own folder'),
    ({"file": "nowhere.npy"}, '.file: there is no file "nowhere.npy" in the problem\'s own folder'),
    ({"file": "sub"}, '.file: there is no file "sub" in the problem\'s own folder'),
    ({"file": ""}, ".file: not a file name"),
    ({"file": "a\0.npy"}, ".file: not a file name"),
    ({"file": "notes.txt"}, '.file: "notes.txt" is none of .npy, .npz, .csv'),
    ({"file": 3}, ".file: a number, expected a string"),
    ({}, ".file: missing"),
    ({"file": "W.npy", "keys": "a"}, ".keys: unknown key; the keys here are file, key"),
    ({"file": "W.npy", "key": "a"}, ".key: only an .npz file has keys, not .npy"),
    ({"file": "model.npz"}, ".key: missing; the arrays are W1, b1, trap"),
    ({"file": "model.npz", "key": "W"}, '.key: there is no array "W"; did you mean "W1"?'),
    ({"file": "model.npz", "key": 1}, ".key: a number, expected a string"),
    ({"file": "nan.npy"}, "[2][2]: nan is not a finite number"),
    ({"file": "words.npy"}, ": an array of <U1, expected numbers"),
    ({"file": "complex.npy"}, ": an array of complex128, expected numbers"),
    ({"file": "bad.csv"}, '.file: row 2, cell 2: "x" is not a finite number'),
    ({"file": "nan.csv"}, '.file: row 1, cell 2: "nan" is not a finite number'),
    ({"file": "ragged.csv"}, ".file: row 2 has 1 cells, the first one 2"),
    ({"file": "empty.csv"}, ".file: the file is empty"),
    ({"file": "latin.csv"}, ".file: not UTF-8 text"),
    *(
        (
            {"file": name, "key": "trap"} if name == "model.npz" else {"file": name},
            f'.file: "{name}" is not a readable {Path(name).suffix} file without pickles',
        )
        for name in UNREADABLE
    ),
]


@pytest.mark.parametrize(("table", "expected"), FAULTS)
def test_each_fault_has_its_line(folder: Path, table: dict[str, Any], expected: str, monkeypatch: Any) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(InputError) as caught:
        read(folder, table)
    assert caught.value.lines() == [f"layers[1].W{expected}"]
    assert not (folder / "trapped").exists()


def test_a_link_to_itself_leads_nowhere(folder: Path) -> None:
    with pytest.raises(InputError, match=r"itself\.npy"):
        read(folder, {"file": "itself.npy"})


def zeros(path: Path, count: int) -> None:
    """An archive of ``count`` bytes that are 0, about a thousandth of that size."""
    start = io.BytesIO()
    np.lib.format.write_array_header_1_0(start, {"descr": "|i1", "fortran_order": False, "shape": (count, 1)})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("W.npy", "w") as member:
        member.write(start.getvalue())
        for _ in range(count // 1_000_000):
            member.write(bytes(1_000_000))


def peak_of_refusal(folder: Path, files: list[str], message: str) -> int:
    """The bytes held at most while the problem is refused, in under a second."""
    layers = [{"type": "dense", "W": {"file": name}} for name in files]
    fields = {"loss": "mse", "data": {"inputs": 2}, "layers": layers}
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises(InputError, match=message):
            Problem.from_fields(fields, "p", folder)
        assert time.process_time() - begun < 1.0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_small_file_of_a_great_many_numbers_is_not_unpacked(folder: Path) -> None:
    zeros(folder / "bomb.npz", 50_000_000)
    assert peak_of_refusal(folder, ["bomb.npz"], TOO_MANY) < 2_000_000


def test_files_have_one_allowance_together(folder: Path) -> None:
    zeros(folder / "some.npz", 4_000_000)
    assert peak_of_refusal(folder, ["some.npz"] * 20, TOO_MANY) < 150_000_000


def test_an_archive_with_an_endless_table_of_contents_is_not_listed(folder: Path) -> None:
    with zipfile.ZipFile(folder / "many.npz", "w") as archive:
        for number in range(12_000):
            archive.writestr(f"W{number}.npy", b"")
    assert peak_of_refusal(folder, ["many.npz"], "not a readable .npz file") < 5_000_000


def test_a_csv_of_a_great_many_numbers_is_refused_before_they_are_read(folder: Path) -> None:
    (folder / "wide.csv").write_text("0," * 600_000)
    assert peak_of_refusal(folder, ["wide.csv"], "about 600,000 cells, at most 200,000 are read") < 20_000_000
    (folder / "long.csv").write_text(" " * 12_000_000)
    assert peak_of_refusal(folder, ["long.csv"], "12 MB large, at most 5 MB are read") < 1_000_000


def test_a_large_file_is_refused_by_its_size(folder: Path) -> None:
    with (folder / "large.npy").open("wb") as file:
        file.truncate(500_000_000)
    with pytest.raises(InputError, match="500 MB large, at most 400 MB are read"):
        read(folder, {"file": "large.npy"})
