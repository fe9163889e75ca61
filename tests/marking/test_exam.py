"""An exam's directory: its manifest read, and each student marked against their own variant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcalc.answers.base import Answers
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
    assert sorted_out.variants == ("001", "001", "002", "009")
    assert sorted_out.notices == ('"dora": there is no variant "009"; not marked',)
    marks = mark(found.solved(set(sorted_out.variants)), sorted_out)
    assert marks.totals.tolist() == [1, 0, 1, 0]
    assert marks.student(3).items == ()


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
