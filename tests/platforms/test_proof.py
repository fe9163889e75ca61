"""What is read back is proved: whatever a platform would do otherwise than the key is a fault that is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from stepcalc.errors import InputError
from stepcalc.exams.paper import Paper
from stepcalc.exams.question import Choice, Gap, Order, Wrong
from stepcalc.platforms.proof import Given, prove
from tests.platforms.hand_made import CHOICE as EXPLAINED
from tests.platforms.hand_made import GAP as FULL
from tests.platforms.hand_made import ORDER, question, with_questions

GAP = replace(FULL, wrongs=(Wrong("sign", -1.23456, ("The sign is lost.",)),))
CHOICE = replace(EXPLAINED, options=tuple(replace(one, why=one.why[:1]) for one in EXPLAINED.options))


@dataclass(frozen=True)
class Field:
    """A platform that does as the key says."""

    answer: Gap | Choice | Order
    text: str = "[z1_1] [variant 001]"
    points: float = 0.0
    right: tuple[Given, ...] = ()
    silent: bool = False

    def share(self, given: Given) -> float:
        return float(given in self.right)

    def told(self, given: Given) -> str:
        match self.answer:
            case Gap(wrongs=(wrong,)) if given == repr(wrong.value) and not self.silent:
                return str(wrong.why[0])
            case Choice(options=options) if isinstance(given, int) and not self.silent:
                return "".join(map(str, options[given].why))
        return ""


FIELDS = (
    Field(GAP, points=2.0, right=("1.23456", "1.235")),
    Field(CHOICE, "", points=1.5, right=(1,)),
    Field(ORDER, "", points=3.0, right=((2, 0, 1),)),
)


@pytest.fixture(scope="module")
def asked(paper: Paper) -> Paper:
    return with_questions(paper, *(question(place, (one.answer,)) for place, one in enumerate(FIELDS, start=1)))


def test_what_does_as_the_key_says_is_proved(asked: Paper) -> None:
    prove(asked, FIELDS, "x.zip")


@pytest.mark.parametrize(
    ("place", "changes", "told"),
    [
        (0, {"text": "[variant 001]"}, "question 1, answer 1: it does not say that it asks z1[1]"),
        (0, {"right": ("1.235",)}, "1.23456, which is right, is marked 0"),
        (0, {"right": ("1.23456",)}, "1.235, which is right, is marked 0"),
        (0, {"right": ("1.23456", "1.235", "-1.23456")}, "-1.23456, which a mistake gives (sign), is marked 1"),
        (0, {"silent": True}, "nothing explains -1.23456, which a mistake gives (sign)"),
        (0, {"points": 1.0}, "5.5 marks in all, expected 6.5"),
        (1, {"right": ()}, "question 2, answer 2: option 2 is marked 0, expected 1"),
        (1, {"right": (0, 1)}, "option 1 is marked 1, expected 0"),
        (1, {"silent": True}, "nothing explains option 1"),
        (2, {"right": ()}, "question 3, answer 3: the right order is marked 0"),
        (2, {"right": ((2, 0, 1), (1, 0, 2))}, "a wrong order is marked right"),
    ],
)
def test_what_does_otherwise_is_told(asked: Paper, place: int, changes: dict[str, object], told: str) -> None:
    fields = [replace(one, **changes) if at == place else one for at, one in enumerate(FIELDS)]  # type: ignore[arg-type]
    with pytest.raises(InputError) as raised:
        prove(asked, fields, "x.zip")
    (fault,) = (fault for fault in raised.value.faults if told in fault.message)
    assert fault.place == "x.zip: variant 001"
    with pytest.raises(InputError, match="2 questions were read back, expected 3"):
        prove(asked, fields[:2], "x.zip")
