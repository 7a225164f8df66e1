"""Shapes: what a reader of nodes takes, in the words of JSON Schema, as editors read YAML.

An editor takes ``2026`` for a number and ``true`` for a truth value, where the readers take the text as it is written.
So a text may be any scalar in a shape; patterns hold for what an editor takes for text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

F = TypeVar("F", bound=Callable[..., Any])

Shape = Mapping[str, Any]

_SHAPES: WeakKeyDictionary[Callable[..., Any], Callable[[], Shape]] = WeakKeyDictionary()

TEXT: Shape = {"type": ["string", "number", "boolean"]}
NOTHING: Shape = {"type": "null"}


def text_of(pattern: str) -> Shape:
    """Return the shape of a text that matches a pattern as a whole."""
    return {**TEXT, "pattern": f"^(?:{pattern})$"}


def word_of(words: Sequence[str | bool | int]) -> Shape:
    """Return the shape of one of these words."""
    return {"enum": list(words)}


def any_of(*shapes: Shape) -> Shape:
    """Return the shape of what has any of these shapes."""
    return {"anyOf": list(shapes)}


def shaped(shape: Shape | Callable[[], Shape]) -> Callable[[F], F]:
    """Return a decorator of a reader that takes what has this shape; a function that makes it is called when needed."""

    def describe(reader: F) -> F:
        _SHAPES[reader] = shape if callable(shape) else lambda: shape
        return reader

    return describe


def shape_of(reader: Callable[..., Any]) -> Shape:
    """Return the shape of what a reader takes; raise KeyError if nothing says it."""
    return _SHAPES[reader]()
