"""XML as it is written: elements with their text escaped, whole documents."""

from __future__ import annotations

from markupsafe import Markup

DECLARATION = Markup('<?xml version="1.0" encoding="UTF-8"?>\n')


def tag(name: str, *inside: str, **attributes: str) -> Markup:
    """An element; of what is ``inside``, plain text is escaped and :class:`Markup` is not.

    An underscore at the end of an attribute's name is left out, as in ``class_``, and a double one is a colon.
    """
    named = {key.removesuffix("_").replace("__", ":"): value for key, value in attributes.items()}
    head = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in named.items())
    body = Markup("").join(inside)
    return Markup("<{0}{1}>{2}</{0}>").format(name, head, body) if body else Markup("<{}{}/>").format(name, head)


def lines(*elements: Markup) -> Markup:
    """Elements, each on lines of its own."""
    return Markup("").join(Markup("\n{}").format(element) for element in elements) + Markup("\n")


def document(root: Markup) -> bytes:
    """A file with one element."""
    return (DECLARATION + root + Markup("\n")).encode()
