"""The items of a problem: which names there are, of which shape, and which one a typed id means."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stepcalc.errors import InputError, did_you_mean
from stepcalc.items import NEW, Index, Item
from stepcalc.problem.arrays import shape_text
from stepcalc.problem.faults import Found, as_faults, found_in, listed, quoted
from stepcalc.problem.layers import LayerArray
from stepcalc.problem.sections import Marking, Notation, Optimizer, SheetOptions
from stepcalc.problem.shapes import Sizes
from stepcalc.problem.written import Letter, clashes

if TYPE_CHECKING:
    from stepcalc.problem.base import Problem

SHOWN = 12
_AS_TYPED = str.maketrans({"∂": "d", "ŷ": "y_hat", "(": "[", ")": "]", "{": "[", "}": "]"})
_LOOK_ALIKE = str.maketrans("lI|oO", "11100")


@dataclass(frozen=True, slots=True)
class Items:
    """The named quantities of one problem.

    ``shapes`` holds the shape of each for one sample; ``per_sample`` those that a mini-batch has once per sample;
    ``parameters`` those that may be updated; ``of`` is what is differentiated, ``constants`` by what it cannot be;
    ``spellings`` the notation's letters for names: J for L, h1 for a1; ``letters`` how the arrays of a network are
    written, none for expressions; ``aliases`` second names: a2 for y_hat. ``optimizer`` is what updates the parameters.
    """

    shapes: dict[str, tuple[int, ...]]
    parameters: tuple[str, ...]
    of: str
    per_sample: frozenset[str] = frozenset()
    samples: int | None = None
    constants: frozenset[str] = frozenset()
    spellings: dict[str, str] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    optimizer: Optimizer | None = None

    def scalar(self, typed: str) -> str | None:
        """The id of the one scalar that ``typed`` means, as the trace spells it; None if it means none.

        Also read: ``dL_dW1_2_3``, ``z1_2``, ``z1_2_update_3``, the notation's spelling (``h1[2]``, ``dJ/dW1[1,1]``),
        one index for a matrix of one row or column, none for an array of one element.
        """
        scalars = (self._scalar(item) for item in self._readings(typed))
        return next((str(item) for item in scalars if item is not None), None)

    def written_scalar(self, typed: str) -> str | None:
        """As :meth:`scalar`, but under the name that it is written with: y_hat for the last layer's output."""
        item = self.scalar(typed)
        name = re.split(r"[\[@#]", item or "")[0]
        return item and self.aliases.get(name, name) + item[len(name) :]

    def parameter(self, typed: str) -> str:
        """The id of the parameter that ``typed`` means, by its own id or that of its gradient.

        Raises :class:`ValueError`, which says why, if it means none.
        """
        found = self.scalar(typed)
        if found is None:
            raise ValueError(_unknown(typed, self))
        item = found.removeprefix(f"d{self.of}/d")
        if item.partition("[")[0] not in self.parameters:
            raise ValueError(f"{found} is not one of {', '.join(self.parameters)}")
        return item

    def array(self, typed: str) -> str | None:
        """The name without indices that ``typed`` means: ``W1``, ``dL/dW1``, ``W1_new``; None if there is none."""
        return next((str(item) for item in self._readings(typed) if not item.index and item.sample is None), None)

    def shape(self, array: str) -> tuple[int, ...]:
        """The shape, for one sample, of an array named as :meth:`array` names it."""
        return self.shapes[next(iter(self._readings(array))).name]

    def complaint(self, typed: str) -> str:
        """Why ``typed`` names no scalar here, with what may have been meant."""
        return _unknown(typed, self)

    def meant(self, typed: str) -> str | None:
        """An item or array as it is typed here, for one as it is printed (ŷ, ∂L/∂z₁), or with l for 1 and O for 0."""
        plain = unicodedata.normalize("NFKC", typed).translate(_AS_TYPED)
        whole = re.sub(r"^d(\w+)/(?=[^\Wd])", r"d\1/d", plain)
        alike = (plain, whole, whole.translate(_LOOK_ALIKE))
        return next((text for text in alike if text != typed and (self.scalar(text) or self.array(text))), None)

    def near(self, typed: str) -> str:
        """``; did you mean "…"?``, or what names there are."""
        if meant := self.meant(typed):
            return f"; did you mean {quoted(meant)}?"
        names = [*self.shapes, *(f"d{self.of}/d{name}" for name in self.shapes)]
        names += [f"{name}_{part}" for name in self.parameters for part in self.parts]
        names = [name for name in names if self.array(name)]
        first = list(self.shapes)[:SHOWN]
        return did_you_mean(re.split(r"[\[@]|(?:_[0-9]+)+$", typed)[0], names) or f"; its names are {listed(first)}" + (
            ", …" if len(self.shapes) > SHOWN else ""
        )

    def _readings(self, typed: str) -> Iterator[Item]:
        """The items, elements or whole arrays, that ``typed`` may mean, the likeliest first."""
        plain = typed.replace(" ", "")
        texts = [plain]
        if (later := re.sub(r"_update_(\d{1,6})$", r"#\1", plain)) != plain:
            texts.append(plain := later)
        if twice := re.fullmatch(r"d2(.+?)_d(.+?)_d(.+)", plain):
            texts.append("d2{}/d{}/d{}".format(*twice.groups()))
        derivative = re.fullmatch(r"d(.+?)[/_]d(.+)", plain)
        if derivative and self.spellings.get(derivative[1], derivative[1]) == self.of:
            texts.append(f"d{self.of}/d{self._respelled(derivative[2])}")
        texts.append(self._respelled(plain))
        texts += [self._respelled(re.sub(r"((?:_[0-9]+)+)(?=$|[@#/])", _indexed, text)) for text in texts]
        for text in texts:
            item = self._parsed(text)
            if item is not None:
                yield item

    def _respelled(self, text: str) -> str:
        """``text`` with the notation's letter for its name replaced: h1[2] is a1[2]."""
        name = re.split(r"[\[@_]", text)[0]
        return self.spellings.get(name, name) + text[len(name) :]

    def _parsed(self, text: str) -> Item | None:
        try:
            item = Item.parse(text).own_name(self.shapes)
        except ValueError:
            return None
        known = item.name in self.shapes
        if item.part:
            known = item.name in self.parameters and item.part in self.parts and not item.of
        elif item.by:
            known = item.of == self.of and self._is_curved(item)
        elif item.of:
            known = known and item.of == self.of != item.name and item.name not in self.constants
        if item.update is not None and self.optimizer is not None:
            known = known and 1 <= item.update <= self.optimizer.steps
        return item if known and (item.update is None or self.optimizer) else None

    @property
    def parts(self) -> tuple[str, ...]:
        """What an update calculates for each parameter; its new value where nothing is updated either."""
        return tuple(self.optimizer.parts) if self.optimizer else (NEW,)

    def _is_curved(self, item: Item) -> bool:
        """Whether the optimizer looks at this second derivative."""
        if self.optimizer is None or not self.optimizer.second_derivatives:
            return False
        other = self._parsed(item.by)
        return item.name in self.parameters and other is not None and str(other.name) in self.parameters

    def _scalar(self, item: Item) -> Item | None:
        index = self._index(item.name, item.index)
        sampled = self.samples is not None and item.name in self.per_sample
        if index is None or (item.sample is not None) != sampled:
            return None
        if sampled and not 1 <= (item.sample or 0) <= (self.samples or 0):
            return None
        by = self._parsed(item.by) if item.by else None
        other = None if by is None else self._scalar(by)
        return None if by and not other else replace(item, index=index, by=str(other or ""))

    def _index(self, name: str, typed: Index) -> Index | None:
        shape = self.shapes[name]
        if not typed:
            return (1,) * len(shape) if all(size == 1 for size in shape) else None
        if len(typed) == 1 and len(shape) == 2 and 1 in shape:
            typed = (1, *typed) if shape[0] == 1 else (*typed, 1)
        fits = len(typed) == len(shape) and all(1 <= i <= size for i, size in zip(typed, shape, strict=True))
        return typed if fits else None


def _indexed(match: re.Match[str]) -> str:
    """``_2_3`` as ``[2,3]``."""
    return f"[{match[0][1:].replace('_', ',')}]"


OUTPUT = "y_hat"
"""The last layer's output; its own name (a2) is a second name of it."""


def network_items(sizes: Sizes, notation: Notation) -> Items:
    """The items of a network."""
    arrays = [(number, array) for number, layer in enumerate(sizes.layers, 1) for array in layer]
    named = {f"{array.letter}{number}": array for number, array in arrays}
    outputs = [f"{layer[-1].letter}{number}" for number, layer in enumerate(sizes.layers, 1)]
    shapes = {"x": sizes.inputs, **{name: array.shape for name, array in named.items()}}
    shapes |= {OUTPUT: sizes.outputs, "y": sizes.outputs, "L": ()}
    parameters = tuple(name for name, array in named.items() if array.role == "parameter")
    spellings = {f"{notation.hidden}{number}": f"a{number}" for number, array in arrays if array.letter == "a"}
    spellings = {typed: name for typed, name in (spellings | {notation.loss: "L"}).items() if typed != name}
    letters = {"x": Letter("x"), OUTPUT: Letter("y", hat=True), "y": Letter("y"), "L": Letter(notation.loss)}
    aliases = {} if sizes.handed_on[-1].looks_back else {outputs[-1]: OUTPUT}
    looks = {name: (_base(array, notation), array.sub) for name, array in named.items()}
    twice = Counter(look for name, look in looks.items() if name not in aliases)
    for number, array in arrays:
        name = f"{array.letter}{number}"
        base, sub = looks[name]
        letters[name] = Letter(base, f"({number})" if twice[base, sub] > 1 else "", sub=sub)
    return Items(
        shapes,
        parameters,
        "L",
        frozenset(shapes) - frozenset(parameters) - {"L"},
        sizes.samples,
        frozenset({"y"}),
        spellings,
        letters,
        aliases,
    )


def _base(array: LayerArray, notation: Notation) -> str:
    """The letter that an array's elements are written with."""
    return notation.hidden if array.letter == "a" else array.base


def settle_items(problem: Problem, items: Items, found: list[Found]) -> dict[str, Any]:
    """Every id in ``problem`` as the trace spells it; those that mean nothing go to ``found``.

    Returns the sections that are to take the place of those typed.
    """
    _settle_optimizer(problem, items, found)
    return {
        "notation": _settle_names(problem, items, found),
        "sheet": _settle_chain(problem, items, found),
        "marking": _settle_marking(problem, items, found),
    }


def _settle_optimizer(problem: Problem, items: Items, found: list[Found]) -> None:
    """An optimizer that looks at second derivatives can do so in small problems only."""
    if problem.optimizer is None:
        return
    parameters = sum(prod(items.shapes[name]) for name in items.parameters)
    for what, count in (("parameters", parameters), ("samples", items.samples or 1)):
        most = problem.optimizer.most.get(what)
        if most is not None and count > most:
            told = f'"{problem.optimizer.type}" is for small problems: at most {most} {what}, here are {count:,}'
            found.append((("optimizer", "type"), told))


def _settle_names(problem: Problem, items: Items, found: list[Found]) -> Notation:
    names: dict[str, str] = {}
    typed_as: dict[str, str] = {}
    for typed, name in problem.notation.names.items():
        item, path = items.written_scalar(typed), ("notation", "names", typed)
        if item is None:
            found.append((path, _unknown(typed, items)))
        elif Item.parse(item).of or "#" in item or (item.partition("[")[0] not in items.shapes):
            found.append((path, "only values can be renamed; derivatives and updates follow them"))
        elif item in names:
            found.append((path, f"{item} is renamed twice"))
        else:
            names[item] = name
            typed_as[item] = typed
    found += [
        (("notation", "names", typed_as[item]), f"{item} would be written like {other}")
        for item, other in clashes(names, items.shapes, items.letters, items.aliases)
    ]
    return problem.notation.model_copy(update={"names": names})


def _settle_chain(problem: Problem, items: Items, found: list[Found]) -> SheetOptions:
    typed = problem.sheet.chain
    if typed is None:
        return problem.sheet
    try:
        return problem.sheet.model_copy(update={"chain": items.parameter(typed)})
    except ValueError as error:
        found.append((("sheet", "chain"), str(error)))
        return problem.sheet


def with_marking(problem: Problem, said: Mapping[str, Any]) -> Problem:
    """The problem with what is ``said`` of its marking in place of what it says itself; marks and shares add up.

    Raises :class:`~stepcalc.errors.InputError`, with the places of a problem file, for what cannot be used.
    """
    known = problem.marking.model_dump(exclude_unset=True)
    if "marks" in said:
        said = {**said, "marks": {**known.get("marks", {}), **said["marks"]}}
    try:
        marking = Marking.model_validate({**known, **said})
    except ValidationError as error:
        raise InputError(as_faults((("marking", *path), told) for path, told in found_in(error, Marking))) from None
    changed = problem.model_copy(update={"marking": marking})
    found: list[Found] = []
    _settle_marking(changed, changed.items, found)
    if found:
        raise InputError(as_faults(found))
    return changed


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
    single: list[tuple[tuple[str, int | str], str]]
    single = [(("drop", place), typed) for place, typed in enumerate(problem.marking.drop)]
    single += [(("accept", typed), typed) for typed in problem.marking.accept]
    found += [(("marking", *path), _unknown(typed, items)) for path, typed in single if items.scalar(typed) is None]
    named: list[tuple[tuple[str, int | str], str]] = [(("forms", typed), typed) for typed in problem.marking.forms]
    named += [(("forms", typed), name) for typed, form in problem.marking.forms.items() for name in form.using]
    found += [
        (("marking", *path), _unknown(typed, items))
        for path, typed in named
        if items.array(typed) is None and items.scalar(typed) is None
    ]
    return problem.marking


def _too_late(typed: str, items: Items) -> str:
    """Which updates have items, where one of another is asked."""
    first = typed.partition("#")[0]
    if items.optimizer is None or first == typed or not (items.scalar(first) or items.array(first)):
        return ""
    steps = items.optimizer.steps
    return "; its items are those of " + (f"updates 1 to {steps}" if steps > 1 else "the first update")


def _unknown(typed: str, items: Items) -> str:
    """Why ``typed`` names no scalar here."""
    name = items.array(re.split(r"[\[@]", typed)[0])
    if name is None:
        return f"{quoted(typed)} is no item of this problem{_too_late(typed, items) or items.near(typed)}"
    shape = items.shape(name)
    if shape == () and "[" in typed:
        return f"{name} is a single number and has no index"
    sampled = items.samples is not None and Item.parse(name).name in items.per_sample
    example = name + (f"[{','.join('1' * len(shape))}]" if shape else "") + ("@1" if sampled else "")
    return f"{quoted(typed)} is no single element; {name} has shape {shape_text(shape)}, its first element is {example}"
