"""The way out is closed: WeasyPrint gets a page's own pictures and the fonts of our libraries, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepcalc.sheet.fetching import FONTS, PAGE, SCHEME, fetcher

OUTSIDE = [
    "file:///etc/passwd", "http://127.0.0.1:1/x", "https://example.org/", "ftp://example.org/x", "data:,x", "logo.png",
    PAGE, f"{SCHEME}:image/1", f"{SCHEME}:font/other", f"{SCHEME}:font/text?x", "", "//example.org/x", "../x",
    "/etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("address", OUTSIDE)
def test_nothing_else_is_fetched(address: str) -> None:
    refused: list[str] = []
    with pytest.raises(PermissionError, match="nothing from outside"):
        fetcher({f"{SCHEME}:image/0": (b"", "image/png")}, refused).fetch(address)
    assert refused == [address]


def test_a_file_of_the_machine_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.chdir(tmp_path)
    for address in ("secret.txt", (tmp_path / "secret.txt").as_uri()):
        with pytest.raises(PermissionError):
            fetcher({}, [])(address)


def test_a_page_gets_its_own_pictures_and_the_fonts() -> None:
    refused: list[str] = []
    fetch = fetcher({f"{SCHEME}:image/0": (b"content", "image/png")}, refused).fetch
    picture = fetch(f"{SCHEME}:image/0")
    assert (picture.read(), picture.content_type) == (b"content", "image/png")
    assert all(len(fetch(font).read()) > 100_000 for font in FONTS)
    assert refused == []
