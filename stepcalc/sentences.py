"""What the pages say: every sentence stands in one file, ``templates/words/en.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from stepcalc.board.sentence import put_in
from stepcalc.resources import data_dir


@cache
def english() -> dict[str, Any]:
    """stepcalc's own sentences, by section and name; whoever asks keeps them as they are."""
    return tomllib.loads((data_dir("templates") / "words" / "en.toml").read_text(encoding="utf-8"))


def said(key: str, **parts: str | int) -> str:
    """The sentence ``section.name`` with texts put in at its places.

    Raises :class:`KeyError` where there is no such sentence, or it names a part that is not given.
    """
    section, name = key.split(".")
    return "".join(map(str, put_in(english()[section][name], parts)))
