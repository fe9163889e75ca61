"""A course's own style: a folder with templates that fill single blocks of stepcalc's, and the pictures they show."""

from __future__ import annotations

import traceback
from io import BytesIO
from itertools import dropwhile
from pathlib import Path
from typing import NoReturn
from warnings import catch_warnings, simplefilter
from xml.etree import ElementTree

from jinja2 import TemplateNotFound, TemplateSyntaxError

from stepcalc.board.plain import clean
from stepcalc.errors import Fault, InputError
from stepcalc.sheet.folder import HTML_FILE, Folder

MOST_TEMPLATE, MOST_IMAGE, MOST_PIXELS = 1_000_000, 3_000_000, 16_000_000
"""The most bytes of a template and of a picture, and the most pixels of a picture."""

_SVG = "{http://www.w3.org/2000/svg}svg"
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_END_OF_STYLE = "</style"
_MOST_SHOWN = 120
_CODE = (".py", ">")
"""What the names of files that hold no template end with: Python's, and those that are none, such as <string>."""


class Course(Folder):
    """The templates and pictures of a folder. Each template begins with ``{% extends base %}``."""

    def template(self, name: str) -> tuple[str, str, None]:
        """A template's source and file name, as Jinja's loaders ask for them."""
        try:
            source = self.read(name, MOST_TEMPLATE).decode("utf-8")
        except FileNotFoundError:
            raise TemplateNotFound(name) from None
        except UnicodeDecodeError:
            raise TemplateSyntaxError("not UTF-8 text", 1, name, str(self.folder / name)) from None
        except ValueError as error:
            raise TemplateSyntaxError(str(error), 1, name, str(self.folder / name)) from None
        if (line := _line_of(_END_OF_STYLE, source.lower())) is not None:
            told = f"{_END_OF_STYLE}> ends the style of the whole page; the block style is for CSS alone"
            raise TemplateSyntaxError(told, line, name, str(self.folder / name))
        return source, str(self.folder / name), None

    def image(self, name: str) -> tuple[bytes, str]:
        """A picture and its media type. Raises :class:`ValueError` or :class:`OSError` when it is none."""
        content = self.read(name, MOST_IMAGE)
        media = next((media for beginning, media in _BEGINNINGS.items() if content.startswith(beginning)), None)
        if media is None and not _is_svg(content):
            raise ValueError(f"{name} is no PNG, JPEG or SVG picture")
        if media is not None:
            _check_pixels(name, content)
        return content, media or "image/svg+xml"

    def complain(self, error: Exception) -> NoReturn:
        """Say ``error`` in one line, with its file and line, if it is of this folder's making; else raise it again."""
        if isinstance(error, TemplateSyntaxError) and self._holds(str(error.filename)):
            raise InputError(Fault("", _reason(error)), f"{error.filename}:{error.lineno}") from error
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.endswith(_CODE)]
        goes_round = isinstance(error, RecursionError)
        own = [frame for frame in frames if self._holds(frame.filename)]
        # The first frames of the folder only say that stepcalc's page begins there.
        called = [frame for frame in dropwhile(own.__contains__, frames) if frame in own]
        if own and (called or goes_round or own[-1] is frames[-1]):
            told = "puts itself in again and again" if goes_round else _reason(error)
            raise InputError(Fault("", told), f"{own[-1].filename}:{own[-1].lineno}") from error
        raise error

    def _holds(self, filename: str) -> bool:
        return Path(filename).is_relative_to(self.folder)


def _reason(error: Exception) -> str:
    told = str(error)
    if isinstance(error, TemplateNotFound):
        told = f"no template {error.name}"
    elif isinstance(error, TemplateSyntaxError):
        told = error.message or told
    return " ".join(told.split()) or type(error).__name__


def _is_svg(content: bytes) -> bool:
    try:
        return ElementTree.fromstring(content).tag == _SVG
    except ElementTree.ParseError:
        return False


def _check_pixels(name: str, content: bytes) -> None:
    """Refuse what begins like a picture and cannot be drawn, and what takes too much memory when drawn."""
    from PIL import Image

    most = f"{name} has more than {MOST_PIXELS:,} pixels"
    try:
        with catch_warnings():
            simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=("PNG", "JPEG"))
            too_many = picture.width * picture.height > MOST_PIXELS
            if not too_many:
                picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(most) from None
    except (OSError, SyntaxError, ValueError):
        raise ValueError(f"{name} is damaged") from None
    if too_many:
        raise ValueError(most)


def complain_of_refused(addresses: list[str], folder: Path | None) -> NoReturn:
    """Say which pictures, fonts or style sheets a course's page asked for in vain; only its template can."""
    shown = [clean(address[:_MOST_SHOWN]) + "…" * (len(address) > _MOST_SHOWN) for address in dict.fromkeys(addresses)]
    if folder is None:
        raise PermissionError(f"a page asks for {', '.join(shown)}")
    faults = [Fault("", f"{address} is not loaded; image(…) puts in the folder's pictures") for address in shown]
    raise InputError(faults, str(folder / HTML_FILE))


def _line_of(words: str, source: str) -> int | None:
    """The number of the first line that holds ``words``."""
    return next((number for number, line in enumerate(source.splitlines(), start=1) if words in line), None)
