"""A course's own style: single blocks of the templates filled from a folder, and nothing from outside it."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from stepcalc import cli
from stepcalc.errors import InputError
from stepcalc.options import Options
from stepcalc.sheet.blocks import Heading, Prose, Sheet
from stepcalc.sheet.course import MOST_IMAGE, Course
from stepcalc.sheet.html import html
from stepcalc.sheet.latex import LatexWriter, latex
from stepcalc.sheet.page import PAPER
from stepcalc.sheet.pdf import pdf
from stepcalc.sheet.templates import html_page, latex_page
from stepcalc.sheet.words import words

SHEET = Sheet("Will it <b>taste</b>?", (Heading(("Forward",), 1), Prose(("A sentence.",))))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>'
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = """\
{% extends base %}
{% block style %}:root { --accent: #7a1f3d; }{% endblock %}
{% block header %}<header>{{ image("logo.svg", "The <logo>") }}Neural networks</header>{% endblock %}
{% block title %}Exercise 3: {{ super() }}{% endblock %}
{% block footer %}<footer>Ask in the forum.</footer>{% endblock %}
"""


def png(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and ends there."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return PIXEL[:8] + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + PIXEL[-12:]


FILES = {
    "notes.txt": b"text",
    "head.png": PIXEL[:8] + b"abc",
    "half.png": PIXEL[:50],
    "wide.png": png(16_000_001, 1),
    "huge.png": png(30_000, 30_000),
}
"""What a course's template may put in, and should not."""
LATEX = r"""((* extends base *))
((* block style *))
\usepackage{fancyhdr}
((* endblock *))
((* block header *))Neural networks\par((* endblock *))
((* block title *))Exercise 3: ((( super() )))((* endblock *))
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "course.html.j2").write_text(HTML, encoding="utf-8")
    (folder / "course.tex.j2").write_text(LATEX, encoding="utf-8")
    (folder / "logo.svg").write_text(SVG, encoding="utf-8")
    return folder


def rewritten(course: Path, source: str) -> Options:
    (course / "course.html.j2").write_text(source, encoding="utf-8")
    return Options(template=course)


def test_blocks_of_a_page_are_the_course_s(course: Path) -> None:
    page = html(SHEET, Options(template=course))
    assert page.index("Neural networks") < page.index("<h1>Exercise 3: Will it &lt;b&gt;taste&lt;/b&gt;?</h1>")
    assert page.index("A sentence.") < page.index("Ask in the forum.")
    assert 'alt="The &lt;logo&gt;"' in page
    assert f"data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}" in page


def test_the_page_allows_the_course_s_style(course: Path) -> None:
    from stepcalc.sheet.html import fingerprint

    page = html(SHEET, Options(template=course))
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "--accent: #7a1f3d" in style
    assert f"style-src '{fingerprint(style)}'" in page


def test_the_pdf_takes_the_same_file(course: Path) -> None:
    (course / "logo.png").write_bytes(PIXEL)
    for name in ("logo.svg", "logo.png"):
        (course / "course.html.j2").write_text(HTML.replace("logo.svg", name), encoding="utf-8")
        written = pdf(SHEET, Options(template=course), compress=False)
        words = PdfReader(BytesIO(written)).pages[0].extract_text()
        assert words.index("Neural networks") < words.index("Exercise 3: Will it <b>taste</b>?")
        assert b"(The <logo>)" in written
        assert (b"/Subtype /Image" in written) == (name == "logo.png")


def test_latex_has_a_file_of_its_own(course: Path) -> None:
    source = latex(SHEET, Options(template=course))
    assert source.index(r"\usepackage{fancyhdr}") < source.index(r"\begin{document}")
    assert source.index(r"Neural networks\par") < source.index("Exercise 3: Will it")


def test_slides_take_the_same_files(course: Path) -> None:
    options = Options(layout="slides", template=course)
    page, source = html(SHEET, options), latex(SHEET, options)
    assert page.index("Neural networks") < page.index("Exercise 3: Will it") < page.index("Ask in the forum.")
    assert "--accent: #7a1f3d" in page
    assert source.index(r"\usepackage{fancyhdr}") < source.index("Exercise 3: Will it")
    first = PdfReader(BytesIO(pdf(SHEET, options))).pages[0].extract_text()
    assert "Neural networks" in first
    assert "Exercise 3" in first


def test_a_folder_may_be_for_one_format_only(course: Path) -> None:
    (course / "course.tex.j2").unlink()
    assert latex(SHEET, Options(template=course)) == latex(SHEET)
    assert "Exercise 3" in html(SHEET, Options(template=course))


def test_without_blocks_the_page_is_the_usual_one(course: Path) -> None:
    assert html(SHEET, rewritten(course, "{% extends base %}")) == html(SHEET)


def test_other_files_of_the_folder_can_be_put_in(course: Path) -> None:
    (course / "address.html").write_text("Room 12 & 13", encoding="utf-8")
    options = rewritten(course, '{% extends base %}{% block header %}{% include "address.html" %}{% endblock %}')
    assert "Room 12 & 13" in html(SHEET, options)
    (course / "address.html").write_text("Room 12\n<style>b { color: red }</style>", encoding="utf-8")
    with pytest.raises(InputError, match=r"address.html:2: </style> ends the style of the whole page"):
        html(SHEET, options)


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("{% extends base %}\n{% block header %}\n{{ no_such_name }}{% endblock %}", 3, "'no_such_name' is undefined"),
        ("{% extends base %}\n{% block header %}", 2, "end of template"),
        ("{% extends base %}\n\n{% block header %}{{ 1 / 0 }}{% endblock %}", 3, "division by zero"),
        ("<h1>Mine</h1>", 1, "does not begin with {% extends base %}"),
        ("{% extends 'sheet2.html.j2' %}", 1, "no template sheet2.html.j2"),
        ("{% extends base %}\n{% block header %}{{ image('logo.gif', 'logo') }}{% endblock %}", 2, "no logo.gif"),
        ("{% extends base %}\n{% block header %}{{ image('logo.svg', ' ') }}{% endblock %}", 2, "cannot see it"),
        ("{% extends base %}\n{% block header %}{{ image('notes.txt', 'x') }}{% endblock %}", 2, "no PNG, JPEG or SVG"),
        ("{% extends base %}\n{% block header %}{{ ''.__class__.__mro__ }}{% endblock %}", 2, "unsafe"),
        ("{% extends base %}\n{% block header %}{{ draw.files.clear() }}{% endblock %}", 2, "files"),
        ("{% extends base %}\n{% block header %}{{ html.__globals__ }}{% endblock %}", 2, "undefined"),
        ("{% extends base %}\n{% block header %}{{ image.__globals__ }}{% endblock %}", 2, "unsafe"),
        ("{% extends base %}\n{% block header %}{% include 'course.html.j2' %}{% endblock %}", 1, "again and again"),
        ("{% extends base %}\n{% macro a() %}{{ a() }}{% endmacro %}{% block title %}{{ a() }}{% endblock %}", 2, "a"),
        ("{% extends 'course.html.j2' %}", 1, "puts itself in again and again"),
        ("{% extends base %}\n{% block title %}{{ 5 | no_such_filter }}{% endblock %}", 2, "No filter named"),
        ("{% extends base %}\n{% block header %}{{ range(10**9) | length }}{% endblock %}", 2, "a range of more"),
        ("{% extends base %}\n{% block style %}\n</STYLE ><b>{% endblock %}", 3, "</style> ends the style"),
        ("{% extends base %}\n{% block header %}{{ image('head.png', 'x') }}{% endblock %}", 2, "head.png is damaged"),
        ("{% extends base %}\n{% block header %}{{ image('half.png', 'x') }}{% endblock %}", 2, "half.png is damaged"),
        ("{% extends base %}\n{% block header %}{{ image('wide.png', 'x') }}{% endblock %}", 2, "16,000,000 pixels"),
        ("{% extends base %}\n{% block header %}{{ image('huge.png', 'x') }}{% endblock %}", 2, "16,000,000 pixels"),
        ("{% extends base %}\n{% block header %}\n{{ draw.inline(5) }}{% endblock %}", 3, "not iterable"),
        (
            "{% extends base %}{% block title %}{% import 'blocks.html.j2' as b %}\n{{ b.table(5) }}{% endblock %}",
            2,
            "int",
        ),
    ],
)
def test_a_fault_is_one_line_with_its_place(course: Path, source: str, line: int, told: str) -> None:
    for name, content in FILES.items():
        (course / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        html(SHEET, rewritten(course, source))
    (complaint,) = caught.value.lines()
    assert complaint.startswith(f"{course / 'course.html.j2'}:{line}: ")
    assert told in complaint


@pytest.mark.parametrize("said", ["{{ nothing }}", "{% include 'more.html' %}", "{% endfor %}", "{{ image('x') }}"])
def test_a_fault_in_the_folder_where_one_is(course: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--template .``, and a file that is put in, whatever its name."""
    monkeypatch.chdir(course)
    (course / "more.html").write_text(said, encoding="utf-8")
    rewritten(course, "{% extends base %}\n{% block title %}{% include 'more.html' %}{% endblock %}")
    with pytest.raises(InputError, match=r"^(more\.html:1|course\.html\.j2:2): "):
        html(SHEET, Options(template=Path()))


@pytest.mark.parametrize(
    "name", ["../secret.svg", "/etc/hostname", "link.svg", "folder/../../secret.svg", "", ".", "\0"]
)
def test_nothing_outside_the_folder_is_read(course: Path, name: str) -> None:
    (course.parent / "secret.svg").write_text(SVG, encoding="utf-8")
    (course / "link.svg").symlink_to(course.parent / "secret.svg")
    with pytest.raises((FileNotFoundError, ValueError)):
        Course(course).image(name)
    quoted = name.replace("\0", "\\0")
    source = '{% extends base %}\n{% block header %}{% include "' + quoted + '" %}{% endblock %}'
    with pytest.raises(InputError, match=r"course\.html\.j2:\d+: "):
        html(SHEET, rewritten(course, source))


def test_a_linked_template_counts_as_missing(course: Path) -> None:
    outside = course.parent / "outside.j2"
    outside.write_text(HTML, encoding="utf-8")
    (course / "course.html.j2").unlink()
    (course / "course.html.j2").symlink_to(outside)
    assert html(SHEET, Options(template=course)) == html(SHEET)


def test_links_that_lead_round_count_as_missing(course: Path) -> None:
    (course / "course.html.j2").unlink()
    (course / "course.html.j2").symlink_to("course.html.j2")
    assert html(SHEET, Options(template=course)) == html(SHEET)


def test_a_template_is_utf8(course: Path) -> None:
    (course / "course.html.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"course.html.j2:1: not UTF-8 text$"):
        html(SHEET, Options(template=course))


def test_large_pictures_are_refused(course: Path) -> None:
    (course / "logo.svg").write_bytes(b" " * (MOST_IMAGE + 1))
    with pytest.raises(InputError, match="larger than"):
        html(SHEET, Options(template=course))


def test_a_picture_cannot_look_outside(course: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PIXEL)
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{secret.as_uri()}"/></svg>'
    (course / "logo.svg").write_text(drawing, encoding="utf-8")
    with pytest.raises(InputError, match=r"secret\.png is not loaded"):
        pdf(SHEET, Options(template=course))
    assert secret.as_uri() not in html(SHEET, Options(template=course))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('{% block header %}<img src="logo.svg" alt="x">{% endblock %}', ["logo.svg"]),
        ('{% block style %}body { background: url("a b.png"), url(c.svg) }{% endblock %}', ["a%20b.png", "c.svg"]),
        ('{% block header %}<img src="data:image/png;base64,iVBORw0KGgo" alt="x">{% endblock %}', ["data:image/png"]),
    ],
)
def test_what_a_page_asks_for_in_vain_is_told(course: Path, source: str, told: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        pdf(SHEET, rewritten(course, "{% extends base %}\n" + source))
    complaints = caught.value.lines()
    assert all(line.startswith(f"{course / 'course.html.j2'}: ") for line in complaints)
    assert all(any(name in line for line in complaints) for name in told)


def test_a_page_without_end_is_refused(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcalc.sheet.templates.MOST_WRITTEN", 5_000_000)
    row = "{% for i in range(1000) %}{% for j in range(999) %}{{ words }}{% endfor %}{% endfor %}"
    source = '{% extends base %}\n{% block header %}{% set words = "word " * 99 %}' + row + "{% endblock %}"
    with pytest.raises(InputError, match=r"course.html.j2: writes more than 5,000,000 characters"):
        html(SHEET, rewritten(course, source))


@pytest.mark.parametrize(
    ("write", "name", "said"),
    [
        (html_page, "print.css", "mm 31mm 16mm"),
        (html_page, "slides.print.css", "mm 31mm 7mm"),
        (latex_page, "sheet.tex.j2", "margin=31mm"),
        (latex_page, "slides.tex.j2", "margin left=31mm"),
    ],
)
def test_margins_are_those_of_the_page(write: Callable[..., str], name: str, said: str) -> None:
    wide = replace(PAPER["a4"], margin=31)
    assert said in write(name, None, page=wide, sheet=SHEET, draw=LatexWriter(60.0), slides=lambda _: [])


def test_failures_of_stepcalc_s_own_are_not_blamed_on_the_course(course: Path) -> None:
    broken = Sheet("T", (Prose((object(),)),))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="object") as caught:
        html(broken, Options(template=course))
    assert not isinstance(caught.value, InputError)


def test_command_line(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], worked_examples: list[Path]
) -> None:
    problem = next(path for path in worked_examples if path.stem == "chain_rule")
    out = tmp_path / "out.html"
    assert cli.main(["solve", str(problem), "--template", str(course), "-o", str(out)]) == 0
    assert "Neural networks" in out.read_text(encoding="utf-8")
    (course / "course.html.j2").write_text("{% extends base %}\n{% block %}", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    capsys.readouterr()
    for folder, told in (
        (course, f"{course / 'course.html.j2'}:2: "),
        (tmp_path / "empty", "empty: holds neither course.html.j2 nor course.tex.j2 nor words.toml"),
        (tmp_path / "nowhere", "nowhere: is not a folder"),
    ):
        bad = tmp_path / "bad.html"
        assert cli.main(["solve", str(problem), "--template", str(folder), "-o", str(bad)]) == 2
        complaint = capsys.readouterr().err
        assert told in complaint
        assert complaint.count("\n") == 1
        assert not bad.exists()


def test_the_documented_example(tmp_path: Path, repository: Path) -> None:
    documented = (repository / "docs" / "own_style.md").read_text(encoding="utf-8")
    files = re.findall(r"`my_course/([\w.]+)`[^`]*(?:`[^`\n]+`[^`]*)*:\n\n```\w+\n(.*?)```\n", documented, re.DOTALL)
    assert {name for name, _ in files} == {"course.html.j2", "logo.svg", "course.tex.j2", "words.toml"}
    for name, content in files:
        (tmp_path / name).write_text(content, encoding="utf-8")
    options = Options(template=tmp_path)
    assert words(tmp_path).plain("headings.forward") == "Vorwärts"
    assert words(tmp_path).language == "de"
    assert "Exercise 3: Will it" in latex(SHEET, options)
    assert "data:image/svg+xml" in html(SHEET, options)
    printed = PdfReader(BytesIO(pdf(SHEET, options))).pages[0].extract_text()
    assert all(said in printed for said in ("Neural networks, winter term", "Exercise 3: Will it", "Ask in the forum"))
