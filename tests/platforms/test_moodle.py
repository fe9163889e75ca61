"""Moodle's file: its elements by Moodle's rules, its marks, what it says to mistakes, what a user wrote in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stepcalc.errors import InputError
from stepcalc.exams.entrance import generate
from stepcalc.exams.exact import steady
from stepcalc.exams.kinds import MAKERS
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Gap, Option, Wrong
from stepcalc.platforms.marked import marked
from stepcalc.platforms.moodle import HEAD, TAIL, piece, whole
from stepcalc.platforms.moodle_answers import PERMITTED, Accepted, accepted, weights
from stepcalc.platforms.moodle_check import check
from stepcalc.platforms.moodle_cloze import escaped
from stepcalc.platforms.moodle_fields import decoded, typed_number
from stepcalc.platforms.moodle_read import FRACTIONS, Read, read_moodle
from stepcalc.recipes import load_recipe
from stepcalc.resources import data_dir
from stepcalc.rounding import Rounding
from tests.platforms.hand_made import CHOICE, EVERY, GAP, MENU, ORDER, QUIZ, SMALL, question, with_questions

# What Moodle's documentation says of its format, and its importer of what it reads: the elements that a question needs,
# of each type, and which values they may have. "text" is an element that holds a <text>.
TEXT, TRUTH, NUMBER = "text", {"true", "false", "0", "1"}, re.compile(r"\d+(\.\d+)?")
COMMON: dict[str, Any] = {
    "name": TEXT, "questiontext": TEXT, "generalfeedback": TEXT, "defaultgrade": NUMBER, "penalty": NUMBER,
    "hidden": {"0", "1"}, "idnumber": re.compile(r"\S{1,100}"),
}  # fmt: skip
RULES: dict[str, dict[str, Any]] = {
    "category": {"category": TEXT, "info": TEXT},
    "cloze": COMMON,
    "numerical": COMMON | {"answer": TEXT, "unitgradingtype": {"0", "1", "2"}, "unitpenalty": NUMBER,
                           "showunits": {"0", "1", "2", "3"}, "unitsleft": {"0", "1"}},
    "multichoice": COMMON | {"answer": TEXT, "single": TRUTH, "shuffleanswers": TRUTH,
                             "answernumbering": {"abc", "ABCD", "123", "iii", "IIII", "none"}, "correctfeedback": TEXT,
                             "partiallycorrectfeedback": TEXT, "incorrectfeedback": TEXT},
}  # fmt: skip
FORMATS = {"html", "plain_text", "markdown", "moodle_auto_format"}
MANY = {"answer"}


def xml(*papers: Paper) -> bytes:
    content = whole(map(piece, papers))["moodle.xml"]
    assert isinstance(content, bytes)
    return content


def made(paper: Paper, *answers: Any, **more: str) -> Read:
    """The one question as Moodle has it."""
    (read,) = read_moodle(xml(with_questions(paper, question(1, answers, **more))))
    return read


def every(paper: Paper) -> Paper:
    return with_questions(paper, *(question(number, answers) for number, answers in enumerate(EVERY.values(), start=1)))


def questions(data: bytes) -> Iterator[ElementTree.Element]:
    root = ElementTree.fromstring(data)
    assert root.tag == "quiz"
    for element in root:
        assert element.tag == "question"
        yield element


def test_every_element_is_as_moodle_has_it(paper: Paper) -> None:
    data = xml(every(paper))
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    kinds = []
    for element in questions(data):
        kinds.append(element.get("type"))
        rules = RULES[kinds[-1] or ""]
        children = [child.tag for child in element]
        assert set(children) == set(rules)
        assert {tag for tag in children if children.count(tag) > 1} <= MANY
        for child in element:
            rule = rules[child.tag]
            if rule is TEXT:
                assert child.find("text") is not None
                assert child.get("format", "html") in FORMATS
            else:
                assert rule.fullmatch(child.text or "") if isinstance(rule, re.Pattern) else child.text in rule
            for file in child.findall("file"):
                assert file.get("encoding") == "base64"
                assert file.get("path") == "/"
    assert kinds == [kind for kind in ("numerical", "multichoice", *["cloze"] * 5) for kind in ("category", kind)]


def test_a_category_is_a_question_and_holds_its_variants(papers: list[Paper]) -> None:
    found = read_moodle(xml(*map(every, papers)))
    by_category: dict[str, list[str]] = {}
    for read in found:
        by_category.setdefault(read.category, []).append(read.name)
    titles = [*(f"{number}. Calculate" for number in range(1, len(EVERY) + 1)), "All questions"]
    for named, (category, names) in zip(titles, by_category.items(), strict=True):
        assert category == f"$course$/top/Backpropagation, 2-2-1/{named}"
        assert names == [f"{variant} · {named}" for variant in ("001", "002")]
    assert len({read.idnumber for read in found}) == len(found)


def test_a_slash_in_a_title_parts_no_category(paper: Paper) -> None:
    assert made(paper, GAP, title="/a/b").category == "$course$/top/Backpropagation, 2-2-1/1. //a//b"


@pytest.mark.parametrize(("choice", "shuffled"), [(MENU, "false"), (CHOICE, "true")])
def test_words_keep_their_order_and_formulas_do_not(paper: Paper, choice: Choice, shuffled: str) -> None:
    """Line 1, line 2, …; formulas nobody looks for by their places."""
    *_, element = questions(xml(with_questions(paper, question(1, (choice,)))))
    assert element.findtext("shuffleanswers") == shuffled


def test_the_file_is_the_same_each_time(papers: list[Paper]) -> None:
    assert xml(*papers) == xml(*(Paper(paper.variant) for paper in papers))


def test_a_real_quiz_is_read_back_whole(papers: list[Paper]) -> None:
    for paper, read in zip(papers, read_moodle(xml(*papers)), strict=True):
        (asked,) = paper.questions
        assert read.kind == "cloze"
        assert read.grade == sum(field.weight for field in read.fields) == asked.worth == 16
        assert read.percent([gap.printed for gap in asked.gaps]) == 100
        assert read.percent([""] * 16) == 0
        assert re.findall(r"\[(\w+)\] \\\(", read.text)[:3] == ["z1_1", "z1_2", "a1_1"]
        assert f"[variant {paper.variant.id}]" in read.text
        assert read.figures == ("figure_1.svg",)
        assert r"\[\begin{aligned}" in read.feedback


@pytest.mark.parametrize("kind", EVERY)
def test_the_key_gets_all_marks(paper: Paper, kind: str) -> None:
    read = made(paper, *EVERY[kind])
    right = [next(one.answer for one in field.known if one.percent == 100) for field in read.fields]
    assert read.percent(right) == 100
    assert read.percent(["zero"] * len(right)) == 0
    assert read.grade == sum(answer.worth for answer in EVERY[kind])


def test_a_variant_is_checked_before_it_is_written(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    exactly = "stepcalc.platforms.moodle_cloze.accepted"
    monkeypatch.setattr(exactly, lambda gap, *_: (Accepted(gap.value, 0.0, 100.0),))
    with pytest.raises(InputError, match=r"moodle\.xml: 001 .* gets [\d.]+ % of the marks"):
        piece(paper)


def test_marks_are_shared_as_they_should_be(paper: Paper) -> None:
    read = made(paper, GAP, CHOICE, MENU, ORDER, SMALL)
    assert [field.weight for field in read.fields] == [4, 3, 2, 2, 2, 2, 1]
    only = ["1.23456", "", "", "", "", "", ""]
    assert read.percent(only) == pytest.approx(100 * 2 / 8)


@pytest.mark.parametrize(
    ("worths", "expected"),
    [((1, 3, 2), (1, 3, 2)), ((2, 2), (2, 2)), ((0.5, 1), (1, 2)), ((5 / 3, 5 / 3, 5 / 3), (1, 1, 1)), ((0, 0), (1, 1)),
     ((0, 2), (0, 2)), ((1.25, 2.5, 0.75), (5, 10, 3)), ((7,), (7,))],
)  # fmt: skip
def test_weights_are_whole_numbers_in_the_ratio_of_the_marks(
    worths: tuple[float, ...], expected: tuple[int, ...]
) -> None:
    assert weights(worths) == expected


@pytest.mark.parametrize("answers", [(GAP,), (GAP, SMALL)])
def test_each_mistake_is_told_what_it_is(paper: Paper, answers: tuple[Gap, ...]) -> None:
    field = made(paper, *answers).fields[0]

    def said(given: str) -> str:
        taken = field.taken(given)
        assert taken is None or taken.percent == 0
        return "" if taken is None else taken.said

    assert said("-1.23456") == said("-1,235") == r"The sign of \(w_{11}\) is lost."
    half = r"Where is \((1/2) w_{11}\)? {a} ~ b # c \ Or twice \(x\)."
    assert said("0.61728") == half
    assert said("0.6173") == "Nearly the same."
    assert said("7") == ""
    assert not any("Never said" in one.said for one in field.known)


def test_the_first_number_that_fits_is_taken(paper: Paper) -> None:
    field = made(paper, GAP).fields[0]
    for given in ("1.23456", "1.235", "1.2346", " 1,2355 ", "12.35e-1", "+1.2355", "1.2355x10^0", "1.2336"):
        assert (taken := field.taken(given)) is not None
        assert taken.percent == 100
    for given in ("1.2357", "1.2334", "1.235 m", "", "one", "1.2.3", "."):
        assert field.taken(given) is None


@pytest.mark.parametrize("answers", [(GAP,), (GAP, SMALL)])
@pytest.mark.parametrize(
    ("share", "percent", "cloze"), [(0.5, 50, 50), (0.4, 40, 40), (0.95, 90, 90), (0.34, 33.33333, 33)]
)
def test_a_slip_of_precision_gets_its_share(
    paper: Paper, answers: tuple[Gap, ...], share: float, percent: float, cloze: int
) -> None:
    other = Paper(replace(paper.variant, recipe=_with_rounding(share)))
    field = made(other, *answers).fields[0]
    found = [field.taken(given) for given in ("1.235", "1.2346", "1.2355", "1.2337")]
    expected = percent if len(answers) == 1 else cloze
    assert [one.percent for one in found if one is not None] == [100, 100, expected, expected]


def test_without_marks_for_a_slip_only_the_precision_asked_counts(paper: Paper) -> None:
    other = Paper(replace(paper.variant, recipe=_with_rounding(0.0)))
    field = made(other, GAP).fields[0]
    assert [one.percent for one in field.known] == [100, 0, 0, 0]
    for given, percent in (("1.235", 100), ("1.2349", 100), ("1.2355", None)):
        taken = field.taken(given)
        assert (None if taken is None else taken.percent) == percent


def test_a_short_number_has_to_be_as_exact_as_a_long_one() -> None:
    """1.8 is printed with one decimal, and 1.84 is wrong all the same where four digits are asked."""
    short = replace(GAP, value=1.8, printed="1.8", tolerance=0.0005, wrongs=())
    assert [(one.percent, one.takes(1.8004), one.takes(1.84)) for one in accepted(short, 0.5, Rounding())] == [
        (100, True, False),
        (50, True, False),
    ]


def test_a_tolerance_is_written_with_three_digits_and_never_less_than_it_is() -> None:
    assert [Accepted(1.0, tolerance, 100).reach for tolerance in (0.00012345, 0.0005, 2e-9)] == [
        "0.000124",
        "0.0005",
        "2e-09",
    ]


def test_a_number_that_is_cut_off_as_the_key_does_is_exact() -> None:
    cut = replace(GAP, printed="1.234", wrongs=())
    exact, slip = accepted(cut, 0.5, Rounding())
    assert (exact.percent, exact.takes(1.234), exact.takes(1.2339), slip.takes(1.2339)) == (100, True, False, True)


def test_mistakes_that_give_no_number_are_left_out(paper: Paper) -> None:
    gap = replace(GAP, wrongs=(Wrong("nothing", float("inf"), ("No.",)), Wrong("zero", 0.0, ("Zero.",))))
    field = made(paper, gap).fields[0]
    assert [one.said for one in field.known] == ["", "Zero."]
    assert (taken := field.taken("0,0")) is not None
    assert taken.said == "Zero."


def _with_rounding(share: float) -> Any:
    recipe = load_recipe(QUIZ)
    return recipe.model_copy(update={"marking": type(recipe.marking).model_validate({"rounding": share})})


def test_only_shares_that_moodle_knows(paper: Paper) -> None:
    assert set(PERMITTED) | {0} == FRACTIONS
    for element in questions(xml(every(paper))):
        for answer in element.findall("answer"):
            assert float(answer.get("fraction", "")) in FRACTIONS


def test_numbers_keep_their_digits_however_small(paper: Paper) -> None:
    value = 0.1 + 0.2
    tiny = Gap("L", SMALL.symbol, value * 1e-9, "3.000e-10", 1e-14, 1.0)
    read = made(paper, tiny, Gap("z1[1]", SMALL.symbol, 12345678.9, "1.235e7", 5000.0, 1.0))
    assert [float(field.known[0].answer) for field in read.fields] == [value * 1e-9, 12345678.9]
    assert all(one.tolerance is not None for field in read.fields for one in field.known)
    assert read.percent(["3.000e-10", "1.235e7"]) == 100
    assert read.percent(["0", "0"]) == 0


def test_an_exact_number_may_be_typed_in_any_form() -> None:
    exact = Gap("z1[1]", SMALL.symbol, 0.3, "0.3", 0.0, 1.0)
    (right,) = accepted(exact, 1.0, Rounding(significant=4))
    assert abs(0.1 + 0.2 - right.value) < right.tolerance < 1e-8


@pytest.mark.parametrize(("typed", "value"), [("1,5", 1.5), ("−2", -2.0), (".5", 0.5), ("3.", 3.0), ("2*10^-3", 0.002)])
def test_what_students_type_is_read(typed: str, value: float) -> None:
    assert typed_number(typed) == value


HOSTILE = (
    "<script>alert(1)</script>", "]]>", "{1:SHORTANSWER:=x}", "{1:NUMERICAL:=3}", "}", "~%100%", "#", "\\", "a\\}b\\#",
    "&amp;", "&#125;", '"\'', "{#1}", "=", "%50%", "$course$", "[variant 002]", "[z1_2]", "@@PLUGINFILE@@/x", "/a//b/",
    "\\(x\\)", "𝒳 中 é",
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_user_wrote_stays_text(paper: Paper, hostile: str) -> None:
    """In titles, prompts, options and feedback, of questions of every type."""
    wrong = Wrong("hostile", 9.0, (hostile,))
    gap = replace(GAP, wrongs=(wrong,))
    choice = replace(CHOICE, options=(Option((HALF_AND, hostile), True), Option((hostile,), False, (hostile,))))
    options = (Option((hostile,), True), Option((hostile + "!",), False, (hostile,)))
    menu = replace(MENU, asked=(hostile,), options=options)
    for answers in ((gap,), (choice,), (gap, choice, menu)):
        read = made(paper, *answers, title=hostile, said=hostile)
        plain = made(paper, *answers)
        assert read.name == f"001 · 1. {hostile}".strip()
        assert len(read.fields) == len(plain.fields)
        assert shown(read.text).count(hostile) >= shown(plain.text).count(hostile) + 1
        assert re.findall(r"\[variant [^\]]*\]", read.text) == ["[variant 001]"]
        for field in read.fields:
            wrong_one = field.taken("9") if field.kind == "numerical" else field.known[1]
            assert wrong_one is not None
            assert shown(wrong_one.said) == hostile.strip()


HALF_AND = "half of "


def shown(html: str) -> str:
    """What a browser shows of it."""
    return "".join(ElementTree.fromstring(f"<p>{html}</p>").itertext()).replace("\u2060", "")


@pytest.mark.parametrize("html", [*HOSTILE, r"\(\frac{a}{b}\)", "a\\", "\\\\}", "&lt;b&gt;", "~", "##", "&#39;"])
def test_fields_hold_any_html(html: str) -> None:
    """Written for a field and made of it what Moodle makes of it."""
    written = escaped(html)
    assert decoded(written) == html
    assert not re.search(r"(?<!\\)\}|~", written)
    assert not written.startswith(("=", "%"))
    assert not re.search(r"(?<!\\)#", written.replace("&#", ""))
    assert not written.endswith("\\")


def test_the_marking_reads_what_it_can_mark(paper: Paper) -> None:
    """Ids of items stand where a question asks for nothing else."""
    several = with_questions(paper, question(1, (GAP, SMALL)), question(2, (MENU, GAP)))
    assert marked(several) == {1}
    texts = [read.text for read in read_moodle(xml(several))]
    assert "[z1_1]" in texts[0]
    assert "[L]" in texts[0]
    assert not re.search(r"\[(z1_1|L|-)\]", texts[1])
    assert re.findall(r"\[(?:z1_1|L|-)\]", texts[2]) == ["[z1_1]", "[L]", "[-]", "[-]"]


def test_no_id_says_which_line_is_wrong(paper: Paper) -> None:
    """Not even where the error stands before the question that asks for the same item."""
    several = with_questions(paper, question(1, (MENU, GAP)), question(2, (GAP, SMALL)))
    texts = [read.text for read in read_moodle(xml(several))]
    assert re.findall(r"\[(?:z1_1|L|-)\]", texts[0]) == []
    assert re.findall(r"\[(?:z1_1|L|-)\]", texts[2]) == ["[-]", "[-]", "[z1_1]", "[L]"]


def test_all_questions_together_are_one(paper: Paper) -> None:
    """So that a student whom chance gives one of them has all of it from one variant."""
    together = read_moodle(xml(every(paper)))[-1]
    assert together.kind == "cloze"
    assert together.grade == sum(answer.worth for answers in EVERY.values() for answer in answers)
    assert together.text.count("<h3>Calculate</h3>") == together.feedback.count("<h3>Calculate</h3>") == len(EVERY)
    key = [next(one.answer for one in field.known if one.percent == 100) for field in together.fields]
    assert together.percent(key) == 100
    assert [field.kind for field in together.fields[:4]] == ["numerical", "multichoice", "numerical", "numerical"]


@pytest.mark.parametrize("off", [0.0, 1e-16, 1e-12, 1e-9, 1.003, 1.009, 1.02, 1.03, 1.2])
@pytest.mark.parametrize("tolerance", [0.0, 1.001e-4])
def test_a_mistake_that_leads_next_to_the_right_number(paper: Paper, off: float, tolerance: float) -> None:
    """Either it is taken for right, or it is told what it is: the file is written all the same."""
    value = 0.3 + off * (tolerance if off > 0.5 and tolerance else 1.0)
    gap = Gap("z1[1]", SMALL.symbol, 0.3, "0.3000", tolerance, 1.0, (Wrong("near", value, ("Near.",)),))
    taken = made(paper, gap).fields[0].taken(repr(value))
    assert taken is not None
    assert (taken.percent, taken.said) in ((100, ""), (0, "Near."))


def test_the_last_digit_of_a_double_changes_nothing(paper: Paper) -> None:
    """Functions of other machines may differ in it; only right numbers are the nearest doubles everywhere."""

    def written(nudge: float) -> bytes:
        wrong = Wrong("w", steady(0.6 * nudge), ("Why?",))
        return piece(with_questions(paper, question(1, (replace(GAP, tolerance=5e-4 * nudge, wrongs=(wrong,)),))))

    assert written(1.0) == written(1 + 2**-52) == written(1 - 2**-52)


def test_wrong_numbers_are_known_as_they_are_printed() -> None:
    """Also where the right number is exact, and nobody has to round it."""
    third = Gap("z1[1]", SMALL.symbol, 3.0, "3", 0.0, 1.0, (Wrong("third", 1 / 3, ("Why?",)),))
    _, wrong = accepted(third, 1.0, Rounding(significant=4))
    assert abs(0.3333 - wrong.value) < wrong.tolerance < 1e-4


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("NUMERICAL:=1.23456", "NUMERICAL:=1.33456", "gets 20 % of the marks"),
        ("~%0%-1.23456", "~%0%-1.33456", "not told"),
        ("NUMERICAL:=1.23456", "NUMERICAL:=1.23456e", "is not a number"),
        ("{4:NUMERICAL", "{4:NUMERIC", "a field of type"),
        ("</quiz>", "", "not XML"),
        ("<penalty>", "<penalties>1</penalties><penalty>", "<penalties>"),
        ('name="figure_1.svg"', 'name="figure_2.svg"', "figures"),
        ("<quiz>", "<!DOCTYPE quiz><quiz>", "document type"),
        ("&lt;h3&gt;", "&lt;h4&gt;", "HTML"),
        ('type="cloze"', 'type="essay"', "expected one of"),
        ("[z1_1]", "[z1_2]", "the marking would read"),
        ("[L]", "", "the marking would read"),
        ("Go on.", "Go [a1_1] on.", "the marking would read"),
        ("Go on.", "Go {#1} on.", "which Moodle takes for fields"),
    ],
)
def test_a_file_that_would_mark_otherwise_is_not_written(paper: Paper, old: str, new: str, complaint: str) -> None:
    asked = with_questions(paper, question(1, (GAP, SMALL)))
    data = xml(asked).decode()
    check(asked, [((GAP, SMALL), ["[z1_1]", "[L]"])], data.encode())
    assert old in data
    with pytest.raises(InputError, match=re.escape(complaint)):
        check(asked, [((GAP, SMALL), ["[z1_1]", "[L]"])], data.replace(old, new, 1).encode())


@pytest.mark.parametrize("answers", [(GAP,), (CHOICE,), (GAP, MENU)])
@pytest.mark.parametrize("put", ["~{=", "x", "", "</text>", "&amp;"])
def test_a_damaged_file_is_refused_or_read(paper: Paper, answers: tuple[Any, ...], put: str) -> None:
    """And never anything else."""
    small = with_questions(paper, question(1, answers))
    small.__dict__["statement"] = ()
    data, refused = xml(small), 0
    for place in range(0, len(data), 11):
        try:
            read_moodle(data[:place] + put.encode() + data[place + 3 :])
        except InputError:
            refused += 1
    assert 0 < refused < len(data) // 11 + 1


ASKED = {
    "compute": 'items = ["z1", "dL/dW1"]', "complete_chain": 'item = "dL/dW1[1,1]"', "find_the_error": "",
    "short_form": 'item = "dL/dW1[1,1]"', "multiple_choice": 'item = "y_hat"',
    "order_the_steps": 'item = "dL/dW1[1,1]"',
}  # fmt: skip


@pytest.mark.parametrize("kind", MAKERS)
def test_questions_of_every_kind_are_written_and_mark_their_key(tmp_path: Path, kind: str) -> None:
    recipe = tmp_path / "recipe.toml"
    problem = data_dir("worked_examples") / "two_two_one.toml"
    recipe.write_text(
        f'problem = "{problem}"\n[vary]\n"data.x" = {{ low = 1, high = 4, step = 0.5 }}\n'
        f'[[questions]]\nkind = "{kind}"\n{ASKED[kind]}\n[[questions]]\nkind = "compute"\nitems = ["L"]\n'
    )
    written = [Paper(variant) for variant in generate(recipe, 2, 3)]
    assert len(read_moodle(xml(*written))) == 6


def test_a_mini_batch_says_of_which_sample_an_item_is(tmp_path: Path) -> None:
    (tmp_path / "batch.toml").write_text(
        'loss = "mse"\n[data]\nx = [[1, 2], [3, 4]]\ny = [[3], [4]]\n'
        '[[layers]]\ntype = "dense"\nW = [[2.0, 1.0], [0.5, 0.5]]\n[[layers]]\ntype = "dense"\nW = [[2.0, 1.0]]\n'
    )
    (tmp_path / "recipe.toml").write_text(
        'problem = "batch.toml"\n[vary]\nW1 = { low = 0.5, high = 1.5, step = 0.1 }\n[ask]\nitems = ["z1", "dL/dW2"]\n'
    )
    (read,) = read_moodle(xml(Paper(generate(tmp_path / "recipe.toml", 1, 3)[0])))
    assert re.findall(r"<p>\[(\S+)\] ", read.text) == [
        "z1[1]@1", "z1[2]@1", "z1[1]@2", "z1[2]@2", "dL_dW2_1_1", "dL_dW2_1_2",
    ]  # fmt: skip


def test_twice_the_same_is_refused(paper: Paper) -> None:
    parts = "".join("".join(part) for part in json.loads(piece(paper)))
    with pytest.raises(InputError, match="twice"):
        read_moodle(f"{HEAD}{parts}{parts}{TAIL}".encode())
