"""The formats of an exam on paper: which files a variant has, and which all of them have together.

What a variant gives to the files of all is one archive: its part of the booklet, and the answer sheet and the rubric,
which are the same for all variants that are asked the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from stepcalc.answers.archives import archive, opened
from stepcalc.exams.paper import Paper
from stepcalc.output import Content, as_bytes
from stepcalc.papers import joined_tex
from stepcalc.papers.options import PaperOptions
from stepcalc.papers.writing import SHEETS, left_blank, shared, written
from stepcalc.sheet.words import words

OWN = ("question", "key")
SHARED = {"pdf": ("answer_sheet", "rubric"), "tex": ("rubric",), "html": ("rubric",)}
"""What all variants that are asked the same have together."""
BOOKLETS = ("pdf", "tex")
BOOKLET = "booklet"


class Numbered(Protocol):
    """What is known of an exam when all its variants are made."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Those of its variants, in order."""


@dataclass(frozen=True)
class Printed:
    """``pdf``, ``tex`` or ``html``, printed as the ``options`` say."""

    name: str
    options: PaperOptions

    def files(self, paper: Paper) -> Mapping[str, Content]:
        """The variant's own: its question and its key."""
        return {f"{what}.{self.name}": written(paper, what, self.name, self.options) for what in OWN}

    def piece(self, paper: Paper) -> bytes:
        """What the variant gives to the files of all."""
        own = {BOOKLET: as_bytes(written(paper, OWN[0], self.name, self.options))} if self.name in BOOKLETS else {}
        both = {what: shared(SHEETS[what](paper), self.name, self.options) for what in SHARED[self.name]}
        return archive({**own, **both})

    def whole(self, exam: Numbered, pieces: Iterator[bytes]) -> dict[str, Content]:
        """The files of all variants: the booklet, the answer sheet, the rubric."""
        found = _Shared(self.name)
        parts = (found.seen(one, opened(piece)) for one, piece in zip(exam.ids, pieces, strict=True))
        if self.name in BOOKLETS:
            booklet = self._booklet(exam, (part[BOOKLET] for part in parts))
            return {f"{BOOKLET}.{self.name}": booklet, **found.files()}
        for _ in parts:
            pass
        return found.files()

    def _booklet(self, exam: Numbered, parts: Iterable[bytes]) -> Content:
        say, multiple = words(self.options.template).plain, self.options.pages_multiple
        said = say("exam_paper.left_blank")
        if self.name == "tex":
            return joined_tex.joined((part.decode() for part in parts), multiple, said)
        from stepcalc.papers.joined_pdf import joined

        titles = (say("exam_paper.variant", id=one) for one in exam.ids)
        blank = left_blank(said, self.options) if multiple > 1 else b""
        return joined(zip(titles, parts, strict=True), multiple, blank)


class _Shared:
    """What variants have together: once each, under the id of the first variant that has it where they differ."""

    def __init__(self, format: str) -> None:
        self._format = format
        self._found: dict[str, dict[str, tuple[str, bytes]]] = {what: {} for what in SHARED[format]}

    def seen(self, variant: str, part: dict[str, bytes]) -> dict[str, bytes]:
        """Keeps what is new in a variant's part, and gives the part back."""
        for what, known in self._found.items():
            known.setdefault(hashlib.sha256(part[what]).hexdigest(), (variant, part[what]))
        return part

    def files(self) -> dict[str, Content]:
        """``rubric.pdf``, or ``rubric_001.pdf``, ``rubric_004.pdf``, … where variants are asked different things."""
        return {
            f"{what}{f'_{first}' if len(known) > 1 else ''}.{self._format}": content
            for what, known in self._found.items()
            for first, content in known.values()
        }
