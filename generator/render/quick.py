"""What quickly compiled templates run on: the same values as with Jinja's own, by shorter ways."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain, count, repeat
from types import BuiltinMethodType, FunctionType
from typing import Any, cast

import markupsafe
from jinja2.runtime import Context, LoopContext, Macro, Undefined, markup_join
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from generator.render.compiling import TOLD, Compiler, readable


class Quick(SandboxedEnvironment):
    """Jinja's sandbox for compiled code that asks it about nothing that could have only one answer."""

    code_generator_class = Compiler

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters = {name: _direct(one) for name, one in self.filters.items()}
        self.filters |= {"float": float, "max": _most(max), "min": _most(min), TOLD: _told}

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Give an item or, of what has none, an attribute: what filters do with the names that they are given."""
        kind = type(obj)
        if type(argument) is str and readable(argument) and not (hasattr(kind, "__getitem__") or isinstance(obj, type)):
            return getattr(obj, argument)
        return super().getitem(obj, argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call anything but what asks for the context, in which the variables of loops and blocks are not kept."""
        if hasattr(obj, "jinja_pass_arg"):
            raise TypeError
        return super().call(context, obj, *args, **kwargs)

    def callee(self, context: Context, obj: Any) -> Callable[..., Any]:
        """What to call for anything but a function without attributes, which is not unsafe and asks for no context."""
        if type(obj) is _Macro and not obj.special:
            return cast("Callable[..., Any]", obj.filled)
        return partial(self.call, context, obj)


def _direct(one: Callable[..., Any]) -> Callable[..., Any]:
    """A filter itself, where Jinja would choose between it and one for asynchronous templates."""
    return getattr(one, "__wrapped__", one) if hasattr(one, "jinja_async_variant") else one


def _most(choose: Callable[[list[Any]], Any]) -> Callable[[Iterable[Any]], Any]:
    """Jinja's filter of that name for numbers alone: of texts it disregards the case."""

    def chosen(values: Iterable[Any]) -> Any:
        listed = list(values)
        if not _NUMBERS.issuperset(map(type, listed)):
            raise TypeError
        return choose(listed)

    return chosen


def _told(items: Collection[Any], *asked: str) -> Iterator[tuple[Any, ...]]:
    """Each item, after what a loop may ask of it; fails where it can't be said beforehand which is the last."""
    return zip(*[_TELLING[one](items) for one in asked], items, strict=False)


def _lasts(items: Collection[Any]) -> Iterator[bool]:
    size = len(items)
    for number in count(1):
        if len(items) != size:
            raise TypeError
        yield number == size


_TELLING: Mapping[str, Callable[[Collection[Any]], Iterable[Any]]] = {
    "first": lambda _: chain([True], repeat(object=False)),
    "last": _lasts,
    "index": lambda _: count(1),
    "index0": lambda _: count(),
}


# --- what compiled templates call ------------------------------------------------------------------------------------

_escape: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]  # noqa: SLF001  a string in, a string out
_mark: Callable[[str], str] = partial(str.__new__, Markup)  # a string in: Markup itself asks first what it is given
_NUMBERS = {int, float, Decimal}
_PLAIN = {*_NUMBERS, bool, str, type(None)}  # no value of theirs says itself how it is escaped


def _escaped(value: Any) -> Any:
    return f"{value}" if type(value) in _PLAIN else markupsafe.escape(value)


def _joined(values: Sequence[Any]) -> str:
    return "".join(map(str, values)) if _PLAIN.issuperset(map(type, values)) else markup_join(values)


class _Macro(Macro):
    """Jinja's, with a short way for one that asks for nothing but arguments."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.special = self.caller or self.catch_kwargs or self.catch_varargs

    def filled(self, *args: Any) -> str:
        """The macro's text, given arguments by their position."""
        lacking = self._argument_count - len(args)
        return _mark(self._func(*args, *[missing] * lacking) if lacking else self._func(*args))


class _Loop(LoopContext):
    """Jinja's, over a list or tuple: where it stands is in attributes instead of being reckoned."""

    _iterable: Sequence[Any]
    _recurse = None
    first = last = False
    depth0 = index = 0

    def __init__(self, items: Sequence[Any], undefined: type[Undefined]) -> None:
        self._iterable, self._undefined = items, undefined

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


_ITEMS: type[Any] = type({}.items())


def _looped(items: Any, undefined: type[Undefined], *recursion: Any) -> Any:
    if type(items) is _ITEMS:
        items = list(items)
    if recursion or type(items) not in {list, tuple}:
        return LoopContext(items, undefined, *recursion)
    return _Loop(items, undefined).walk(items)


class _Names(dict[str, Any]):
    """What a block sees when it begins; nothing changes it until the block ends."""

    def __missing__(self, name: str) -> Any:
        return missing


RUNTIME: Mapping[str, Callable[..., Any]] = {
    "Method": BuiltinMethodType,
    "Function": FunctionType,
    "escaped": _escape,
    "Markup": _mark,
    "Text": Markup,
    "escape": _escaped,
    "markup_join": _joined,
    "Macro": _Macro,
    "LoopContext": _looped,
    "Names": _Names,
}
