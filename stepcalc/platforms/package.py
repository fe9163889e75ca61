"""Packages of files, written piece by piece, a variant each, and the manifest that says where everything is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from markupsafe import Markup

from stepcalc.answers.archives import archive, opened
from stepcalc.platforms.naming import common_name
from stepcalc.platforms.tags import document, lines, tag

MANIFEST = "imsmanifest.xml"
Files = Mapping[str, bytes]
Resources = Callable[[str, Files], Iterable[Markup]]
"""What a manifest says of a variant, by its name and its files."""


def packed(made: Iterable[bytes], namespace: str, schema: tuple[str, str], resources: Resources) -> bytes:
    """The package of the variants' pieces, in their order; the manifest comes first.

    ``schema`` is what the manifest says of itself, and its version.
    """
    variants = [opened(one) for one in made]
    files = {name: data for variant in variants for name, data in variant.items()}
    return archive({MANIFEST: _manifest(variants, namespace, schema, resources)} | files)


def _manifest(variants: Iterable[Files], namespace: str, schema: tuple[str, str], resources: Resources) -> bytes:
    named = [(next(iter(files)).partition("/")[0], files) for files in variants]
    listed = [one for name, files in named for one in resources(name, files)]
    metadata = tag("metadata", tag("schema", schema[0]), tag("schemaversion", schema[1]))
    root = tag(
        "manifest", lines(metadata, tag("organizations"), tag("resources", lines(*listed))),
        identifier=common_name([name for name, _ in named]), xmlns=namespace,
    )  # fmt: skip
    return document(root)
