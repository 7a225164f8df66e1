"""The garbage collector, put off while there is none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Make values without the collector: ours form no cycles, and looking for some takes a third of the time.

    Whoever put it off before goes on without it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@cache
def freeze_heap() -> None:
    """Leave alone for good what this process has made so far: a sweep looks at all that is newer than the last one."""
    gc.freeze()


def collect_young() -> None:
    """Collect, among what is new, what filled templates leave behind: their macros do form cycles."""
    gc.collect(0)
