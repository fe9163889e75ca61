"""Archives and XML are opened without trust."""

from __future__ import annotations

import io
import zipfile
from importlib import import_module

import pytest
from markupsafe import Markup

from stepcalc.answers import archives
from stepcalc.answers.archives import archive, opened
from stepcalc.errors import InputError
from stepcalc.exams.paper import Paper
from stepcalc.platforms import xml_reading
from stepcalc.platforms.package import packed
from stepcalc.platforms.tags import document, lines, tag
from stepcalc.platforms.xml_reading import children, one, read_xml, words_of

BILLION = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>"""
EXTERNAL = b"""<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>"""


def test_an_archive_is_opened_as_it_was_packed() -> None:
    first, second = {"a/x.xml": b"<x/>"}, {"b/y.svg": b"<y/>" * 1000}
    whole = packed(map(archive, (first, second)), "urn:x", ("S", "1"), lambda name, _: [tag("resource", href=name)])
    (manifest, data), *files = opened(whole).items()
    assert manifest == "imsmanifest.xml"
    assert [one.get("href") for one in children(read_xml(data), "resource")] == ["a", "b"]
    assert files == [*first.items(), *second.items()]


@pytest.mark.parametrize("name", ["canvas", "qti"])
def test_a_variant_is_proved_before_it_is_packed(paper: Paper, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    package = import_module(f"stepcalc.platforms.{name}_package")
    monkeypatch.setattr(f"stepcalc.platforms.{name}.around_right", lambda gap: 0.0)
    with pytest.raises(InputError, match=rf"{name}\.zip: variant 001: .* which is right, is marked 0"):
        package.piece(paper)


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive at all", archive({"a": b"x" * 500})[:-30]])
def test_damaged_archives_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="damaged"):
        opened(data)


def test_archives_that_swell_are_refused() -> None:
    bomb = archive({"a": b"\x00" * 3_000_000})
    assert len(bomb) < 4000
    with pytest.raises(InputError, match="more than are opened"):
        opened(bomb)


def test_archives_with_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILES", 2)
    with pytest.raises(InputError, match="3 files"):
        opened(archive(dict.fromkeys("abc", b"x")))


def test_two_files_of_one_name_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("a", "2")
    with pytest.raises(InputError, match="same name"):
        opened(stream.getvalue())


@pytest.mark.parametrize("data", [BILLION, EXTERNAL])
def test_declarations_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="declares a document type"):
        read_xml(data)


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a></b>", b"<a>&nbsp;</a>", b"\xff\xfe"])
def test_what_is_no_xml_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not XML"):
        read_xml(data)


def test_depth_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = xml_reading.MAX_DEPTH
    assert read_xml(b"<a>" * deep + b"</a>" * deep).tag == "a"
    with pytest.raises(InputError, match="nested too deeply"):
        read_xml(b"<a>" * (deep + 1) + b"</a>" * (deep + 1))
    monkeypatch.setattr(xml_reading, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="at most 10"):
        read_xml(b"<abcdefghij/>")


def test_elements_are_called_by_their_local_names() -> None:
    root = read_xml(b'<m:a xmlns:m="urn:m" m:x="1"><b xmlns="urn:n">two  <c>words</c></b></m:a>')
    assert (root.tag, root.get("x"), words_of(one(root, "b"))) == ("a", "1", "two words")
    with pytest.raises(InputError, match="0 elements d in a"):
        one(root, "d")


def test_text_is_escaped_and_markup_is_not() -> None:
    made = tag("a", "<b>&", Markup("<i/>"), class_='"x"', xml__lang="en")
    assert made == '<a class="&#34;x&#34;" xml:lang="en">&lt;b&gt;&amp;<i/></a>'
    assert document(tag("r", lines(tag("e"), tag("f", "1")))) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<r>\n<e/>\n<f>1</f>\n</r>\n'
    )
