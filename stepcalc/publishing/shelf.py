"""An exam's directory while it is being filled, so that what was interrupted can be finished.

Each variant appears under its name in one move, after its pieces of the files of all variants, which are kept in a
folder of their own until the exam is whole. The manifest comes last: a directory that has one is an exam.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepcalc.errors import Fault, InputError
from stepcalc.marking.exam import MANIFEST
from stepcalc.output import Content, as_bytes
from stepcalc.publishing.work import Made

VARIANTS, UNFINISHED, PLAN, ANSWERS = "variants", ".stepcalc-unfinished", "plan.json", "answers.json"
DRAFT = ".draft"
"""The ending of what is not whole yet."""


@dataclass(frozen=True)
class Shelf:
    """The directory of one exam."""

    folder: Path

    @property
    def is_exam(self) -> bool:
        """Whether a whole exam is there."""
        return (self.folder / MANIFEST).is_file()

    @property
    def is_begun(self) -> bool:
        """Whether an exam was begun there and not finished."""
        return self._plan.is_file()

    @property
    def _plan(self) -> Path:
        return self.folder / UNFINISHED / PLAN

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Begins an exam. Raises :class:`InputError` where there is another one, or something of that name."""
        self._refuse_what_is_there()
        self._put(self.folder / UNFINISHED, {PLAN: as_bytes(json.dumps(plan))})

    def _refuse_what_is_there(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(Fault("", "is not a directory"), str(self.folder))
        if self.is_begun:
            told = "holds an exam that was begun and not finished; --resume finishes it"
        elif self.is_exam or (self.folder / VARIANTS).exists():
            told = "holds an exam already; nothing is overwritten"
        else:
            return
        raise InputError(Fault("", told), str(self.folder))

    def go_on(self, plan: Mapping[str, Any]) -> None:
        """Goes on with an exam that was begun. Raises :class:`InputError` where there is none, or another one."""
        if not self.is_begun:
            told = "holds a whole exam; there is nothing to resume" if self.is_exam else "holds no exam that was begun"
            raise InputError(Fault("", told), str(self.folder))
        begun = self._begun()
        other = [key for key in plan if begun.get(key) != plan[key]]
        if other:
            told = f"was begun with another {' and '.join(other)}; nothing is changed"
            raise InputError(Fault("", told), str(self.folder))

    def _begun(self) -> dict[str, Any]:
        try:
            begun = json.loads(self._plan.read_bytes())
        except ValueError:
            begun = None
        return begun if isinstance(begun, dict) else {}

    def refuse_another(self, made_from: Mapping[str, Any], variant: str) -> None:
        """Raises :class:`InputError` where there is no exam that is made from the same, with this variant."""
        if not self.is_exam:
            raise InputError(Fault("", "holds no exam"), str(self.folder))
        try:
            fields = json.loads((self.folder / MANIFEST).read_bytes())
            known = {"recipe": fields["recipe"]["sha256"], "seed": fields["seed"]}
            known["version"] = fields["versions"]["stepcalc"]
            ids = [one["id"] for one in fields["variants"]]
        except (ValueError, LookupError, TypeError):
            known, ids = {}, []
        other = [key for key in made_from if known.get(key) != made_from[key]]
        if other:
            told = f"holds an exam made with another {' and '.join(other)}; nothing is changed"
            raise InputError(Fault("", told), str(self.folder))
        if variant not in ids:
            raise InputError(Fault("", f"has no variant {variant}; its last one is {ids[-1]}"), str(self.folder))

    def has(self, variant: str) -> bool:
        """Whether a variant is whole."""
        return (self.folder / VARIANTS / variant).is_dir() and self._kept(variant).is_dir()

    def put(self, made: Made) -> None:
        """A variant, its pieces first: whoever has a folder of its name has all of it."""
        self._put(self._kept(made.id), {**made.pieces, ANSWERS: as_bytes(json.dumps(dict(made.answers)))})
        self._put(self.folder / VARIANTS / made.id, made.files)

    def put_again(self, made: Made) -> None:
        """The files of a variant of an exam that is whole; what else there is in its folder stays."""
        folder = self.folder / VARIANTS / made.id
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.files.items():
            _write(folder / name, content)

    def _put(self, target: Path, files: Mapping[str, bytes]) -> None:
        """A folder that appears under its name in one move."""
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}{DRAFT}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for name, content in files.items():
            (draft / name).write_bytes(content)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)

    def answers(self, variant: str) -> dict[str, float]:
        """The right answers of a variant that is there."""
        found: dict[str, float] = json.loads((self._kept(variant) / ANSWERS).read_bytes())
        return found

    def pieces(self, name: str, variants: tuple[str, ...]) -> Iterator[bytes]:
        """The pieces of one format, in the order of the variants."""
        return ((self._kept(variant) / name).read_bytes() for variant in variants)

    def _kept(self, variant: str) -> Path:
        return self.folder / UNFINISHED / variant

    def finish(self, files: Mapping[str, Content], manifest: str) -> None:
        """The files of all variants, then the manifest; what was only kept on the way is taken away.

        Raises :class:`FileExistsError` before anything is written where one of them is there and is not the exam's.
        """
        for name, content in files.items():
            self._refuse_to_overwrite(self.folder / name, as_bytes(content))
        for name, content in files.items():
            _write(self.folder / name, content)
        _write(self.folder / MANIFEST, manifest)
        shutil.rmtree(self.folder / UNFINISHED)

    def _refuse_to_overwrite(self, path: Path, content: bytes) -> None:
        if path.exists() and not (path.is_file() and path.read_bytes() == content):
            raise FileExistsError(None, "is there already, and not overwritten; move it away", str(path))

    def give_up(self) -> None:
        """Takes away all that was begun."""
        for name in (VARIANTS, UNFINISHED):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        with suppress(OSError):  # something else may be there
            self.folder.rmdir()


def _write(path: Path, content: Content) -> None:
    """A file that appears under its name in one move."""
    draft = path.with_name(f"{path.name}{DRAFT}")
    with draft.open("wb") as stream:
        stream.write(as_bytes(content))
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
