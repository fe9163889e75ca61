"""The package for Canvas: the quizzes of all variants, and the manifest that says where everything is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from stepcalc.answers.archives import archive
from stepcalc.exams.paper import Paper
from stepcalc.platforms.canvas import variant_files
from stepcalc.platforms.canvas_reader import read_quiz
from stepcalc.platforms.naming import common_name
from stepcalc.platforms.package import packed, pieces
from stepcalc.platforms.proof import prove
from stepcalc.platforms.tags import document, lines, tag

FILE = "canvas.zip"
NAMESPACE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
ASSESSMENT, OTHER, FIGURE = (
    "imsqti_xmlv1p2", "associatedcontent/imscc_xmlv1p1/learning-application-resource", "webcontent",
)  # fmt: skip
SETTINGS = "assessment_meta.xml"


def piece(paper: Paper) -> bytes:
    """The files of a variant, read back and found right."""
    files = variant_files(paper)
    _, fields = read_quiz(next(iter(files.values())))
    prove(paper, fields, FILE)
    return archive(files)


def whole(made: Iterable[bytes]) -> dict[str, bytes]:
    """The package of the variants' pieces, in their order."""
    variants = pieces(made)
    return {FILE: packed(manifest(variants), variants)}


def manifest(variants: Iterable[Mapping[str, bytes]]) -> bytes:
    """The manifest: a quiz, its settings and its figures for each variant."""
    named = [(_name(files), files) for files in variants]
    metadata = tag("metadata", tag("schema", "IMS Content"), tag("schemaversion", "1.1.3"))
    resources = tag("resources", lines(*(one for name, files in named for one in _resources(name, files))))
    root = tag(
        "manifest", lines(metadata, tag("organizations"), resources),
        identifier=common_name([name for name, _ in named]), xmlns=NAMESPACE,
    )  # fmt: skip
    return document(root)


def _name(files: Mapping[str, bytes]) -> str:
    return next(iter(files)).partition("/")[0]


def _resources(name: str, files: Mapping[str, bytes]) -> Iterable[Markup]:
    quiz, settings = f"{name}/{name}.xml", f"{name}/{SETTINGS}"
    refers = tag("dependency", identifierref=f"{name}_meta")
    yield tag("resource", lines(tag("file", href=quiz), refers), identifier=name, type=ASSESSMENT)
    yield tag("resource", tag("file", href=settings), identifier=f"{name}_meta", type=OTHER, href=settings)
    figures = (file for file in files if file not in (quiz, settings))
    for number, file in enumerate(figures, start=1):
        yield tag("resource", tag("file", href=file), identifier=f"{name}_figure_{number}", type=FIGURE, href=file)
