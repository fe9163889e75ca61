"""An exam's directory: the files of every variant, those of all together, and the manifest last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stepcalc.errors import Fault, InputError
from stepcalc.exams.paper import Paper
from stepcalc.exams.variant import Exam, Variant
from stepcalc.marking.exam import MANIFEST
from stepcalc.output import Content, write_each
from stepcalc.problem.writer import problem_files
from stepcalc.publishing.formats import FORMATS, ExamInfo
from stepcalc.publishing.manifest import manifest


def publish(exam: Exam, folder: Path, formats: Sequence[str], students: Mapping[str, str]) -> None:
    """Writes an exam into a folder, whole or not at all. Raises :class:`InputError` where another one is there."""
    if (folder / MANIFEST).exists():
        raise InputError(Fault("", "holds an exam already; nothing is overwritten"), str(folder))
    write_each(_files(exam, folder, formats, students))


def _files(
    exam: Exam, folder: Path, formats: Sequence[str], students: Mapping[str, str]
) -> Iterator[tuple[Path, Content]]:
    pieces: dict[str, list[bytes]] = {name: [] for name in formats if FORMATS[name].piece is not None}
    for variant in exam:
        files, own = made(variant, formats)
        for name, content in files.items():
            yield folder / "variants" / variant.id / name, content
        for name, piece in own.items():
            pieces[name].append(piece)
    info = ExamInfo(exam.recipe, exam.seed, tuple(variant.id for variant in exam))
    for name, parts in pieces.items():
        whole = FORMATS[name].whole
        for file, content in whole(info, iter(parts)).items() if whole is not None else ():
            yield folder / file, content
    yield folder / MANIFEST, manifest(exam, students)


def made(variant: Variant, formats: Sequence[str]) -> tuple[dict[str, Content], dict[str, bytes]]:
    """A variant's own files by name, and its pieces of the others by format."""
    paper, files, pieces = Paper(variant), dict[str, Content](problem_files(variant.problem, "problem.toml")), {}
    for name in formats:
        known = FORMATS[name]
        if known.files is not None:
            files |= known.files(paper)
        if known.piece is not None:
            pieces[name] = known.piece(paper)
    return files, pieces
