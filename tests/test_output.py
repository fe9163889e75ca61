"""Files appear whole or not at all, and messages cannot steer a terminal."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from stepcalc.output import columns_of_stdout, printable, stdout_shows_colour, write_files


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_is_utf8_and_bytes_are_left_alone(tmp_path: Path) -> None:
    write_files({tmp_path / "a.txt": "ŷ ≈ 0.9\n", tmp_path / "b.pdf": b"\x00\xff"})
    assert (tmp_path / "a.txt").read_bytes() == "ŷ ≈ 0.9\n".encode()
    assert (tmp_path / "b.pdf").read_bytes() == b"\x00\xff"
    assert names(tmp_path) == ["a.txt", "b.pdf"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_files({tmp_path / "new" / "deeper" / "a.txt": "a"})
    assert (tmp_path / "new" / "deeper" / "a.txt").read_text() == "a"


def test_one_that_cannot_be_written_keeps_the_others_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(OSError, match="is a directory"):
        write_files({tmp_path / "a.txt": "after", tmp_path / "new" / "b.txt": "b", tmp_path / "taken": "c"})
    assert (tmp_path / "a.txt").read_text() == "before"
    assert names(tmp_path) == ["a.txt", "taken"]


def test_a_folder_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotADirectoryError):
        write_files({tmp_path / "file" / "a.txt": "a"})
    assert names(tmp_path) == ["file"]


def test_what_fails_is_told_of_the_file_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for name in ("file/a.txt", "x" * 300):
        with pytest.raises(OSError, match=r".") as caught:
            write_files({tmp_path / "b.txt": "b", tmp_path / name: "a"})
        assert caught.value.filename == str(tmp_path / name)
        assert names(tmp_path) == ["file"]


def test_text_that_cannot_be_encoded_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_files({tmp_path / "new" / "a.txt": "fine", tmp_path / "new" / "b.txt": "\udc80"})
    assert names(tmp_path) == []


def test_permissions_follow_the_umask_and_an_existing_file_keeps_its_own(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_files({tmp_path / "new.txt": "a"})
        (tmp_path / "private.txt").write_text("before")
        (tmp_path / "private.txt").chmod(0o600)
        write_files({tmp_path / "private.txt": "after"})
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "private.txt").stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("before")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_files({tmp_path / "link.txt": "after"})
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "after"


def test_a_device_is_written_into_and_not_replaced() -> None:
    write_files({Path(os.devnull): "gone"})
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("σ(z) – ünï 漢字", "σ(z) – ünï 漢字"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("one\ntwo\r", "one\\ntwo\\r"),
        ("right\u202eto left", "right\\u202eto left"),
        ("half\ud800", "half\\ud800"),
    ],
)
def test_control_characters_are_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
        ({}, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_only_where_it_can_be_seen(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colour: bool
) -> None:
    for name in ("TERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert stdout_shows_colour() is colour


@pytest.mark.parametrize(("terminal", "columns"), [("0", 60), ("20", 60), ("80", 80), ("1000", 120), ("x", 60)])
def test_text_is_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, terminal: str, columns: int
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((20, 5)))
    monkeypatch.setenv("COLUMNS", terminal)
    assert columns_of_stdout() == columns
