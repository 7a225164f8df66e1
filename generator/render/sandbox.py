"""Jinja's sandbox, which does not ask again what can have no other answer, and what compiled templates call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from types import BuiltinMethodType, FunctionType
from typing import Any

import markupsafe
from jinja2.runtime import Context, LoopContext, Macro, Undefined, markup_join, missing
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, _escape_inner

from generator.render.compiling import Compiler, readable


class Sandbox(SandboxedEnvironment):
    """Gives and refuses exactly what Jinja's does."""

    code_generator_class = Compiler

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Whether templates may read an attribute: that rests on nothing but the type and the name."""
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return self._safe[key]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Give an attribute or, without one, an item."""
        if readable(attribute) and (value := getattr(obj, attribute, missing)) is not missing:
            return value
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Give an item or, without any, an attribute."""
        if type(argument) is str and not hasattr(type(obj), "__getitem__") and not isinstance(obj, type):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call anything; a function without attributes can be neither unsafe nor one that asks for the context."""
        kind = type(obj)
        if kind is _Macro and not kwargs and obj.takes(args):
            return obj.filled(args, context)
        if kind is BuiltinMethodType or (kind is FunctionType and not obj.__dict__):
            try:
                return obj(*args, **kwargs)
            except StopIteration:
                return self.undefined("value was undefined because a callable raised a StopIteration exception")
        return super().call(context, obj, *args, **kwargs)


# --- what compiled templates call ------------------------------------------------------------------------------------

_marked = partial(str.__new__, Markup)  # of text; Markup itself asks first what it is given
_PLAIN = {str, int, float, bool, Decimal, type(None)}


def _escaped(value: object) -> str:
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    if kind is Markup:
        return value
    return str(value) if kind in _PLAIN else markupsafe.escape(value)


def _joined(values: Sequence[Any]) -> str:
    return "".join(map(str, values)) if _PLAIN.issuperset(map(type, values)) else markup_join(values)


class _Macro(Macro):
    """Jinja's, with a short way for those called by position alone."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._special = self.caller or self.catch_kwargs or self.catch_varargs

    def takes(self, args: Sequence[Any]) -> bool:
        """Whether there are no more arguments than names, and nothing else is asked for."""
        return not self._special and len(args) <= self._argument_count

    def filled(self, args: Sequence[Any], context: Context) -> str:
        """The macro's text."""
        text = self._func(*args, *[missing] * (self._argument_count - len(args)))
        return _marked(text) if context.eval_ctx.autoescape else text


class _Loop(LoopContext):
    """Jinja's, over a list or tuple: where the loop is stands in attributes instead of being reckoned."""

    first = last = False
    index = 0

    def walk(self, items: Sequence[Any]) -> Iterator[tuple[Any, "_Loop"]]:
        """Each item, with the loop."""
        for self.index0, item in enumerate(items):
            self.first = not self.index0
            self.index = self.index0 + 1
            self.last = self.index == len(items)
            yield item, self

    def _peek_next(self) -> Any:
        return missing if self.last else self._iterable[self.index]

    @property
    def previtem(self) -> Any:
        """The item before this one."""
        return self._undefined("there is no previous item") if self.first else self._iterable[self.index0 - 1]


def _looped(items: Any, undefined: type[Undefined], *recursion: Any) -> Any:
    if recursion or type(items) not in {list, tuple}:
        return LoopContext(items, undefined, *recursion)
    return _Loop(items, undefined).walk(items)


RUNTIME: Mapping[str, Callable[..., Any]] = {
    "Markup": _marked,
    "escape": _escaped,
    "markup_join": _joined,
    "Macro": _Macro,
    "LoopContext": _looped,
}
