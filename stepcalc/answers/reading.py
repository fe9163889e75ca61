"""A file or folder of answers, whatever it is, read for one problem."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from stepcalc.answers.base import Answers, gathered
from stepcalc.answers.folder import read_folder
from stepcalc.answers.formats import read_file
from stepcalc.answers.names import ItemNames
from stepcalc.errors import InputError
from stepcalc.problem import Problem


def read_answers(
    path: str | os.PathLike[str], problem: Problem, asked: Sequence[str] | None = None, others: Iterable[Problem] = ()
) -> Answers:
    """The answers in ``path``, a file or a folder of files, to the items of ``problem``, and of ``others`` if given.

    ``asked`` are the ids of the items in the order in which the questions ask them (left out: those that the problem
    asks); the export of a quiz whose questions do not say their ids is read by it. Bad rows and cells are told by the
    answers' notices.

    Raises :class:`InputError`, its source the path as it was given, for what cannot be read, an unknown item, and a
    column that stands there twice.
    """
    source = Path(path)
    names = ItemNames(problem, None if asked is None else tuple(asked), others)
    try:
        return gathered(read_folder(source, names) if source.is_dir() else read_file(source, names))
    except InputError as error:
        raise error.named(os.fspath(path)) from None
