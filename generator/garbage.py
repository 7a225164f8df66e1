"""The garbage collector, put off while there is none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Make values without the collector: ours form no cycles, and looking for some takes a quarter of the time.

    What a filled template leaves behind does form some. It is looked for once, at the end, among what is new; whoever
    put the collector off before goes on without it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if collecting:
            gc.enable()
