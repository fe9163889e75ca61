"""The sentences of a sheet stand in one file: a translation of it leaves no English behind, and no key is idle."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

import stepcalc
from stepcalc.errors import InputError
from stepcalc.options import Options
from stepcalc.reference import Reference
from stepcalc.sheet import render
from stepcalc.sheet.folder import WORDS_FILE
from stepcalc.sheet.own_words import MOST_WORDS
from stepcalc.sheet.words import Words
from stepcalc.trace import Trace

ROOT = Path(__file__).resolve().parents[2]
ENGLISH: dict[str, Any] = tomllib.loads((ROOT / "templates" / "words" / "en.toml").read_text(encoding="utf-8"))
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
OTHER = "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊաբգդեզէըթժիլխծկհձղճմյնշոչպ"

NOTATION = {
    *("ln", "log", "exp", "tanh", "softmax", "softplus", "step", "sgn", "max", "min", "sigmoid"),
    *("ReLU", "LeakyReLU", "ELU", "SiLU"),
}
"""Names of functions: they are written alike in every language."""
CODE = {
    *(
        "linear",
        "leaky",
        "relu",
        "elu",
        "threshold",
        "mse",
        "mae",
        "binary",
        "categorical",
        "cross",
        "entropy",
        "huber",
        "hinge",
    )
}
"""Words that problem files are written with."""


def foreign(sentences: Any) -> Any:
    """Every sentence in letters that English has none of, with its {places}."""
    if isinstance(sentences, dict):
        return {key: value if key == "language" else foreign(value) for key, value in sentences.items()}
    pieces = re.split(r"(\{\w+)", sentences)
    letters = str.maketrans(LATIN, OTHER)
    return "".join(piece if place % 2 else piece.translate(letters) for place, piece in enumerate(pieces))


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """The choice of a course that writes in another language."""
    folder = tmp_path_factory.mktemp("course")
    (folder / WORDS_FILE).write_text(as_toml({**foreign(ENGLISH), "language": "hy-AM"}), encoding="utf-8")
    return Options(template=folder)


def as_toml(sentences: dict[str, Any], place: str = "") -> str:
    """The file that holds ``sentences``: those of a table first, then the tables in it."""
    lines = [f"{json.dumps(key)} = {json.dumps(said)}" for key, said in sentences.items() if isinstance(said, str)]
    tables = {f"{place}{key}": said for key, said in sentences.items() if isinstance(said, dict)}
    return "\n".join([*lines, *(f"[{name}]\n{as_toml(said, f'{name}.')}" for name, said in tables.items())])


EXAMPLES = ("cookie", "two_two_one_symbolic", "multi_output", "matrix_deck_step", "alien_mood", "house_prices",
            "chain_rule", "activations", "losses")  # fmt: skip


@cache
def solved(name: str) -> Trace | Reference:
    return stepcalc.solve(stepcalc.load(ROOT / "worked_examples" / f"{name}.toml"))


def users_words(name: str) -> set[str]:
    file = tomllib.loads((ROOT / "worked_examples" / f"{name}.toml").read_text(encoding="utf-8"))
    return set(re.findall(r"[A-Za-z]+", str(file)))


def english(written: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", " ", written)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_translation_leaves_no_english(name: str, translated: Options) -> None:
    trace = solved(name)
    known = NOTATION | CODE | users_words(name)
    plain = str(render(trace, "txt", translated))
    assert {word for word in english(plain) - known if not word.startswith("d")} == set()  # dz is no word
    page = Page()
    page.feed(str(render(trace, "html", translated)))
    assert {word for word in english(" ".join(page.said)) - known if len(word) > 2} == set()


@pytest.mark.parametrize("name", ["multi_output", "activations"])
def test_alternative_texts_are_translated(name: str, translated: Options) -> None:
    written = render(solved(name), "pdf", translated)
    assert isinstance(written, bytes)
    catalogue: Any = PdfReader(BytesIO(written)).trailer["/Root"]
    said = " ".join(alternatives(catalogue["/StructTreeRoot"]))
    assert len(said) > 100
    assert {word for word in english(said) - NOTATION - CODE - users_words(name) if len(word) > 2} == set()


def alternatives(element: Any) -> Iterator[str]:
    node = element.get_object()
    if isinstance(node, list):
        for part in node:
            yield from alternatives(part)
    elif isinstance(node, dict):
        if "/Alt" in node:
            yield str(node["/Alt"])
        if "/K" in node:
            yield from alternatives(node["/K"])


class Page(HTMLParser):
    """What a page says: its text, and what it tells those who cannot see it."""

    SILENT = ("style", "script")
    TOLD = ("alt", "aria-label", "title")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        told = (value or "" for name, value in attrs if name in self.TOLD)
        tips = (value or "" for name, value in attrs if name.startswith("data-") and " " in (value or ""))
        self.said += [*told, *tips]

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in self.SILENT:
            self.said.append(data)


# ------------------------------------------------------------------------- the file and the code, held together

TOLD = ("sheet", "lines", "reports", "papers")
ROOMS = [*(path for room in TOLD for path in (ROOT / "stepcalc" / room).glob("*.py")),
         *(ROOT / "stepcalc" / f"{name}.py" for name in ("moves", "steps", "chains", "facts", "roads", "notation")),
         *(ROOT / "stepcalc" / f"{name}.py" for name in ("agreement", "weights"))]  # fmt: skip


@cache
def code_strings(module: Path) -> list[tuple[int, str]]:
    """The strings of a module that are neither documentation nor part of a complaint."""
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    passed: set[int] = set()
    for node in nodes:
        fault = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault"
        complaint = isinstance(node, ast.Raise | ast.Assert) or fault
        if complaint or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            passed |= {id(part) for part in ast.walk(node)}
    return [
        (node.lineno, node.value)
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed
    ]


RULES = {"chain rule", "chain rule, summed over all paths", "derivative of the loss", "local derivative", "short form",
         "second derivative", "no path"}  # fmt: skip
"""Names that steps are known by; what is said is under [rules]."""
COMPLAINTS = ("chosen.py", "course.py", "coverage.py")
"""Modules whose sentences are told to the author of a problem or template, not written on a sheet."""


def test_no_sentence_stands_in_code() -> None:
    markup = re.compile(r"[<>\\=]")
    found = [
        f"{module.name}:{line}: {string!r}"
        for module in ROOMS
        if module.name not in COMPLAINTS
        for line, string in code_strings(module)
        if re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,}", string) and not markup.search(string) and string not in RULES
    ]
    assert [place for place in found if "'row kept'" not in place] == []


def keys() -> set[str]:
    """Every ``section.name`` of the file that sentences are asked for by."""
    apart = {"spoken", "terms", "rules", "language"}
    return {f"{section}.{name}" for section in ENGLISH.keys() - apart for name in ENGLISH[section]}


def asked() -> set[str]:
    """What the code asks for, a pattern where a part of the key is worked out."""
    written: set[str] = set()
    for module in [
        *ROOMS,
        *(ROOT / "stepcalc" / "answers").glob("*.py"),
        *(ROOT / "stepcalc" / "exams").rglob("*.py"),
        *(ROOT / "stepcalc").glob("*.py"),
        *(ROOT / "templates").glob("*.j2"),
    ]:
        source = module.read_text(encoding="utf-8")
        sections = "|".join(ENGLISH)
        written |= set(re.findall(rf'"((?:{sections})\.[\w{{}}.]+)"', source))
    return {key for key in written if not key.endswith((".css", ".js", ".j2"))}


def names() -> set[str]:
    """Every string of the code that might be the end of a key."""
    return {string for module in (ROOT / "stepcalc").rglob("*.py") for _, string in code_strings(module)}


def test_every_sentence_asked_for_is_there() -> None:
    whole = {key for key in asked() if "{" not in key}
    assert whole - keys() == set()
    for key in asked() - whole:
        pattern = re.sub(r"\{[^{}]*\}", r"\\w+", key.replace(".", r"\."))
        assert any(re.fullmatch(pattern, known) for known in keys() | {f"rules.{rule}" for rule in ENGLISH["rules"]}), (
            key
        )


def test_every_sentence_is_asked_for() -> None:
    patterns = "|".join(re.sub(r"\{[^{}]*\}", r"\\w+", key.replace(".", r"\.")) for key in asked())
    parts = names()
    idle = {
        key for key in keys()
        if not re.fullmatch(patterns, key)
        and key.partition(".")[2] not in parts and key not in parts
    }  # fmt: skip
    assert idle == set()


def test_a_missing_part_or_sentence_is_an_error() -> None:
    words = Words({"language": "en", "terms": {}, "a": {"b": "{x} and {y}"}})
    assert words.say("a.b", x="1", y="2") == ("1", " and ", "2")
    for key, parts in (("a.c", {}), ("c.b", {}), ("a.b", {"x": "1"})):
        with pytest.raises(KeyError):
            words.say(key, **parts)


def test_a_blank_sheet_is_translated_too(translated: Options) -> None:
    plain = str(render(solved("cookie"), "txt", replace(translated, blank="steps")))
    assert {word for word in english(plain) - NOTATION - users_words("cookie") if not word.startswith("d")} == set()


# ------------------------------------------------------------------------------------------- a course's own words


def test_every_format_says_the_language_of_its_words(translated: Options) -> None:
    page, written, source = (render(solved("parabola"), name, translated) for name in ("html", "pdf", "tex"))
    assert str(page).startswith('<!DOCTYPE html>\n<html lang="hy-AM">')
    assert isinstance(written, bytes)
    assert PdfReader(BytesIO(written)).trailer["/Root"]["/Lang"] == "hy-AM"
    assert r"\newcommand{\stepcalclanguage}{hy-AM}" in str(source)


def own(folder: Path, words: str | bytes) -> Options:
    (folder / WORDS_FILE).write_bytes(words if isinstance(words, bytes) else words.encode())
    return Options(template=folder)


def test_a_course_may_say_only_some_things_differently(tmp_path: Path) -> None:
    choice = own(
        tmp_path, '[headings]\nforward = "Hin"\n[spoken.marks]\nnew = "neu"\n[spoken.forms]\nnew = "neues {symbol}"'
    )
    trace = solved("two_two_one")
    plain, written = str(render(trace, "txt", choice)), render(trace, "pdf", choice)
    assert "HIN\n" in plain
    assert "BACKWARD\n" in plain
    assert "⁾ⁿᵉᵘ" in plain
    assert "ⁿᵉʷ" not in plain
    assert isinstance(written, bytes)
    catalogue: Any = PdfReader(BytesIO(written)).trailer["/Root"]
    assert "neues w" in " ".join(alternatives(catalogue["/StructTreeRoot"]))
    assert str(render(solved("parabola"), "txt")) == str(render(solved("parabola"), "txt", own(tmp_path, "")))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('[heading]\ngiven = "x"', 'heading: no such words; did you mean "headings"?'),
        ('[headings]\ngiven = ""', "headings.given: is empty"),
        ('[headings]\ngiven = 5', "headings.given: expected a sentence"),
        ('headings = "x"', "headings: expected a table"),
        ('language = "two words"', 'language: "two words" is no language; expected a tag such as "de" or "pt-BR"'),
        ('[chain]\ntotal = "{sum}"', "chain.total: nothing is put in for {sum}; there is {value}"),
        ('[chain]\ntotal = "{value.__class__}"', "chain.total: a brace that is not part of a {name}"),
        ('[spoken.forms]\nnew = "{symbol!r}"', "spoken.forms.new: a brace that is not part of a {name}"),
        ("a = [", "Invalid value (at end of document)"),
        ("a = " + "[" * 9000, "nested too deeply"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b" " * (MOST_WORDS + 1), f"words.toml is larger than {MOST_WORDS} bytes"),
    ],
)  # fmt: skip
def test_words_that_cannot_be_used(tmp_path: Path, words: str | bytes, told: str) -> None:
    with pytest.raises(InputError) as caught:
        render(solved("parabola"), "txt", own(tmp_path, words))
    assert caught.value.lines() == [f"{tmp_path / WORDS_FILE}: {told}"]


def test_words_outside_the_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text('language = "xx"')
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / WORDS_FILE).symlink_to(tmp_path / "secret.toml")
    with pytest.raises(InputError, match="holds neither"):
        render(solved("parabola"), "txt", Options(template=folder))


def test_reports_are_translated_too(translated: Options) -> None:
    from stepcalc.reports import document, pages
    from tests.reports.classes import classroom

    known = NOTATION | CODE | users_words("cookie") | {"Ada", "ada", "Zo", "nobody", "script", "alert", "cmd", "calc"}
    plain = document(classroom(), "txt", replace(translated, width=80))
    reasons = {mark.reason for student in classroom() for mark in student.items}
    for told in (*classroom().answers.notices, *reasons):
        plain = plain.replace(told, "")
    assert {word for word in english(plain) - known if not word.startswith("d")} == set()
    for _, written in pages(classroom(), "html", translated):
        page = Page()
        page.feed(str(written))
        told = english(" ".join(page.said)) - known - english(" ".join((*classroom().answers.notices, *reasons)))
        assert {word for word in told if len(word) > 2} == set()
