"""Where the files that are not Python lie: the templates and the worked examples.

Both folders stand at the top of the repository. A wheel carries them inside the package, under
``_data``; a checkout and an editable install find them beside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """The folder ``name`` (``"templates"``, ``"worked_examples"``); FileNotFoundError where there is none."""
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"stepcalc's own folder {name!r} is missing: the installation is incomplete")
