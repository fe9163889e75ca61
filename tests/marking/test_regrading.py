"""Marking again: an instructor's decisions stay, and what has changed is told with its reason."""

from __future__ import annotations

from stepcalc.answers.base import Answers
from stepcalc.answers.overrides import Override, Previous, PreviousItem, PreviousStudent
from stepcalc.marking.mark import mark
from stepcalc.marking.marks import Marks, StudentMarks
from stepcalc.marking.regrading import changes, decided
from stepcalc.problem import Problem
from stepcalc.solving import solve
from stepcalc.trace import Trace
from tests.marking.students import by_item

LAYERS = [{"type": "dense", "W": [[2.0]], "b": [0.5]}]


def line(**marking: object) -> Trace:
    return solve(Problem(loss="mse", data={"x": [1], "y": [3]}, layers=LAYERS, marking=marking))


def of(trace: Trace, **students: tuple[str, str]) -> Marks:
    columns = zip(*students.values(), strict=True)
    return mark(trace, Answers(("z1", "L"), tuple(students), dict(zip(("z1", "L"), columns, strict=True))))


def before(marks: Marks) -> Previous:
    def as_written(student: StudentMarks) -> PreviousStudent:
        items = {mark.item: PreviousItem(mark.given, mark.verdict, mark.marks) for mark in student.items}
        return PreviousStudent(student.marks, student.first_error, items)

    return Previous(marks.max_marks, {student.student: as_written(student) for student in marks})


def test_a_decision_takes_the_place_of_the_marks() -> None:
    before = of(line(), anna=("2.5", "9"))
    marks = decided(before, [Override("anna", "L", 0.5, "method shown")])
    found = by_item(marks.student(0))["L"]
    assert (found.verdict, found.marks, found.decided) == ("wrong", 0.5, "method shown")
    assert (before.totals.tolist(), marks.totals.tolist()) == ([1], [1.5])


def test_a_decision_about_what_does_not_count_or_is_worth_less_is_told() -> None:
    marks = of(line(drop=["z1"]), anna=("7", "9"), ben=("7", "9"))
    decisions = [("anna", "z1[1]", 1), ("anna", "L", 1), ("ben", "L", 1.5)]
    marks = decided(
        marks, [Override(student, item, worth, "?", f"{student}, {item}") for student, item, worth in decisions]
    )
    assert marks.answers.notices == (
        "anna, z1[1]: z1 is not asked, or was dropped; the marks set by hand do not count",
        "ben, L: 1.5 marks, more than the 1 that L is worth",
    )
    assert marks.totals.tolist() == [1, 1.5]


def test_a_decision_about_nobody_is_told() -> None:
    marks = decided(
        of(line(), anna=("2.5", "9")),
        [Override("bob", "L", 1, "?", "row 2"), Override("anna", "b1_new[1]", 1, "?", "row 3")],
    )
    assert marks.answers.notices == (
        'row 2: there is no student "bob" here',
        "row 3: there are no answers to b1_new[1] here",
    )
    assert marks.totals.tolist() == [1]


def test_what_has_changed_and_why() -> None:
    then = before(of(line(), anna=("2.5", "9"), ben=("7", "9"), cleo=("2.5", "0.25"), gone=("2.5", "")))
    again = of(
        line(accept={"L": ["9"]}, drop=["z1"]), anna=("2.5", "9"), ben=("2.5", "8"), cleo=("2.5", "0.25"), new=("", "")
    )
    again = decided(again, [Override("ben", "L", 0.25, "looked at")])
    found = {change.student: change for change in changes(again, then)}
    assert {name: (change.before, change.after) for name, change in found.items()} == {
        "anna": (1, 1),
        "ben": (0, 0.25),
        "cleo": (2, 1),
        "new": (None, 0),
        "gone": (1, None),
    }
    assert [(item.item, item.why) for item in found["anna"].items] == [("L", "verdict"), ("z1", "asked")]
    assert [(item.item, item.why) for item in found["ben"].items] == [("L", "decision")]


def test_the_same_again_has_not_changed() -> None:
    marks = of(line(), anna=("2.5", "9"), ben=("", "0.25"))
    assert list(changes(marks, before(marks))) == []


def test_what_is_asked_only_now_had_no_marks() -> None:
    then = before(of(line(drop=["z1"]), anna=("2.5", "9")))
    (change,) = changes(of(line(), anna=("2.5", "9")), then)
    assert [(item.item, item.before, item.after, item.why) for item in change.items] == [("z1", 0, 1, "asked")]


def test_another_answer_and_another_worth() -> None:
    then = before(of(line(), anna=("7", "0.25")))
    now = of(line(marks={"L": 3}), anna=("2.5", "0.25"))
    (change,) = changes(now, then)
    assert [(item.item, item.why) for item in change.items] == [("z1", "answer"), ("L", "worth")]
