"""The chain of modules that a PyTorch model is, found by ``torch.fx``, which runs its forward on a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stepcalc.errors import Fault, InputError
from stepcalc.models.numbers import library
from stepcalc.models.reading import Part
from stepcalc.models.torch_layers import CALLS
from stepcalc.problem.faults import shown


def chain(model: Any, torch: Any) -> Iterator[Part]:
    """The modules and functions that the model sends its input through, one after the other.

    Raises :class:`InputError` where they are no chain.
    """
    root = torch.nn.Sequential(model)
    modules = dict(root.named_modules())
    last: list[Any] = []
    asked, used = set[Any](), set[str]()
    for node in _nodes(root):
        before = [other for other in node.all_input_nodes if other not in asked]
        if _only_asks(node, before):
            asked.add(node)
            continue
        if not node.users and node.op != "output":  # what nobody goes on with, as the state in: out, _ = self.rnn(x)
            continue
        place = _place(node.target) if node.op in ("call_module", "get_attr") else "model"
        if node.op == "get_attr":
            raise InputError(Fault(place, "is used outside a layer; expected a chain of layers"))
        if node.op == "output" and node.args != tuple(last):
            raise InputError(Fault(place, "its forward returns other than the single array at the end of a chain"))
        if before != last:
            raise InputError(
                Fault(place, f"{node.name}: expected a chain, each step taking what the one before it gives")
            )
        if node.op == "call_module":
            if node.target in used:
                raise InputError(Fault(place, "is used twice; each layer of stepcalc has weights of its own"))
            used.add(node.target)
            yield Part(place, type(modules[node.target]).__name__, modules[node.target])
        elif node.op in ("call_function", "call_method"):
            yield _called(node, place, torch.nn)
        last = [node]


def _nodes(root: Any) -> Any:
    try:
        return library("torch.fx", "torch").Tracer().trace(root).nodes
    except Exception as error:  # the forward is the user's code, and may raise anything
        reason = shown(str(error) or type(error).__name__, 200)
        raise InputError(Fault("model", f"its forward cannot be followed: {reason}")) from None


def _only_asks(node: Any, before: list[Any]) -> bool:
    """Whether a step takes nothing but sizes, or asks for one: ``x.size(0)``, ``x.shape``."""
    if node.op not in ("call_function", "call_method"):
        return False
    return not before or node.target == "size" or node.target is getattr


def _place(target: str) -> str:
    """The way to a module as one types it: ``0.body.2``, seen from above the model, is model.body[2]."""
    return "model" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in target.split(".")[1:])


def _called(node: Any, place: str, nn: Any) -> Part:
    """What forward calls, as the module that does the same."""
    name = node.target if isinstance(node.target, str) else node.target.__name__
    if name not in CALLS:
        return Part(place, name, None)
    module = CALLS[name](nn, *node.args[1:], **node.kwargs)
    return Part(place, type(module).__name__, module)
