"""The folder of ``--template``: a course's own templates, words and pictures. Nothing outside it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stepcalc.errors import Fault, InputError

HTML_FILE, LATEX_FILE, WORDS_FILE = "course.html.j2", "course.tex.j2", "words.toml"
"""What a folder may hold: the first is for html and pdf, the last for all formats that a person reads."""


@dataclass(frozen=True)
class Folder:
    """The folder, of which nothing outside is read: a link that leads out of it counts as missing."""

    folder: Path

    def __post_init__(self) -> None:
        if not any(self.has(name) for name in (HTML_FILE, LATEX_FILE, WORDS_FILE)):
            raise InputError(
                Fault("", f"holds neither {HTML_FILE} nor {LATEX_FILE} nor {WORDS_FILE}"), str(self.folder)
            )

    def has(self, name: str) -> bool:
        """Whether the folder holds such a file."""
        return self._path(name) is not None

    def _path(self, name: str) -> Path | None:
        try:
            folder = self.folder.resolve()
            path = (folder / name).resolve()
            return path if path.is_relative_to(folder) and path.is_file() else None
        except (OSError, ValueError, RuntimeError):  # the last for links that lead round in a circle
            return None

    def read(self, name: str, most: int) -> bytes:
        """A file's content. Raises :class:`FileNotFoundError`, or :class:`ValueError` for more than ``most`` bytes."""
        path = self._path(name)
        if path is None:
            raise FileNotFoundError(f"there is no {name} in the template folder")
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise ValueError(f"{name} is larger than {most} bytes")
        return content
