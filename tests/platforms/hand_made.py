"""Questions made by hand, of every kind, put in the place of a variant's own."""

from __future__ import annotations

from collections.abc import Sequence

from stepcalc.board.nodes import Equation, Frac, Glyph, Mul, Num, Sym
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Option, Order, Question, Wrong
from stepcalc.resources import data_dir
from stepcalc.sheet.blocks import Formula, Prose

QUIZ = data_dir("worked_examples") / "exams" / "quiz_two_two_one.toml"
HOSTILE = (
    "<script>alert(1)</script>",
    "]]>",
    "&lt;b&gt;",
    r"\(\href{javascript:a}{b}\)",
    "$$x$$",
    "a\"b'c",
    "\x00\x1b",
)
X, W, L = Sym(Glyph("x")), Sym(Glyph("w", sub="11")), Sym(Glyph("L"))
HALF = Frac(Num("1"), Num("2"))
LINES = tuple(Formula((Equation((X, Num(text)), ("=",)),)) for text in ("1", "2", "3"))

GAP = Gap(
    "z1[1]", Sym(Glyph("z", sub="1")), 1.23456, "1.235", 0.001, 2.0,
    (
        Wrong("sign", -1.23456, ("The sign of ", W, " is lost.")),
        Wrong("half", 0.61728, ("Where is ", Mul((HALF, W)), "? {a} ~ b # c \\")),
        Wrong("twin", 0.61728, ("Or twice ", X, ".")),
        Wrong("near", 0.6173, ("Nearly the same.",)),
        Wrong("right all the same", 1.2349, ("Never said.",)),
    ),
)  # fmt: skip
SMALL = Gap("L", L, 2.5e-5, "2.500e-5", 1e-8, 0.5)
CHOICE = Choice(
    (
        Option((Mul((W, X)),), False, ("Times ", X, " once more."), "again"),
        Option((HALF,), True),
        Option(("= none of these ~ #",), False, ("100 % of {them} \\",), "none"),
    ),
    1.5,
    ("Which factor is missing?",),
    written=True,
)
MENU = Choice((Option(("line 1",)), Option(("line 2",), True), Option(("line 3",))), 1.0, ("The wrong line:",))
ORDER = Order(LINES, (2, 0, 1), 3.0)

EVERY = {
    "numerical": (GAP,),
    "multichoice": (CHOICE,),
    "gaps": (GAP, SMALL),
    "find the error": (MENU, GAP),
    "order": (ORDER,),
    "all": (GAP, CHOICE, MENU, ORDER, SMALL),
}


def question(number: int, answers: Sequence[Answer], title: str = "Calculate", said: str = "Go on.") -> Question:
    return Question(number, "made", (title,), (Prose((said,)),), tuple(answers), (LINES[0],), ())


def with_questions(paper: Paper, *questions: Question) -> Paper:
    """The paper of the same variant with other questions."""
    other = Paper(paper.variant)
    known = {name: getattr(paper, name) for name in ("context", "statement")}
    other.__dict__.update(known, questions=questions)
    return other
