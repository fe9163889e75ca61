"""Which library calculates: NumPy always, CuPy only when asked for, and a clear word where it is not there."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import stepcalc
from stepcalc.backend import namespace, to_host, total
from stepcalc.cli import main

SMALL = Path(__file__).resolve().parent.parent / "worked_examples" / "two_two_one.toml"

without_cupy = pytest.mark.skipif(find_spec("cupy") is not None, reason="CuPy is installed here")


def test_numpy_is_there() -> None:
    assert namespace() is namespace("numpy") is np


@without_cupy
def test_without_cupy_the_complaint_says_what_to_install() -> None:
    with pytest.raises(stepcalc.BackendError, match=r"CuPy cannot be imported.*install stepcalc\[cupy\]"):
        namespace("cupy")


@without_cupy
def test_the_command_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(SMALL), "--backend", "cupy", "-f", "json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("error: ")
    assert "cupy" in err


def test_an_unknown_library_is_refused() -> None:
    with pytest.raises(stepcalc.BackendError, match="expected one of numpy, cupy"):
        namespace("jax")


def test_solving_never_imports_cupy() -> None:
    script = (
        "import sys, stepcalc; from stepcalc.sheet import render; "
        f"trace = stepcalc.solve(stepcalc.load({str(SMALL)!r})); render(trace, 'json'); "
        "print(*(name for name in sys.modules if name.startswith(('cupy', 'array_api_compat', 'torch'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == []


def test_a_fake_cupy_is_asked_for_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import ModuleType, SimpleNamespace

    def counting(devices: int) -> SimpleNamespace:
        return SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=lambda: devices))

    def failing() -> int:
        raise RuntimeError("no driver")

    cupy, compat, kernels = (ModuleType(name) for name in ("cupy", "array_api_compat", "array_api_compat.cupy"))
    compat.cupy = kernels  # type: ignore[attr-defined]
    for module in (cupy, compat, kernels):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    cupy.cuda = counting(1)  # type: ignore[attr-defined]
    assert namespace("cupy") is kernels
    cupy.cuda = counting(0)  # type: ignore[attr-defined]
    with pytest.raises(stepcalc.BackendError, match="no CUDA GPU"):
        namespace("cupy")
    cupy.cuda = SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=failing))  # type: ignore[attr-defined]
    with pytest.raises(stepcalc.BackendError, match="no driver"):
        namespace("cupy")


def test_arrays_come_home() -> None:
    class OnDevice:
        def get(self) -> np.ndarray:
            return np.array([1.0, 2.0])

    assert to_host(OnDevice()).tolist() == [1.0, 2.0]
    assert to_host(np.array([3.0])).tolist() == [3.0]


@pytest.mark.parametrize("shape", [(2, 1, 4), (2, 3, 1), (3, 5), (1, 1)])
def test_sums_over_one_axis(shape: tuple[int, ...]) -> None:
    array = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    for axis in (-1, -2):
        np.testing.assert_array_equal(total(np, array, axis), array.sum(axis=axis))
