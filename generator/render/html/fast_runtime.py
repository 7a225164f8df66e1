"""The environment of fast templates: the same values as with Jinja's own code, by shorter ways."""

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
from jinja2.utils import missing
from markupsafe import Markup

from generator.render.html.fast_compiler import FastCompiler, UnsupportedError, is_directly_readable
from generator.render.html.template_bounds import CALL_STEPS, LONG_TEXT, BoundedSandbox

_escape_string: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]  # noqa: SLF001
_to_markup: Callable[[str], str] = partial(str.__new__, Markup)  # Markup itself first checks its argument's type
_NUMBERS = {int, float, Decimal}
_ESCAPE_FREE_TYPES = {*_NUMBERS, bool, type(None)}  # of these types no value has its own way to be escaped
_LOOKUP_ERRORS = (AttributeError, LookupError, TypeError)  # raised by Python where a value lacks an attribute or item


def _with_short_way_for_numbers(
    choose: Callable[[Iterable[Any]], Any], jinja_filter: Callable[..., Any]
) -> Callable[..., Any]:
    """Return Jinja's filter ``max`` or ``min`` with a short way for numbers, which have no upper and lower case."""

    @pass_environment
    def choose_or_filter(environment: Environment, values: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        listed = list(values)
        if listed and not args and not kwargs and _NUMBERS.issuperset(map(type, listed)):
            return choose(listed)
        return jinja_filter(environment, listed, *args, **kwargs)

    return choose_or_filter


class FastMacro(JinjaMacro):
    """Jinja's macro, with a short way for positional arguments."""

    def call_positional(self, *args: Any) -> str:
        """Return the macro's text."""
        # A macro's code puts its defaults in place of ``missing``. The general way also sorts named arguments, and
        # reports too many of them.
        missing_count = self._argument_count - len(args)
        if missing_count < 0 or self.caller or self.catch_kwargs or self.catch_varargs:
            return self(*args)
        return _to_markup(self._func(*args, *repeat(missing, missing_count)))


class FastEnvironment(BoundedSandbox):
    """Jinja's sandbox for compiled code that skips every check which could have only one answer."""

    code_generator_class = FastCompiler

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters |= {
            "max": _with_short_way_for_numbers(max, filters.do_max),
            "min": _with_short_way_for_numbers(min, filters.do_min),
        }

    @property
    def runtime(self) -> tuple[Any, ...]:
        """The objects of FastCompiler.write_commons."""
        return BuiltinMethodType, FunctionType, FastMacro, _escape_string, self._escape_other

    def _escape_other(self, value: Any) -> str:
        """Return the escaped text of anything but a short string of type ``str``."""
        if type(value) is Markup:
            return value if len(value) < LONG_TEXT else self.count_long_text(value)
        if type(value) in _ESCAPE_FREE_TYPES:
            return f"{value}"
        return markupsafe.escape(self.count_long_text(value))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item or, of a value without items, an attribute: filters such as ``map`` read by name so."""
        kind = type(obj)
        # Jinja first looks for an item, and raises and catches an error for each value that has none.
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
        """Call anything but a function that wants the context, which lacks the variables of loops and blocks."""
        if hasattr(obj, "jinja_pass_arg"):
            raise UnsupportedError
        return super().call(context, obj, *args, **kwargs)

    def callee(self, context: Context, obj: Any) -> Callable[..., Any]:
        """Return the callable to use in place of a macro, or of anything that might be unsafe."""
        if type(obj) is FastMacro:
            self.take_steps(CALL_STEPS)
            return obj.call_positional
        return partial(self.call, context, obj)

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise UnsupportedError where a template itself, not a function it calls, read what a value lacks.

        The same for an iterator that is exhausted. All other errors are Jinja's to report.
        """
        # An error raised in a called function is a fault of that function: Jinja's code, tried next, could hide it.
        error = sys.exc_info()[1]
        exhausted = isinstance(error and error.__cause__, StopIteration)
        if exhausted or (isinstance(error, _LOOKUP_ERRORS) and _is_in_template(error)):
            raise UnsupportedError from error
        super().handle_exception(source)


def _is_in_template(error: BaseException) -> bool:
    """Return whether the innermost frame of a traceback is a template's."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return "__jinja_template__" in frame.f_globals
