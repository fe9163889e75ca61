"""What there is to say of an answer, of a student's first error, and of how was marked: sentences, in no format yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from stepcalc.marking.judge import ACCEPTED, AT_A_CORNER, CUT, FEW_DIGITS, OTHER_FORM, OWN_ROUNDING, REACHED, REFUSED
from stepcalc.marking.marks import Finding, ItemMark, StudentMarks
from stepcalc.marking.misconceptions import CATALOGUE
from stepcalc.reports.report import Report
from stepcalc.sheet.blocks import Inline
from stepcalc.sheet.mistaken import explained

Sentence = tuple[Inline, ...]

REMARKS = {
    CUT: "cut",
    REACHED: "reached",
    OWN_ROUNDING: "own_rounding",
    AT_A_CORNER: "at_a_corner",
    ACCEPTED: "accepted",
    OTHER_FORM: "other_form",
}
"""The remarks that are a sentence of their own."""
RIGHT = ("correct", "rounding")
UNREAD = ("missing", "invalid")


def note(report: Report, mark: ItemMark) -> Sentence:
    """What there is to say of one answer; nothing where it is plainly right, or missing."""
    return _in_a_row((*_sentences(report, mark), *_alike(report, [mark])))


def notes(report: Report, marks: Iterable[ItemMark]) -> list[tuple[Sentence, list[ItemMark]]]:
    """What there is to say of answers, those together of which the same is to be said.

    So are those that the same mistakes may have given as well as rounding, whatever weights these are about.
    """
    together: dict[tuple[Sentence, tuple[str, ...]], list[ItemMark]] = {}
    for mark in marks:
        names = tuple(dict.fromkeys(finding.name for finding in _told_alike(mark)))
        together.setdefault((_in_a_row(_sentences(report, mark)), names), []).append(mark)
    return [(_in_a_row((said, *_alike(report, alike))), alike) for (said, _), alike in together.items()]


def _in_a_row(sentences: Iterable[Sentence]) -> Sentence:
    said: list[Inline] = []
    for sentence in sentences:
        said += [" ", *sentence] if said else sentence
    return tuple(said)


def _sentences(report: Report, mark: ItemMark) -> Iterator[Sentence]:
    say = report.words.say
    for remark, key in REMARKS.items():
        if mark.remarks & remark:
            yield say(f"marks.{key}")
    if mark.remarks & FEW_DIGITS:
        yield _too_few(report)
    if mark.verdict == "follow_through":
        yield say("marks.followed")
    if mark.verdict == "wrong":
        yield from _why_wrong(report, mark)
    if mark.verdict == "invalid":
        yield say("marks.unread", reason=_ended(mark.reason)) if mark.reason else say("marks.unread_plain")
    if mark.decided is not None:
        yield say("marks.decided", reason=_ended(mark.decided)) if mark.decided else say("marks.decided_plain")


def _told_alike(mark: ItemMark) -> list[Finding]:
    """The mistakes that are told of an answer that rounding excuses."""
    return [finding for finding in mark.alike if not CATALOGUE[finding.name].far_fetched]


def _alike(report: Report, marks: Iterable[ItemMark]) -> Iterator[Sentence]:
    """The mistakes that some answers may be as well."""
    found = [finding for mark in marks for finding in _told_alike(mark)]
    if found:
        yield report.words.say("marks.alike", mistakes=report.mistakes(found))


def _too_few(report: Report) -> Sentence:
    asked = report.marks.policy.asked
    if asked.decimals is not None:
        return report.words.say("marks.few_decimals", digits=asked.decimals)
    return report.words.say("marks.few_significant", digits=asked.significant or 0)


def _ended(text: str) -> str:
    """A sentence that somebody wrote, with its full stop."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _why_wrong(report: Report, mark: ItemMark) -> Iterator[Sentence]:
    say = report.words.say
    if mark.remarks & REFUSED:
        blocked = mark.blocked_by
        yield say("marks.refused", blocked=report.symbol(blocked)) if blocked else say("marks.refused_unnamed")
    elif not mark.findings:
        yield say("marks.unexplained")
    if mark.findings:
        yield explained(report.words, report.symbol, mark.findings)


def first_error(report: Report, student: StudentMarks) -> Iterator[Sentence]:
    """Where the error entered, what was right before it, and what of the rest follows from it."""
    marks = sorted(student.items, key=report.place)
    wrong = [place for place, mark in enumerate(marks) if mark.verdict == "wrong"]
    if not wrong:
        yield from _nothing_wrong(report, marks)
        return
    first = wrong[0]
    yield _before(report, marks[:first], marks[first].item)
    if after := marks[first + 1 :]:
        yield from _after(report, [mark for mark in after if mark.verdict not in UNREAD])


def _nothing_wrong(report: Report, marks: Sequence[ItemMark]) -> Iterator[Sentence]:
    say, unread = report.words.say, sum(mark.verdict in UNREAD for mark in marks)
    missing = sum(mark.verdict == "missing" for mark in marks)
    lowered = [mark.item for mark in marks if mark.verdict not in UNREAD and mark.marks < mark.worth]
    if not marks:
        yield say("marks.nothing_asked")
    elif not unread:
        yield say("marks.all_right_not_full" if lowered else "marks.all_right")
    elif missing == unread and not lowered:
        yield say("marks.all_answered_right", missing=missing, count=len(marks))
    else:
        yield say("marks.none_wrong", unread=unread, count=len(marks))
    if lowered:
        yield say("marks.lowered", items=report.symbols(lowered))


def _before(report: Report, before: Sequence[ItemMark], item: str) -> Sentence:
    say, here = report.words.say, report.symbol(item)
    right = [mark.item for mark in before if mark.verdict in RIGHT]
    if not right:
        return say("marks.at_the_start", item=here)
    if len(right) == len(before):
        return say("marks.right_up_to", last=report.symbol(right[-1]), item=here)
    return say("marks.answered_right_before", item=here)


def _after(report: Report, after: Sequence[ItemMark]) -> Iterator[Sentence]:
    """What became of the answers after the first error; none of them is missing."""
    say = report.words.say
    follow = [mark.item for mark in after if mark.verdict == "follow_through"]
    wrong = [mark.item for mark in after if mark.verdict == "wrong"]
    if not after:
        yield say("marks.last_answer")
    elif len(follow) == len(after):
        yield say("marks.all_follows")
    elif wrong:
        yield say("marks.more_wrong", items=report.symbols(wrong))
        if follow:
            key = "follow_after_one" if len(follow) == 1 else "follow_after"
            yield say(f"marks.{key}", items=report.symbols(follow))
    elif len(follow) == 1:
        yield say("marks.one_follows", count=len(after), item=report.symbol(follow[0]))
    elif follow:
        yield say("marks.some_follow", count=len(after), follow=len(follow))
    else:
        yield say("marks.rest_right")


def policy(report: Report) -> Iterator[Sentence]:
    """How was marked: the precision asked, what rounding excuses, the shares of the marks."""
    say, rules = report.words.say, report.marks.policy
    formulas = [not np.isfinite(column.expected).any() for column in report.marks.columns]
    if not all(formulas):
        yield from _precision(report)
    if any(formulas):
        yield say("marks.formulas")
    yield say("marks.share_follow_through", share=report.points(100 * rules.follow_through))
    yield say("marks.left_out")
    if rules.from_key:
        yield say("marks.from_key")
    yield from _said_of_items(report)


def _precision(report: Report) -> Iterator[Sentence]:
    say, rules = report.words.say, report.marks.policy
    yield _asked(report)
    if rules.asked.by_digits:
        yield say("marks.tolerance")
        yield say("marks.share_rounding", share=report.points(100 * rules.rounding))
    if rules.asked.truncates:
        yield say("marks.cut_allowed")


def _said_of_items(report: Report) -> Iterator[Sentence]:
    """What the problem says of single items."""
    say, marking = report.words.say, report.trace.problem.marking
    if marking.drop:
        yield say("marks.dropped", items=report.symbols(list(marking.drop)))
    for item, others in marking.accept.items():
        yield say("marks.accepts", item=report.symbol(item), answers=", ".join(others))
    for item, form in marking.forms.items():
        yield say("marks.forms", item=item, share=report.points(100 * form.share))


def _asked(report: Report) -> Sentence:
    say, asked = report.words.say, report.marks.policy.asked
    for digits, key in ((asked.significant, "significant"), (asked.decimals, "decimals")):
        if digits is not None:
            return say(f"marks.asked_{key}", digits=digits)
    percent, distance = f"{100 * asked.relative:g}", f"{asked.absolute:g}"
    if asked.relative and asked.absolute:
        return say("marks.asked_distance", relative=percent, absolute=distance)
    if asked.relative:
        return say("marks.asked_relative", relative=percent)
    return say("marks.asked_absolute", absolute=distance) if asked.absolute else say("marks.asked_exactly")
