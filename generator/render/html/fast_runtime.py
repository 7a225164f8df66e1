"""What fast templates run on: the same values as with Jinja's own, by shorter ways."""

import sys
import traceback
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from itertools import repeat
from types import BuiltinMethodType, FunctionType
from typing import Any, NoReturn

import markupsafe
from jinja2 import Environment, filters, pass_environment
from jinja2.runtime import Context
from jinja2.runtime import Macro as JinjaMacro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from generator.render.html.fast_compiler import FastCompiler, UnsupportedError, is_directly_readable

_escape_string: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]  # noqa: SLF001
_mark: Callable[[str], str] = partial(str.__new__, Markup)  # Markup itself first looks at what it is given
_NUMBERS = {int, float, Decimal}
_PLAIN = {*_NUMBERS, bool, type(None)}  # of these types no value has its own way to be escaped
_LACKING = (AttributeError, LookupError, TypeError)  # what Python raises where a value lacks an attribute or item


def _escape_other(value: Any) -> str:
    """The text of anything but a string of type ``str``."""
    if type(value) is Markup:
        return value
    return f"{value}" if type(value) in _PLAIN else markupsafe.escape(value)


def _most(choose: Callable[[Iterable[Any]], Any], general: Callable[..., Any]) -> Callable[..., Any]:
    """Jinja's ``general`` filter with a short way for numbers, which have no upper and lower case."""

    @pass_environment
    def chosen(environment: Environment, values: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        listed = list(values)
        if listed and not args and not kwargs and _NUMBERS.issuperset(map(type, listed)):
            return choose(listed)
        return general(environment, listed, *args, **kwargs)

    return chosen


class FastMacro(JinjaMacro):
    """Jinja's, with a short way for positional arguments."""

    def call_positional(self, *args: Any) -> str:
        """The macro's text."""
        lacking = self._argument_count - len(args)
        if lacking < 0 or self.caller or self.catch_kwargs or self.catch_varargs:
            return self(*args)
        return _mark(self._func(*args, *repeat(missing, lacking)))


class FastEnvironment(SandboxedEnvironment):
    """Jinja's sandbox for compiled code that checks nothing which could have only one answer."""

    code_generator_class = FastCompiler
    runtime = BuiltinMethodType, FunctionType, FastMacro, _escape_string, _escape_other

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters |= {"max": _most(max, filters.do_max), "min": _most(min, filters.do_min)}

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Give an item or, of what has none, an attribute: what filters do with the names that they are given."""
        kind = type(obj)
        if (
            type(argument) is str
            and is_directly_readable(argument)
            and not (hasattr(kind, "__getitem__") or isinstance(obj, type))
        ):
            value = getattr(obj, argument, missing)
            if value is not missing:
                return value
        return super().getitem(obj, argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call anything but what wants the context, which lacks the variables of loops and blocks."""
        if hasattr(obj, "jinja_pass_arg"):
            raise UnsupportedError
        return super().call(context, obj, *args, **kwargs)

    def callee(self, context: Context, obj: Any) -> Callable[..., Any]:
        """What to call in place of a macro, or of anything that might be unsafe."""
        return obj.call_positional if type(obj) is FastMacro else partial(self.call, context, obj)

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise UnsupportedError where a template itself, not what it calls, read what a value or iterator lacks."""
        error = sys.exc_info()[1]
        exhausted = isinstance(error and error.__cause__, StopIteration)
        if exhausted or (isinstance(error, _LACKING) and _is_in_template(error)):
            raise UnsupportedError from error
        super().handle_exception(source)


def _is_in_template(error: BaseException) -> bool:
    """Whether the innermost frame of a traceback is a template's."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return "__jinja_template__" in frame.f_globals
