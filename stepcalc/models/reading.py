"""From the parts of a model to a problem, by tables that have a reader for each kind of part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from stepcalc.errors import Fault, InputError
from stepcalc.models.draft import Cost, Draft, Fields, Sizes, Untranslatable
from stepcalc.models.numbers import Numbers
from stepcalc.problem import NetworkProblem
from stepcalc.problem.faults import kind, listed


class Part(NamedTuple):
    """One layer, function or loss of a model: where it stands, the name of its kind, and what has its settings."""

    place: str
    name: str
    it: Any


Reader = TypeVar("Reader")
Translate: TypeAlias = Callable[[Any, Draft], None]
"""What reads a part of a model into the draft; raises :class:`Untranslatable`."""


def read_layers(parts: Iterable[Part], table: Mapping[str, Translate]) -> Draft:
    """The layers that ``parts`` are by ``table``, which has a reader for each kind.

    Raises :class:`InputError` with one fault for each part that cannot be translated.
    """
    draft, faults = Draft(), list[Fault]()
    for part in parts:
        try:
            with _told_of(part):
                _reader(part, table)(part.it, draft)
        except InputError as error:
            faults += error.faults
            draft.layers.append({"type": part.name})  # what follows is looked at all the same
    if faults:
        raise InputError(faults)
    if not draft.layers:
        raise InputError(Fault("", "the model has no layer"))
    return draft


@contextmanager
def _told_of(part: Part) -> Iterator[None]:
    try:
        yield
    except Untranslatable as reason:
        raise InputError(Fault(part.place, f"stepcalc cannot translate {part.name}: {reason}")) from None


def _reader(part: Part, table: Mapping[str, Reader]) -> Reader:
    if part.name not in table:
        raise Untranslatable(f"it can read {listed(table)}")
    return table[part.name]


ReadLoss: TypeAlias = Callable[[Any, Sizes], Cost]
"""What reads a loss; raises :class:`Untranslatable`."""


def read_loss(part: Part, table: Mapping[str, ReadLoss], draft: Draft, sizes: Sizes) -> Cost:
    """The cost by ``table``, the last layer's activation made what the loss makes of it.

    Raises :class:`InputError`.
    """
    with _told_of(part):
        cost = _reader(part, table)(part.it, sizes)
        if cost.reads is not None:
            draft.end_in(*cost.reads)
    return cost


def assemble(
    draft: Draft, x: Numbers, y: Numbers, loss: Any, product: str, fields: Mapping[str, Any]
) -> NetworkProblem:
    """The problem, with the other ``fields`` of a problem file as the user gave them.

    ``product`` is the library's own convention, in which the weights are written unless ``notation`` says otherwise.
    Raises :class:`InputError` as any problem does.
    """
    _refuse_what_the_model_tells(fields)
    notation = {"product": product, **fields.get("notation", {})}
    layers = [_in_convention(layer, notation["product"]) for layer in draft.layers]
    network = {"loss": loss, "data": {"x": x, "y": y, **fields.get("data", {})}, "layers": layers, "notation": notation}
    problem = NetworkProblem.from_fields({**fields, **network}, "model", Path.cwd())
    assert isinstance(problem, NetworkProblem)
    return problem


def _refuse_what_the_model_tells(fields: Mapping[str, Any]) -> None:
    """Refuse what would stand twice, and what is no table where one is looked into."""
    faults = [
        Fault(name, f"{kind(fields[name])}, expected a table")
        for name in ("data", "notation")
        if not isinstance(fields.get(name, {}), Mapping)
    ]
    if "layers" in fields:
        faults.append(Fault("layers", "those of the model are meant; give no others"))
    if faults:
        raise InputError(faults)


def _in_convention(layer: Fields, product: str) -> Fields:
    return {**layer, "W": layer["W"].T} if product == "xW" and layer["type"] == "dense" else layer
