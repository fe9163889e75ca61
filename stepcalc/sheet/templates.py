"""The one Jinja environment of each format: what a user wrote is cleaned and escaped whatever the template does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from stepcalc.board.latex_text import escape as escape_latex
from stepcalc.board.plain import clean
from stepcalc.resources import data_dir
from stepcalc.sheet.blocks import Block

_LATEX_SYNTAX = {
    "block_start_string": "((*",
    "block_end_string": "*))",
    "variable_start_string": "(((",
    "variable_end_string": ")))",
    "comment_start_string": "((=",
    "comment_end_string": "=))",
}


@cache
def html_templates() -> Environment:
    """Templates for HTML: a string is escaped unless it is ``Markup``."""
    return _environment(lambda text: escape(clean(text)))


@cache
def latex_templates() -> Environment:
    """Templates for LaTeX, with ``((( … )))`` and ``((* … *))``: a string is escaped unless it is ``Markup``."""
    return _environment(lambda text: Markup(escape_latex(text)), **_LATEX_SYNTAX)


def _environment(escaped: Callable[[str], Markup], **syntax: Any) -> Environment:
    def finalize(value: object) -> object:
        return value if isinstance(value, Markup) else escaped(str(value))

    environment = Environment(
        loader=FileSystemLoader(data_dir("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **syntax,
    )
    environment.filters["kind"] = kind
    return environment


def kind(block: Block) -> str:
    """The name that templates know a block by: ``heading``, ``prose``, …"""
    return type(block).__name__.lower()
