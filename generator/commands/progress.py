"""Progress on the terminal, where a person waits for longer than a moment."""

import sys
from time import monotonic
from typing import Any, Self

import click

PATIENCE = 1.0  # seconds that pass before anything is shown


class Progress:
    """A line on the terminal that names the current step; none if standard error is no terminal."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()
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
        if not self.is_terminal:
            return
        if step != self.step:
            self._close()
            self.step, self.started = step, now
        if now - self.opened < PATIENCE:
            return
        if self.bar is None:
            self.bar = click.progressbar(length=total, label=step, file=sys.stderr)
        self.bar.length = total  # it may turn out that there is less to do
        rate = done / max(now - self.started, 0.001)
        self.bar.label = f"{step} {done}/{total}，每秒 {rate:.1f} 个" + (f"，网页 {pages}" if pages else "")
        self.bar.update(done - self.bar.pos)
        if done >= total:
            self._close()

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.render_finish()
        self.bar, self.step = None, ""
