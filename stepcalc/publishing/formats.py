"""The formats of an exam: which files each has, for a variant and for all of them together.

What a format says of a variant is made from its :class:`Paper` alone, in whatever process: files of the variant's own,
and a ``piece`` of a file of all variants. The ``whole`` puts the pieces together, in the order of the variants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from stepcalc.exams.paper import Paper
from stepcalc.output import Content
from stepcalc.papers.options import PLAIN_PAPER, PaperOptions
from stepcalc.papers.printed import Printed
from stepcalc.recipes import Recipe

Files = Mapping[str, Content]


@dataclass(frozen=True)
class ExamInfo:
    """What all files of an exam may say: what it was made from, with which seed, and the ids of its variants."""

    recipe: Recipe
    seed: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """One format: the ``files`` in a variant's folder, its ``piece`` of those beside the manifest, and these.

    ``whole`` is given the pieces as an iterator, in the order of the ids.
    """

    name: str
    files: Callable[[Paper], Files] | None = None
    piece: Callable[[Paper], bytes] | None = None
    whole: Callable[[ExamInfo, Iterator[bytes]], Files] | None = None


FORMATS: dict[str, Format] = {}
"""The formats of platforms, by their names."""


def register(format: Format) -> Format:
    """Puts a format into the table."""
    FORMATS[format.name] = format
    return format


def formats(options: PaperOptions = PLAIN_PAPER) -> dict[str, Format]:
    """Every format by its name: those on paper as the ``options`` say, tables, and those of platforms."""
    printed = (Printed(name, options) for name in ("pdf", "tex", "html"))
    paper = (Format(one.name, one.files, one.piece, one.whole) for one in printed)
    return {**{one.name: one for one in (*paper, JSON, CSV)}, **FORMATS}


def _json_files(paper: Paper) -> Files:
    from stepcalc.papers.as_json import key_json, question_json

    return {"question.json": question_json(paper), "key.json": key_json(paper)}


def _csv_rows(paper: Paper) -> bytes:
    from stepcalc.papers.answers_csv import rows

    return rows(paper)


def _csv_whole(exam: ExamInfo, pieces: Iterator[bytes]) -> Files:
    from stepcalc.papers.answers_csv import whole

    return {"answers.csv": whole(pieces)}


JSON = Format("json", files=_json_files)
CSV = Format("csv", piece=_csv_rows, whole=_csv_whole)


def _platform(name: str, module: str) -> Format:
    """What a module of the platforms writes, which is imported when it is needed."""

    def piece(paper: Paper) -> bytes:
        made: bytes = import_module(module).piece(paper)
        return made

    def whole(_: ExamInfo, pieces: Iterator[bytes]) -> Files:
        made: Files = import_module(module).whole(pieces)
        return made

    return Format(name, piece=piece, whole=whole)


for _name, _module in {
    "moodle": "stepcalc.platforms.moodle",
    "canvas": "stepcalc.platforms.canvas_package",
    "qti": "stepcalc.platforms.qti_package",
}.items():
    register(_platform(_name, _module))
