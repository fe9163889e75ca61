"""The QTI 2.1 package: its elements by the rules of the specification, its response processing, what a user wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from stepcalc.answers.archives import opened
from stepcalc.board.mathml import NAMESPACE as MATHML
from stepcalc.board.nodes import Blank, Equation, Mul
from stepcalc.errors import InputError
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Wrong
from stepcalc.platforms.proof import prove
from stepcalc.platforms.qti import QtiWriter
from stepcalc.platforms.qti_package import piece, whole
from stepcalc.platforms.qti_reader import read_test
from stepcalc.sheet.blocks import Formula
from tests.platforms.hand_made import CHOICE, EVERY, GAP, HOSTILE, ORDER, SMALL, question, with_questions
from tests.platforms.xml_rules import NAME, faults, identifiers

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"

# What the schema of QTI 2.1 says of the elements that are used.
EXPRESSION = "(variable|correct|baseValue|sum|product|multiple|equal|match)"
BLOCKS = frozenset({"div", "p", "prompt", "simpleChoice", "math"})
RULES = {
    "assessmentItem": (
        "responseDeclaration*, outcomeDeclaration*, itemBody, responseProcessing, modalFeedback*",
        "identifier title adaptive timeDependent lang?",
    ),
    "responseDeclaration": ("correctResponse", "identifier cardinality baseType"),
    "correctResponse": ("value+", ""),
    "outcomeDeclaration": ("defaultValue?", "identifier cardinality baseType normalMaximum?"),
    "defaultValue": ("value", ""),
    "value": ("", ""),
    "itemBody": ("(div|p|choiceInteraction|orderInteraction)+", ""),
    "choiceInteraction": ("prompt?, simpleChoice+", "responseIdentifier shuffle maxChoices"),
    "orderInteraction": ("simpleChoice+", "responseIdentifier shuffle"),
    "responseProcessing": ("(responseCondition|setOutcomeValue)*", ""),
    "responseCondition": ("responseIf, responseElse?", ""),
    "responseIf": (f"{EXPRESSION}, setOutcomeValue+", ""),
    "responseElse": ("responseCondition+", ""),
    "setOutcomeValue": (EXPRESSION, "identifier"),
    "equal": (f"{EXPRESSION}, {EXPRESSION}", "toleranceMode tolerance"),
    "match": (f"{EXPRESSION}, {EXPRESSION}", ""),
    **dict.fromkeys(("sum", "product", "multiple"), (f"({EXPRESSION}|testVariables)+", "")),
    **dict.fromkeys(("variable", "correct"), ("", "identifier")),
    "baseValue": ("", "baseType"),
    "testVariables": ("", "variableIdentifier"),
    "modalFeedback": ("p", "outcomeIdentifier identifier showHide"),
    "assessmentTest": ("outcomeDeclaration, testPart, outcomeProcessing", "identifier title toolName"),
    "testPart": ("assessmentSection", "identifier navigationMode submissionMode"),
    "assessmentSection": ("assessmentItemRef+", "identifier title visible"),
    "assessmentItemRef": ("", "identifier href fixed"),
    "outcomeProcessing": ("setOutcomeValue", ""),
}


def files(paper: Paper) -> dict[str, bytes]:
    return opened(piece(paper))


def item(paper: Paper) -> ElementTree.Element:
    (data,) = (data for name, data in files(paper).items() if name.endswith("q01.xml"))
    return ElementTree.fromstring(data)


def asking(paper: Paper, *answers) -> Paper:  # type: ignore[no-untyped-def]
    return with_questions(paper, question(1, answers))


@pytest.mark.parametrize("kind", EVERY)
def test_files_obey_the_rules_of_qti(paper: Paper, kind: str) -> None:
    for name, data in files(asking(paper, *EVERY[kind])).items():
        if name.endswith(".xml"):
            root = ElementTree.fromstring(data)
            assert list(faults(root, RULES, BLOCKS)) == []
            known = identifiers(root, "identifier", "responseIdentifier", "outcomeIdentifier")
            assert all(NAME.fullmatch(one) for one in known)


def test_what_is_used_is_declared(paper: Paper) -> None:
    root = item(asking(paper, *EVERY["all"]))
    declared = [
        one.get("identifier") for kind in ("response", "outcome") for one in root.iter(f"{QTI}{kind}Declaration")
    ]
    assert len(set(declared)) == len(declared)
    used = {
        one.get("identifier") for kind in ("variable", "correct", "setOutcomeValue") for one in root.iter(QTI + kind)
    }
    assert used <= set(declared)
    told = [one.get("identifier") for one in root.iter(f"{QTI}modalFeedback")]
    assert len(set(told)) == len(told)
    shown = {one.text for one in root.iter(f"{QTI}baseValue") if one.get("baseType") == "identifier"}
    assert set(told) <= shown
    assert {one.get("outcomeIdentifier") for one in root.iter(f"{QTI}modalFeedback")} == {"FEEDBACK"}
    asked = [one.get("responseIdentifier") for one in root.iter() if one.get("responseIdentifier")]
    assert sorted(asked) == sorted(name for name in declared if name and name.startswith("RESPONSE"))


def test_manifest_names_every_file_and_nothing_else(papers: list[Paper]) -> None:
    made = opened(whole(map(piece, papers))["qti.zip"])
    root = ElementTree.fromstring(made["imsmanifest.xml"])
    space = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
    assert [one.tag for one in root] == [f"{space}{name}" for name in ("metadata", "organizations", "resources")]
    hrefs = [one.attrib["href"] for one in root.iter(f"{space}file")]
    assert sorted(hrefs) == sorted(set(made) - {"imsmanifest.xml"})
    resources = {one.attrib["identifier"]: one for one in root.iter(f"{space}resource")}
    assert len(resources) == len(list(root.iter(f"{space}resource")))
    assert all(NAME.fullmatch(name) for name in resources)
    assert {one.attrib["identifierref"] for one in root.iter(f"{space}dependency")} <= set(resources)
    kinds = [one.attrib["type"] for one in resources.values()]
    assert kinds.count("imsqti_test_xmlv2p1") == len(papers)
    assert kinds.count("imsqti_item_xmlv2p1") == sum(len(paper.questions) for paper in papers)
    for name, resource in resources.items():
        if resource.attrib["type"] == "imsqti_item_xmlv2p1":
            assert ElementTree.fromstring(made[resource.attrib["href"]]).attrib["identifier"] == name


def test_figures_and_items_are_where_they_are_looked_for(papers: list[Paper]) -> None:
    made = opened(whole(map(piece, papers))["qti.zip"])
    for name, data in made.items():
        folder = name.rpartition("/")[0]
        for asked in re.findall(r'(?:src|href)="([^":]+)"', data.decode()) if name.endswith("xml") and folder else ():
            assert f"{folder}/{asked}" in made


def test_formulas_are_mathml(paper: Paper) -> None:
    root = item(paper)
    maths = list(root.iter(f"{{{MATHML}}}math"))
    assert len(maths) > len(paper.questions[0].gaps)
    assert not [one for math in maths for one in math.iter() if "data-item" in one.attrib]
    assert not any(r"\(" in text for text in root.itertext())


def test_what_is_missing_in_a_formula_is_seen(paper: Paper) -> None:
    chain = Formula((Equation((Mul((GAP.symbol, Blank(4))),), ()),))
    asked = replace(question(1, (CHOICE,)), prompt=(chain,))
    root = item(with_questions(paper, asked))
    assert [one.text for one in root.iter(f"{{{MATHML}}}mtext")].count("____") == 1


def test_numbers_are_right_within_the_tolerance(paper: Paper) -> None:
    first, second = read_test(files(asking(paper, GAP, SMALL)))
    assert [first.share(typed) for typed in ("1.23456", "1.235", "1.2355", "1.2356", "-1.23456")] == [1, 1, 1, 0, 0]
    assert [second.share(typed) for typed in ("0.000025", "2.5009e-5", "2.502e-5", "0")] == [1, 1, 0, 0]
    assert [first.points, second.points] == [2.0, 0.5]


def test_what_mistakes_give_is_told(paper: Paper) -> None:
    (field,) = read_test(files(asking(paper, GAP)))
    assert "The sign of" in field.told("-1.23456")
    assert "The sign of" in field.told("-1.235"), "rounded as it is printed"
    assert {"Where is", "Or twice"} <= {
        one for one in ("Where is", "Or twice", "The sign") if one in field.told("0.61728")
    }
    assert field.told("1.2349") == field.told("7") == ""


def test_options_have_their_own_feedback(paper: Paper) -> None:
    (field,) = read_test(files(asking(paper, CHOICE)))
    assert [field.share(place) for place in range(3)] == [0, 1, 0]
    assert ["Times" in field.told(0), field.told(1), "100 % of {them}" in field.told(2)] == [True, "", True]


def test_lines_are_put_in_order(paper: Paper) -> None:
    (field,) = read_test(files(asking(paper, ORDER)))
    assert [field.share(order) for order in ((2, 0, 1), (0, 1, 2), (1, 0, 2))] == [1, 0, 0]
    assert field.points == 3


def test_marks_of_an_item_add_up(paper: Paper) -> None:
    fields = read_test(files(asking(paper, *EVERY["all"])))
    assert sum(field.points for field in fields) == sum(answer.worth for answer in EVERY["all"])
    assert item(asking(paper, *EVERY["all"])).find(f"{QTI}outcomeDeclaration[@identifier='SCORE']").get(  # type: ignore[union-attr]
        "normalMaximum"
    ) == repr(sum(answer.worth for answer in EVERY["all"]))


@pytest.mark.parametrize("rule", ["lookupOutcomeValue", "exitResponse"])
def test_rules_that_are_not_known_are_refused(paper: Paper, rule: str) -> None:
    changed = {
        name: data.replace(b"<responseProcessing>", f"<responseProcessing><{rule}/>".encode())
        for name, data in files(asking(paper, GAP)).items()
    }
    with pytest.raises(InputError, match=f"{rule}, a rule that is not known here"):
        prove(asking(paper, GAP), read_test(changed), "qti.zip")


def test_hostile_words_survive_and_are_nothing_else(paper: Paper) -> None:
    said = " ".join(HOSTILE)
    odd = replace(CHOICE, options=tuple(replace(one, shown=(said, *one.shown), why=(said,)) for one in CHOICE.options))
    gap = replace(GAP, wrongs=(Wrong(said, 9.0, (said,)),))
    root = item(with_questions(paper, question(1, (odd, gap), title=said, said=said)))
    assert not {one.tag.rpartition("}")[2] for one in root.iter()} & {"script", "iframe", "object", "style", "a"}
    told = "".join(root.itertext()).replace("\u2060", "")
    assert all(told.count(words) >= 4 for words in HOSTILE[:-1])


def test_names_are_those_of_the_variant(papers: list[Paper]) -> None:
    names = [QtiWriter(paper).name for paper in papers]
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"v00[12]_[0-9a-f]{12}", name) for name in names)
    assert piece(papers[0]) == piece(Paper(papers[0].variant))
