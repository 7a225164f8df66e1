"""Seconds of processor time by stage, and the number of pages rendered by slow code, summed over all processes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from time import process_time
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

FALLBACKS = "模板退回慢速写法"  # a number of pages, which crosses processes beside the stages' seconds
_REMAINDER = "其余"

_spent: dict[str, float] = defaultdict(float)
_nested_seconds = [0.0]  # a stack: for this process and each open stage, the seconds of the stages inside


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count the time of a block for a stage, except what stages inside the block count."""
    start = process_time()
    _nested_seconds.append(0.0)
    try:
        yield
    finally:
        duration = process_time() - start
        _spent[name] += duration - _nested_seconds.pop()
        _nested_seconds[-1] += duration


def count_fallback() -> None:
    """Count one page that was rendered by Jinja's own code because the fast code did not support its template."""
    _spent[FALLBACKS] += 1


def fallback_count() -> int:
    """Return the number of pages so far that Jinja's own code rendered."""
    return int(_spent.get(FALLBACKS, 0))


def run_measured(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, Mapping[str, float]]:
    """Call a function, and return its result with the seconds by stage; for tasks that may run in another process.

    The seconds are not counted here: pass them to ``add_timings``.
    """
    before = dict(_spent)
    with stage(_REMAINDER):
        value = function(*args, **kwargs)
    spent = {name: seconds - before.get(name, 0) for name, seconds in _spent.items()}
    # The caller counts the task, wherever it ran: counted here, too, a task in this process would count twice.
    _spent.clear()
    _spent.update(before)
    return value, spent


def add_timings(spent: Mapping[str, float]) -> None:
    """Add seconds by stage that ``run_measured`` returned."""
    for name, seconds in spent.items():
        _spent[name] += seconds


def collect_timings() -> Mapping[str, float]:
    """Return the seconds by stage so far, the longest first; the sum is all time of this process and of its workers."""
    spent = {**_spent, _REMAINDER: _spent[_REMAINDER] + process_time() - _nested_seconds[0]}
    spent.pop(FALLBACKS, None)
    return dict(sorted(spent.items(), key=itemgetter(1), reverse=True))
