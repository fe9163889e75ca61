"""The one way out that WeasyPrint has, and it is closed: a page gets its own pictures and the fonts of our libraries.

What else a page asks for is refused and kept in mind, so that it can be told: WeasyPrint leaves it out without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepcalc.sheet.glyphs import font_file

SCHEME = "stepcalc"
PAGE = f"{SCHEME}:page"
"""The address of a page itself; nothing lies beside it."""
FONTS = {f"{SCHEME}:font/text": 0, f"{SCHEME}:font/fallback": 1}
"""The fonts that a style sheet may name, by their addresses."""

Files = Mapping[str, tuple[bytes, str]]
"""Content and media type by address."""


def fetcher(files: Files, refused: list[str]) -> Any:
    """WeasyPrint's fetcher of ``files`` and fonts; the addresses of anything else are added to ``refused``."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url in files:
                content, media = files[url]
                return URLFetcherResponse(url, content, {"Content-Type": media})
            if url in FONTS:
                return URLFetcherResponse(url, font_file(FONTS[url]).read_bytes(), {"Content-Type": "font/ttf"})
            refused.append(url)
            raise PermissionError(f"a sheet loads nothing from outside: {url}")

    return OwnFilesOnly()
