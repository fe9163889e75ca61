"""An exam's directory: its manifest read, and each student marked against their own variant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcalc.answers.base import Answers
from stepcalc.answers.reading import read_answers
from stepcalc.errors import InputError
from stepcalc.marking.exam import is_exam, load_exam, with_variants
from stepcalc.marking.mark import mark

PROBLEM = """
loss = "mse"
[data]
x = [{x}]
y = [3]
[[layers]]
type = "dense"
W = [[2.0]]
b = [0.5]
"""
EXTRA_LAYER = """
[[layers]]
type = "dense"
W = [[2.0]]
b = [0.5]
"""


def exam(folder: Path, **more: Any) -> Path:
    variants = []
    for name, x in (("001", 1), ("002", 3)):
        (folder / "variants" / name).mkdir(parents=True, exist_ok=True)
        (folder / "variants" / name / "problem.toml").write_text(PROBLEM.format(x=x))
        answers = {"y_hat[1]": 2.0 * x + 0.5, "dL/dW1[1,1]": 0.0}
        variants.append({"id": name, "problem": f"variants/{name}/problem.toml", "answers": answers})
    manifest = {"format": "stepcalc-exam/1", "seed": 1, "variants": variants, **more}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def answers(students: dict[str, str], variants: tuple[str, ...] = ()) -> Answers:
    return Answers(("y_hat",), tuple(students), {"y_hat": tuple(students.values())}, variants)


def test_each_student_has_their_own_variant(tmp_path: Path) -> None:
    found = load_exam(exam(tmp_path, students={"anna": "002", "cleo": "002"}))
    assert is_exam(tmp_path)
    assert found.asked == ("y_hat[1]", "dL/dW1[1,1]")
    given = answers({"anna": "2.5", "ben": "6.5", "cleo": "6.5", "dora": "6.5"}, ("001", "1", "", "009"))
    sorted_out = with_variants(found, given)
    assert sorted_out.variants == ("001", "001", "002")
    assert sorted_out.notices == ('"dora": there is no variant "009"; not marked',)
    marks = mark(found.solved(set(sorted_out.variants)), sorted_out)
    assert [(one.student, one.marks) for one in marks] == [("anna", 1), ("ben", 0), ("cleo", 1)]


def test_a_directory_without_a_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        load_exam(tmp_path)
    assert str(raised.value).startswith(f"{tmp_path}: holds no finished exam: there is no manifest.json")


def test_a_variant_of_thousands_of_digits_is_none(tmp_path: Path) -> None:
    found = with_variants(load_exam(exam(tmp_path)), answers({"anna": "2.5"}, ("9" * 5000,)))
    assert found.notices[0].startswith('"anna": there is no variant "999')


def test_who_is_nowhere_is_told(tmp_path: Path) -> None:
    found = with_variants(load_exam(exam(tmp_path)), answers({"anna": "2.5"}))
    assert found.notices == ('"anna": no variant is named; not marked',)


def test_only_the_variants_that_somebody_has_are_solved(tmp_path: Path) -> None:
    assert set(load_exam(exam(tmp_path)).solved({"002", "009"})) == {"002"}


def test_the_widest_problem_knows_most_items(tmp_path: Path) -> None:
    found = load_exam(exam(tmp_path))
    (tmp_path / "variants/002/problem.toml").write_text(PROBLEM.format(x=3) + EXTRA_LAYER)
    assert load_exam(tmp_path).widest.items.scalar("W2[1,1]")
    assert found.widest.items.scalar("W2[1,1]") is None


def test_a_manifest_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcalc.marking.exam.MAX_MANIFEST", 100)
    with pytest.raises(InputError, match="more than 100 bytes"):
        load_exam(exam(tmp_path))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": "stepcalc-exam/9"}, "expected"),
        ({"variants": []}, "not empty"),
        ({"variants": [{"id": "001"}]}, "variants[1]"),
        ({"variants": [{"id": "001", "problem": "../../etc/passwd"}]}, "leads out"),
        ({"variants": [{"id": "001", "problem": "/etc/passwd"}]}, "leads out"),
        ({"variants": [{"id": "001", "problem": "..\\..\\secret.toml"}]}, "leads out"),
        ({"variants": [{"id": "001", "problem": "nothing.toml"}]}, "nothing.toml"),
        (
            {"variants": [{"id": "001", "problem": "a.toml", "answers": ["z1"]}]},
            "variants[1].answers: expected a table",
        ),
        ({"variants": [{"id": "001", "problem": "variants/001/problem.toml"}] * 2}, "two variants with one id"),
        ({"students": {"anna": 3}}, "students"),
        ({"students": ["anna"]}, "students"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises((InputError, OSError)) as refused:
        load_exam(exam(tmp_path, **change))
    assert complaint in str(refused.value)


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '{"format": "stepcalc-exam/1"}'])
def test_a_broken_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError):
        load_exam(tmp_path)


WIDE = """
loss = "mse"
[data]
x = [1]
y = [3]
[[layers]]
type = "dense"
W = [[2.0], [1.0], [-1.0], [3.0], [0.5], [1.5], [2.5]]
[[layers]]
type = "dense"
W = [[1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
[marking]
items = ["z1", "a2"]
"""
DEEP = """
loss = "mse"
[data]
x = [2]
y = [3]
[[layers]]
type = "dense"
W = [[2.0]]
[[layers]]
type = "dense"
W = [[0.5]]
[[layers]]
type = "dense"
W = [[3.0]]
[marking]
items = ["z1", "a2", "a3"]
"""


def test_variants_with_other_layers_are_marked_in_one_go(tmp_path: Path) -> None:
    """Neither knows all items of the other, and a2 is the output of the one and a hidden layer of the other."""
    variants = []
    for name, problem in (("001", WIDE), ("002", DEEP)):
        (tmp_path / f"{name}.toml").write_text(problem)
        variants.append({"id": name, "problem": f"{name}.toml"})
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "stepcalc-exam/1", "seed": 1, "variants": variants}))
    heading = ",".join(f"z1[{unit}]" for unit in range(1, 8))
    rows = "a,001,2,1,-1,3,0.5,1.5,2.5,10.5,\nb,002,4,,,,,,,2,6\n"
    (tmp_path / "answers.csv").write_text(f"student,variant,{heading},a2,a3\n{rows}")
    found = load_exam(tmp_path)
    assert found.structures == tuple(found.problems.values())
    read = with_variants(found, read_answers(tmp_path / "answers.csv", found.widest, others=found.structures))
    assert read.notices == ()
    marks = mark(found.solved({"001", "002"}), read)
    assert marks.totals.tolist() == [8, 3]
    verdicts = [{item.item: item.verdict for item in marks.student(row).items} for row in (0, 1)]
    assert len(verdicts[0]) == 8
    assert verdicts[1] == {"z1[1]": "correct", "a2": "correct", "a3": "correct"}
