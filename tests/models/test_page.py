"""The page on models: its programs run, its tables list what is translated, and the worked example is what it makes."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stepcalc
from stepcalc.models.keras_layers import LAYERS as KERAS_LAYERS
from stepcalc.models.keras_losses import LOSSES as KERAS_LOSSES
from stepcalc.models.sklearn import ACTIVATIONS as SKLEARN_ACTIVATIONS
from stepcalc.models.sklearn import LOSSES as SKLEARN_LOSSES
from stepcalc.models.torch_layers import LAYERS as TORCH_LAYERS
from stepcalc.models.torch_losses import LOSSES as TORCH_LOSSES
from stepcalc.problem import NetworkProblem
from stepcalc.problem.writer import MAX_INLINE

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"^## ([\w-]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(params=["scikit-learn", "PyTorch", "Keras"])
def done(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that a program of the page leaves behind, in a folder where its files are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAMS[request.param], encoding="utf-8")
    return runpy.run_path("program.py")


def test_every_program_runs(done: dict[str, Any]) -> None:
    problem = done["problem"]
    assert isinstance(problem, NetworkProblem)
    assert stepcalc.solve(problem).numeric
    for saved in Path.cwd().glob("*.toml"):
        assert stepcalc.load(saved).title == problem.title


def test_the_worked_example_is_what_the_page_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAMS["scikit-learn"], encoding="utf-8")
    model = runpy.run_path("program.py")["model"]
    example = ROOT / "worked_examples" / "sklearn_mlp.toml"
    text = example.read_text(encoding="utf-8")
    assert text[text.index("title = ") :] == (tmp_path / example.name).read_text(encoding="utf-8")
    assert "docs/models.md" in text
    found = stepcalc.solve(stepcalc.load(example)).values["y_hat"][:, 0]
    assert np.allclose(found, model.predict_proba([[1, 0], [1, 1]])[:, 1], rtol=1e-12, atol=0)


def listed(cell: str) -> set[str]:
    return {name.strip() for name in cell.split(",")}


def test_the_table_lists_what_is_translated() -> None:
    rows = re.findall(r"^\| ([\w-]+) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    told = {name: (listed(kinds), listed(losses)) for name, kinds, losses in rows if name != "---"}
    assert told == {
        "PyTorch": (TORCH_LAYERS.keys() - {"Squeeze", "Item"}, TORCH_LOSSES.keys()),
        "Keras": (KERAS_LAYERS.keys(), KERAS_LOSSES.keys()),
        "scikit-learn": (SKLEARN_ACTIVATIONS.keys(), {loss for loss, _ in SKLEARN_LOSSES}),
    }


def test_its_figures_hold() -> None:
    assert f"more than {MAX_INLINE} numbers" in PAGE
    assert float(np.finfo(np.float32).eps) / 2 < 0.00000006
    assert "0.000006 %" in PAGE
    assert f"0.1 is {float(np.float32(0.1))!r}" in PAGE


def test_it_is_found_from_the_readme() -> None:
    assert "docs/models.md" in (ROOT / "README.md").read_text(encoding="utf-8")
