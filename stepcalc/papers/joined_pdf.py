"""Many PDF documents as one: their pages one after the other, and their structure for readers that read aloud.

Each was made by itself, in whatever process: joining takes a tenth of the time and no more memory than the file itself,
where one large document would have to be set anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

KEPT_OF_CATALOG = ("/Lang", "/ViewerPreferences", "/MarkInfo", "/Metadata")
"""What the whole says of itself as the first document does."""


def joined(documents: Iterable[tuple[str, bytes]], pages_multiple: int = 1, blank: bytes = b"") -> bytes:
    """The documents in one, each under its title among the bookmarks.

    Each is filled up with ``blank`` pages to a multiple of ``pages_multiple``.
    """
    whole = _Whole()
    for title, document in documents:
        pages = whole.add(document)
        whole.bookmark(title, pages)
        for _ in range(-pages % pages_multiple):
            whole.add(blank)
    return whole.written()


class _Whole:
    """A document in the making."""

    def __init__(self) -> None:
        self.writer = PdfWriter()
        self.children = ArrayObject()
        self.owners = ArrayObject()
        self.names: list[tuple[str, Any]] = []
        self.documents = self.next_key = 0
        self.root = DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")})
        self.root_at = self.writer._add_object(self.root)
        document = {"/Type": NameObject("/StructElem"), "/S": NameObject("/Document"), "/P": self.root_at}
        named = {NameObject(key): value for key, value in {**document, "/K": self.children}.items()}
        self.whole_at = self.writer._add_object(DictionaryObject(named))

    def add(self, document: bytes) -> int:
        """Puts a document's pages at the end, and its structure into that of the whole; how many pages it has."""
        reader = PdfReader(io.BytesIO(document))
        pages = [(page, self.writer.add_page(page)) for page in reader.pages]
        catalog: Any = reader.trailer["/Root"]
        if self.documents == 0:
            self._say_of_whole(catalog, reader)
        self.documents += 1
        tree = catalog["/StructTreeRoot"].clone(self.writer)
        self._renumber(pages, tree)
        self._rename(tree)
        for child in tree["/K"]:
            part = child.get_object()
            part[NameObject("/S")], part[NameObject("/P")] = NameObject("/Part"), self.whole_at
            self.children.append(child)
        return len(pages)

    def bookmark(self, title: str, pages: int) -> None:
        """A bookmark for the document of so many pages that was added last."""
        self.writer.add_outline_item(title=title, page_number=len(self.writer.pages) - pages)

    def _say_of_whole(self, catalog: Any, reader: PdfReader) -> None:
        for name in KEPT_OF_CATALOG:
            if name in catalog:
                self.writer.root_object[NameObject(name)] = catalog.raw_get(name).clone(self.writer)
        self.writer.add_metadata({key: str(text) for key, text in (reader.metadata or {}).items()})

    def _renumber(self, pages: list[tuple[Any, Any]], tree: Any) -> None:
        """Pages know their place in the list of who owns what on them: here it is that of all documents.

        Of each page there is the original, and its copy, to which pypdf gives no place.
        """
        numbers = tree["/ParentTree"].get_object()["/Nums"]
        shift = self.next_key
        for key, owner in zip(numbers[::2], numbers[1::2], strict=True):
            self.owners += [NumberObject(int(key) + shift), owner]
            self.next_key = max(self.next_key, int(key) + shift + 1)
        for original, page in pages:
            page[NameObject("/Tabs")] = NameObject("/S")
            if "/StructParents" in original:
                page[NameObject("/StructParents")] = NumberObject(int(original["/StructParents"]) + shift)
            for annotation in page.get("/Annots", ()):
                known = annotation.get_object()
                if "/StructParent" in known:
                    known[NameObject("/StructParent")] = NumberObject(int(known["/StructParent"]) + shift)

    def _rename(self, tree: Any) -> None:
        """The headers of tables are found by their names, which are the whole's as well."""
        waiting = list(tree["/K"])
        while waiting:
            at = waiting.pop()
            element = at.get_object()
            if not isinstance(element, DictionaryObject) or "/S" not in element:
                continue
            waiting += element.get("/K", ())
            if "/ID" in element:
                element[NameObject("/ID")] = self._name(element["/ID"])
                self.names.append((str(element["/ID"]), at))
            told: Any = element.get("/A")
            if told is not None and "/Headers" in told.get_object():
                known = told.get_object()
                known[NameObject("/Headers")] = ArrayObject(map(self._name, known["/Headers"]))

    def _name(self, name: Any) -> TextStringObject:
        return TextStringObject(f"{self.documents}-{name}")

    def written(self) -> bytes:
        """The whole."""
        listed = (part for name, at in sorted(self.names, key=_first) for part in (TextStringObject(name), at))
        if self.names:
            self.root[NameObject("/IDTree")] = DictionaryObject({NameObject("/Names"): ArrayObject(listed)})
        parents = DictionaryObject({NameObject("/Nums"): self.owners})
        self.root[NameObject("/K")] = ArrayObject([self.whole_at])
        self.root[NameObject("/ParentTree")] = self.writer._add_object(parents)
        self.root[NameObject("/ParentTreeNextKey")] = NumberObject(self.next_key)
        self.writer.root_object[NameObject("/StructTreeRoot")] = self.root_at
        written = io.BytesIO()
        self.writer.write(written)
        return written.getvalue()


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]
