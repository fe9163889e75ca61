"""In which form is a formula typed: factored, with which functions? Judged by what was typed, not by its value."""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token

from stepcalc.calculus.syntax import SyntaxTree


def is_factored(tree: SyntaxTree) -> bool:
    """Whether a formula is typed as a product, a quotient, a power, a function or a name.

    A sum is none of these, nor is a sum times a number, or over one.
    """
    factors = [(factor, above) for factor, above in _factors(tree) if any(_names(factor))]
    return len(factors) != 1 or factors[0][0].data != "sum" or not factors[0][1]


def called(tree: SyntaxTree) -> frozenset[str]:
    """The functions in a formula by their names in problem files; ``sigmoid'`` for the derivative of one."""
    calls = {str(call.children[0]) for call in tree.find_data("call")}
    return frozenset(calls | {f"{call.children[0]}'" for call in tree.find_data("slope")})


def _factors(tree: SyntaxTree) -> Iterator[tuple[SyntaxTree, bool]]:
    """The factors of a product, whatever parentheses and signs stand around them; is each above the fraction line?"""
    waiting = [(tree, True)]
    while waiting:
        part, above = waiting.pop()
        parts = [child for child in part.children if not isinstance(child, Token)]
        if part.data in {"group", "sign"}:
            waiting.append((parts[0], above))
        elif part.data == "product":
            operators = ["*", *(str(operator) for operator in part.children[1::2])]
            waiting += [(child, above == (sign == "*")) for sign, child in zip(operators, parts, strict=True)]
        else:
            yield part, above


def _names(tree: SyntaxTree) -> Iterator[str]:
    yield from (str(name.children[0]) for name in tree.find_data("name"))
