"""Where time goes: seconds of work by stage, and how often templates were drawn slowly, in whatever process."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from time import process_time
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

FALLBACKS = "模板退回慢速写法"  # a number of times, carried between processes beside the stages' seconds
_REST = "其余"

_spent: dict[str, float] = defaultdict(float)
_nested_seconds = [0.0]  # of this process and of each stage under way, the innermost last: what the stages in it took


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count what is done inside as part of a stage, but for what the stages in it count."""
    begun = process_time()
    _nested_seconds.append(0.0)
    try:
        yield
    finally:
        whole = process_time() - begun
        _spent[name] += whole - _nested_seconds.pop()
        _nested_seconds[-1] += whole


def count_fallback() -> None:
    """Count one page that Jinja's own code drew, because fast code could not."""
    _spent[FALLBACKS] += 1


def fallback_count() -> int:
    """The number of such pages so far."""
    return int(_spent.get(FALLBACKS, 0))


def run_measured(function: Callable[P, T], *args: P.args, **named: P.kwargs) -> tuple[T, Mapping[str, float]]:
    """What a function gives, and what its stages took: for work that may be done in another process."""
    before = dict(_spent)
    with stage(_REST):
        value = function(*args, **named)
    spent = {name: seconds - before.get(name, 0) for name, seconds in _spent.items()}
    _spent.clear()
    _spent.update(before)
    return value, spent


def add_timings(spent: Mapping[str, float]) -> None:
    """Count what was measured."""
    for name, seconds in spent.items():
        _spent[name] += seconds


def collect_timings() -> Mapping[str, float]:
    """Seconds by stage so far, the longest first; together all that this process took, and others for it."""
    whole = {**_spent, _REST: _spent[_REST] + process_time() - _nested_seconds[0]}
    whole.pop(FALLBACKS, None)
    return dict(sorted(whole.items(), key=itemgetter(1), reverse=True))
