"""Progress where a person waits for longer than a moment: on the terminal, or for the process that began this one."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any, Self

import click

PATIENCE = 1.0  # seconds that pass before anything is shown

listener: Callable[[str], object] | None = None
"""Called with a line that says how far the command is, in the place of a terminal."""


class Progress:
    """A line that names the current step; none if standard error is no terminal, without a listener."""

    def __init__(self) -> None:
        self.is_shown = listener is not None or sys.stderr.isatty()
        self.opened = monotonic()
        self.step, self.started = "", 0.0
        self.bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def report(self, step: str, done: int, total: int, pages: int = 0) -> None:
        """Show how many branches or files of the total are done, how many a second, and how many pages.

        The bar itself adds the remaining time.
        """
        now = monotonic()
        if not self.is_shown:
            return
        if step != self.step:
            self._close()
            self.step, self.started = step, now
        if now - self.opened < PATIENCE:
            return
        rate = done / max(now - self.started, 0.001)
        label = f"{step} {done}/{total}，每秒 {rate:.1f} 个" + (f"，网页 {pages}" if pages else "")
        if listener is not None:
            listener(label)
            return
        if self.bar is None:
            self.bar = click.progressbar(length=total, label=step, file=sys.stderr)
        self.bar.length = total  # it may turn out that there is less to do
        self.bar.label = label
        self.bar.update(done - self.bar.pos)
        if done >= total:
            self._close()

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.render_finish()
        self.bar, self.step = None, ""
