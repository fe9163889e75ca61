"""An exam into its directory: every variant by itself, then the files of all of them, and the manifest last."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stepcalc._version import __version__
from stepcalc.errors import Fault, InputError
from stepcalc.exams.variant import Exam, Variant
from stepcalc.marking.exam import FORMAT
from stepcalc.papers.options import PLAIN_PAPER, PaperOptions
from stepcalc.publishing.formats import ExamInfo
from stepcalc.publishing.formats import formats as all_formats
from stepcalc.publishing.shelf import VARIANTS, Shelf
from stepcalc.publishing.work import Made, Work, make
from stepcalc.publishing.workers import Do, one_by_one

Progress = Callable[[int, int], None]
"""Told how many variants are made, of how many that were missing: how long it will take depends on these alone."""


def publish(
    exam: Exam,
    folder: str | os.PathLike[str],
    formats: Sequence[str] = ("pdf",),
    students: Mapping[str, str] | None = None,
    resume: bool = False,
    do: Do[Work, Made] = one_by_one,
    progress: Progress | None = None,
    options: PaperOptions = PLAIN_PAPER,
) -> None:
    """Writes an exam into a folder, on paper as the ``options`` say.

    ``students`` says whose variant is whose. With ``resume``, an exam that was begun there is finished. ``do`` does the
    work: see :mod:`stepcalc.publishing.workers`.

    Raises :class:`InputError` where another exam is there, and where a question cannot be asked; then nothing is left
    behind. After an interruption, what was made stays, to be resumed; also after the :class:`FileExistsError` that is
    raised where something else has the name of one of the exam's files.
    """
    _refuse_unknown(formats)
    shelf, plan = Shelf(Path(folder)), _plan(exam, formats, students or {}, options)
    if resume:
        shelf.go_on(plan)
    else:
        shelf.begin(plan)
    try:
        _fill(shelf, exam, formats, do, progress, options)
        info = ExamInfo(exam.recipe, exam.seed, tuple(variant.id for variant in exam))
        shelf.finish(_of_all(shelf, info, formats, options), _manifest(shelf, exam, students or {}))
    except InputError:
        if not resume:
            shelf.give_up()
        raise


def publish_again(
    exam: Exam,
    variant: str,
    folder: str | os.PathLike[str],
    formats: Sequence[str],
    options: PaperOptions = PLAIN_PAPER,
) -> None:
    """Makes the files of one variant again, in an exam that was made from the same recipe and seed.

    Raises :class:`InputError` where another exam is there, or one of another version of stepcalc, which may draw other
    variants, or fewer variants, and for formats of all variants together.
    """
    _refuse_unknown(formats)
    together = [name for name in formats if all_formats(options)[name].files is None]
    if together:
        raise InputError(Fault("", f"{', '.join(together)}: made of all variants together, not of one"), "-f")
    shelf = Shelf(Path(folder))
    shelf.refuse_another(_made_from(exam), variant)
    one = next(known for known in exam if known.id == variant)
    shelf.put_again(make(_work(one, formats, options)))


def _refuse_unknown(formats: Sequence[str]) -> None:
    known = all_formats()
    unknown = [name for name in formats if name not in known]
    if unknown:
        raise InputError(Fault("", f"{', '.join(unknown)}: expected some of {', '.join(known)}"), "-f")


def _fill(
    shelf: Shelf,
    exam: Exam,
    formats: Sequence[str],
    do: Do[Work, Made],
    progress: Progress | None,
    options: PaperOptions,
) -> None:
    missing = [variant for variant in exam if not shelf.has(variant.id)]
    work = (_work(variant, formats, options) for variant in missing)
    for done, made in enumerate(do(make, work), start=1):
        shelf.put(made)
        if progress is not None:
            progress(done, len(missing))


def _work(variant: Variant, formats: Sequence[str], options: PaperOptions) -> Work:
    problem = variant.candidate.problem
    return Work(
        variant.id, variant.recipe, variant.asked, problem, tuple(formats), variant.seed, variant.drawn_from, options
    )


def _of_all(shelf: Shelf, info: ExamInfo, formats: Sequence[str], options: PaperOptions) -> dict[str, Any]:
    found: dict[str, Any] = {}
    known = all_formats(options)
    for name in formats:
        whole = known[name].whole
        if whole is not None:
            found |= whole(info, shelf.pieces(name, info.ids))
    return found


def _plan(exam: Exam, formats: Sequence[str], students: Mapping[str, str], options: PaperOptions) -> dict[str, Any]:
    """All that decides what an exam's files are; one that is resumed has to have the same."""
    return {
        **_made_from(exam),
        "number of variants": len(exam),
        "formats": sorted(formats),
        "paper": [options.paper, options.pages_multiple, str(options.template or "")],
        "class list": hashlib.sha256(json.dumps(dict(students)).encode()).hexdigest(),
    }


def _made_from(exam: Exam) -> dict[str, Any]:
    """What decides which variants an exam has."""
    return {"recipe": exam.sha256, "seed": exam.seed, "version": __version__}


def _manifest(shelf: Shelf, exam: Exam, students: Mapping[str, str]) -> str:
    fields: dict[str, Any] = {
        "format": FORMAT,
        "title": exam.recipe.title,
        "seed": exam.seed,
        "recipe": {"name": exam.recipe.name, "sha256": exam.sha256},
        "versions": {"stepcalc": __version__},
        "variants": [
            {"id": one.id, "problem": f"{VARIANTS}/{one.id}/problem.toml", "answers": shelf.answers(one.id)}
            for one in exam
        ],
    }
    if students:
        fields["students"] = dict(students)
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
