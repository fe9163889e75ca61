"""The package for Canvas: the quizzes of all variants, and the manifest that says where everything is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from stepcalc.answers.archives import archive
from stepcalc.exams.paper import Paper
from stepcalc.platforms.canvas import variant_files
from stepcalc.platforms.canvas_reader import read_quiz
from stepcalc.platforms.package import Files, packed
from stepcalc.platforms.proof import prove
from stepcalc.platforms.tags import lines, tag

FILE = "canvas.zip"
NAMESPACE, SCHEMA = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1", ("IMS Content", "1.1.3")
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
    return {FILE: packed(made, NAMESPACE, SCHEMA, _resources)}


def _resources(name: str, files: Files) -> Iterator[Markup]:
    """A variant's quiz, its settings and its figures."""
    quiz, settings = f"{name}/{name}.xml", f"{name}/{SETTINGS}"
    refers = tag("dependency", identifierref=f"{name}_meta")
    yield tag("resource", lines(tag("file", href=quiz), refers), identifier=name, type=ASSESSMENT)
    yield tag("resource", tag("file", href=settings), identifier=f"{name}_meta", type=OTHER, href=settings)
    figures = (file for file in files if file not in (quiz, settings))
    for number, file in enumerate(figures, start=1):
        yield tag("resource", tag("file", href=file), identifier=f"{name}_figure_{number}", type=FIGURE, href=file)
