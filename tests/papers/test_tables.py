"""All answers as one table, and a variant as JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Option
from stepcalc.papers.answers_csv import HEADER, rows, whole
from stepcalc.papers.as_json import key_json, question_json
from stepcalc.sheet.trace_json import trace_json
from tests.papers.papers import every_kind, variants


def table() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(whole([rows(every_kind()), rows(variants()[1])]))))


def test_a_row_for_each_variant_and_answer() -> None:
    found = table()
    assert tuple(found[0]) == HEADER
    assert [row["variant"] for row in found] == ["001"] * 11 + ["002"] * 8
    assert [row["item"] for row in found[:3]] == ["z1[1]", "z1[2]", "a1[1]"]


def test_numbers_are_in_full_precision() -> None:
    paper = variants()[1]
    found = {row["item"]: row for row in table()[11:]}
    for gap in paper.questions[0].gaps:
        row = found[gap.item]
        assert float(row["answer"]) == gap.value
        assert row["printed"] == gap.printed
        assert float(row["tolerance"]) == gap.tolerance
        assert row["symbol"]
        assert row["what"]


def test_choices_and_orders_have_letters_and_places() -> None:
    chosen, formula, order = table()[8:11]
    assert (chosen["kind"], chosen["answer"], chosen["printed"]) == ("multiple_choice", "b", "0.5772")
    assert formula["answer"].startswith("the factor")
    assert order["answer"] == "2 3 1"


def test_no_cell_is_a_formula() -> None:
    lines = csv.reader(io.StringIO(whole([rows(every_kind())])))
    cells = [cell for line in lines for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+@\t" and cell]
    assert not [cell for cell in cells if cell[:1] == "-" and not cell[1:].replace(".", "").replace("e-", "").isdigit()]


def test_what_somebody_wrote_is_text_in_a_cell() -> None:
    paper = every_kind()
    choice = Choice((Option(("@x",), True),), 1.0, (" =1+1\u202e",), written=True)
    other = Paper(paper.variant)
    other.__dict__["questions"] = (replace(paper.questions[1], answers=(choice,)),)
    (row,) = csv.DictReader(io.StringIO(whole([rows(other)])))
    assert (row["symbol"], row["answer"]) == ("'=1+1", "'@x")
    titled = replace(paper.variant, recipe=paper.variant.recipe.model_copy(update={"title": "A\u202eB"}))
    assert json.loads(question_json(Paper(titled)))["title"] == "AB"


def test_the_question_as_json() -> None:
    paper = every_kind()
    found = json.loads(question_json(paper))
    assert (found["format"], found["variant"]) == ("stepcalc-question/1", "001")
    assert [question["kind"] for question in found["questions"]] == [question.kind for question in paper.questions]
    first, chosen, formula, order = (question["answers"] for question in found["questions"])
    assert first[0] == {"place": "1.1", "type": "number", "symbol": "z₁", "latex": "z_{1}", "marks": 1}, "and no id"
    assert [question["marks"] for question in found["questions"]] == [question.worth for question in paper.questions]
    assert chosen[0]["options"] == ["0.1234", "0.5772", "−0.9876", "0.2468"]
    assert "options" not in formula[0]
    assert len(order[0]["lines"]) == 3


def test_the_key_as_json_is_the_trace_and_what_is_right() -> None:
    paper = every_kind()
    found, trace = json.loads(key_json(paper)), json.loads(trace_json(paper.variant.trace))
    assert {name: found[name] for name in trace} == trace
    first, chosen, formula, order = (question["answers"][0] for question in found["questions"])
    assert first["value"] == pytest.approx(trace["values"]["z1"][0])
    assert (chosen["right"], formula["right"][:10], order["places"]) == ("b", "the factor", [2, 3, 1])
