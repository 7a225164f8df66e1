"""Where time goes: seconds of work by stage, in whatever process it was done."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from time import perf_counter
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_spent: dict[str, float] = defaultdict(float)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count what is done inside as part of a stage."""
    begun = perf_counter()
    try:
        yield
    finally:
        _spent[name] += perf_counter() - begun


def measured(function: Callable[P, T], *args: P.args, **named: P.kwargs) -> tuple[T, Mapping[str, float]]:
    """What a function gives, and what its stages took: for work in another process."""
    _spent.clear()
    value = function(*args, **named)
    return value, dict(_spent)


def add(spent: Mapping[str, float]) -> None:
    """Count what another process measured."""
    for name, seconds in spent.items():
        _spent[name] += seconds


def taken() -> Mapping[str, float]:
    """Seconds by stage so far, the longest first."""
    return dict(sorted(_spent.items(), key=itemgetter(1), reverse=True))
