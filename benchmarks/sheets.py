"""Sheets as PDF, beside pdflatex on the same sheets written as LaTeX."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from _measure import REPOSITORY, Row, print_table

ONE_SHEET, MANY_SHEETS, MEGABYTES = 2.5, 3.0, 500.0
SHEETS, ROUNDS = 100, 5
COOKIE = REPOSITORY / "worked_examples" / "cookie.toml"

VARIANTS = """
import copy, random, tomllib, stepcalc
base = tomllib.loads(open({cookie!r}, encoding="utf-8").read())
def variant(seed):
    "The cookie with other numbers."
    drawn, fields = random.Random(seed), copy.deepcopy(base)
    for layer in fields["layers"]:
        layer["W"] = [[drawn.randint(1, 9) / 10 for _ in row] for row in layer["W"]]
        layer["b"] = [drawn.randint(1, 9) / 10 for _ in layer["b"]]
    fields["data"]["x"] = [drawn.randint(1, 6) for _ in fields["data"]["x"]]
    return stepcalc.Problem(**fields)
"""

OURS = (
    VARIANTS
    + """
import gc, json, pathlib, re, time
from stepcalc.cli import COLLECT_SELDOM
from stepcalc.sheet import render
gc.set_threshold(*COLLECT_SELDOM)
start, first = time.process_time(), None
for seed in range({sheets}):
    render(stepcalc.solve(variant(seed)), "pdf")
    first = first or time.process_time() - start
status = pathlib.Path("/proc/self/status").read_text()  # ru_maxrss would count what the parent had before exec
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])
print(json.dumps(dict(seconds=time.process_time() - start, first=first, megabytes=peak / 1024)))
"""
)

LATEX = (
    VARIANTS
    + """
import json
from stepcalc.sheet import render
print(json.dumps([render(stepcalc.solve(variant(seed)), "tex") for seed in range({sheets})]))
"""
)


def processor_time(command: Sequence[str | Path], folder: Path) -> tuple[float, str]:
    """Seconds of processor time that a command takes with its children, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def pdflatex(source: str, folder: Path) -> float:
    """One run of pdflatex."""
    (folder / "sheet.tex").write_text(source, encoding="utf-8")
    return processor_time(["pdflatex", "-interaction=batchmode", "-halt-on-error", "sheet.tex"], folder)[0]


def one_sheet(folder: Path, rounds: int = ROUNDS) -> dict[str, float]:
    """``stepcalc solve cookie.toml``, against importing its libraries and one run of pdflatex; medians."""
    stepcalc = [sys.executable, "-m", "stepcalc", "solve", COOKIE]
    source = processor_time([*stepcalc, "-f", "tex", "-o", "-"], folder)[1]
    measured: dict[str, list[float]] = {"solve": [], "imports": [], "pdflatex": []}
    for _ in range(rounds):
        measured["solve"].append(processor_time([*stepcalc, "-o", "cookie.pdf"], folder)[0])
        measured["imports"].append(processor_time([sys.executable, "-c", "import sympy, weasyprint"], folder)[0])
        measured["pdflatex"].append(pdflatex(source, folder))
    found = {name: median(times) for name, times in measured.items()}
    pairs = zip(measured["solve"], measured["imports"], measured["pdflatex"], strict=True)
    return {**found, "factor": median(ours / (imports + theirs) for ours, imports, theirs in pairs)}


def many_sheets(folder: Path, sheets: int = SHEETS) -> dict[str, Any]:
    """``sheets`` sheets of one structure in one process, between two runs of pdflatex on the same in one file."""
    latex = _python(LATEX, sheets, folder)
    source = _in_one_file(json.loads(latex[1]))
    before = pdflatex(source, folder)
    found: dict[str, Any] = json.loads(_python(OURS, sheets, folder)[1])
    theirs = (before + pdflatex(source, folder)) / 2
    return {**found, "pdflatex": theirs, "factor": found["seconds"] / theirs}


def _python(script: str, sheets: int, folder: Path) -> tuple[float, str]:
    filled = script.replace("{cookie!r}", repr(str(COOKIE))).replace("{sheets}", str(sheets))
    return processor_time([sys.executable, "-W", "ignore", "-c", filled], folder)


def _in_one_file(sources: Sequence[str]) -> str:
    opening, closing = "\\begin{document}", "\\end{document}"
    bodies = [source.partition(opening)[2].rpartition(closing)[0] for source in sources]
    return sources[0].partition(opening)[0] + opening + "\\clearpage\n".join(bodies) + closing


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        one, many = one_sheet(Path(name)), many_sheets(Path(name))
    yardstick = one["imports"] + one["pdflatex"]
    rows = [
        Row(
            "stepcalc solve cookie.toml, whole process",
            f"{one['solve']:.2f} s = {one['factor']:.2f} ×",
            f"at most {ONE_SHEET} × {yardstick:.2f} s",
            ONE_SHEET / one["factor"],
        ),
        Row(
            f"{SHEETS} sheets of one structure, one process",
            f"{many['seconds']:.1f} s = {many['factor']:.2f} ×",
            f"at most {MANY_SHEETS} × {many['pdflatex']:.1f} s",
            MANY_SHEETS / many["factor"],
        ),
        Row(
            "their memory at the most",
            f"{many['megabytes']:.0f} MB",
            f"at most {MEGABYTES:.0f} MB",
            MEGABYTES / many["megabytes"],
        ),
    ]
    print_table("Sheets as PDF, beside pdflatex", rows)
    each = (many["seconds"] - many["first"]) / (SHEETS - 1)
    print(f"imports {one['imports']:.2f} s, pdflatex {one['pdflatex']:.2f} s; the first of many {many['first']:.2f} s,")
    print(f"each of the others {each:.2f} s, where pdflatex takes {many['pdflatex'] / SHEETS:.2f} s;")
    print("the collector of cycles is set there as the command stepcalc sets it (COLLECT_SELDOM);")
    print("a process that leaves it as it is takes about a tenth longer")


if __name__ == "__main__":
    main()
