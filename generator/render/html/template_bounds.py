"""Bounds on what a template may compute: on sizes and counts, never on time, so that they are the same everywhere.

The sandbox keeps templates from what is not theirs; here they are kept from loops, powers, repeats and texts so large
that a build would never end or would need all memory. Pages of the shipped themes need a hundredth of any bound.
"""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import nodes, pass_environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from generator.render.html.macro_modules import MacroModule

MAX_STEPS = 500_000  # turns of loops, and calls, for each page
MAX_SIZE = 1_000_000  # characters or items of a value that a template makes
MAX_PAGE = 20_000_000  # characters
LONG_TEXT = 200  # characters from which a printed text is counted by itself, before it is one of many
_STEPS_PER_BRANCH = 2_000
_CHARACTERS_PER_BRANCH = 20_000
CALL_STEPS = 4  # of a call, which takes longer than a turn of a loop
_LOOP_STEPS = 20  # of a loop that calls itself, beside those of the call
_MAX_BITS = 10_000  # of a whole number

_SIZED = (str, bytes, list, tuple, dict, set, frozenset, range)
_COUNTED = " counted"  # no template can write a filter's name with a blank
_WIDE_FIELD = re.compile(r"[0-9]{6}")  # in a format

# Jinja's filters that go through all of a value, or make something as large as an argument says.
_LARGE_FILTERS = (
    "batch",
    "capitalize",
    "center",
    "dictsort",
    "format",
    "groupby",
    "indent",
    "items",
    "join",
    "list",
    "lower",
    "map",
    "pprint",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
    "wordwrap",
    "xmlattr",
)
# Methods of texts, lists and numbers that make something larger than the value itself.
LARGE_METHODS = frozenset(
    {
        "center",
        "expandtabs",
        "extend",
        "format",
        "format_map",
        "join",
        "ljust",
        "replace",
        "rjust",
        "to_bytes",
        "translate",
        "zfill",
    }
)


class TooLargeError(TemplateRuntimeError):
    """A page or a value in it beyond the bounds."""


class BoundedCompiler(CodeGenerator):
    """Jinja's compiler, with loops and joined texts that are counted."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  Jinja's own name
        """Compile a template after its loops are marked."""
        super().visit_Template(_LoopMarker().visit(node), frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """Join texts within the bound of a value."""
        join = "markup_join" if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile else None
        self.write("environment.bound_text(")
        self.write(join or "(markup_join if context.eval_ctx.autoescape else str_join)")
        self.write("((")
        for child in node.nodes:
            self.visit(child, frame)
            self.write(", ")
        self.write(")))")


class _LoopMarker(NodeTransformer):
    """A transformer that marks the values which loops go through."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        """Return a loop over a value that is counted."""
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _COUNTED, [], [], None, None, lineno=node.iter.lineno)
        return node


class BoundedSandbox(SandboxedEnvironment):
    """Jinja's sandbox, which stops a page that goes beyond the bounds."""

    code_generator_class: type[CodeGenerator] = BoundedCompiler
    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.page_contexts: list[Context] = []
        self.page_modules: list[MacroModule] = []
        self.begin_page()
        self.globals["range"] = self._make_range
        self.globals.pop("lipsum", None)
        self.filters |= {name: self._bound_filter(name, self.filters[name]) for name in _LARGE_FILTERS}
        self.filters[_COUNTED] = _count_items
        self.binop_table = {**self.binop_table, "*": _multiply, "**": _raise_to_power, "+": _add, "%": _take_modulo}

    def begin_page(self, branches: int = 0) -> None:
        """Begin to count anew; a page may list every branch of an organ, so that each gives it more."""
        self.max_steps = self.steps_left = MAX_STEPS + branches * _STEPS_PER_BRANCH
        self.characters_left = self.max_characters = MAX_PAGE + branches * _CHARACTERS_PER_BRANCH

    def end_page(self) -> None:
        """Let go of the page's macros and data: a macro keeps the context that keeps it."""
        for context in self.page_contexts:
            context.vars.clear()
        self.page_contexts.clear()
        for module in self.page_modules:
            module.give_back()
        self.page_modules.clear()

    def _page_error(self) -> TooLargeError:
        return TooLargeError(f"这一页超过 {self.max_characters:,} 个字")

    def take_steps(self, count: int) -> None:
        """Count steps of the page; raises TooLargeError beyond the bound."""
        self.steps_left -= count
        if self.steps_left < 0:
            raise TooLargeError(f"这一页的循环和调用超过 {self.max_steps:,} 次")

    def count_long_text(self, value: Any) -> Any:
        """Return a value that is to be printed, after a long text is counted; raises TooLargeError beyond the bound."""
        if isinstance(value, str) and len(value) >= LONG_TEXT:
            self.characters_left -= len(value)
            if self.characters_left < 0:
                raise self._page_error()
        return value

    def concat(self, parts: Iterable[str]) -> str:
        """Return the text of a page, or of a part of it; raises TooLargeError beyond the bound."""
        text = "".join(parts)
        if len(text) > self.max_characters:
            raise self._page_error()
        return text

    @staticmethod
    def bound_text(text: str) -> str:
        """Return a text that a template joined; raises TooLargeError beyond the bound."""
        _check_size(len(text))
        return text

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function or macro, which is a step; a loop that calls itself is as many as it has turns."""
        self.take_steps(CALL_STEPS)
        if args and isinstance(obj, LoopContext):
            self.take_steps(_LOOP_STEPS + _size(args[0]))
        return super().call(context, obj, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute; a method that makes something larger is bounded."""
        value = super().getattr(obj, attribute)
        return _bound_method(obj, attribute, value) if attribute in LARGE_METHODS and callable(value) else value

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item or attribute, as ``getattr`` does."""
        value = super().getitem(obj, argument)
        is_method = isinstance(argument, str) and argument in LARGE_METHODS and callable(value)
        return _bound_method(obj, argument, value) if is_method else value

    def _make_range(self, *arguments: int) -> range:
        numbers = range(*arguments)
        _check_size(len(numbers) if abs(numbers.start) < 1 << 60 > abs(numbers.stop) else MAX_SIZE + 1)
        self.take_steps(len(numbers))
        return numbers

    def _bound_filter(self, name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
        check = _FILTER_CHECKS.get(name)

        @wraps(apply)  # with Jinja's mark of filters that want the context
        def apply_bounded(*args: Any, **kwargs: Any) -> Any:
            values = (*args, *kwargs.values()) if kwargs else args
            items = characters = 0
            for value in values:
                if isinstance(value, str):
                    characters += len(value)
                elif isinstance(value, _SIZED):
                    items += len(value)
                elif isinstance(value, int):
                    _check_size(abs(value))
            self.take_steps(1 + items)
            self.take_steps(characters // 100)
            if check:
                check(values)
            return apply(*args, **kwargs)

        return apply_bounded


@pass_environment
def _count_items(environment: BoundedSandbox, iterable: Any) -> Any:
    """Return what a loop goes through, after its turns are counted."""
    try:
        length = len(iterable)
    except TypeError:
        iterable = tuple(islice(iterable, MAX_SIZE + 1))
        length = len(iterable)
        _check_size(length)
    environment.take_steps(length + 1)
    return iterable


def _size(value: Any) -> int:
    """Return the number of items of a list or the like, and of characters of a text; 0 of anything else."""
    return len(value) if isinstance(value, _SIZED) else 0


def _check_size(size: int) -> None:
    if size > MAX_SIZE:
        raise TooLargeError(f"一个值超过 {MAX_SIZE:,} 个字或 {MAX_SIZE:,} 项")


def _check_arguments(values: Iterable[Any]) -> None:
    """Refuse a number that would be the width or the count of something too large."""
    for value in values:
        if isinstance(value, int):
            _check_size(abs(value))


def _check_format(text: str) -> None:
    if _WIDE_FIELD.search(text):
        _check_size(MAX_SIZE + 1)


def _list_texts(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _check_replacement(values: Sequence[Any]) -> None:
    texts = _list_texts(values)
    if len(texts) > 2 and len(texts[2]) > len(texts[1]):  # noqa: PLR2004  the text, what is in it, and the other
        _check_size(len(texts[0]) * len(texts[2]))


def _check_formatted(values: Sequence[Any]) -> None:
    for text in _list_texts(values)[:1]:
        _check_format(text)


def _check_joined(values: Sequence[Any]) -> None:
    for text in _list_texts(values)[-1:]:
        _check_size(len(text) * max(map(_size, values)))


_FILTER_CHECKS = {"replace": _check_replacement, "format": _check_formatted, "join": _check_joined}


def _bound_method(owner: Any, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def call_bounded(*args: Any, **kwargs: Any) -> Any:
        values = [*args, *kwargs.values()]
        _check_arguments(values)
        if name in {"format", "format_map"} and isinstance(owner, str):
            _check_format(owner)
            _check_size(len(owner) + sum(map(_size, values)))
        elif name in {"replace", "translate", "join"}:
            _check_size((_size(owner) + 1) * max(map(_size, values), default=0))
        elif name == "extend":
            _check_size(_size(owner) + sum(map(_size, values)))
        return method(*args, **kwargs)

    return call_bounded


# --- operators -------------------------------------------------------------------------------------------------------


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() + right.bit_length())
    elif isinstance(left, int):
        _check_size(left * _size(right))
    elif isinstance(right, int):
        _check_size(right * _size(left))
    return left * right


def _raise_to_power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int):
        _check_bits(base.bit_length() * exponent)
    return base**exponent


def _check_bits(bits: int) -> None:
    if bits > _MAX_BITS:
        raise TooLargeError("一个数太大")


def _add(left: Any, right: Any) -> Any:
    _check_size(_size(left) + _size(right))
    return left + right


def _take_modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        _check_format(left)
        _check_arguments(right if isinstance(right, tuple) else [right])
    return operator.mod(left, right)
