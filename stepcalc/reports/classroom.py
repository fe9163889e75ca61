"""A class as blocks: everybody's marks, their distribution, the hardest steps, the misconceptions, who to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from stepcalc.board.nodes import Num, Words
from stepcalc.items import derivative_id
from stepcalc.reports.changes import changed
from stepcalc.reports.report import Report, heading, short
from stepcalc.reports.student import how, noticed
from stepcalc.reports.summary import Bin, distribution, frequent, hardness, refused, wrong_shares
from stepcalc.sheet.blocks import Axis, Block, Bullets, Curve, Diagram, Inline, Plot, Prose, Sheet, Table
from stepcalc.sheet.network_diagram import network_diagram
from stepcalc.sheet.scales import axis
from stepcalc.sheet.unrolled_diagram import is_unrolled

MOST_HARD, MOST_MISCONCEPTIONS = 10, 10
LONGEST_BAR = 40
ROOM_ABOVE = 1.08

Row = tuple[tuple[Inline, ...], ...]


def class_sheet(report: Report, *, drawn: bool) -> Sheet:
    """A whole class; ``drawn``: with figures, for a page and not for a terminal."""
    blocks: list[Block] = [_points(report)]
    blocks += students(report) if not drawn else ()
    blocks += _distribution(report, drawn)
    blocks += _edges(report) if drawn else ()
    blocks += _hardest(report)
    blocks += _misconceptions(report)
    blocks += _review(report)
    blocks += changed(report)
    blocks += students(report) if drawn else ()
    blocks += (*how(report), *noticed(report))
    return Sheet(report.words.plain("marks.class_title", problem=report.title), tuple(blocks), report.words)


def _points(report: Report) -> Prose:
    totals = report.marks.totals
    told = {name: report.points(float(value)) for name, value in _measures(totals).items()}
    most = report.points(report.marks.max_marks)
    return Prose(report.words.say("marks.class_points", count=len(totals), most=most, **told))


def _measures(totals: np.ndarray) -> dict[str, float]:
    return {"mean": totals.mean(), "median": np.median(totals), "low": totals.min(), "high": totals.max()}


def students(report: Report) -> Iterator[Block]:
    """Everybody's marks and first error."""
    say, marks = report.words.say, report.marks
    yield heading(report, "students_heading")
    names, firsts = marks.answers.students, marks.first_errors
    variants = marks.answers.variants
    columns = ("student", *(("variant",) if variants else ()), "marks", "first")
    rows: list[Row] = []
    for row, name in enumerate(names):
        first = firsts[row]
        error = (report.symbol(marks.columns[first].item),) if first >= 0 else say("marks.no_error")
        variant = ((variants[row],),) if variants else ()
        rows.append(((short(name),), *variant, (report.points(float(marks.totals[row])),), error))
    yield Table(tuple(say(f"marks.{column}") for column in columns), tuple(rows))


def _distribution(report: Report, drawn: bool) -> Iterator[Block]:
    bins = distribution(report.marks)
    if not bins:
        return
    yield heading(report, "distribution_heading")
    yield _histogram(report, bins) if drawn else _bars(report, bins)


def _range(report: Report, each: Bin) -> str:
    key = "range" if each.high == report.marks.max_marks else "range_below"
    return report.words.plain(f"marks.{key}", low=report.points(each.low), high=report.points(each.high))


def _bars(report: Report, bins: list[Bin]) -> Table:
    """A row for each bin, its bar made of characters."""
    say, highest = report.words.say, max(each.count for each in bins)
    per_mark = -(-highest // LONGEST_BAR)
    bar = say("marks.bar", count=per_mark) if per_mark > 1 else ("",)
    rows = tuple(((_range(report, each),), (str(each.count),), ("█" * -(-each.count // per_mark),)) for each in bins)
    return Table((say("marks.from_to"), say("marks.how_many"), bar), rows)


def _histogram(report: Report, bins: list[Bin]) -> Plot:
    """The bins as the outline of bars beside one another."""
    say = report.words.say
    outlines = tuple(
        Curve(((each.low, 0.0), (each.low, float(each.count)), (each.high, float(each.count)), (each.high, 0.0)))
        for each in bins
        if each.count
    )
    highest = max(each.count for each in bins) * ROOM_ABOVE
    across = Axis(
        Words(report.words.plain("marks.from_to")),
        bins[0].low,
        bins[-1].high,
        tuple(Num(report.points(edge)) for edge in (*(each.low for each in bins), bins[-1].high)),
    )
    up = axis(Words(report.words.plain("marks.how_many")), 0.0, highest, whole=True)
    told: list[Inline] = []
    for each in bins:
        one = say("marks.distribution_bar", range=_range(report, each), count=each.count)
        told += [", ", *one] if told else one
    most = report.points(report.marks.max_marks)
    return Plot(
        across,
        up,
        outlines,
        caption=say("marks.distribution", most=most),
        alternative=say("marks.distribution_words", bars=tuple(told)),
    )


def _hardest(report: Report) -> Iterator[Block]:
    say = report.words.say
    yield heading(report, "hardest_heading")
    hard = [each for each in hardness(report.marks) if each.wrong][:MOST_HARD]
    if not hard:
        yield Prose(say("marks.none_hard"), "check")
        return
    yield Prose(say("marks.hardest"))
    columns = ("item", "wrong", "answered", "correct", "slips", "follows")
    rows = tuple(
        (
            (report.symbol(each.item),),
            say("marks.wrong_share", count=each.wrong, share=f"{100 * each.share:.0f}"),
            *((str(count),) for count in (each.answered, each.correct, each.rounding, each.follow_through)),
        )
        for each in hard
    )
    yield Table(tuple(say(f"marks.{column}") for column in columns), rows)


def _misconceptions(report: Report) -> Iterator[Block]:
    say = report.words.say
    yield heading(report, "misconceptions_heading")
    found = frequent(report.marks)[:MOST_MISCONCEPTIONS]
    if not found:
        yield Prose(say("marks.no_misconceptions"))
        return
    yield Bullets(
        tuple(
            say(
                "marks.misconception_shared" if each.shared else "marks.misconception",
                students=each.students,
                answers=each.answers,
                item=report.symbol(each.item),
                mistake=report.mistakes((each.finding,)),
            )
            for each in found
        )
    )


def _review(report: Report) -> Iterator[Block]:
    """Whose follow-through was refused."""
    found = refused(report.marks)
    if not found:
        return
    say, names = report.words.say, report.marks.answers.students
    yield heading(report, "review_heading")
    yield Prose(say("marks.review"))
    yield Bullets(
        tuple(
            say("marks.review_line", student=short(names[row]), items=report.symbols(items))
            for row, items in found.items()
        )
    )


def _edges(report: Report) -> Iterator[Block]:
    """The network, on each edge how often the gradient of its weight was wrong."""
    sheet = report.context
    if not sheet.layers or sheet.staged or is_unrolled(sheet):
        return
    shares = {report.canonical(item): share for item, share in wrong_shares(report.marks).items()}
    diagram = network_diagram(sheet)
    heats = {
        edge.item: shares.get(report.canonical(derivative_id(sheet.graph.cost, edge.item)))
        for edge in diagram.edges
        if edge.item
    }
    if any(heat is not None for heat in heats.values()):
        yield heading(report, "edges_heading")
        yield _heated(report, diagram, heats)


def _heated(report: Report, diagram: Diagram, heats: dict[str, float | None]) -> Diagram:
    """The diagram with the shares in place of its own numbers."""
    columns = tuple(tuple(replace(node, value=None, on_path=False) for node in column) for column in diagram.columns)
    edges = []
    for edge in diagram.edges:
        heat = heats.get(edge.item)
        shown = Num(f"{100 * heat:.0f}") if heat is not None and edge.value is not None else None
        edges.append(replace(edge, on_path=False, symbol=None, value=shown, heat=heat))
    say = report.words
    return Diagram(columns, tuple(edges), diagram.titles, say.say("marks.edges"), say.plain("marks.edges_alternative"))
