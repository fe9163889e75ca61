"""Feedback sheets and the class page: answers beside their steps, no name executed, figures to be read in grey."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader

import stepcalc
from stepcalc.answers.overrides import Override
from stepcalc.board.spoken import spoken
from stepcalc.board.text import text
from stepcalc.marking.regrading import decided
from stepcalc.options import Options
from stepcalc.reports import overview, pages
from stepcalc.reports.classroom import class_sheet
from stepcalc.reports.feedback import FIRST_ERROR, feedback_sheet, results
from stepcalc.reports.report import Report
from stepcalc.reports.summary import distribution, frequent, hardness, refused
from stepcalc.sheet.blocks import Block, Diagram, Heading, Plot, Prose, Sheet
from stepcalc.sheet.described import described
from stepcalc.sheet.diagram import svg
from stepcalc.sheet.folder import HTML_FILE
from stepcalc.sheet.story import compose
from stepcalc.trace import Trace
from tests.made import trace_of
from tests.marking.students import items_of, typed
from tests.reports.classes import FORMULA, ITEMS, NOTICE, PATH, SCRIPT, after, classroom, cookie, key, of

ANSWERED = ("correct", "rounding", "follow_through", "wrong", "missing", "invalid", FIRST_ERROR)


@cache
def report() -> Report:
    return Report(classroom())


@cache
def solution() -> tuple[Block, ...]:
    return compose(cookie()).blocks


@cache
def sheet(row: int) -> Sheet:
    return feedback_sheet(report(), classroom().student(row), solution())


@cache
def html_pages() -> dict[str, str]:
    return {name: str(page) for name, page in pages(classroom(), "html")}


def said(block: Block) -> str:
    assert isinstance(block, Prose)
    return report().told(block.text)


def answers(row: int) -> list[str]:
    return [said(block) for block in sheet(row).blocks if isinstance(block, Prose) and block.kind in ANSWERED]


# ------------------------------------------------------------------------------------------ beside the step


@pytest.mark.parametrize("row", range(7))
def test_every_answer_stands_on_the_sheet_once(row: int) -> None:
    student, written = classroom().student(row), answers(row)
    for mark in student.items:
        symbol = text(report().symbol(mark.item), inline=True)
        shown = f"{symbol} = {mark.given}" if mark.given else symbol
        found = [line for line in written if re.search(rf"(?<![/∂]){re.escape(shown)}(?!\.?\d|[₀-₉⁽ⁿ])", line)]
        assert len(found) == 1, (mark.item, found)


def test_an_answer_follows_the_step_that_gives_it() -> None:
    blocks = sheet(0).blocks
    place = next(at for at, block in enumerate(blocks) if isinstance(block, Prose) and block.kind == FIRST_ERROR)
    assert "y_hat[1]" in set(results(blocks[place - 1]))
    assert said(blocks[place]).startswith("The first error: you have ŷ = 0.7.")


@pytest.mark.parametrize("row", range(7))
def test_the_first_error_is_marked_once_if_there_is_one(row: int) -> None:
    marked = [block for block in sheet(row).blocks if isinstance(block, Prose) and block.kind == FIRST_ERROR]
    assert len(marked) == (classroom().student(row).first_error is not None)


def test_the_solution_is_whole() -> None:
    kept = [block for block in sheet(0).blocks if block in solution()]
    assert kept == list(solution())


def test_the_policy_stands_on_the_sheet() -> None:
    assert any(isinstance(block, Heading) and block.key == "policy_heading" for block in sheet(0).blocks)


@pytest.mark.parametrize("name", ["mini_batches", "rnn", "cnn", "chain_rule", "newton", "matrix_deck", "multi_output"])
def test_no_answer_is_lost_whatever_the_problem(name: str) -> None:
    trace = trace_of(name)
    assert isinstance(trace, Trace)
    given = {item: typed(number, 5) for item in items_of(trace) if (number := trace.value(item)) is not None}
    marks = stepcalc.check(trace, {"a": given, "b": given})  # type: ignore[operator]
    one = Report(marks)
    written = feedback_sheet(one, marks.student(0), compose(trace).blocks)
    listed = " ".join(
        one.told(block.text) for block in written.blocks if isinstance(block, Prose) and block.kind in ANSWERED
    )
    tables = str(written.blocks)
    for item in list(given)[:80]:
        assert text(one.symbol(item), inline=True) in listed or item in tables
    for _, page in pages(marks, "html"):
        assert "</html>" in str(page)


# ----------------------------------------------------------------------------------------------------- html


def test_names_are_escaped_and_files_are_safe() -> None:
    written = html_pages()
    assert list(written)[-1] == "class"
    assert len({name.casefold() for name in written}) == 8
    for page in written.values():
        assert "<script>alert" not in page
        assert page.count("<script>") == 1
        assert "http://" not in page.replace("http://www.w3.org", "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written["class"]
    assert "&lt;b&gt;Ada&lt;/b&gt;" in written["class"]
    for name in (FORMULA, PATH):
        assert name.replace("'", "&#39;") in written["class"]


def test_what_a_student_typed_is_escaped() -> None:
    hostile = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    page = overview(of({"a": key() | {"y_hat": hostile}}))
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page


def test_pages_are_the_same_every_time() -> None:
    assert {name: str(page) for name, page in pages(classroom(), "html")} == html_pages()


def test_a_notebook_shows_the_class() -> None:
    assert repr(classroom()) == "<Marks: 7 students, 21 items, 21 marks at most>"
    assert "The hardest steps" in classroom()._repr_html_()
    assert "The worked solution with your answers" in of({"a": key()})._repr_html_()


# ------------------------------------------------------------------------------------------------------ pdf


def test_a_student_gets_a_pdf() -> None:
    ((name, written),) = pages(of({SCRIPT: after("y_hat", 0.7)}), "pdf")
    assert name == "script alert(1) script"
    assert isinstance(written, bytes)
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(written)).pages).split())
    assert "The first error: you have" in words
    assert "How this was marked" in words
    assert words.startswith(f"Will the cookie taste good? – {SCRIPT}")


# ---------------------------------------------------------------------------------------------------- class


def test_marks_above_the_most_have_their_place_in_the_distribution() -> None:
    marks = decided(of({"a": key(), "b": key()}), [Override("a", "L", 9.0, "bonus")])
    bins = distribution(marks)
    assert [each.count for each in bins if each.count] == [1, 1]
    assert (bins[0].low, bins[-1].high) == (21, 29)


def test_the_distribution_counts_everybody_once() -> None:
    for marks in (classroom(), of({"a": key(), "b": key()}), of({"a": {"L": ""}, "b": {"L": "2.382"}})):
        bins = distribution(marks)
        assert sum(each.count for each in bins) == len(marks.answers.students)
        assert bins[-1].high == marks.max_marks
        assert all(one.high == other.low for one, other in pairwise(bins))
        for each in bins:
            last = each is bins[-1]
            inside = [t for t in marks.totals if each.low <= t < each.high or (last and t == each.high)]
            assert len(inside) == each.count


def test_shares_of_marks_fall_into_their_bins() -> None:
    students = {f"s{place}": {"z2": "2.285" if place % 2 else "9", "L": "2.382"} for place in range(7)}
    marks = of(students, marks={"default": 0.1})
    assert sum(each.count for each in distribution(marks)) == 7
    assert distribution(marks)[-1].count == 3


def test_hard_steps_are_those_that_are_wrong_by_themselves() -> None:
    found = {each.item: each for each in hardness(classroom())}
    assert (found["y_hat"].wrong, found["y_hat"].answered) == (1, 6)
    assert found["L"].follow_through == 1
    assert found["L"].wrong == 0
    assert hardness(classroom())[0].share == max(each.share for each in found.values())


def test_misconceptions_are_counted_by_student_and_answer() -> None:
    found = {each.finding.name: each for each in frequent(classroom())}
    assert found["derivative_forgotten"].students == 1
    assert found["derivative_forgotten"].item == "dL/dz1[1]"


def test_refused_follow_through_is_listed_for_the_instructor() -> None:
    given = after("dL/da1[1]", 0.0)
    marks = of({"a": given, "b": key()})
    if not refused(marks):
        pytest.fail("nothing was refused")
    written = report().told(class_sheet(Report(marks), drawn=False).blocks[0].text)  # type: ignore[union-attr]
    assert written
    blocks = class_sheet(Report(marks), drawn=False).blocks
    assert any(isinstance(block, Heading) and block.key == "review_heading" for block in blocks)
    assert "accus" in str(blocks).lower()


def heated() -> Diagram:
    return next(block for block in class_sheet(report(), drawn=True).blocks if isinstance(block, Diagram))


def test_edges_say_how_often_their_gradients_were_wrong() -> None:
    edges = {edge.item: edge for edge in heated().edges if edge.item}
    assert edges["W1[1,1]"].heat == pytest.approx(1 / 6)
    assert text(edges["W1[1,1]"].value, inline=True) == "17"  # type: ignore[arg-type]
    assert edges["W2[1,1]"].heat == 0
    assert edges["W1[3,4]"].heat is None
    assert edges["W1[3,4]"].value is None


def test_in_grey_a_hot_edge_is_thicker_and_darker() -> None:
    drawn = svg(heated())
    lines = dict(re.findall(r'<g data-item="(W[^"]+)"><line [^>]*stroke="(#\w+)" stroke-width="[\d.]+"', drawn))
    widths = dict(re.findall(r'<g data-item="(W[^"]+)"><line [^>]*stroke-width="([\d.]+)"', drawn))

    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert float(widths["W1[1,1]"]) > float(widths["W2[1,1]"]) + 1
    assert grey(lines["W1[1,1]"]) < grey(lines["W2[1,1]"]) - 20


def test_the_heated_diagram_is_read_out() -> None:
    said = described(heated(), report().words.phrases)
    assert f"17 percent from {spoken(report().symbol('x[1]'), report().words.phrases)}" in said


def test_a_histogram_is_read_out() -> None:
    plot = next(block for block in class_sheet(report(), drawn=True).blocks if isinstance(block, Plot))
    assert report().told(plot.alternative).startswith("A histogram of the marks: ")
    assert sum(int(count) for count in re.findall(r": (\d+)", report().told(plot.alternative))) == 7
    assert NOTICE in str(class_sheet(report(), drawn=True).blocks)
    assert len(ITEMS) > 1


def test_a_course_puts_its_header_around_feedback(tmp_path: Path) -> None:
    (tmp_path / HTML_FILE).write_text("{% extends base %}{% block header %}<p>Course 7</p>{% endblock %}")
    options = Options(template=tmp_path)
    marks = of({"a": after("y_hat", 0.7)})
    ((_, page),) = pages(marks, "html", options)
    assert "<p>Course 7</p>" in str(page)
    assert "p.first_error" in str(page)
    ((_, written),) = pages(marks, "pdf", options)
    assert isinstance(written, bytes)
    assert "Course 7" in PdfReader(BytesIO(written)).pages[0].extract_text()
