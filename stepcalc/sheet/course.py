"""A course's own style: a folder with templates that fill single blocks of stepcalc's, and the pictures they show."""

from __future__ import annotations

import traceback
from typing import NoReturn
from xml.etree import ElementTree

from jinja2 import TemplateNotFound, TemplateSyntaxError

from stepcalc.errors import Fault, InputError
from stepcalc.sheet.folder import Folder

MOST_TEMPLATE, MOST_IMAGE = 1_000_000, 3_000_000
"""The most bytes of a template and of a picture."""

_SVG = "{http://www.w3.org/2000/svg}svg"
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Course(Folder):
    """The templates and pictures of a folder. Each template begins with ``{% extends base %}``."""

    def template(self, name: str) -> tuple[str, str, None]:
        """A template's source and file name, as Jinja's loaders ask for them."""
        try:
            return self.read(name, MOST_TEMPLATE).decode("utf-8"), str(self.folder / name), None
        except FileNotFoundError:
            raise TemplateNotFound(name) from None
        except UnicodeDecodeError:
            raise TemplateSyntaxError("not UTF-8 text", 1, name, str(self.folder / name)) from None
        except ValueError as error:
            raise TemplateSyntaxError(str(error), 1, name, str(self.folder / name)) from None

    def image(self, name: str) -> tuple[bytes, str]:
        """A picture and its media type. Raises :class:`ValueError` or :class:`OSError` when it is none."""
        content = self.read(name, MOST_IMAGE)
        media = next((media for beginning, media in _BEGINNINGS.items() if content.startswith(beginning)), None)
        if media is None and not _is_svg(content):
            raise ValueError(f"{name} is no PNG, JPEG or SVG picture")
        return content, media or "image/svg+xml"

    def complain(self, error: Exception) -> NoReturn:
        """Say ``error`` in one line, with its file and line, if it is of this folder's making; else raise it again."""
        inside = f"{self.folder}/"
        if isinstance(error, TemplateSyntaxError) and str(error.filename).startswith(inside):
            raise InputError(Fault("", _reason(error)), f"{error.filename}:{error.lineno}") from error
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
        own = [frame for frame in frames if frame.filename.startswith(inside)]
        goes_round = isinstance(error, RecursionError)  # and ends anywhere
        if own and (frames[-1] is own[-1] or goes_round):
            told = "puts itself in again and again" if goes_round else _reason(error)
            raise InputError(Fault("", told), f"{own[-1].filename}:{own[-1].lineno}") from error
        raise error


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
