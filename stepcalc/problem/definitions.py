"""Reading [define]: each expression may use the names before it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcalc.errors import Fault, InputError
from stepcalc.problem.faults import Found, place, quoted, refuse

if TYPE_CHECKING:
    from stepcalc.calculus.grammar import Parsed

MAX_TOGETHER = 20_000
"""Characters that all expressions may have together."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The expressions of [define], read."""

    definitions: dict[str, Parsed]

    def needed(self, name: str) -> frozenset[str]:
        """Every name that ``name`` depends on, directly or through others."""
        return _reachable(name, {key: parsed.names for key, parsed in self.definitions.items()})

    def worked_out(self) -> dict[str, Parsed]:
        """The expressions, in order, once all have their meaning in SymPy.

        Raises :class:`InputError` with one fault for each of those that turn out to have none.
        """
        faults: list[Fault] = []
        for parsed in self.definitions.values():
            try:
                parsed.expression  # noqa: B018
            except InputError as error:
                faults += error.faults
        if faults:
            raise InputError(faults)
        return dict(self.definitions)


def read_definitions(define: Mapping[str, str], given: Sequence[str], symbols: Sequence[str]) -> Reading:
    """Read every expression of ``define``; refuses unusable names, and names used before they are defined."""
    from stepcalc.calculus.grammar import parse  # Lark loads here, not where a network is read

    length = sum(map(len, define.values()))
    if length > MAX_TOGETHER:
        refuse([(("define",), f"{length:,} characters together, more than {MAX_TOGETHER:,}")])
    found = _unusable_names(define, given, symbols)
    if found:
        refuse(found)
    names = dict.fromkeys([*given, *symbols, *define])
    known = {*given, *symbols}
    definitions: dict[str, Parsed] = {}
    for name, text in define.items():
        try:
            definitions[name] = parse(text, names, place(("define", name)))
        except InputError as error:
            found += [(("define", name), fault.message) for fault in error.faults]
    uses = {name: parsed.names for name, parsed in definitions.items()}
    for name in define:
        early = [used for used in uses.get(name, ()) if used not in known]
        found += [(("define", name), _too_early(name, used, uses)) for used in early]
        known.add(name)
    if found:
        refuse(found)
    return Reading(definitions)


def _too_early(name: str, used: str, uses: Mapping[str, Sequence[str]]) -> str:
    if used == name:
        return f"{name} is defined by itself"
    if name in _reachable(used, uses):
        return f"{name} and {used} are defined by each other"
    return f"{name} uses {used}, which is defined only after it"


def _reachable(name: str, uses: Mapping[str, Sequence[str]]) -> frozenset[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        for used in uses.get(waiting.pop(), ()):
            if used not in reached:
                reached.add(used)
                waiting.append(used)
    return frozenset(reached)


def _unusable_names(define: Mapping[str, str], given: Sequence[str], symbols: Sequence[str]) -> list[Found]:
    from stepcalc.calculus.grammar import why_no_name

    seen: dict[str, str] = {}
    found: list[Found] = []
    rows = [(("given", name), name, "given") for name in given]
    rows += [(("symbols", "names", index), name, "symbols") for index, name in enumerate(symbols)]  # type: ignore[misc]
    rows += [(("define", name), name, "define") for name in define]
    for path, name, section in rows:
        reason = why_no_name(name)
        if reason:
            found.append((path, f"{quoted(name)} {reason}"))
        elif name in seen:
            found.append((path, f"{name} stands under [{seen[name]}] already"))
        seen.setdefault(name, section)
    return found
