"""What fast templates run on: the same values as with Jinja's own, by shorter ways."""

import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import repeat
from types import BuiltinMethodType, FunctionType
from typing import Any, NoReturn

import markupsafe
from jinja2.runtime import Context
from jinja2.runtime import Macro as JinjaMacro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from generator.render.compiling import Compiler, UnsupportedError

_escape_string: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]  # noqa: SLF001
_mark: Callable[[str], str] = partial(str.__new__, Markup)  # Markup itself first looks at what it is given
_PLAIN = {bool, float, Decimal, type(None)}  # of these types no value has its own way to be escaped


def _escape_other(value: Any) -> str:
    """The text of anything but a string of type ``str``."""
    if type(value) is Markup:
        return value
    return f"{value}" if type(value) in _PLAIN else markupsafe.escape(value)


class Macro(JinjaMacro):
    """Jinja's, with a short way for positional arguments."""

    def fill(self, *args: Any) -> str:
        """The macro's text."""
        lacking = self._argument_count - len(args)
        if lacking < 0 or self.caller or self.catch_kwargs or self.catch_varargs:
            return self(*args)
        return _mark(self._func(*args, *repeat(missing, lacking)))


class Quick(SandboxedEnvironment):
    """Jinja's sandbox for compiled code that checks nothing which could have only one answer."""

    code_generator_class = Compiler
    runtime = Macro, _escape_string, _escape_other

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call anything but what wants the context, which lacks the variables of loops and blocks."""
        if hasattr(obj, "jinja_pass_arg"):
            raise UnsupportedError
        return super().call(context, obj, *args, **kwargs)

    def callee(self, context: Context, obj: Any) -> Any:
        """What to call: a method or plain function itself, which is neither unsafe nor wants the context."""
        kind = type(obj)
        if kind is BuiltinMethodType or (kind is FunctionType and not obj.__dict__):
            return obj
        if kind is Macro:
            return obj.fill
        return partial(self.call, context, obj)

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise UnsupportedError where a template itself, not what it calls, read what a value lacks."""
        error = sys.exc_info()[1]
        if isinstance(error, (AttributeError, LookupError, TypeError)) and _is_in_template(error):
            raise UnsupportedError from error
        super().handle_exception(source)


def _is_in_template(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and "__jinja_template__" in trace.tb_frame.f_globals
