"""What is said of an answer and of the first error is true of the marks."""

from __future__ import annotations

import json

import pytest

import stepcalc
from stepcalc.answers.overrides import Override
from stepcalc.board.drawing import columns
from stepcalc.marking.judge import CUT, REACHED, REFUSED
from stepcalc.marking.marks import Finding, ItemMark, Marks
from stepcalc.marking.regrading import decided
from stepcalc.options import Options
from stepcalc.reports import document
from stepcalc.reports.grade_book import comment
from stepcalc.reports.notes import first_error, note, notes, policy
from stepcalc.reports.report import Report
from tests.made import trace_of
from tests.reports.classes import ITEMS, NOTICE, SCRIPT, after, classroom, cookie, key, of


def told(marks: Marks) -> str:
    report = Report(marks)
    return " ".join(map(report.told, first_error(report, marks.student(0))))


def test_everything_right() -> None:
    assert told(of({"a": key()})) == "Every answer is right."


def test_marks_that_were_lowered_are_told_where_nothing_is_wrong() -> None:
    marks = decided(of({"a": key()}), [Override("a", "L", 0.5, "no working shown"), Override("a", "z2[1]", 2, "neat")])
    assert told(marks) == "No answer is wrong. Not all marks were given for L."
    assert "L: The instructor decided the marks: no working shown." in comment(Report(marks), marks.student(0))
    assert told(of({"a": key() | {"y_hat": "0.91"}}, rounding=0.5)).endswith("Not all marks were given for ŷ.")
    half = of({"a": key() | {"L": "", "y_hat": "0.91"}}, rounding=0.5)
    assert told(half).startswith("No step is wrong; 1 of 21 answers is missing or could not be read.")


def test_too_few_digits_says_how_many_were_asked() -> None:
    for asked, expected in (({}, "4 significant digits were asked."), ({"decimals": 3}, "3 decimals were asked.")):
        marks = of({"a": {"y_hat": "0.9"}}, **({"tolerance": asked} if asked else {}))
        report = Report(marks)
        assert report.told(note(report, marks.student(0).items[0])) == f"Too few digits: {expected}"


def test_some_missing() -> None:
    assert (
        told(of({"a": key() | {"L": "", "z2": ""}})) == "Whatever was answered is right; 2 of 21 answers are missing."
    )
    assert told(of({"a": key() | {"L": "x", "z2": ""}})).startswith("No step is wrong; 2 of 21 answers are missing or")


def test_one_error_that_everything_follows_from() -> None:
    assert told(of({"a": after("y_hat", 0.7)})) == (
        "Right up to z⁽²⁾; the error enters at ŷ. Everything after follows from it."
    )


def test_the_first_answer_is_wrong() -> None:
    assert told(of({"a": after("z1[1]", 2.0)})).startswith("The error enters at the first answer, z₁⁽¹⁾.")


def test_what_does_not_follow_is_said_to_be_right() -> None:
    said = told(of({"a": after("dL/dW1[1,1]", 0.5)}))
    assert said.endswith("answers after it, w₁₁⁽¹⁾ⁿᵉʷ follows from it and the others are right.")
    assert told(of({"a": key() | {"dL/dW2[2]": "0.5"}})).endswith("Every answer after it is right.")


def test_an_unanswered_item_before_is_not_called_right() -> None:
    said = told(of({"a": after("y_hat", 0.7) | {"z2": ""}}))
    assert said.startswith("What was answered before ŷ is right; the error enters there.")


def test_two_errors() -> None:
    said = told(of({"a": after("y_hat", 0.7) | {"W2_new[1]": "5"}}))
    assert "Further on, these steps are wrong by themselves too: w₁⁽²⁾ⁿᵉʷ." in said
    assert "Follow-through: L, ∂L/∂ŷ, " in said


def test_the_last_answer_is_wrong() -> None:
    assert told(of({"a": {"z2": "2.285", "y_hat": "0.5"}})) == "Right up to z⁽²⁾; the error enters at ŷ."
    given = {"z2": "2.285", "y_hat": "0.5", "L": ""}
    assert told(of({"a": given})) == "Right up to z⁽²⁾; the error enters at ŷ. Nothing after it was answered."


def test_weights_of_which_the_same_mistakes_cannot_be_told_apart_stand_together() -> None:
    marks = of({"a": {"W1_new[1,1]": "0.6", "W1_new[2,2]": "0.4", "W1_new[1,2]": "0.1", "L": "2.4"}})
    report = Report(marks)
    said = {
        tuple(mark.item for mark in together): report.told(told)
        for told, together in notes(report, marks.student(0).items)
    }
    assert list(said) == [("W1_new[1,1]", "W1_new[2,2]"), ("W1_new[1,2]",), ("L",)]
    assert "It looks as if w₁₁⁽¹⁾ or w₂₂⁽¹⁾ stayed as it was" in said["W1_new[1,1]", "W1_new[2,2]"]


def said_of(mark: ItemMark) -> str:
    report = Report(classroom())
    return report.told(note(report, mark))


def item(verdict: str, **more: object) -> ItemMark:
    return ItemMark("dL/dz1[1]", "1", 0.5, verdict, 0.0, 1.0, **more)  # type: ignore[arg-type]


def test_where_a_mistake_was_made_is_said() -> None:
    here, there = Finding("derivative_forgotten"), Finding("derivative_forgotten", at="dL/dz1[1]")
    assert "made on the way" not in said_of(item("wrong", findings=(here,)))
    assert said_of(item("wrong", findings=(there,))).endswith("It was made on the way, where ∂L/∂z₁⁽¹⁾ is calculated.")
    assert "made on the way" not in said_of(item("wrong", findings=(here, there)))


def test_a_mistake_on_the_way_is_told_with_its_step() -> None:
    wrong = after("dL/dz1[1]", cookie().value("dL/da1[1]") or 0.0)["dL/dW1[1,1]"]
    marks = of({"a": {"dL/da1[1]": key()["dL/da1[1]"], "dL/dW1[1,1]": wrong}})
    assert "made on the way, where ∂L/∂z₁⁽¹⁾ is calculated." in document(marks, "txt").replace("\n", " ")
    found = json.loads(document(marks, "json"))["students"][0]["items"][1]
    assert found["findings"][0] == {"name": "derivative_forgotten", "about": {}, "at": "dL/dz1[1]"}
    assert "where ∂L/∂z₁⁽¹⁾ is calculated" in found["note"]


def test_a_misconception_that_cannot_be_told_apart_is_named() -> None:
    alike = (Finding("derivative_forgotten"),)
    said = said_of(item("rounding", remarks=REACHED, alike=alike))
    assert "cannot be told apart here; the mistake would be this. It looks" in said


def test_a_far_fetched_mistake_is_not_held_against_rounding() -> None:
    said = said_of(item("rounding", remarks=REACHED, alike=(Finding("digits_swapped"),)))
    assert "told apart" not in said


def test_what_is_cut_off_may_be_a_mistake_all_the_same() -> None:
    said = said_of(item("rounding", remarks=CUT, alike=(Finding("derivative_forgotten"),)))
    assert said.startswith("Cut off, not rounded. Rounding and a mistake cannot be told apart here")


def test_of_very_many_explanations_the_likeliest_are_told() -> None:
    names = ("scale_forgotten", "scale_twice", "half_added", "outputs_averaged", "square_forgotten", "root_forgotten")
    said = said_of(item("wrong", findings=tuple(map(Finding, names))))
    assert said.endswith("2 more mistakes give it as well.")


def test_refused_follow_through_names_the_item() -> None:
    assert "∂L/∂a₁ given before makes this step constant" in said_of(
        item("wrong", remarks=REFUSED, blocked_by="dL/da1[1]")
    )
    assert "instructor" in said_of(item("wrong", remarks=REFUSED))


def test_several_explanations_are_listed() -> None:
    about = [Finding("other_start", {"weight": name}) for name in ("W2[1,2]", "W1[1,4]")]
    assert "value of w₂⁽²⁾ or w₁₄⁽¹⁾:" in said_of(item("wrong", findings=tuple(about)))
    said = said_of(item("wrong", findings=(about[0], Finding("update_sign"))))
    assert said.startswith("Several mistakes give this very number.")
    assert " Or: " in said


def test_a_reason_ends_once() -> None:
    assert said_of(item("invalid", reason="did you mean x?")).endswith("x?")
    assert said_of(item("invalid", reason="not a number")).endswith("number.")


def test_a_decision_is_told() -> None:
    assert said_of(item("wrong", decided="a typo on the sheet")).endswith("decided the marks: a typo on the sheet.")


@pytest.mark.parametrize(
    ("marking", "expected"),
    [
        ({"tolerance": {"decimals": 3}}, "Asked: 3 decimals."),
        ({"tolerance": {"significant": 1}}, "Asked: 1 significant digit."),
        ({"tolerance": {"relative": 0.01}}, "Asked: within 1 % of the right number."),
        ({"tolerance": {"relative": 0.01, "absolute": 0.5}}, "within 1 % of the right number, plus 0.5."),
        ({"tolerance": {"absolute": 0.5}}, "no further than 0.5 from the right number."),
        ({"follow_through": 0.5}, "the right step on a wrong number gets 50 % of the marks."),
        ({"rounding": 0.25}, "A slip of precision gets 25 % of the marks."),
        ({"drop": ["L"]}, "Dropped, and counted for nobody: L."),
        ({"accept": {"L": ["2.4", "2.5"]}}, "Of L, this is taken for right too: 2.4, 2.5."),
    ],
)
def test_the_policy_in_force_is_told(marking: dict[str, object], expected: str) -> None:
    report = Report(of({"a": key()}, **marking))
    said = [report.told(sentence) for sentence in policy(report)]
    assert any(expected in sentence for sentence in said), said


# --------------------------------------------------------------------------------------- in the terminal

NARROW = Options(width=80)


@pytest.mark.parametrize("marks", [classroom(), of({SCRIPT: after("y_hat", 0.7)})], ids=["class", "alone"])
def test_nothing_is_wider_than_the_terminal(marks: Marks) -> None:
    written = document(marks, "txt", NARROW)
    assert max(map(columns, written.splitlines())) <= 80
    assert "HOW THIS WAS MARKED" in written
    assert "Follow-through" in written


def test_a_student_alone_is_told_item_by_item() -> None:
    written = document(of({"a": after("y_hat", 0.7)}), "txt", NARROW)
    row = next(line for line in written.splitlines() if line.strip().startswith("ŷ"))
    assert row.split()[:5] == ["ŷ", "0.7", "0.9076", "✗", "wrong"]
    assert row.endswith("← first error")
    assert all(f"✓ {what}" in written or f"↳ {what}" in written for what in ("correct", "follows"))


def test_a_right_number_is_seen_to_differ_from_what_was_given() -> None:
    written = document(of({"a": key() | {"y_hat": "0.9076"}}, tolerance={"significant": 6}), "txt", NARROW)
    row = next(line for line in written.splitlines() if line.strip().startswith("ŷ"))
    assert row.split()[1:3] == ["0.9076", "0.907634"]


def test_a_class_is_told_student_by_student_and_as_a_whole() -> None:
    written = document(classroom(), "txt", NARROW)
    for part in ("STUDENTS", "HOW THE MARKS ARE DISTRIBUTED", "THE HARDEST STEPS", "MISCONCEPTIONS", NOTICE):
        assert part in written
    assert any(line.split()[:3] == [SCRIPT, "21", "ŷ"] or line.split()[:1] == [SCRIPT] for line in written.splitlines())
    mistake = "It looks as if the derivative of the activation was left out"
    assert f"1 student, 1 answer, most often at ∂L/∂z₁⁽¹⁾: {mistake}" in " ".join(written.split())


def test_it_is_the_same_every_time() -> None:
    for name in ("txt", "csv", "json"):
        assert document(classroom(), name) == document(classroom(), name)
    assert len(ITEMS) == 21


def test_of_a_formula_the_right_one_is_told() -> None:
    trace = trace_of("two_two_one_symbolic")
    marks = stepcalc.check(trace, {"a": {"dL/dz2": "y-yhat", "dL/dW1[1,1]": "x_1*w_1*a_1*(1-a_1)*(yhat-y)"}})  # type: ignore[operator]
    written = " ".join(document(marks, "txt", NARROW).split())
    assert "ŷ − y verdict ✗ wrong" in written
    assert "compared at several points" in written
    assert "significant digits" not in written
