"""A network on its way from a model to a problem: what has been read of its layers, and what its loss makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from stepcalc.errors import Fault, InputError
from stepcalc.models.numbers import Numbers, doubles
from stepcalc.problem import NetworkProblem
from stepcalc.problem.faults import kind, listed, shown

Fields: TypeAlias = dict[str, Any]
"""A table of a problem file."""


class Untranslatable(Exception):
    """What a part of a model does has no counterpart in stepcalc; the message says what, and what to do."""


class Part(NamedTuple):
    """One layer, function or loss of a model: where it stands, the name of its kind, and what has its settings."""

    place: str
    name: str
    it: Any


@dataclass
class Draft:
    """The layers of a network as a problem file has them; weights are units × inputs."""

    layers: list[Fields] = field(default_factory=list)
    flattens_input: bool = False
    squeezed: bool = False

    def add(self, type: str, **fields: Any) -> None:
        """One more layer; what is None is left out."""
        if self.squeezed:
            raise Untranslatable("a layer after the output has lost its axis")
        self.layers.append({"type": type, **{key: value for key, value in fields.items() if value is not None}})

    def activate(self, name: str, **parameters: float) -> None:
        """An activation of the last layer."""
        if not self.layers:
            raise Untranslatable("there is no layer before it whose activation it could be")
        last = self.layers[-1]
        if "activation" in last:
            raise Untranslatable(f"the layer has an activation already, {self.activation}; stepcalc's layers have one")
        last["activation"] = {"type": name, **parameters} if parameters else name

    def flatten(self) -> None:
        """One axis for a sample: before the first layer that is done to x, after a dense layer it is so already."""
        self.flattens_input = self.flattens_input or not self.layers

    def squeeze(self) -> None:
        """Numbers in place of lists of one: y may be given either way."""
        if not self.layers or self.outputs != 1:
            raise Untranslatable("only the output of a single unit can lose its axis")
        self.squeezed = True

    def end_in(self, needed: str, made: str) -> None:
        """Make the last activation, which is to be ``needed``, one that the loss does by itself."""
        if self.activation != needed:
            raise Untranslatable(f"it needs a model that ends in {needed}, and this one ends in {self.activation}")
        self.layers[-1]["activation"] = made

    @property
    def activation(self) -> str:
        """The name of the last layer's activation."""
        choice = self.layers[-1].get("activation", "linear")
        return str(choice["type"] if isinstance(choice, Mapping) else choice)

    @property
    def outputs(self) -> int:
        """The number of units of the last layer."""
        return len(self.layers[-1]["W"])


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


class Sizes(NamedTuple):
    """How many samples x has (None: one, without an axis), and how many outputs each gives."""

    samples: int | None
    outputs: int


def as_given(y: Numbers, sizes: Sizes) -> Numbers:
    """The numbers that y is."""
    return doubles(y, "y")


@dataclass(frozen=True)
class Cost:
    """A loss in stepcalc's terms: the loss's fields, and what it does to the model's last activation.

    ``reads`` names the last activation that it needs and the one that it makes of it: a loss that takes logits
    does the last activation itself. ``targets`` makes of the library's y what a problem file has.
    """

    type: str
    scale: float = 1.0
    parameters: Mapping[str, float] = field(default_factory=dict)
    reads: tuple[str, str] | None = None
    targets: Callable[[Numbers, Sizes], Numbers] = as_given

    @property
    def told(self) -> Fields:
        """The loss as a problem file has it."""
        return {"type": self.type, "scale": self.scale, **self.parameters}


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
    return {**layer, "W": layer["W"].T} if product == "xW" else layer


def only(it: Any, **settings: Any) -> None:
    """Raises :class:`Untranslatable` where a setting of ``it`` is another than stepcalc has."""
    for name, expected in settings.items():
        found = getattr(it, name, expected)
        if found is not expected and found != expected:
            raise Untranslatable(f"{name} is {shown(repr(found))}, stepcalc has only {expected!r}")
