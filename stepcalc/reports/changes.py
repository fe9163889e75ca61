"""What has changed since the last marking, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from stepcalc.marking.marks import StudentChange
from stepcalc.reports.report import Report, heading, short
from stepcalc.sheet.blocks import Block, Inline, Table


def changed(report: Report) -> Iterator[Block]:
    """Whose marks are not what they were the last time, and why."""
    say, marks = report.words.say, report.marks
    if not marks.changes:
        return
    yield heading(report, "changes_heading")
    columns = ("student", "before", "after", "why")
    rows = tuple(
        (
            (short(change.student),),
            (report.points(change.before) if change.before is not None else "–",),
            (report.points(change.after) if change.after is not None else "–",),
            _why(report, change),
        )
        for change in marks.changes
    )
    yield Table(tuple(say(f"marks.{column}") for column in columns), rows)


def _why(report: Report, change: StudentChange) -> tuple[Inline, ...]:
    """The items whose marks have changed, by their reasons."""
    if change.before is None or change.after is None:
        return report.words.say("marks.why_new" if change.before is None else "marks.why_gone")
    by_reason: dict[str, list[str]] = {}
    for item in change.items:
        by_reason.setdefault(item.why, []).append(item.item)
    told: list[Inline] = []
    for why, items in by_reason.items():
        one = report.words.say(f"marks.why_{why}", items=report.symbols(items))
        told += ["; ", *one] if told else one
    return tuple(told)
