"""The items of a problem: which names there are, of which shape, and which one a typed id means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stepcalc.errors import did_you_mean
from stepcalc.problem.arrays import shape_text
from stepcalc.problem.faults import Found, listed, quoted
from stepcalc.problem.sections import Marking, Notation, SheetOptions
from stepcalc.problem.shapes import Sizes

if TYPE_CHECKING:
    from stepcalc.problem.base import Problem

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Items:
    """The named quantities of one problem.

    ``shapes`` holds the shape of each for one sample; ``per_sample`` those that a mini-batch has once per sample;
    ``parameters`` those that may be updated; ``of`` is what is differentiated, ``constants`` by what it cannot be;
    ``spellings`` the notation's letters for names: J for L, h1 for a1.
    """

    shapes: dict[str, tuple[int, ...]]
    parameters: tuple[str, ...]
    of: str
    per_sample: frozenset[str] = frozenset()
    samples: int | None = None
    constants: frozenset[str] = frozenset()
    spellings: dict[str, str] = field(default_factory=dict)

    def scalar(self, typed: str) -> str | None:
        """The id of the one scalar that ``typed`` means, as the trace spells it; None if it means none.

        Also read: ``dL_dW1_2_3``, ``z1_2``, the notation's spelling (``h1[2]``, ``dJ/dW1[1,1]``),
        one index for a matrix of one row or column, none for an array of one element.
        """
        return next((item for text in self._readings(typed) if (item := self._scalar(text)) is not None), None)

    def array(self, typed: str) -> str | None:
        """The name without indices that ``typed`` means: ``W1``, ``dL/dW1``, ``W1_new``; None if there is none."""
        return next((text for text in self._readings(typed) if self._known(*self._parted(text))), None)

    def is_value(self, item: str) -> bool:
        """Whether the id is that of a value, not of a derivative or an updated parameter."""
        return self._parted(item)[0::2] == ("", "")

    def near(self, typed: str) -> str:
        """``; did you mean "…"?``, or what names there are."""
        names = [*self.shapes, *(f"d{self.of}/d{name}" for name in self.shapes), *(f"{p}_new" for p in self.parameters)]
        names = [name for name in names if self.array(name)]
        first = list(self.shapes)[:SHOWN]
        return did_you_mean(re.split(r"[\[@]", typed)[0], names) or f"; its names are {listed(first)}" + (
            ", …" if len(self.shapes) > SHOWN else ""
        )

    def _readings(self, typed: str) -> list[str]:
        """What ``typed`` may be meant to say in the spelling of the trace, the likeliest first."""
        plain = typed.replace(" ", "")
        derivative = re.fullmatch(r"d(.+?)[/_]d(.+)", plain)
        texts = [plain]
        if derivative and self.spellings.get(derivative[1], derivative[1]) == self.of:
            texts.append(f"d{self.of}/d{self._respelled(derivative[2])}")
        texts.append(self._respelled(plain))
        return texts + [self._respelled(re.sub(r"((?:_[0-9]{1,7})+)(?=$|@)", _indexed, text)) for text in texts]

    def _respelled(self, text: str) -> str:
        """``text`` with the notation's letter for its name replaced: h1[2] is a1[2]."""
        name = re.split(r"[\[@_]", text)[0]
        return self.spellings.get(name, name) + text[len(name) :]

    def _scalar(self, text: str) -> str | None:
        prefix, rest, suffix = self._parted(text)
        match = _SCALAR.fullmatch(rest)
        if match is None or not self._known(prefix, match["name"], suffix):
            return None
        name, sample = match["name"], match["sample"]
        index = self._index(name, match["index"])
        sampled = self.samples is not None and name in self.per_sample
        if index is None or (sample is not None) != sampled:
            return None
        if sampled and not 1 <= int(sample) <= (self.samples or 0):
            return None
        place_in_array = f"[{','.join(map(str, index))}]" if index else ""
        return f"{prefix}{name}{suffix}{place_in_array}" + (f"@{int(sample)}" if sampled else "")

    def _parted(self, text: str) -> tuple[str, str, str]:
        start = f"d{self.of}/d"
        if text.startswith(start):
            return start, text[len(start) :], ""
        name, bracket, index = text.partition("[")
        if name not in self.shapes and name.endswith("_new"):
            return "", name.removesuffix("_new") + bracket + index, "_new"
        return "", text, ""

    def _known(self, prefix: str, name: str, suffix: str) -> bool:
        if suffix:
            return name in self.parameters
        if prefix:
            return name in self.shapes and name not in self.constants and name != self.of
        return name in self.shapes

    def _index(self, name: str, typed: str | None) -> tuple[int, ...] | None:
        shape = self.shapes[name]
        if typed is None:
            return (1,) * len(shape) if all(size == 1 for size in shape) else None
        index = tuple(map(int, typed.split(",")))
        if len(index) == 1 and len(shape) == 2 and 1 in shape:
            index = (1, *index) if shape[0] == 1 else (*index, 1)
        fits = len(index) == len(shape) and all(1 <= i <= size for i, size in zip(index, shape, strict=True))
        return index if fits else None


_SCALAR = re.compile(r"(?P<name>[^\[\]@/]+)(?:\[(?P<index>[0-9]{1,7}(?:,[0-9]{1,7})*)\])?(?:@(?P<sample>[0-9]{1,7}))?")


def _indexed(match: re.Match[str]) -> str:
    """``_2_3`` as ``[2,3]``."""
    return f"[{match[0][1:].replace('_', ',')}]"


def network_items(sizes: Sizes, biased: Sequence[bool], notation: Notation) -> Items:
    """The items of a network whose layer i has a bias if ``biased[i]``."""
    shapes: dict[str, tuple[int, ...]] = {"x": (sizes.inputs,)}
    per_sample, parameters, spellings = ["x"], [], {}
    width = sizes.inputs
    for number, (units, bias) in enumerate(zip(sizes.units, biased, strict=True), 1):
        shapes[f"W{number}"] = (units, width) if notation.product == "Wx" else (width, units)
        parameters.append(f"W{number}")
        if bias:
            shapes[f"b{number}"] = (units,)
            parameters.append(f"b{number}")
        for name in (f"z{number}", f"a{number}"):
            shapes[name] = (units,)
            per_sample.append(name)
        spellings[f"{notation.hidden}{number}"] = f"a{number}"
        width = units
    shapes |= {"y_hat": (width,), "y": (width,), "L": ()}
    per_sample += ["y_hat", "y"]
    spellings |= {notation.loss: "L"}
    spellings = {typed: name for typed, name in spellings.items() if typed != name}
    return Items(shapes, tuple(parameters), "L", frozenset(per_sample), sizes.samples, frozenset({"y"}), spellings)


def settle_items(problem: Problem, items: Items, found: list[Found]) -> dict[str, Any]:
    """Every id in ``problem`` as the trace spells it; those that mean nothing go to ``found``.

    Returns the sections that are to take the place of those typed.
    """
    return {
        "notation": _settle_names(problem, items, found),
        "sheet": _settle_chain(problem, items, found),
        "marking": _settle_marking(problem, items, found),
    }


def _settle_names(problem: Problem, items: Items, found: list[Found]) -> Notation:
    names: dict[str, str] = {}
    for typed, name in problem.notation.names.items():
        item, path = items.scalar(typed), ("notation", "names", typed)
        if item is None:
            found.append((path, _unknown(typed, items)))
        elif not items.is_value(item):
            found.append((path, "only values can be renamed; derivatives and updates follow them"))
        elif item in names:
            found.append((path, f"{item} is renamed twice"))
        elif name in names.values():
            found.append((path, f"{quoted(name)} is the name of another item already"))
        else:
            names[item] = name
    return problem.notation.model_copy(update={"names": names})


def _settle_chain(problem: Problem, items: Items, found: list[Found]) -> SheetOptions:
    typed = problem.sheet.chain
    if typed is None:
        return problem.sheet
    item = items.scalar(typed)
    if item is None or item.partition("[")[0] not in items.parameters:
        what = _unknown(typed, items) if item is None else f"{item} is not one of {', '.join(items.parameters)}"
        found.append((("sheet", "chain"), what))
    return problem.sheet.model_copy(update={"chain": item})


def _settle_marking(problem: Problem, items: Items, found: list[Found]) -> Marking:
    asked = problem.marking.items
    for index, typed in enumerate(asked or ()):
        if items.array(typed) is None and items.scalar(typed) is None:
            found.append((("marking", "items", index), _unknown(typed, items)))
    found += [
        (("marking", "marks", typed), _unknown(typed, items))
        for typed in problem.marking.marks
        if typed != "default" and items.array(typed) is None and items.scalar(typed) is None
    ]
    return problem.marking


def _unknown(typed: str, items: Items) -> str:
    """Why ``typed`` names no scalar here."""
    name = items.array(re.split(r"[\[@]", typed)[0])
    if name is None:
        return f"{quoted(typed)} is no item of this problem{items.near(typed)}"
    shape = items.shapes[name.removeprefix(f"d{items.of}/d").removesuffix("_new") if name not in items.shapes else name]
    if shape == () and "[" in typed:
        return f"{name} is a single number and has no index"
    sampled = items.samples is not None and name.removeprefix(f"d{items.of}/d") in items.per_sample
    example = name + (f"[{','.join('1' * len(shape))}]" if shape else "") + ("@1" if sampled else "")
    return f"{quoted(typed)} is no single element; {name} has shape {shape_text(shape)}, its first element is {example}"
