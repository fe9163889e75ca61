"""The QTI 2.1 package: the tests of all variants with their items, and the manifest that says where everything is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from stepcalc.answers.archives import archive
from stepcalc.exams.paper import Paper
from stepcalc.platforms.package import Files, packed
from stepcalc.platforms.proof import prove
from stepcalc.platforms.qti import TEST, QtiWriter
from stepcalc.platforms.qti_reader import read_test
from stepcalc.platforms.tags import lines, tag

FILE = "qti.zip"
NAMESPACE, SCHEMA = "http://www.imsglobal.org/xsd/imscp_v1p1", ("QTIv2.1 Package", "1.0.0")
TEST_TYPE, ITEM_TYPE, FIGURE_TYPE = "imsqti_test_xmlv2p1", "imsqti_item_xmlv2p1", "webcontent"


def piece(paper: Paper) -> bytes:
    """The files of a variant, read back and found right."""
    files = QtiWriter(paper).files()
    prove(paper, read_test(files), FILE)
    return archive(files)


def whole(made: Iterable[bytes]) -> dict[str, bytes]:
    """The package of the variants' pieces, in their order."""
    return {FILE: packed(made, NAMESPACE, SCHEMA, _resources)}


def _resources(name: str, files: Files) -> Iterator[Markup]:
    """A variant's test, its items and its figures."""
    test, *others = files
    items = {f"{name}_{_stem(file)}": file for file in others if file.endswith(".xml")}
    figures = [file for file in others if not file.endswith(".xml")]
    yield _resource(f"{name}_{_stem(TEST)}", TEST_TYPE, [test], items)
    for item, file in items.items():
        yield _resource(item, ITEM_TYPE, [file], [f"{name}_figures"] if figures else [])
    if figures:
        yield _resource(f"{name}_figures", FIGURE_TYPE, figures)


def _resource(name: str, kind: str, files: Iterable[str], needs: Iterable[str] = ()) -> Markup:
    listed = list(files)
    parts = [tag("file", href=file) for file in listed] + [tag("dependency", identifierref=one) for one in needs]
    return tag("resource", lines(*parts), identifier=name, type=kind, href=listed[0])


def _stem(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".xml")
