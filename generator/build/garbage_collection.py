"""The garbage collector, switched off while a build creates values that need none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Run without the garbage collector: our values form no cycles, and the search for some takes a third of the time.

    A collector that was off before stays off.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@cache
def freeze_heap() -> None:
    """Exclude all objects so far from collection, once per process; later collections look at newer ones only."""
    gc.freeze()


def collect_young() -> None:
    """Collect the few cycles among new objects that Markdown, and a theme of one's own, may leave behind."""
    gc.collect(0)
