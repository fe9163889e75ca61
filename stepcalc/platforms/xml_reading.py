"""XML as it is read: nothing is declared, fetched or expanded, and depth and size are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from stepcalc.errors import Fault, InputError

MAX_BYTES, MAX_DEPTH = 50_000_000, 200


def read_xml(data: bytes) -> Element:
    """The root of a document; elements are called by their local names, whatever their namespace.

    Raises :class:`InputError` for what is not XML, declares a document type, or is too large or too deep.
    """
    if len(data) > MAX_BYTES:
        _refuse(f"{len(data):,} bytes of XML, at most {MAX_BYTES:,} are read")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler = reader.tree.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        _refuse(f"not XML: {expat.ErrorString(error.code)}")
    return reader.tree.close()


class _Reader:
    def __init__(self) -> None:
        self.tree = TreeBuilder()
        self.depth = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            _refuse("nested too deeply")
        self.tree.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        self.tree.end(_local(name))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def words_of(element: Element) -> str:
    """All text in an element, on one line."""
    return " ".join("".join(element.itertext()).split())


def one(element: Element, path: str) -> Element:
    """The only element at ``path``. Raises :class:`InputError` where there is none, or several."""
    found = element.findall(path)
    if len(found) != 1:
        _refuse(f"{len(found)} elements {path} in {element.tag}, expected one")
    return found[0]


def children(element: Element, name: str) -> Iterator[Element]:
    """All elements of a name in an element, however deep."""
    return (inner for inner in element.iter(name) if inner is not element)


def _refuse_doctype(*_: object) -> None:
    _refuse("it declares a document type")


def _refuse(message: str) -> None:
    raise InputError(Fault("", message))
