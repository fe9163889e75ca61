"""The QTI 2.1 package: the tests of all variants with their items, and the manifest that says where everything is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from markupsafe import Markup

from stepcalc.answers.archives import archive
from stepcalc.exams.paper import Paper
from stepcalc.platforms.naming import common_name
from stepcalc.platforms.package import packed, pieces
from stepcalc.platforms.proof import prove
from stepcalc.platforms.qti import TEST, QtiWriter
from stepcalc.platforms.qti_reader import read_test
from stepcalc.platforms.tags import document, lines, tag

FILE = "qti.zip"
NAMESPACE = "http://www.imsglobal.org/xsd/imscp_v1p1"
TEST_TYPE, ITEM_TYPE, FIGURE_TYPE = "imsqti_test_xmlv2p1", "imsqti_item_xmlv2p1", "webcontent"


def piece(paper: Paper) -> bytes:
    """The files of a variant, read back and found right."""
    files = QtiWriter(paper).files()
    prove(paper, read_test(files), FILE)
    return archive(files)


def whole(made: Iterable[bytes]) -> dict[str, bytes]:
    """The package of the variants' pieces, in their order."""
    variants = pieces(made)
    return {FILE: packed(manifest(variants), variants)}


def manifest(variants: Iterable[Mapping[str, bytes]]) -> bytes:
    """The manifest: a test, its items and its figures for each variant."""
    named = [(next(iter(files)).partition("/")[0], files) for files in variants]
    metadata = tag("metadata", tag("schema", "QTIv2.1 Package"), tag("schemaversion", "1.0.0"))
    resources = tag("resources", lines(*(one for name, files in named for one in _resources(name, files))))
    root = tag(
        "manifest", lines(metadata, tag("organizations"), resources),
        identifier=common_name([name for name, _ in named]), xmlns=NAMESPACE,
    )  # fmt: skip
    return document(root)


def _resources(name: str, files: Iterable[str]) -> Iterator[Markup]:
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
