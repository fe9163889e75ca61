"""The page is whole, well-formed and harmless."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.html import html

VOID = {"meta", "wbr", "img", "br", "link"}


class Reader(HTMLParser):
    """Notes every element and complains where one is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_page_is_well_formed_and_needs_nothing_from_outside(cookie_sheet: Sheet) -> None:
    page = html(cookie_sheet)
    reader = read(page)
    tags = {tag for tag, _ in reader.seen}
    assert tags & {"link", "iframe", "object", "img"} == set()
    assert not re.search(r"""\ssrc\s*=|href="[^#]|url\(|@import|fetch\(|XMLHttpRequest""", page)
    assert {"math", "svg", "table", "h1", "h2", "h3"} <= tags
    assert page.startswith("<!DOCTYPE html>")
    assert ("html", {"lang": "en"}) in reader.seen
    assert "Will the cookie taste good?" in reader.text


def test_every_formula_is_mathml(cookie_sheet: Sheet) -> None:
    formulas = re.findall(r"<math.*?</math>", html(cookie_sheet), re.DOTALL)
    assert len(formulas) > 40
    for formula in formulas:
        ElementTree.fromstring(formula)
    numbers = re.findall(r'data-item="z1\[1\]"[^>]*>([^<]*)<', html(cookie_sheet))
    assert "4.6" in numbers


def test_nothing_runs_but_the_one_script(cookie_sheet: Sheet, hostile_sheet: Sheet) -> None:
    for sheet in (cookie_sheet, hostile_sheet):
        page = html(sheet)
        [policy] = [
            attributes["content"] or ""
            for tag, attributes in read(page).seen
            if attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert "unsafe" not in policy
        for tag, rule in (("script", "script-src"), ("style", "style-src")):
            [inside] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert rules[rule] == f"'sha256-{digest}'"


def test_page_says_nothing_that_its_policy_forbids(cookie_sheet: Sheet) -> None:
    attributes = {name for _, attributes in read(html(cookie_sheet)).seen for name in attributes}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}


def test_script_knows_no_numbers(cookie_sheet: Sheet, hostile_sheet: Sheet) -> None:
    scripts = {
        re.findall(r"<script>.*?</script>", html(sheet), re.DOTALL)[0] for sheet in (cookie_sheet, hostile_sheet)
    }
    assert len(scripts) == 1


def test_a_derivative_is_one_item(cookie_sheet: Sheet) -> None:
    [derivative, *_] = re.findall(r'<mfrac data-item="dL/dW1\[1,1\]">.*?</mfrac>', html(cookie_sheet))
    assert derivative.count("data-item") == 1


def test_every_row_of_a_table_has_its_header(cookie_sheet: Sheet) -> None:
    scopes = [attributes["scope"] for tag, attributes in read(html(cookie_sheet)).seen if tag == "th"]
    assert scopes == ["col"] * 4 + ["row"] * 2


def test_hostile_words(hostile_sheet: Sheet) -> None:
    page = html(hostile_sheet)
    reader = read(page)
    assert [tag for tag, _ in reader.seen if tag in ("script", "img")] == ["script"]
    assert not {name for _, attributes in reader.seen for name in attributes} & {"onerror", "onload"}
    assert "{{ 7*7 }}" in reader.text
    assert "中文 Привет" in reader.text
    assert "\u202e" not in page
    assert "\x00" not in page


def test_steps_are_numbered_and_can_be_linked_to(cookie_sheet: Sheet) -> None:
    reader = read(html(cookie_sheet))
    assert [attributes["id"] for tag, attributes in reader.seen if tag == "h3"] == [
        f"step-{number}" for number in (1, 2, 3, 5, 6, 8, 10)
    ]


def test_language(cookie_sheet: Sheet) -> None:
    assert html(cookie_sheet).startswith('<!DOCTYPE html>\n<html lang="en">')
