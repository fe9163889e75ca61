"""The one Jinja environment of each format: what a user wrote is cleaned and escaped whatever the template does.

A course's own templates run in a sandbox, and see no file outside their folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, FunctionLoader, StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from stepcalc.board.latex_text import escape as escape_latex
from stepcalc.board.plain import clean
from stepcalc.errors import Fault, InputError
from stepcalc.resources import data_dir
from stepcalc.sheet.blocks import Block
from stepcalc.sheet.course import Course
from stepcalc.sheet.folder import HTML_FILE, LATEX_FILE

Escape: TypeAlias = Callable[[str], Markup]

MOST_WRITTEN, MOST_RANGE = 50_000_000, 1000
"""The most characters of a page with a course's template, and the longest range that such a template counts through."""

_LATEX_SYNTAX = {
    "block_start_string": "((*",
    "block_end_string": "*))",
    "variable_start_string": "(((",
    "variable_end_string": ")))",
    "comment_start_string": "((=",
    "comment_end_string": "=))",
}


def html_page(name: str, folder: Path | None, **parts: Any) -> str:
    """The template ``name`` with ``parts`` put in, its blocks as the course in ``folder`` has them.

    The part ``draw`` gives the course's pictures their addresses.

    Raises :class:`~stepcalc.errors.InputError` where the course's own template cannot be used.
    """
    if folder is None:
        return _html_templates().get_template(name).render(parts)
    course = Course(folder)

    def image(file: str, alternative: str) -> Markup:
        if not alternative.strip():
            raise ValueError(f"{file} needs a text for those who cannot see it")
        return Markup('<img src="{}" alt="{}">').format(parts["draw"].embed(*course.image(file)), clean(alternative))

    return _course_page(course, HTML_FILE, name, _escaped_html, {}, {**parts, "image": image})


def latex_page(name: str, folder: Path | None, **parts: Any) -> str:
    """The same for LaTeX, where templates are written with ``((( … )))`` and ``((* … *))``."""
    if folder is None:
        return _latex_templates().get_template(name).render(parts)
    return _course_page(Course(folder), LATEX_FILE, name, _escaped_latex, _LATEX_SYNTAX, parts)


def _course_page(
    course: Course, own: str, base: str, escaped: Escape, syntax: dict[str, str], parts: dict[str, Any]
) -> str:
    loader = ChoiceLoader([_own_loader(), FunctionLoader(course.template)])
    environment = _environment(ImmutableSandboxedEnvironment, loader, escaped, syntax)
    environment.globals["range"] = _short_range
    if not course.has(own):
        return environment.get_template(base).render(parts)
    try:
        _check_extends(environment, course, own)
        return _joined(environment.get_template(own).generate({**parts, "base": base}), str(course.folder / own))
    except Exception as error:
        course.complain(error)


def _short_range(*ends: int) -> range:
    counted = range(*ends)
    if len(counted) > MOST_RANGE:
        raise ValueError(f"a range of more than {MOST_RANGE} numbers")
    return counted


def _joined(pieces: Iterable[str], source: str) -> str:
    """The page that the template ``source`` writes piece by piece, as long as it is a page."""
    written: list[str] = []
    length = 0
    for piece in pieces:
        written.append(piece)
        length += len(piece)
        if length > MOST_WRITTEN:
            raise InputError(Fault("", f"writes more than {MOST_WRITTEN:,} characters"), source)
    return "".join(written)


def _check_extends(environment: Environment, course: Course, own: str) -> None:
    source, filename, _ = course.template(own)
    if environment.parse(source, own, filename).find(nodes.Extends) is None:
        begin, end = environment.block_start_string, environment.block_end_string
        raise InputError(Fault("", f"does not begin with {begin} extends base {end}"), f"{filename}:1")


@cache
def _html_templates() -> Environment:
    return _environment(Environment, _own_loader(), _escaped_html, {})


@cache
def _latex_templates() -> Environment:
    return _environment(Environment, _own_loader(), _escaped_latex, _LATEX_SYNTAX)


def _own_loader() -> BaseLoader:
    return FileSystemLoader(data_dir("templates"))


def _escaped_html(text: str) -> Markup:
    return escape(clean(text))


def _escaped_latex(text: str) -> Markup:
    return Markup(escape_latex(text))


def _environment(make: type[Environment], loader: BaseLoader, escaped: Escape, syntax: dict[str, str]) -> Environment:
    """Templates in which a string is escaped unless it is ``Markup``."""

    def finalize(value: object) -> object:
        return value if isinstance(value, Markup) else escaped(str(value))

    environment = make(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **syntax,  # type: ignore[arg-type]
    )
    environment.filters["kind"] = kind
    return environment


def kind(block: Block) -> str:
    """The name that templates know a block by: ``heading``, ``prose``, …"""
    return type(block).__name__.lower()
