"""What students type as numbers: read with its precision, or refused with a reason, one cell at a time."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcalc.typed.numbers import EXACT, INVALID, MISSING, READ, Numbers, read_columns, read_numbers

DECIMALS = [
    ("0.907", 0.907, -3, 3),
    (".907", 0.907, -3, 3),
    ("+.5", 0.5, -1, 1),
    ("1.", 1.0, 0, 1),
    ("0.907.", 0.907, -3, 3),
    ("z_1 = 0.907", 0.907, -3, 3),
    ("z1[2]=-0,87", -0.87, -2, 2),
    ("ŷ ≈ 0.907", 0.907, -3, 3),
    (r"$\frac{\partial L}{\partial w_{11}} \approx 0.907$", 0.907, -3, 3),
    ("12", 12.0, 0, 2),
    ("100", 100.0, 0, 3),
    ("00012.50", 12.5, -2, 4),
    ("0.80", 0.8, -2, 2),
    ("0.080", 0.08, -3, 2),
    ("0", 0.0, 0, 1),
    ("-0.00", 0.0, -2, 1),
    ("1.00e3", 1000.0, 1, 3),
    ("1.5E+03", 1500.0, 2, 2),
    ("9.07e-1", 0.907, -3, 3),
    ("9.07e−1", 0.907, -3, 3),
    ("9.07 E-1", 0.907, -3, 3),
    ("9.07x10^-1", 0.907, -3, 3),
    ("9.07×10^-1", 0.907, -3, 3),
    ("9.07·10⁻¹", 0.907, -3, 3),
    ("9,07*10^{-1}", 0.907, -3, 3),
    (r"9.07 \cdot 10^{ -1 }", 0.907, -3, 3),
    (r"9.07\times10^(-1)", 0.907, -3, 3),
    ("9.07 * 10**-1", 0.907, -3, 3),
    ("$0.907$", 0.907, -3, 3),
    ("$$ 0.907 $$", 0.907, -3, 3),
    (r"\(0.907\)", 0.907, -3, 3),
    (r"\[ -0.907 \]", -0.907, -3, 3),
    (r"$\approx 0{,}907$", 0.907, -3, 3),
    ("≈ 0.907", 0.907, -3, 3),
    ("= 0.907", 0.907, -3, 3),
    ("~0.9", 0.9, -1, 1),
    ("０．９０７", 0.907, -3, 3),
    ("(-0.5)", -0.5, -1, 1),
    ("{0.5}", 0.5, -1, 1),
    ("−0.5", -0.5, -1, 1),
    ("–0,5", -0.5, -1, 1),
    ("‐0.5", -0.5, -1, 1),
    ("- 0.5", -0.5, -1, 1),
    ("\u00a00.5\u2009", 0.5, -1, 1),
    ("\ufeff0.5\u200b", 0.5, -1, 1),
    ("\t0.5\n", 0.5, -1, 1),
    ("1,5", 1.5, -1, 2),
    (",5", 0.5, -1, 1),
    ("0,907", 0.907, -3, 3),
    ("1,2345", 1.2345, -4, 5),
    ("1 234.5", 1234.5, -1, 5),
    ("1\u202f234,5", 1234.5, -1, 5),
    (r"1\,234.5", 1234.5, -1, 5),
    ("1'234", 1234.0, 0, 4),
    ("1’234’567.8", 1234567.8, -1, 8),
    ("1,234.5", 1234.5, -1, 5),
    ("1.234,5", 1234.5, -1, 5),
    ("1,234,567", 1234567.0, 0, 7),
    ("1.234", 1.234, -3, 4),
    ("50%", 0.5, -2, 2),
    (r"90.7\,\%", 0.907, -3, 3),
]

ARITHMETIC = [
    ("1/3", 1 / 3),
    ("−1/3", -1 / 3),
    (r"\frac{1}{3}", 1 / 3),
    (r"$-\tfrac{1}{3}$", -1 / 3),
    (r"\dfrac12", 0.5),
    ("½", 0.5),
    ("0.5*3 - 2", -0.5),
    ("0,5*3 - 2", -0.5),
    ("0.6(3) + 0.1(5)", 2.3),
    ("2·(3+4)", 14.0),
    ("1/2(3)", 1.5),
    ("2(1/2)", 1.0),
    ("2·½", 1.0),
    ("1/2(3)(4)", 6.0),
    ("sqrt(2)/2", math.sqrt(2) / 2),
    (r"\frac{\sqrt{2}}{2}", math.sqrt(2) / 2),
    ("√2/2", math.sqrt(2) / 2),
    ("exp(-1)", math.exp(-1)),
    ("e^-1", math.exp(-1)),
    ("e^{-1}", math.exp(-1)),
    ("1/(1+e⁻²)", 1 / (1 + math.exp(-2))),
    (r"\ln 2", math.log(2)),
    ("sigmoid(2)", 1 / (1 + math.exp(-2))),
    ("σ(2)", 1 / (1 + math.exp(-2))),
    (r"\sigma(2)", 1 / (1 + math.exp(-2))),
    (r"\operatorname{ReLU}(-2)", 0.0),
    ("tanh^2(1)", math.tanh(1) ** 2),
    ("max(0,5)", 5.0),
    ("max(0; 1,5)", 1.5),
    ("|−3|", 3.0),
    ("2|1-3|", 4.0),
    ("2^3^2", 512.0),
    ("-2^2", -4.0),
    ("10^-3", 0.001),
]

INVALIDS = [
    ("nan", 'column 1: "nan" is no number'),
    ("inf", 'column 1: "inf" is no number'),
    ("-Infinity", 'column 2: "Infinity" is no number'),
    ("1e400", "column 1: this number is larger than a double can hold (about 1.8e308)"),
    ("1e-400", "column 1: this number is smaller than a double can hold (about 5e-324)"),
    ("1e99999", "column 1: this number is larger than a double can hold (about 1.8e308)"),
    ("0x10", 'column 2: "x" is no number'),
    ("1_000", 'column 2: "_" does not belong here'),
    ("1e", 'column 2: "e" is no number'),
    ('__import__("os")', 'column 1: "_" does not belong here'),
    ("<script>alert(1)</script>", 'column 1: "<" does not belong here'),
    ("\x00", "column 1: U+0000 does not belong here"),
    ("9^9^9^9", "column 4: the exponent is 387420489, more than 1000"),
    ("99999^999", "column 6: this number is larger than a double can hold (about 1.8e308)"),
    ("(" * 100_000, "100,000 characters long, more than 2,000"),
    ("(" * 1000 + ")" * 1000, "column 61: nested more than 60 deep"),
    ("-" * 1000 + "1", "column 941: nested more than 60 deep"),
    ("1" * 1_000_000, "1,000,000 characters long, more than 2,000"),
    ("0." + "0" * 10**6, "1,000,002 characters long, more than 2,000"),
    ("1." + "0" * 2100, "2,102 characters long, more than 2,000"),
    ("1/0", "column 2: divides by 0"),
    ("ln(0)", "column 1: ln of 0: the logarithm needs a number above 0"),
    ("(1+2", 'column 5: it ends too early; a ")" is missing'),
    ("0.5)", 'column 4: unexpected ")"'),
    ("0.9 0.8", 'column 5: an operator is missing before "0.8"'),
    ("1 1/2", 'column 3: an operator is missing before "1"'),
    ("2½", "column 2: times this fraction or plus it? an operator would tell"),
    ("3/(2)(4)", "column 7: above or below the fraction line? a/b c is written (a/b)*c or a/(b*c)"),
    ("ln 2/3", "column 5: over what: the function or what it is taken of? parentheses would tell"),
    ("0.907 V", 'column 7: "V" is no number'),
    ("z1 + 4.6", 'column 1: "z" is no number'),
    ("z1 = 4.6 V", 'column 10: "V" is no number'),
    ("a = b = 4.6", None),
    ("sigmod(2)", 'column 1: "sigmod" is no number; did you mean "sigmoid"?'),
    ("sin", None),
    ("σ'(1)", "a derivative is no number"),
    ("10⁽¹⁾⁾", None),
    ("1,234", '"1,234" may be 1.234 or 1234'),
    ("1,234*2", 'column 1: "1,234" may be 1.234 or 1234'),
    ("1,23,4", None),
    ("--5--", None),
]


def one(raw: str, **how: str) -> tuple[int, float, int, int, str]:
    numbers = read_numbers([raw], **how)  # type: ignore[arg-type]
    assert [column.dtype for column in (numbers.value, numbers.place, numbers.figures, numbers.state)] == [
        np.float64,
        np.int16,
        np.int16,
        np.uint8,
    ]
    return (*(column[0].item() for column in (numbers.state, numbers.value, numbers.place, numbers.figures)),
            numbers.reasons.get(0, ""))  # fmt: skip


@pytest.mark.parametrize(("raw", "value", "place", "figures"), DECIMALS)
def test_decimals_keep_their_precision(raw: str, value: float, place: int, figures: int) -> None:
    assert one(raw) == (READ, value, place, figures, "")
    assert math.copysign(1, one(raw)[1]) == math.copysign(1, value), "no negative zero"


@pytest.mark.parametrize(("raw", "value"), ARITHMETIC)
def test_arithmetic_is_a_number_without_a_precision(raw: str, value: float) -> None:
    state, found, place, figures, reason = one(raw)
    assert (state, place, figures, reason) == (READ, EXACT, EXACT, "")
    assert found == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize(("raw", "reason"), INVALIDS, ids=[raw[:20] for raw, _ in INVALIDS])
def test_what_cannot_be_read_is_invalid_and_says_where(raw: str, reason: str | None) -> None:
    started = time.process_time()
    state, value, place, figures, told = one(raw)
    assert time.process_time() - started < 0.5
    assert (state, place, figures) == (INVALID, 0, 0)
    assert math.isnan(value)
    assert 0 < len(told) < 120
    assert reason is None or told == reason


@pytest.mark.parametrize("raw", ["", " ", "\t\u00a0\n", "-", "–", "---", "?", "??", "n/a", "N/A", "none", " " * 10**6])
def test_no_answer(raw: str) -> None:
    state, value, *_, reason = one(raw)
    assert (state, reason) == (MISSING, "")
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("decimal", "raw", "value"),
    [
        (".", "1,234", 1234.0),
        (".", "1.234", 1.234),
        (".", "0,907", None),
        (".", "1,5", None),
        (".", "1.234,5", None),
        (".", "0,5*3", None),
        (",", "1,234", 1.234),
        (",", "1.234", 1234.0),
        (",", "0.907", None),
        (",", "1.234,5", 1234.5),
        (",", "0,5*3", 1.5),
        (",", "1,234*2", 2.468),
    ],
)
def test_a_decimal_mark_that_is_said_is_the_only_one(decimal: str, raw: str, value: float | None) -> None:
    state, found, *_ = one(raw, decimal=decimal)
    assert (state, found if state == READ else None) == (INVALID if value is None else READ, value)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([["0.5"], ["1.25"]], None),  # points say nothing of commas
        ([["0,5"]], 1.234),  # the student's own
        ([["1,234.5"]], 1234.0),
        ([["0,5", "1,234.5", "1,234.5", "1,234.5"]], 1.234),  # the student's own, whatever the class does
        ([["1,234.5", "0,5", "0,5", "0,5"]], 1234.0),
        ([["", "0,5"]], 1.234),  # the class
        ([["", "1,234.5"]], None),  # a stranger's thousands are no reason
        ([["", "0,5", "1,234.5"]], None),
    ],
)
def test_a_comma_that_may_group_thousands_is_never_guessed(others: list[list[str]], expected: float | None) -> None:
    rows = max(map(len, others))
    table = [["1,234"] + [""] * (rows - 1), *(column + [""] * (rows - len(column)) for column in others)]
    asked, *_ = read_columns(table)
    assert (asked.value[0] if asked.state[0] == READ else None) == expected


def test_a_bad_cell_costs_nothing_elsewhere() -> None:
    numbers = read_numbers(["1", "(" * 100_000, "2", "nan", ""])
    assert numbers.state.tolist() == [READ, INVALID, READ, INVALID, MISSING]
    assert numbers.value[[0, 2]].tolist() == [1.0, 2.0]
    assert sorted(numbers.reasons) == [1, 3]


def test_no_answers_at_all() -> None:
    assert read_numbers([]).value.shape == (0,)
    assert read_columns([]) == ()


STYLES = [
    "{0}", " {0} ", "${0}$", "\\({0}\\)", "≈ {0}", "= {0}", "{0}e0", "{0}·10^0", "{0} \\cdot 10^{{0}}", "({0})", "+{0}",
]  # fmt: skip


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, Decimal]:
    """A decimal in one of many styles, and what it is."""
    digits, places = draw(st.integers(0, 10**9)), draw(st.integers(0, 12))
    number = Decimal(digits).scaleb(-places)
    text = f"{number:f}"
    if draw(st.booleans()) and "." in text and not 1 <= len(text.split(".")[0]) <= 3:
        text = text.replace(".", ",")
    elif text.startswith("0.") and draw(st.booleans()):
        text = text.replace(".", ",") if draw(st.booleans()) else text[1:]
    minus = draw(st.sampled_from(["", "-", "−", "–"]))
    style = draw(st.sampled_from(STYLES))
    if minus and style == "+{0}":
        minus = ""
    full_width = draw(st.booleans())
    if full_width:
        text = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.,"})
    return style.format(minus + text), -number if minus else number


@settings(max_examples=120, deadline=None, derandomize=True)
@given(typed())
def test_a_decimal_in_any_style_is_read_back(case: tuple[str, Decimal]) -> None:
    raw, number = case
    state, value, place, figures, reason = one(raw)
    _, digits, exponent = number.as_tuple()
    assert (state, reason) == (READ, ""), raw
    assert value == float(number) + 0.0
    assert place == exponent
    assert figures == len("".join(map(str, digits)).lstrip("0") or "0")


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_back(number: float) -> None:
    assert one(repr(number))[:2] == (READ, number)


ALPHABET = st.sampled_from([*"0123456789.,+-*/^()[]{}|eE %'~$\\√½⁻²₁σxX=;:<>&\"_\u00a0\u200b\ud800\U0001d7ce", "\\frac",
                            "\\sqrt", "\\left", "\\cdot", "exp", "ln", "max", "10^", "nan", "^{"])  # fmt: skip


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(ALPHABET, max_size=60).map("".join) | st.text(max_size=60))
def test_nothing_typed_breaks_the_reader(raw: str) -> None:
    started = time.process_time()
    for decimal in ("auto", ".", ","):
        state, value, *_, reason = one(raw, decimal=decimal)
        assert (state == INVALID) == bool(reason)
        assert math.isfinite(value) == (state == READ)
    assert time.process_time() - started < 1


def test_reading_numbers_does_without_sympy() -> None:
    script = "import sys; from stepcalc.typed.numbers import read_numbers; read_numbers(['1/3', '0.5', 'x']); "
    script += "sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0


def test_time_grows_with_the_file() -> None:
    def seconds(count: int) -> float:
        cells = [f"{i / 7:.6g}" for i in range(count)]
        started = time.process_time()
        numbers: Numbers = read_numbers(cells)
        assert numbers.state.all()
        return time.process_time() - started

    assert min(seconds(40_000) for _ in range(3)) < 20 * min(seconds(5_000) for _ in range(3)) + 0.05
