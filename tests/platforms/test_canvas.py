"""Canvas' package: its elements by the rules of QTI 1.2, its answers as Canvas reads them, marks, comments."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stepcalc.answers.archives import opened
from stepcalc.cli import main
from stepcalc.errors import InputError
from stepcalc.exams.entrance import generate
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Option, Question, Wrong
from stepcalc.platforms import canvas
from stepcalc.platforms.canvas_package import piece, whole
from stepcalc.platforms.canvas_reader import Exactly, Numerical, Precisely, read_quiz
from stepcalc.recipes import load_recipe
from stepcalc.sheet.blocks import Prose
from tests.platforms.hand_made import CHOICE, EVERY, GAP, HOSTILE, ORDER, QUIZ, SMALL, question, with_questions
from tests.platforms.student_analysis import QTI, analysis, texts
from tests.platforms.xml_rules import NAME, faults, identifiers

# What the document type definition of QTI 1.2.1 says of the elements that are used.
RULES = {
    "questestinterop": ("assessment", ""),
    "assessment": ("qtimetadata, section", "ident title"),
    "section": ("item+", "ident"),
    "item": ("itemmetadata, presentation, (resprocessing, itemfeedback*)?", "ident title"),
    "itemmetadata": ("qtimetadata", ""),
    "qtimetadata": ("qtimetadatafield+", ""),
    "qtimetadatafield": ("fieldlabel, fieldentry", ""),
    "presentation": ("material, (response_str|response_lid+)?", ""),
    "response_str": ("render_fib", "ident rcardinality"),
    "response_lid": ("material?, render_choice", "ident rcardinality?"),
    "render_fib": ("response_label", "fibtype"),
    "render_choice": ("response_label+", ""),
    "response_label": ("material?", "ident"),
    "material": ("mattext", ""),
    "resprocessing": ("outcomes, respcondition+", ""),
    "outcomes": ("decvar", ""),
    "decvar": ("", "maxvalue minvalue varname vartype"),
    "respcondition": ("conditionvar, setvar?, displayfeedback?", "continue"),
    "conditionvar": ("(or|varequal|other)", ""),
    "or": ("varequal, and", ""),
    "and": ("(vargte|vargt), varlte", ""),
    **dict.fromkeys(("varequal", "vargte", "vargt", "varlte"), ("", "respident")),
    "other": ("", ""),
    "setvar": ("", "varname action"),
    "displayfeedback": ("", "feedbacktype linkrefid"),
    "itemfeedback": ("flow_mat", "ident"),
    "flow_mat": ("material", ""),
    **dict.fromkeys(("fieldlabel", "fieldentry"), ("", "")),
    "mattext": ("", "texttype?"),
}


def quiz(paper: Paper) -> bytes:
    return next(iter(opened(piece(paper)).values()))


def parsed(paper: Paper) -> ElementTree.Element:
    return ElementTree.fromstring(quiz(paper))


def made(paper: Paper, kind: str) -> Paper:
    return with_questions(paper, question(1, EVERY[kind]))


@pytest.mark.parametrize("kind", EVERY)
def test_quiz_obeys_the_rules_of_qti(paper: Paper, kind: str) -> None:
    root = parsed(made(paper, kind))
    assert list(faults(root, RULES, frozenset())) == []
    assert "<section> holds item " in next(faults(root, RULES | {"section": ("itemref+", "ident")}, frozenset()))
    assert all(NAME.fullmatch(name) for item in root.iter(f"{QTI}item") for name in [item.attrib["ident"]])


def test_names_are_the_same_every_time_and_not_those_of_another_exam(papers: list[Paper], tmp_path: Path) -> None:
    again, other = (Paper(next(iter(generate(QUIZ, 1, seed)))) for seed in (7, 8))
    names = [identifiers(parsed(one), "ident") for one in (papers[0], again, papers[1], other)]
    assert names[0] == names[1]
    items = [{name for name in each if name.startswith("v0")} for each in (names[0], names[2], names[3])]
    assert not items[0] & (items[1] | items[2])
    assert piece(papers[0]) == piece(again)


def test_manifest_names_every_file_and_nothing_else(papers: list[Paper]) -> None:
    files = opened(whole(map(piece, papers))["canvas.zip"])
    root = ElementTree.fromstring(files["imsmanifest.xml"])
    space = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"
    hrefs = [file.attrib["href"] for file in root.iter(f"{space}file")]
    assert sorted(hrefs) == sorted(set(files) - {"imsmanifest.xml"})
    resources = {one.attrib["identifier"]: one for one in root.iter(f"{space}resource")}
    refers = [one.attrib["identifierref"] for one in root.iter(f"{space}dependency")]
    assert set(refers) <= set(resources)
    assert len(refers) == len(papers)
    assert {one.attrib["type"] for one in resources.values()} == {
        "imsqti_xmlv1p2", "associatedcontent/imscc_xmlv1p1/learning-application-resource", "webcontent",
    }  # fmt: skip
    for name in (one for one in resources if resources[one].attrib["type"] == "imsqti_xmlv1p2"):
        assert f"{name}/assessment_meta.xml" in files  # where Canvas looks for the settings of this quiz
        assert ElementTree.fromstring(files[f"{name}/{name}.xml"])[0].attrib["ident"] == name


def test_figures_lie_in_the_package(papers: list[Paper]) -> None:
    files = opened(whole(map(piece, papers))["canvas.zip"])
    asked = set(re.findall(r"\$IMS-CC-FILEBASE\$/([\w./]+)", b"".join(files.values()).decode()))
    assert asked == {name for name in files if name.endswith(".svg")}
    assert len(asked) == len(papers)


def test_one_number_is_asked_in_a_question(papers: list[Paper]) -> None:
    for paper in papers:
        told, fields = read_quiz(quiz(paper))
        assert [one.points for one in fields] == [gap.worth for one in paper.questions for gap in one.gaps]
        assert told
        asked = [re.findall(r"\[([^\s\]]+(?:\[[\d,]+\])?)\]", field.text) for field in fields]
        assert all(len(found) == 1 for found in asked)


def test_canvas_takes_the_margin_and_leaves_the_digits_that_are_typed(paper: Paper) -> None:
    (field,) = read_quiz(quiz(with_questions(paper, question(1, (SMALL,)))))[1]
    assert isinstance(field, Numerical)
    near, digits = field.answers
    assert near == Exactly(Decimal("0.000025"), near.margin)
    assert near.margin >= Decimal("1e-8")
    assert digits == Precisely(Decimal("0.000025"), 15)
    assert [field.share(typed) for typed in ("0.00002500", "2.5009e-5", "2.502e-5", "0", "0.0000")] == [1, 1, 0, 0, 0]
    rounded = replace(field, answers=(near,))
    assert rounded.share("0.000025") == 0, "Canvas rounds to four decimals where no answer has a precision"


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(0.8581489350995123, "0.8581489350995115", "0.8581489350995125"), (1.8, "1.799999999999995", "1.800000000000005"),
     (-0.0022, "-0.002200000000000005", "-0.002199999999999995"),
     (1e-5, "0.00000999999999999995", "0.00001000000000000005"),
     (123456.789, "123456.7889999995", "123456.7890000005")],
)  # fmt: skip
def test_a_number_to_fifteen_digits_is_what_canvas_takes_for_one(value: float, low: str, high: str) -> None:
    """By the importer's rule: both ends end in 5, as far away, and a power of ten apart."""
    written = ElementTree.fromstring(canvas._anchor(value))
    exact, below, above = (Decimal(part.text or "") for part in (written[0], written[1][0], written[1][1]))
    assert exact - below == above - exact
    assert len((above - below).normalize().as_tuple().digits) == 1
    assert all(re.sub(r"[0.]", "", part.text or "").endswith("5") for part in written[1])
    assert [part.text for part in written[1]] == [low, high]


def test_what_mistakes_give_is_told_and_not_marked(paper: Paper) -> None:
    (field,) = read_quiz(quiz(with_questions(paper, question(1, (GAP,)))))[1]
    for wrong in GAP.wrongs[:4]:
        assert field.share(repr(wrong.value)) == 0
        assert str(wrong.why[0]).strip() in field.told(repr(wrong.value))
    assert "Never said" not in field.told("7")
    assert field.told("1.235") == ""


def test_options_have_their_own_comments(paper: Paper) -> None:
    (field,) = read_quiz(quiz(with_questions(paper, question(1, (CHOICE,)))))[1]
    assert [field.share(place) for place in range(3)] == [0, 1, 0]
    assert ["Times" in field.told(0), field.told(1), "100 % of {them}" in field.told(2)] == [True, "", True]


def test_lines_are_matched_with_their_places(paper: Paper) -> None:
    root = parsed(with_questions(paper, question(1, (ORDER,))))
    (field,) = read_quiz(ElementTree.tostring(root))[1]
    assert field.share((2, 0, 1)) == 1
    assert field.share((0, 1, 2)) == 0
    assert field.share((2, 1, 0)) == pytest.approx(1 / 3)
    scores = [float(one.text or "") for one in root.iter(f"{QTI}setvar")]
    assert sum(scores) == pytest.approx(100, abs=0.05)


def test_the_settings_are_those_of_an_exam(papers: list[Paper]) -> None:
    """One attempt, no right answers shown, not published, and no option shuffled away from its letter."""
    for paper in papers:
        settings = ElementTree.fromstring(list(opened(piece(paper)).values())[1])
        found = {one.tag.rpartition("}")[2]: one.text for one in settings}
        assert found == {
            "title": f"Backpropagation, 2-2-1 (variant {paper.variant.id})", "quiz_type": "assignment",
            "points_possible": "16", "allowed_attempts": "1", "show_correct_answers": "false", "available": "false",
            "shuffle_answers": "false",
        }  # fmt: skip
        assert settings.attrib["identifier"] == parsed(paper)[0].attrib["ident"]


def test_answers_have_the_ids_that_canvas_keeps(paper: Paper) -> None:
    """Numbers, none of them 0, by which the importer knows them again; a field for decimals."""
    for item in parsed(made(paper, "all")).iter(f"{QTI}item"):
        told = {field[0].text: field[1].text for field in item.iter(f"{QTI}qtimetadatafield")}
        ids = (told["original_answer_ids"] or "").split(",")
        if told["question_type"] == "text_only_question":
            assert ids == [""]
            continue
        assert all(int(one) > 0 for one in ids)
        labels = [label.attrib["ident"] for label in item.iter(f"{QTI}response_label")]
        lines = [one.attrib["ident"].removeprefix("response_") for one in item.iter(f"{QTI}response_lid")]
        match told["question_type"]:
            case "multiple_choice_question":
                assert labels == ids
            case "matching_question":
                assert lines == ids
            case "numerical_question":
                assert [one.attrib["fibtype"] for one in item.iter(f"{QTI}render_fib")] == ["Decimal"]


def test_a_comment_does_not_keep_marks_from_being_given(paper: Paper) -> None:
    """Canvas stops at the first condition that holds and does not go on."""
    for item in parsed(made(paper, "all")).iter(f"{QTI}item"):
        for condition in item.iter(f"{QTI}respcondition"):
            shows = condition.find(f"{QTI}displayfeedback") is not None
            assert condition.attrib["continue"] == ("Yes" if shows else "No")
            score = condition.find(f"{QTI}setvar")
            assert shows == (score is None)
            if score is not None:
                assert score.attrib["action"] == ("Set" if float(score.text or "") == 100 else "Add")


def test_numbers_are_written_without_exponents(paper: Paper) -> None:
    tiny = replace(SMALL, value=2.5e-9, printed="2.500e-9", tolerance=1e-12)
    for one in parsed(with_questions(paper, question(1, (tiny,)))).iter():
        if one.tag.removeprefix(QTI) in ("varequal", "vargte", "vargt", "varlte"):
            assert re.fullmatch(r"-?\d+\.\d+", one.text or "")


@pytest.mark.parametrize("answer", [GAP, CHOICE, ORDER])
def test_an_answer_alone_stands_under_what_is_asked(paper: Paper, answer: Any) -> None:
    _, (field,) = read_quiz(quiz(with_questions(paper, question(1, (answer,), title="Do this", said="Look here."))))
    assert "Do this" in field.text
    assert "Look here." in field.text
    assert "[variant 001]" in field.text
    assert answer is not CHOICE or "Which factor is missing?" in field.text


def test_long_statements_go_on_in_a_second_text(paper: Paper) -> None:
    long = Question(1, "made", ("T",), tuple(Prose(("word " * 200,)) for _ in range(40)), (GAP, SMALL), (), ())
    root = parsed(with_questions(paper, long))
    held = [one.text or "" for one in root.iter(f"{QTI}mattext")]
    assert max(map(len, held)) <= canvas.MAX_TEXT + 100
    assert sum(text.count("word ") for text in held) == 40 * 200 - 40 + "".join(held).count("word </p>")


def test_a_text_that_canvas_would_drop_is_refused(paper: Paper) -> None:
    """One block of it alone is too long, so that it cannot go on in a second text."""
    with pytest.raises(InputError, match=r"a text of 2\d,\d{3} bytes, of which Canvas keeps none: it takes 16,384"):
        quiz(with_questions(paper, question(1, (GAP,), said="word " * 4000)))


def test_hostile_words_survive_and_are_nothing_else(paper: Paper) -> None:
    said = " ".join(HOSTILE)
    odd = replace(CHOICE, options=tuple(replace(one, shown=(said, *one.shown), why=(said,)) for one in CHOICE.options))
    gap = replace(GAP, wrongs=(Wrong(said, 9.0, (said,)),))
    hostile = with_questions(paper, question(1, (odd, gap), title=said, said=said))
    recipe = load_recipe(QUIZ).model_copy(update={"title": said})
    hostile.__dict__["variant"] = replace(paper.variant, recipe=_like(recipe, paper))
    root = parsed(hostile)
    for text in root.iter(f"{QTI}mattext"):
        if text.get("texttype") == "text/html":
            inner = ElementTree.fromstring(f"<div>{text.text}</div>")
            assert not {one.tag for one in inner.iter()} & {"script", "iframe", "object", "style", "a", "b"}
            assert not [key for one in inner.iter() for key in one.attrib if key.startswith("on")]
    whole_text = "".join("".join(ElementTree.fromstring(f"<div>{one.text or ''}</div>").itertext())
                         for one in root.iter(f"{QTI}mattext"))  # fmt: skip
    for words in HOSTILE[:-1]:
        assert words in whole_text.replace("\u2060", "")
    assert root[0].attrib["title"].startswith("<script>alert(1)</script> ]]>")


def _like(recipe, paper: Paper):  # type: ignore[no-untyped-def]
    """A changed recipe with the problem of the paper's."""
    for name in ("_fields", "_folder", "_name"):
        setattr(recipe, name, getattr(paper.variant.recipe, name))
    return recipe


def test_titles_are_as_long_as_canvas_takes_them(paper: Paper) -> None:
    long = with_questions(paper, question(1, (GAP,)))
    long.__dict__["variant"] = replace(
        paper.variant, recipe=_like(load_recipe(QUIZ).model_copy(update={"title": "T" * 400}), paper)
    )
    title = parsed(long)[0].attrib["title"]
    assert len(title) < 255
    assert title.endswith("(variant 001)")


@pytest.mark.parametrize("together", [True, False])
def test_student_analysis_is_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str], together: bool) -> None:
    exam = tmp_path / "exam"
    main(["generate", str(QUIZ), "--variants", "3", "--seed", "5", "-o", str(exam), "-f", "canvas"])
    papers = [Paper(variant) for variant in generate(QUIZ, 3, 5)]
    files = opened((exam / "canvas.zip").read_bytes())
    quizzes = [data for name, data in files.items() if re.fullmatch(r"(v\w+)/\1\.xml", name)]
    students = {f"Student {'ABC'[own]}": (own, _printed(quizzes[own], papers[own])) for own in range(3)}
    if together:
        answers = tmp_path / "analysis.csv"
        answers.write_text(analysis(quizzes, students), encoding="utf-8")
    else:
        answers = tmp_path / "analyses"
        answers.mkdir()
        for own, (student, (_, typed)) in enumerate(students.items()):
            text = analysis([quizzes[own]], {student: (0, typed)})
            (answers / f"variant_{own}.csv").write_text(text, encoding="utf-8")
    capsys.readouterr()
    main(["check", str(exam), str(answers), "-f", "json", "-o", "-"])
    marks = json.loads(capsys.readouterr().out)
    assert [one["student"] for one in marks["students"]] == list(students)
    for one in marks["students"]:
        assert one["marks"] == marks["max_marks"] == len(papers[0].variant.asked)
        assert {item["verdict"] for item in one["items"]} == {"correct"}


def _printed(quiz: bytes, paper: Paper) -> dict[int, str]:
    """The key's printed numbers by the places of their questions; the places of mere text are not filled in."""
    gaps = iter(paper.questions[0].gaps)
    return {place: next(gaps).printed for place, text in enumerate(texts(quiz)) if " = ?" in text}


def test_texts_stand_on_one_line(papers: list[Paper]) -> None:
    """They are the headings of the analysis; a row of too many lines is no row."""
    for paper in papers:
        assert all(len(text.splitlines()) == 1 for text in texts(quiz(paper)))


def test_statement_asks_for_nothing(papers: list[Paper]) -> None:
    """Else the analysis would have an answer, an empty one, where nothing was asked."""
    for paper in papers:
        told, _ = read_quiz(quiz(paper))
        assert not any(re.search(r"\[(?!variant )\S+\]", text) for text in told)


def test_option_that_nobody_explains_has_no_comment(paper: Paper) -> None:
    plain = replace(CHOICE, options=(Option(("a",), True), Option(("b",))))
    assert not list(parsed(with_questions(paper, question(1, (plain,)))).iter(f"{QTI}itemfeedback"))


def test_archive_is_the_same_whenever_it_is_made(papers: list[Paper]) -> None:
    made = whole(map(piece, papers))["canvas.zip"]
    assert made == whole(map(piece, papers))["canvas.zip"]
    assert {one.date_time for one in zipfile.ZipFile(io.BytesIO(made)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
