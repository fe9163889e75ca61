r"""What a student may type for which item: its id, and its printed symbol in every usual form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from stepcalc.board.glyph_text import appearance
from stepcalc.board.nodes import Deriv, Glyph, Sym
from stepcalc.calculus.syntax import Refused, shortened
from stepcalc.errors import did_you_mean
from stepcalc.items import Item, derivative_id, item_id
from stepcalc.notation import LEARNING_RATE, UPDATE, Notation, is_setting, setting
from stepcalc.problem.written import Letter, network_item
from stepcalc.typed.characters import LETTER, LOWERED_CLASS, WORD_CHARACTER
from stepcalc.typed.lexer import Symbol
from stepcalc.typed.symbols import Typed, after, indices, sample_of, subscripts, symbols_at

MAX_ID = 200
"""Nothing longer is looked at as an id."""
MAX_NEAR = 400
"""As many symbols are looked through for one that is near an unknown name."""
MAX_KNOWN = 10_000
"""As many looks are remembered."""
MAX_MOVED = 400
"""With more scalar parameters than this, what an update calculates for them is known by its id only."""

_INDEX = r"\[\s*[0-9]+(?:\s*,\s*[0-9]+)*\s*\]"
_WHERE = rf"(?:{_INDEX})?(?:@[0-9]+)?(?:\#[0-9]+)?"
_NAME = rf"(?:{LETTER}|_){WORD_CHARACTER}*"
_ID = re.compile(rf"(?:d2?{_NAME}/d(?:{_NAME}{_WHERE}/d)?)?{_NAME}{_WHERE}")
_GOES_ON = re.compile(rf"[0-9_@#{LOWERED_CLASS}]|{_INDEX}")
_D = r"(?:\\partial(?![A-Za-z])|∂|d|\\(?:mathrm|text)\s*\{\s*d\s*\})\s*"
_ABOVE, _BELOW = re.compile(_D), re.compile(rf"\s*/\s*{_D}")
_FRACTION = re.compile(rf"\\[dtc]?frac\s*\{{\s*{_D}")
_FRACTION_BELOW = re.compile(rf"\s*\}}\s*\{{\s*{_D}")
_PARTIAL = re.compile(r"∂|\\partial(?![A-Za-z])")
_INDEXED = re.compile(rf"{_NAME}{_INDEX}")
_ALSO = {"a": ("h",), "L": ("J",)}
_SHORT = re.compile(r"[A-Za-z]?[0-9]*|\([0-9]+\)|\[[0-9]+\]|new")
_CLOSED = re.compile(r"\s*\}")
_WORD = re.compile(rf"(?:\\(?:wide)?hat\s*\{{?)?\\?{_NAME}\}}?(?:[_^]\{{[^{{}}]*\}})*")


class _Look(NamedTuple):
    """The items that a typed symbol may be; ``exact``: it is printed like that."""

    items: tuple[str, ...]
    exact: bool


_NOTHING = _Look((), False)


@dataclass(frozen=True)
class Names:
    """The names of one problem's scalars, written as ``notation`` writes them."""

    notation: Notation
    _known: dict[object, _Look] = field(default_factory=dict, repr=False, compare=False)

    def typed(self, item: str) -> str:
        """How an item may be typed, for a legend: ``w_11^(1)``, ``y_hat``, ``dL/dz_1``; else its id."""
        text = self._plainly(item)
        try:
            found = self.at(text, 0)
        except Refused:
            return item
        return text if found == Symbol(self.own(item), len(text)) else item

    def _plainly(self, item: str) -> str:
        """What is printed for an item, typed in plain characters, whether or not it can be read again."""
        node = self.notation.symbol(item)
        if isinstance(node, Deriv) and isinstance(node.of, Sym) and isinstance(node.wrt, Sym) and node.again is None:
            return f"d{_plain(node.of.glyph)}/d{_plain(node.wrt.glyph)}"
        return _plain(node.glyph) if isinstance(node, Sym) else item

    def own(self, item: str) -> str:
        """An id in the spelling of the derivation: y_hat[1] for a2[1]."""
        if is_setting(item):
            return item
        parsed = self.notation.graph.read(item)
        return str(replace(parsed, name=self.notation.graph.canonical(parsed.name)))

    def at(self, text: str, place: int) -> Symbol | None:
        """The longest name that stands in ``text``, its characters made plain, at ``place``.

        Raises :class:`Refused` for one that may mean two things, and for one that is only the beginning of a name.
        """
        if not text[place].isalpha() and text[place] not in "_\\∂":
            return None
        found = self._derivative(text, place) or self._longest(text, place)
        if found is not None and _GOES_ON.match(text, found.end):
            raise Refused(place, self.unknown(text, place))
        return found

    def link(self, item: str) -> tuple[str, str] | None:
        """Both ends of a derivative along a link, ∂ŷ/∂z; None for any other item."""
        above, slash, below = item.removeprefix("d").partition("/d")
        return (above, below) if slash and above != self.notation.graph.cost and not item.startswith("d2") else None

    def unknown(self, text: str, place: int) -> str:
        """What to say of the word at ``place``: the nearest name."""
        if _PARTIAL.match(text, place):
            return r"a derivative is written ∂L/∂z_1 or \frac{\partial L}{\partial z_1}, with names of this problem"
        found = _INDEXED.match(text, place) or _WORD.match(text, place)
        word = found[0] if found else text[place]
        plain = re.sub(r"[\\{}]", "", word)
        if self.notation.graph.samples is not None and self._longest(first := f"{plain}[1]", 0) is not None:
            return f'"{shortened(word)}" of which sample? that of the first one is typed {first}'
        return f'unknown name "{shortened(word)}"{did_you_mean(plain, self._near)}'

    @cached_property
    def _near(self) -> list[str]:
        graph = self.notation.graph
        scalars = (item for name in graph.quantities for item in graph.items(name))
        names = [name for item in islice(scalars, MAX_NEAR) for name in (self.typed(item), item)]
        return [*names, *(_plain(self.notation.glyph(item)) for item in self._settings)]

    def _longest(self, text: str, place: int) -> Symbol | None:
        """The id, or the printed symbol, whichever goes further; where both end there they have to mean the same."""
        by_id = self._id(text, place)
        looks = ((typed.end, self._look(typed)) for typed in symbols_at(text, place))
        end, look = next(((end, look) for end, look in looks if look.items), (place, _NOTHING))
        if by_id is not None and (by_id.end > end or (by_id.end == end and not look.exact)):
            return by_id
        if not look.items:
            return None
        by_look = Symbol(look.items[0], end)
        short = text[place:end]
        if len(look.items) > 1:
            told = " or ".join(map(self._plainly, look.items[:2]))
            raise Refused(place, f'"{shortened(short)}" may be {told}')
        if by_id is None or by_id == by_look or end > by_id.end:
            return by_look
        if short in self.notation.graph.aliases:  # nobody prints a2 for ŷ
            return by_look
        raise Refused(place, f'"{shortened(short)}" may be {by_id.item} or {by_look.item}')

    def _id(self, text: str, place: int) -> Symbol | None:
        found = _ID.match(text, place)
        items = self.notation.problem.items
        if found is not None and len(found[0]) <= MAX_ID:
            item = items.scalar(found[0])
            if item is not None:
                return Symbol(self.own(item), found.end())
            if setting(found[0]) in self._settings:
                return Symbol(setting(found[0]), found.end())
        names = self.notation.graph.quantities if not items.letters else ()
        starts = (name for name in names if text.startswith(name, place))
        longest = max(starts, key=len, default=None)
        return Symbol(longest, place + len(longest)) if longest else None

    def _derivative(self, text: str, place: int) -> Symbol | None:
        r"""∂L/∂z_1, dL/dz_1, \frac{\partial L}{\partial z_1}."""
        for above, below, closed in ((_FRACTION, _FRACTION_BELOW, _CLOSED), (_ABOVE, _BELOW, None)):
            start = above.match(text, place)
            of = self._longest(text, start.end()) if start else None
            between = below.match(text, of.end) if of else None
            wrt = self._longest(text, between.end()) if between else None
            if of is None or wrt is None:
                continue
            end = closed.match(text, wrt.end) if closed else None
            if closed and end is None:
                continue
            return Symbol(self._derived(of.item, wrt.item, place), end.end() if end else wrt.end)
        return None

    def _derived(self, of: str, wrt: str, place: int) -> str:
        """The id of a derivative of the cost, or along one link of the calculation."""
        graph = self.notation.graph
        if of == graph.cost:
            item = self.notation.problem.items.scalar(derivative_id(of, wrt))
            if item is not None:
                return self.own(item)
        elif not is_setting(of) and not is_setting(wrt):
            child, parent = (graph.canonical(graph.read(item).name) for item in (of, wrt))
            if parent in graph[child].parents and not graph.read(of).of:
                return derivative_id(of, wrt)
        raise Refused(place, f"∂{of}/∂{wrt} is none of the derivatives here")

    def _look(self, typed: Typed) -> _Look:
        key = (typed.base, typed.hat, typed.sub, typed.sup, typed.mark)
        if key not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[key] = self._found(typed)
        return self._known[key]

    def _found(self, typed: Typed) -> _Look:
        """What looks like this; else, in a network, what does but for the letter, or for the layer's number."""
        exact = self._printed(typed)
        if exact or not self.notation.problem.items.letters:
            return _Look(exact, True)
        printed = {item for base in self._bases(typed) for item in self._printed(replace(typed, base=base))}
        meant = printed or {item for sub in subscripts(typed.sub) for item in self._meant(replace(typed, sub=sub))}
        return _Look(tuple(sorted(meant)), False)

    def _printed(self, typed: Typed) -> tuple[str, ...]:
        """The one item that is printed like this, if there is one."""
        for sub in subscripts(typed.sub):
            glyph = Glyph(typed.base, sub, typed.sup + typed.mark, typed.hat)
            item = self._own_looks.get(_look_of(glyph)) or self._element(glyph)
            if item is not None:
                return (item,)
        return ()

    def _bases(self, typed: Typed) -> Iterator[str]:
        """The letters that are printed for one that people use: w for W, a for h, J for L."""
        for name, letter in self._letters.items():
            if typed.base in _words(name) and typed.hat == letter.hat:
                yield letter.base

    @cached_property
    def _settings(self) -> tuple[str, ...]:
        """What the optimizer has; nothing without one."""
        optimizer = self.notation.optimizer
        return () if optimizer is None else (LEARNING_RATE, UPDATE, *map(setting, optimizer.letters))

    @cached_property
    def _own_looks(self) -> dict[object, str]:
        """Item by look, of what is renamed, of an expression problem, of the optimizer, of an update."""
        notation, graph, problem = self.notation, self.notation.graph, self.notation.problem
        items = [*problem.notation.names, *self._settings]
        items += [] if problem.items.letters else graph.quantities
        if sum(graph[name].size for name in graph.parameters) <= MAX_MOVED:
            scalars = [graph.read(item) for name in graph.parameters for item in graph.items(name)]
            items += [str(scalar.updated(part)) for part in problem.items.parts for scalar in scalars]
        looks: dict[object, str] = {}
        for item in reversed(items):
            node = notation.symbol(item)
            if isinstance(node, Sym):
                looks[_look_of(node.glyph)] = self.own(item)
        rates = {_look_of(Glyph(letter)): LEARNING_RATE for letter in "αη"} if self._settings else {}
        return rates | looks

    @cached_property
    def _letters(self) -> dict[str, Letter]:
        items = self.notation.problem.items
        return {name: letter for name, letter in items.letters.items() if name not in items.aliases}

    def _element(self, glyph: Glyph) -> str | None:
        """The element of an array that is printed as ``glyph``."""
        items = self.notation.problem.items
        sup, sample = sample_of(glyph.sup)
        item = network_item(replace(glyph, sup=sup), items.shapes, self._letters)
        if item is None or item in self.notation.problem.notation.names:
            return None
        return self._sampled(item, sample)

    def _sampled(self, item: str, sample: int | None) -> str | None:
        """``item`` in its sample; None where there is none, or nobody knows which."""
        graph = self.notation.graph
        own = Item.parse(self.own(item))
        numbers = graph.sample_numbers(own.name)
        wanted = self.notation.sample if sample is None and None not in numbers else sample
        return item_id(own.name, own.index, wanted) if wanted in numbers else None

    def _meant(self, typed: Typed) -> Iterator[str]:
        """The elements that may be meant where the layer, or a letter's case, is not as it is printed."""
        items = self.notation.problem.items
        batch = self.notation.graph.samples is not None
        sup, sample = sample_of(typed.sup + typed.mark) if batch else (typed.sup, None)
        if typed.mark and not batch:
            return
        for name, letter in items.letters.items():
            number = name.removeprefix(name.rstrip("0123456789"))
            same = typed.base in (letter.base, *_words(name)) and typed.hat == letter.hat
            if not same or sup not in ("", f"({number})", f"[{number}]") or (name in items.aliases and not sup):
                continue
            shape = items.shapes[name]
            places = set(indices(after(letter.sub, typed.sub), shape))
            if typed.sub == number and not sup and all(length == 1 for length in shape):
                places.add((1,) * len(shape))
            found = (self._sampled(item_id(name, index), sample) for index in places)
            yield from filter(None, found)


def _plain(glyph: Glyph) -> str:
    """A glyph as it is typed: ``w_11^(1)``."""
    sub, sup = (part if _SHORT.fullmatch(part) else f"{{{part}}}" for part in (glyph.sub, glyph.sup))
    return glyph.base + ("_hat" if glyph.hat else "") + (f"_{sub}" if sub else "") + (f"^{sup}" if sup else "")


def _words(name: str) -> tuple[str, ...]:
    """The letters that people use for an array: its name's own, and the other one for hidden units and the cost."""
    word = name.rstrip("0123456789")
    return (word, *_ALSO.get(word, ()))


def _look_of(glyph: Glyph) -> object:
    return appearance(replace(glyph, upright=False, bold=False))
