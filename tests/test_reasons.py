"""Why derivatives are what they are: lines that lead on, each with a rule that every language has words for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from stepcalc.board.nodes import Equation
from stepcalc.board.text import text
from stepcalc.ops import registry
from stepcalc.reasons import edge_reason, reasons_of
from stepcalc.sheet.words import Words
from stepcalc.steps import Scribe
from tests.drawn import EXPRESSIONS
from tests.printed import solved

ENGLISH = tomllib.loads((Path(__file__).parents[1] / "templates" / "words" / "en.toml").read_text(encoding="utf-8"))
TRANSLATED = Words({**ENGLISH, "terms": dict.fromkeys(ENGLISH["terms"], "…")})
WITHOUT_NUMBERS = {"f": "relu(x) + abs(x)*x - max(x, 2*y)*step(y) + min(x*y, 3)", "g": "tan(f)^2/sqrt(1 + f^2) + 2^f"}


def derivations() -> Iterator[tuple[str, tuple[Equation, ...]]]:
    """Every operation's derivation, and those of drawn expressions."""
    for family in ("activation", "loss"):
        for name in registry.names(family):
            for number, reason in enumerate(reasons_of(registry.make(family, name, {}))):
                yield f"{name} {number}", reason.lines
    problems = [(given, define) for given, define in EXPRESSIONS] + [({"x": 1, "y": 2}, WITHOUT_NUMBERS)]
    for given, define in problems:
        trace = solved(given=given, define=define)
        for name in trace.graph.quantities:
            for edge in trace.derivation.locals(name) if name in trace.graph.differentiable else ():
                lines = edge_reason(trace.graph, edge, Scribe(trace).notation)
                yield f"{edge.child} by {edge.parent} in {define}", lines


DERIVATIONS = dict(derivations())


@pytest.mark.parametrize("name", DERIVATIONS)
def test_no_line_is_printed_twice(name: str) -> None:
    shown = [text(line).removeprefix("= ") for line in DERIVATIONS[name]]
    assert [line for line, following in pairwise(shown) if line == following] == []


def test_elu_is_grouped_where_one_can_see_it() -> None:
    shown = [text(line, inline=True) for line in DERIVATIONS["elu 0"]]
    assert "= {1 if z ≥ 0; (eᶻ − 1) + 1 otherwise}" in shown


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_rule_has_its_words(name: str) -> None:
    rules = {line.reason for line in DERIVATIONS[name]}
    assert {rule for rule in rules if re.search("[A-Za-z]{2,}", TRANSLATED.terms(rule))} == set()
