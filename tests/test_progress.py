"""The progress bar: on a terminal only, after a while only, and gone in the end."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from stepcalc.cli import progress

LONG = """
[given]
w = 3
[define]
J = "w^2"
[optimizer]
learning_rate = 0.0001
[training]
epochs = 400
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, columns: int = 80) -> str:
    monkeypatch.setattr(progress, "WAIT", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stderr", stream)
    with progress.progress_bar("updates") as tell:
        for done in (1, 5_000, 10_000) if tell else ():
            tell(done, 10_000)
    return stream.getvalue()


def test_the_line_tells_how_far_it_is_and_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    first, half, whole, wiped, rest = drawn(monkeypatch, Terminal()).removeprefix("\r").split("\r")
    assert first.rstrip().endswith("1 of 10,000 updates")
    assert half.rstrip() == f"[{'#' * 15}{'.' * 15}] 5,000 of 10,000 updates"
    assert whole.rstrip() == f"[{'#' * 30}] 10,000 of 10,000 updates"
    assert wiped.strip() == rest == ""
    assert len(wiped) >= len(whole)


def test_how_long_it_still_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 40.0, 3000.0, 5990.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(ticks))
    lines = drawn(monkeypatch, Terminal()).removeprefix("\r").split("\r")
    assert lines[0].rstrip().endswith("updates, 6666 min left")
    assert lines[1].rstrip().endswith("updates, 50 min left")
    assert lines[2].rstrip().endswith("updates")


@pytest.mark.parametrize("columns", [1, 5, 12, 30, 45, 200])
def test_it_stays_on_its_line(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    assert all(len(line) < columns for line in drawn(monkeypatch, Terminal(), columns).split("\r"))


def test_nothing_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, io.StringIO()) == ""


def test_a_short_calculation_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.progress_bar("updates") as tell:
        assert tell is not None
        tell(1, 2)
    assert stream.getvalue() == ""


def test_ctrl_c_leaves_a_clean_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "WAIT", 0.0)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stream.getvalue().endswith(" \r")


def interrupted() -> None:
    with progress.progress_bar("updates") as tell:
        assert tell is not None
        tell(1, 10)
        raise KeyboardInterrupt


def test_the_command_shows_it_on_a_terminal(tmp_path: Path) -> None:
    problem = tmp_path / "long.toml"
    problem.write_text(LONG, encoding="utf-8")
    script = "import sys; from stepcalc.cli import main, progress; progress.WAIT = 0.0; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "solve", str(problem), "-f", "txt"]
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True)
        shown = os.read(ours, 1_000_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "of 400 updates" in shown
    assert shown.endswith("\r")
    assert "of 400" not in done.stdout.decode()
    assert len(done.stdout.decode().splitlines()) < 120
