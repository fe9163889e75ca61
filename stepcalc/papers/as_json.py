"""A variant as JSON: the question with all that is asked and no answer; the key, a trace with what is right."""

from __future__ import annotations

import json
from typing import Any

from stepcalc.board.latex import latex
from stepcalc.board.plain import clean
from stepcalc.board.text import text as math_text
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Answer, Choice, Gap, Order, Question
from stepcalc.papers.code import variant_code
from stepcalc.papers.wording import letter, places
from stepcalc.sheet.blocks import Block, Formula
from stepcalc.sheet.text import sentence, told
from stepcalc.sheet.trace_json import as_dict, as_text

FORMAT = "stepcalc-question/1"
WIDTH = 100

Record = dict[str, Any]


def question_json(paper: Paper) -> str:
    """What is asked, in the format ``stepcalc-question/1``. The problem's numbers are in ``problem.toml``."""
    found = {
        "format": FORMAT,
        "variant": paper.variant.id,
        "code": variant_code(paper.variant),
        "title": clean(paper.title),
        "questions": [_question(question) for question in paper.questions],
    }
    return json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def key_json(paper: Paper) -> str:
    """The trace as ``solve -f json`` writes it, and under ``questions`` what is right in each."""
    found = as_dict(paper.variant.trace)
    found["questions"] = [
        {"number": question.number, "answers": [_right(answer) for answer in question.answers]}
        for question in paper.questions
    ]
    return as_text(found)


def _question(question: Question) -> Record:
    return {
        "number": question.number,
        "kind": question.kind,
        "title": sentence(question.title),
        "marks": question.worth,
        "prompt": _text(question.prompt),
        "answers": [
            {"place": f"{question.number}.{place}", **_asked(answer)}
            for place, answer in enumerate(question.answers, start=1)
        ],
    }


def _asked(answer: Answer) -> Record:
    match answer:
        case Gap(symbol=symbol, worth=worth):  # its id would tell which line is wrong, where that is asked
            return {"type": "number", "symbol": math_text(symbol, inline=True), "latex": latex(symbol), "marks": worth}
        case Choice(options=options, asked=asked, written=written, worth=worth):
            shown = {} if written else {"options": [sentence(option.shown) for option in options]}
            return {"type": "formula" if written else "choice", "asked": sentence(asked), **shown, "marks": worth}
        case Order(shown=shown, worth=worth):
            return {"type": "order", "lines": [_line(line) for line in shown], "marks": worth}


def _right(answer: Answer) -> Record:
    match answer:
        case Gap(item=item, value=value, printed=printed, tolerance=tolerance, wrongs=wrongs):
            mistakes = [{"name": wrong.name, "value": wrong.value, "why": sentence(wrong.why)} for wrong in wrongs]
            return {"id": item, "value": value, "printed": printed, "tolerance": tolerance, "mistakes": mistakes}
        case Choice(options=options, written=written):
            shown = sentence(answer.right.shown)
            return {"right": shown} if written else {"right": letter(options.index(answer.right)), "shown": shown}
        case Order():
            return {"places": list(map(int, places(answer)))}


def _line(line: Formula) -> str:
    return _text((line,))


def _text(blocks: tuple[Block, ...]) -> str:
    return told(blocks, WIDTH).strip()
