"""Blocks as the HTML that platforms show: well-formed, escaped, formulas as TeX, figures beside it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from stepcalc.board.nodes import Call, Equation, Frac, Glyph, Mul, Num, Strike, Sym, Words
from stepcalc.exams.paper import Paper
from stepcalc.platforms.markup import MarkupWriter, text, text_only
from stepcalc.platforms.tex import tex, tex_lines
from stepcalc.sheet.blocks import Bullets, Formula, Heading, Prose, Room, Table
from stepcalc.sheet.words import words

HOSTILE = (
    "<script>alert(1)</script>", "]]>", "{1:SHORTANSWER:=x}", r"\(\href{javascript:a}{b}\)", "$$x$$", 'a"b\'c', "&lt;",
    "{:MC:=x}", "[z1_1]", "[variant 002]", "[dL/dW1[1,2]]", r"\[x\]", "@@PLUGINFILE@@/x",
)  # fmt: skip
X, HALF = Sym(Glyph("x")), Frac(Num("1"), Num("2"))


def writer() -> MarkupWriter:
    return MarkupWriter(words().phrases, "folder/{}".format)


def read(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{markup}</div>")


def test_each_block_has_its_element() -> None:
    blocks = (
        Heading(("A",), 1),
        Prose(("b ", X)),
        Formula((Equation((X, Num("1")), ("=",)),)),
        Bullets((("c",), ("d",))),
        Table((("e",), ("f",)), ((("g",), Formula((Equation((X,)),))),), ("h",)),
        Room(4),
    )
    found = [child.tag for child in read(writer().blocks(blocks))]
    assert found == ["h3", "p", "p", "ul", "table"]


def test_a_variant_is_well_formed_and_the_same_each_time(paper: Paper) -> None:
    asked = [block for question in paper.questions for block in (*question.prompt, *question.solution)]
    first, second = writer(), writer()
    markup = first.blocks((*paper.statement, *asked))
    assert markup == second.blocks((*paper.statement, *asked))
    assert first.figures == second.figures
    tree = read(markup)
    allowed = {"div", "h3", "h4", "p", "ul", "li", "img", "br", "table", "thead", "tbody", "tr", "th", "td", "caption"}
    assert {element.tag for element in tree.iter()} <= allowed | {"span"}
    images = tree.findall(".//img")
    assert [image.get("src") for image in images] == [f"folder/{name}" for name in first.figures]
    assert all(image.get("alt") for image in images)
    for content in first.figures.values():
        assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_problem_says_how_exact_answers_have_to_be_and_shows_no_way(paper: Paper) -> None:
    draw = writer()
    said = draw.blocks(paper.statement)
    assert "Give every number with at least 4 significant digits" in said
    assert "Results are printed" not in said
    assert "drawn heavier" not in said
    assert not any(b'stroke-width="2.6"' in image for image in draw.figures.values())


def test_formulas_are_tex_without_what_the_browser_does_not_know(paper: Paper) -> None:
    markup = writer().blocks((*paper.statement, *(block for q in paper.questions for block in q.solution)))
    known = {
        r"\mathbf", r"\begin", r"\end", r"\hat", r"\frac", r"\partial", r"\sigma", r"\ln", r"\alpha", r"\approx",
        r"\cdot", r"\text",
    }  # fmt: skip
    assert set(re.findall(r"\\[a-zA-Z]+", markup)) <= known
    assert markup.count(r"\(") == markup.count(r"\)")
    assert markup.count(r"\[") == markup.count(r"\]") > 0


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_user_wrote_is_shown_and_nothing_else(hostile: str) -> None:
    for markup in (text(hostile), f'<a title="{text_only(hostile)}"/>'):
        tree = read(markup)
        shown = "".join(tree.itertext()) or tree[0].get("title", "")
        assert shown.replace("\u2060", "") == hostile
        assert not re.search(r"\{[\d\s]*:|\\\(|\\\[|\$\$|<script|\[variant|\[z1_1\]", markup)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_words_in_formulas_close_nothing(hostile: str) -> None:
    shown = [
        Mul((X, Words(hostile))),
        Sym(Glyph(hostile, upright=True)),
        Sym(Glyph("w", sub=hostile)),
        Call(hostile, (X,)),
    ]
    for node in shown:
        markup = writer().math(node)
        assert read(markup).text
        inside = markup.removeprefix(r"\(").removesuffix(r"\)")
        assert not re.search(r"\{[\d\s]*:|\\[()\[\]]|\$\$|<|\[variant |\[z1_1\]", inside)
        bare = re.sub(r"\\[\\{}]", "", tex(node))
        assert bare.count("{") == bare.count("}")


def test_words_are_as_the_browser_takes_them() -> None:
    assert tex(Words("50 % of 中文 Müller_1 {a} \\ $")) == r"\text{50 % of 中文 Müller_1 \{a\} }\backslash\text{ \$}"
    assert tex(Sym(Glyph("Größe", upright=True, sub="größte"))) == r"\text{Größe}_{\text{größte}}"
    assert tex(Mul((HALF, Sym(Glyph("α")))), inline=False) == r"\frac{1}{2} \alpha"


def test_nothing_is_struck_out_and_reasons_stand_beside() -> None:
    line = Equation((X, Mul((Strike(X, 0), HALF))), ("=",), reason="half_life")
    assert tex_lines((line,)) == ("\\begin{aligned}\nx & = x \\frac{1}{2} && \\quad \\text{half_life}\n\\end{aligned}")
