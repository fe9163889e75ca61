"""Real TeX, for tests."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.tools import needs

PDFLATEX = pytest.param("pdflatex", marks=needs("pdflatex"))
LUALATEX = pytest.param("lualatex", marks=needs("lualatex"))
SANDBOX = {"openin_any": "p", "openout_any": "p", "max_print_line": "1000"}
COMPLAINTS = re.compile(r"^(?:Overfull|!|Missing character|.*[Uu]ndefined).*", re.MULTILINE)
BEGIN, END = "\\begin{document}", "\\end{document}"
OWN = re.compile(r"^\\(?:title|renewcommand\{\\inserttotalframenumber\}).*$", re.MULTILINE)
"""The lines of a preamble that are about one document."""
SAYS = "TeX sets: "
"""What TeX writes into its log before the name of each document of several."""


def together(sources: Mapping[str, str]) -> str:
    """Documents by their names, with one preamble but for their own lines in it, as one: TeX takes long to start."""
    preambles, bodies = [], []
    for name, source in sources.items():
        preamble, body = source.split(BEGIN)
        preambles.append(OWN.sub("", preamble))
        said = f"\\typeout{{^^J{SAYS}{name}}}"
        bodies.append("\n".join([said, *OWN.findall(preamble), body.removesuffix(f"{END}\n")]))
    assert len(set(preambles)) == 1
    return preambles[0] + BEGIN + "\\newpage".join(bodies) + END


def compiled(source: str, engine: str, folder: Path) -> str:
    """TeX's log of ``source``, which must compile without a complaint."""
    log = accepted(source, engine, folder)
    first, *others = re.split(rf"^{SAYS}", log, flags=re.MULTILINE)
    complaints = {part.partition("\n")[0]: COMPLAINTS.findall(part) for part in (f"preamble\n{first}", *others)}
    assert not any(complaints.values()), {name: found for name, found in complaints.items() if found}
    return log


def accepted(source: str, engine: str, folder: Path) -> str:
    """TeX's log of ``source``, which must compile."""
    (folder / "sheet.tex").write_text(source, encoding="utf-8")
    outcome = subprocess.run(
        [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"],
        cwd=folder, capture_output=True, timeout=300, env={**os.environ, **SANDBOX},
    )  # fmt: skip
    log = (folder / "sheet.log").read_text(encoding="utf-8", errors="replace")
    last = log.rpartition(SAYS)[2].partition("\n")[0]
    assert outcome.returncode == 0, last + outcome.stdout.decode("utf-8", "replace")[-2000:]
    assert (folder / "sheet.pdf").stat().st_size > 5000
    return log
