"""Results leave the program here: whole or not at all.

Everything is rendered before the first byte is written, each file appears under its name in one
move, and what could not be finished is taken away again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Content = str | bytes

FILE_COLUMNS, FEWEST_COLUMNS, MOST_COLUMNS = 100, 60, 120


def as_bytes(content: Content) -> bytes:
    """Text as UTF-8, whatever the locale; bytes as they are."""
    return content.encode("utf-8") if isinstance(content, str) else content


def printable(text: str) -> str:
    """``text`` without the power to steer a terminal: control and formatting characters are spelled out (``\\x1b``)."""
    return "".join(char if char.isprintable() else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii") if char != " " else char


def columns_of_stdout() -> int:
    """How wide text on standard output may be: a terminal's width within reason, else ``FILE_COLUMNS``."""
    if sys.stdout is None or not sys.stdout.isatty():
        return FILE_COLUMNS
    return min(max(shutil.get_terminal_size((FILE_COLUMNS, 24)).columns, FEWEST_COLUMNS), MOST_COLUMNS)


def stdout_shows_colour() -> bool:
    """Whether standard output is a terminal with colours; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE overrule that."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") not in (None, "", "dumb")


def write_stdout(content: Content) -> None:
    """Write to standard output; text ends with a newline. BrokenPipeError if the reader has gone, else OSError."""
    if sys.stdout is None:
        raise OSError(None, "standard output is closed")
    if isinstance(content, str) and not content.endswith("\n"):
        content += "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(as_bytes(content))
    sys.stdout.buffer.flush()


def silence_stdout() -> None:
    """Nobody reads any more; keep the interpreter from complaining when it closes standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_files(files: Mapping[Path, Content]) -> None:
    """Write all of ``files`` or none: OSError leaves no new file and no new folder behind.

    Missing folders are made. What a name already refers to stays what it is: a link is followed, and a device
    or pipe is written into.
    """
    write_each(files.items())


def write_each(files: Iterable[tuple[Path, Content]]) -> None:
    """As :func:`write_files`, of files that are made one after the other, and need not all be in memory."""
    attempt = _Attempt()
    try:
        for path, content in files:
            with _named(path):
                attempt.prepare(path, as_bytes(content))
        attempt.finish()
    except BaseException:
        attempt.undo()
        raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What fails is told of ``path``, whatever file beside it was written first."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@dataclass
class _Attempt:
    """What has been made so far, so that it can be put in place together or taken away."""

    folders: list[Path] = field(default_factory=list)
    moves: list[tuple[Path, Path]] = field(default_factory=list)
    streams: list[tuple[Path, bytes]] = field(default_factory=list)

    def prepare(self, path: Path, content: bytes) -> None:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(None, "is a directory")
        if target.exists() and not target.is_file():
            self.streams.append((target, content))
            return
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(None, "is write-protected")
        self._make_folder(target.parent)
        draft = target.parent / f".stepcalc-{secrets.token_hex(8)}"
        self.moves.append((draft, target))
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o7777)

    def _make_folder(self, folder: Path) -> None:
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir()
            self.folders.append(parent)

    def finish(self) -> None:
        for target, content in self.streams:
            with _named(target), target.open("wb") as stream:
                stream.write(content)
        for draft, target in self.moves:
            with _named(target):
                draft.replace(target)

    def undo(self) -> None:
        for draft, _ in self.moves:
            with suppress(OSError):  # it may never have come into being
                draft.unlink()
        for folder in reversed(self.folders):
            with suppress(OSError):  # somebody else may have put something there
                folder.rmdir()
