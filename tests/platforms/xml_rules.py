"""What a specification says of its elements, as data: which children in which order, and which attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
"""A name without a colon, in ASCII: what XML lets an identifier be."""


def faults(element: Element, rules: Mapping[str, tuple[str, str]], ends: frozenset[str]) -> Iterator[str]:
    """What is against the rules in an element and those in it.

    A rule is a pattern of the children's names, each followed by a space, and the attributes that there have to be,
    ``?`` behind those that there may be. Into elements that are ``ends`` nobody looks.
    """
    name = local(element.tag)
    if name in ends:
        return
    if name not in rules:
        yield f"<{name}>: not known"
        return
    pattern, attributes = rules[name]
    children = "".join(f"{local(child.tag)} " for child in element)
    if not re.fullmatch(re.sub(r"(\w+)", r"(?:\1 )", pattern).replace(" )(", ")(").replace(", ", ""), children):
        yield f"<{name}> holds {children or 'nothing'}, expected {pattern}"
    listed = attributes.split()
    needed, known = {one for one in listed if not one.endswith("?")}, {one.rstrip("?") for one in listed}
    given = {local(key) for key in element.attrib}
    if not needed <= given <= known:
        yield f"<{name}> has the attributes {sorted(given)}, expected {attributes}"
    for child in element:
        yield from faults(child, rules, ends)


def local(name: str) -> str:
    return name.rpartition("}")[2]


def identifiers(root: Element, *attributes: str) -> list[str]:
    return [element.attrib[name] for element in root.iter() for name in attributes if name in element.attrib]
