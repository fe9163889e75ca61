"""One number among those that mistakes give."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from stepcalc.board.nodes import Num
from stepcalc.exams.gaps import gaps, printed
from stepcalc.exams.kinds.parts import heading, impossible, mixed, scalar
from stepcalc.exams.question import Choice, Criterion, Gap, Option, Question
from stepcalc.recipes.asking import Asked, MultipleChoice
from stepcalc.sheet.blocks import Prose

if TYPE_CHECKING:
    from stepcalc.exams.paper import Paper


def multiple_choice(paper: Paper, number: int, asked: Asked) -> Question:
    """A question that offers several numbers for one item; fewer where there are not so many mistakes."""
    wanted = cast(MultipleChoice, asked)
    say = paper.words.say
    (gap,) = gaps(paper, [scalar(paper, wanted.item)], asked.marks or 1.0)
    wrong = _wrong(paper, gap)[: wanted.options - 1]
    if not wrong:
        raise impossible(f"no mistake gives another number for {gap.item} than {gap.printed}, which is the right one")
    options = mixed(paper.chance(number), Option((Num(gap.printed),), right=True), wrong)
    prompt = (Prose(say("exam.multiple_choice", item=gap.symbol)),)
    solution = () if gap.step is None else (gap.step,)
    rubric = (Criterion(say("exam.right_numbers", items=gap.symbol, count=1), gap.worth, "answer"),)
    choice = Choice(options, gap.worth, (gap.symbol,))
    item = (paper.steps.canonical(gap.item),)
    return Question(
        number, asked.kind, heading(paper, asked), prompt, (choice,), solution, rubric, shows=item, asks=item
    )


def _wrong(paper: Paper, gap: Gap) -> list[Option]:
    """The numbers that mistakes give, all different as printed, each mistake once before any comes again.

    None is what another question asks for, but for its sign: ∂L/∂z, where a factor is forgotten, may be ŷ.
    """
    asked = {printed(paper, abs(value)) for value in paper.variant.answers.values()}
    seen, named = {float(gap.printed)}, set[str]()
    first, further = list[Option](), list[Option]()
    for wrong in gap.wrongs:
        text = printed(paper, wrong.value)
        if float(text) not in seen and printed(paper, abs(wrong.value)) not in asked:  # 1 is 1.000
            seen.add(float(text))
            (further if wrong.name in named else first).append(Option((Num(text),), why=wrong.why, name=wrong.name))
            named.add(wrong.name)
    return first + further
