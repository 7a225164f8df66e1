"""The life of a desk: it ends by a button, or after ten minutes without a window, but never over unsaved input."""

_PATIENCE = 600.0  # seconds without a window


class Windows:
    """The windows that show the desk, as they report themselves.

    Idle seconds are counted by the desk's own ticks and not by a clock: a laptop that slept didn't wait. What was typed
    in a window that vanished without a word is still unsaved.
    """

    def __init__(self) -> None:
        self._open: set[str] = set()
        self._unsaved: set[str] = set()
        self._idle = 0.0

    def open(self, window: str) -> None:
        """Note that a window is there."""
        self._open.add(window)

    def close(self, window: str) -> None:
        """Note that a connection ended; the window may come back."""
        self._open.discard(window)

    def report(self, window: str, *, unsaved: bool) -> None:
        """Note whether a window has input that isn't saved."""
        (self._unsaved.add if unsaved else self._unsaved.discard)(window)

    @property
    def has_unsaved_input(self) -> bool:
        """True if any window has input that isn't saved."""
        return bool(self._unsaved)

    def tick(self, seconds: float, *, busy: bool) -> bool:
        """Count seconds; return whether the desk has been without a window for long enough to end."""
        if self._open or self._unsaved or busy:
            self._idle = 0.0
        else:
            self._idle += seconds
        return self._idle >= _PATIENCE
