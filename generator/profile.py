"""Where time goes: seconds of work by stage, in whatever process it was done."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from time import process_time
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_spent: dict[str, float] = defaultdict(float)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count what is done inside as part of a stage."""
    begun = process_time()
    try:
        yield
    finally:
        _spent[name] += process_time() - begun


def measured(function: Callable[P, T], *args: P.args, **named: P.kwargs) -> tuple[T, Mapping[str, float]]:
    """What a function gives, and what its stages took: for work that may be done in another process."""
    before = dict(_spent)
    value = function(*args, **named)
    spent = {name: seconds - before.get(name, 0) for name, seconds in _spent.items()}
    _spent.clear()
    _spent.update(before)
    return value, spent


def add(spent: Mapping[str, float]) -> None:
    """Count what was measured."""
    for name, seconds in spent.items():
        _spent[name] += seconds


def taken() -> Mapping[str, float]:
    """Seconds by stage so far, the longest first."""
    return dict(sorted(_spent.items(), key=itemgetter(1), reverse=True))
