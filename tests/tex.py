"""Real TeX, for tests."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.tools import needs

PDFLATEX = pytest.param("pdflatex", marks=needs("pdflatex"))
LUALATEX = pytest.param("lualatex", marks=needs("lualatex"))
SANDBOX = {"openin_any": "p", "openout_any": "p", "max_print_line": "1000"}
COMPLAINTS = re.compile(r"^(?:Overfull|!|Missing character|.*[Uu]ndefined).*", re.MULTILINE)


def compiled(source: str, engine: str, folder: Path) -> str:
    """TeX's log of ``source``, which must compile without a complaint."""
    log = accepted(source, engine, folder)
    complaints = COMPLAINTS.findall(log)
    assert not complaints, complaints
    return log


def accepted(source: str, engine: str, folder: Path) -> str:
    """TeX's log of ``source``, which must compile."""
    (folder / "sheet.tex").write_text(source, encoding="utf-8")
    outcome = subprocess.run(
        [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"],
        cwd=folder, capture_output=True, timeout=300, env={**os.environ, **SANDBOX},
    )  # fmt: skip
    log = (folder / "sheet.log").read_text(encoding="utf-8", errors="replace")
    assert outcome.returncode == 0, outcome.stdout.decode("utf-8", "replace")[-2000:]
    assert (folder / "sheet.pdf").stat().st_size > 5000
    return log
